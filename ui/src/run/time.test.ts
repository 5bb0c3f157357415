import { expect, test } from "vitest";

import { duration } from "./time";

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1551, "1.6 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min"],
  [109_000, "1 min 49 s"],
  [7_260_000, "2 h 1 min"],
])("%d ms is told as %s", (ms, told) => {
  expect(duration(ms)).toBe(told);
});
