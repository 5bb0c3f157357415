import { defineConfig } from "vitest/config";

// The whole window in Chromium, over the twin: `cargo xtask test Chromium` builds what it needs.
export default defineConfig({
  test: {
    environment: "node",
    // `cargo xtask bench` measures, by itself.
    include: [process.env.HINDCAST_MEASURED === undefined ? "tests/**/*.test.ts" : "tests/**/*.measure.ts"],
    // Each has a browser and a core of its own: more would only wait for each other.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine takes its time.
    expect: { poll: { timeout: 20_000 } },
  },
});
