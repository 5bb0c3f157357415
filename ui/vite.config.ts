import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

// In development the window's core is the local twin; vite passes its two addresses on.
const twin = process.env.HINDCAST_TWIN ?? "http://127.0.0.1:4717";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    target: "es2022",
    // The content policy lets no `data:` fonts and no inline scripts in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/call": twin, "/events": twin } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
  },
});
