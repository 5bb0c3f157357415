import { defineConfig } from "vitest/config";

// The whole window in Chromium, over the twin: `cargo xtask test Chromium` builds what it needs.
export default defineConfig({
  test: {
    environment: "node",
    // `cargo xtask bench` measures, by itself.
    include: [process.env.HINDCAST_MEASURED === undefined ? "tests/**/*.test.ts" : "tests/**/*.measure.ts"],
    // Each has a browser and a core of its own: more would only wait for each other.
    maxWorkers: 2,
    // So long only on a machine that is busy with much else.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // A busy machine takes its time.
    expect: { poll: { timeout: 60_000 } },
  },
});
