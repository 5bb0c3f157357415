import { expect, test } from "vitest";

import type { AlignedStep, Comparison, Divergence } from "../backend/types";
import { counts, rows, stepOf } from "./rows";

function pair(depth: number, target: string, divergence: Divergence): AlignedStep {
  return { depth, target, ancestor: `R1:${target}:1`, local: divergence === "unreached" ? null : `R1:${target}:2`, divergence, note: "", differences: [] };
}

const compared: Comparison = {
  run: "R1", ancestor: "production", environment: "development", firstDivergence: 3,
  steps: [
    pair(0, "1", "inputsDiffer"), pair(1, "2", "equal"), pair(2, "3", "equal"), pair(2, "4", "differs"),
    pair(1, "5", "equal"), pair(2, "6", "equal"), pair(1, "7", "unreached"),
  ],
};

test("what differs is listed below its callers, and nothing else", () => {
  expect(rows(compared, false).map((row) => row.step.target)).toEqual(["1", "2", "4", "7"]);
  expect(rows(compared, true)).toHaveLength(7);
});

test("what matters is counted first", () => {
  expect(counts(compared)).toEqual([["differs", 1], ["inputsDiffer", 1], ["unreached", 1], ["equal", 4]]);
});

test("a pair leads to its local step, or to what the ancestor did", () => {
  expect(stepOf(pair(0, "4", "differs"))).toBe("R1:4");
  expect(stepOf(pair(0, "7", "unreached"))).toBe("R1:7");
});
