import { defineConfig } from "vitest/config";

// The whole window in Chromium, over the twin: `cargo xtask test Chromium` builds what it needs.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts"],
    // One browser at a time: two cores are soon busy.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
