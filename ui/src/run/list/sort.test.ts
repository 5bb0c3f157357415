import { expect, test } from "vitest";

import { shopRun } from "../../backend/testing/shop";
import { node } from "../../backend/testing/shop";
import { lane, shares, span, ticks } from "../timeline/lanes";
import { once, sorted } from "./sort";

test.each([
  [{ column: "number", descending: true }, ["call:charge", "R6Lf:36", "R6Lf:23", "R6Lf:20", "R6Lf:2", "R6Lf:1"]],
  [{ column: "duration", descending: true }, ["R6Lf:1", "R6Lf:2", "R6Lf:23", "R6Lf:36", "R6Lf:20", "call:charge"]],
  [{ column: "target", descending: false }, ["call:charge", "R6Lf:23", "R6Lf:20", "R6Lf:1", "R6Lf:2", "R6Lf:36"]],
] as const)("by %o", (order, expected) => {
  expect(sorted(shopRun.nodes, order).map((one) => one.id)).toEqual(expected);
});

test("a step that answered calls in several places is listed once", () => {
  const made = node("R6Lf:5", { target: "fetch_customer", x: 0, y: 0 });
  const again = { ...made, id: "R6Lf:20/1", pinned: true };
  expect(once([made, again])).toEqual([made]);
});

test("each environment's lane begins at its own first step", () => {
  const late = { environment: "development", createdAt: 90_000, startedAt: 90_010, completedAt: 90_040 };
  const nodes = [
    node("R6Lf:1", { target: "root", x: 0, y: 0, createdAt: 1000, startedAt: 1500, completedAt: 3000 }),
    node("R6Lf:2", { target: "leaf", x: 0, y: 0, ...late }),
  ];
  expect(lane(nodes, "production", 0)).toMatchObject({ length: 2000, bars: [{ asked: 0, started: 500, ended: 2000 }] });
  expect(lane(nodes, "development", 0)).toMatchObject({ length: 40, bars: [{ asked: 0, started: 10, ended: 40 }] });
});

test("attempts before the shown one stand on its row, and the environment begins with the first of them", () => {
  const nodes = [
    node("R6Lf:1", {
      target: "root", x: 0, y: 0, attempt: 2, attempts: 2, createdAt: 4000, startedAt: 4100, completedAt: 5000,
      earlier: [{ attempt: 1, state: "suspended", createdAt: 1000, startedAt: 1200, completedAt: 1500 }],
    }),
    node("R6Lf:2", { target: "leaf", x: 0, y: 0, createdAt: 1300, startedAt: 1400, completedAt: 3900 }),
  ];
  const { bars, length } = lane(nodes, "production", 0);
  expect([bars.map((bar) => bar.node.number), length]).toEqual([[1, 2], 4000]);
  expect(bars[0]).toMatchObject({ from: 0, asked: 3000, started: 3100, earlier: [{ state: "suspended", asked: 0, started: 200, ended: 500 }] });
  expect(span(bars.slice(0, 1))).toEqual({ from: 0, to: 4000 });
});

test("ruler marks are round and keep their distance", () => {
  expect(ticks(18_000, 600 / 18_000)).toEqual([0, 5000, 10_000, 15_000]);
  expect(ticks(700_000, 600 / 700_000)).toEqual([0, 120_000, 240_000, 360_000, 480_000, 600_000]);
});

test.each([
  [[100, 60], 400, [100, 60]],
  [[900, 60], 400, [340, 60]],
  [[900, 800], 400, [200, 200]],
  [[], 400, []],
] as const)("parts that want %o of %i get %o", (wanted, height, given) => {
  expect(shares(wanted, height)).toEqual(given);
});

test("some bars together take from the first asked for to the last ended", () => {
  const one = node("R6Lf:1", { target: "root", x: 0, y: 0, createdAt: 1000, startedAt: 1500, completedAt: 3000, waits: [[1600, 99_999]] });
  const two = node("R6Lf:2", { target: "leaf", x: 0, y: 0, createdAt: 2000, startedAt: 2000, completedAt: 2500 });
  const { bars } = lane([one, two], "production", 3000);
  expect(span(bars)).toEqual({ from: 0, to: 2000 });
  expect(span([])).toBeNull();
  expect(bars[0]?.waits).toEqual([[600, 2000]]);
});
