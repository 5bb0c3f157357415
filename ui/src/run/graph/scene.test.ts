import { describe, expect, test } from "vitest";

import { generatedRun } from "../../backend/testing/generated";
import { node, shopRun } from "../../backend/testing/shop";
import { isPinnable, noteOf, Scene } from "./scene";
import { searchNodes } from "./search";
import { neighbour } from "./walk";

const scene = new Scene(shopRun);

test("what stands at a point is the node or the fold there", () => {
  expect(scene.at(470, 170)).toMatchObject({ kind: "node", node: { step: "R6Lf:36" } });
  expect(scene.at(240, 300)).toMatchObject({ kind: "fold", fold: { id: "fold:1" } });
  expect(scene.at(5, 5)).toBeNull();
});

test("only what a box touches is drawn", () => {
  const run = new Scene(generatedRun(10_000));
  const seen = run.nodesIn({ x: 0, y: 30_000, width: 1200, height: 600 });
  expect(seen.length).toBeGreaterThan(9);
  expect(seen.length).toBeLessThan(13);
});

describe("arrow keys", () => {
  test.each([
    ["R6Lf:36", "caller", "R6Lf:20"],
    ["R6Lf:20", "caller", "R6Lf:1"],
    ["R6Lf:1", "caller", null],
    ["R6Lf:1", "callee", "R6Lf:2"],
    ["R6Lf:36", "above", "R6Lf:23"],
    ["R6Lf:36", "below", "call:charge"],
    ["R6Lf:36", "callee", null],
  ] as const)("from %s, %s leads to %s", (from, direction, to) => {
    expect(neighbour(scene, from, direction)).toBe(to);
  });
});

test.each([
  ["price", ["R6Lf:36"]],
  ["keyerror", ["R6Lf:1"]],
  ["r6lf:2 pinned", ["R6Lf:2", "R6Lf:23"]],
  ["guard charge", ["call:charge"]],
  ["nothing like it", []],
])("searching %s finds %s", (search, found) => {
  expect(searchNodes(shopRun.nodes, search)?.map((one) => one.id)).toEqual(found);
});

test("an empty search is no search", () => {
  expect(searchNodes(shopRun.nodes, "  ")).toBeNull();
});

test.each([
  [{ state: "failed", note: "KeyError", durationMs: 799 }, "36 · KeyError · 799 ms"],
  [{ attempt: 2, attempts: 2, divergence: "differs", durationMs: 12 }, "36:2 · differs · 12 ms"],
  [{ pinned: true, durationMs: 1551 }, "36 · pinned · saved 1.6 s"],
  [{ pinned: true, durationMs: 12 }, "36 · pinned"],
  [{ state: "running", divergence: "unfinished", durationMs: null }, "36 · running"],
  [{ state: "blocked", number: null, stopped: { caller: "R6Lf:20:2", ordinal: 2, refused: false }, durationMs: null }, "waits for you"],
] as const)("a node with %o says %s", (given, told) => {
  expect(noteOf(node("R6Lf:36", { target: "price_order", x: 0, y: 0, ...given }))).toBe(told);
});

test.each([
  [{ memoised: true }, true],
  [{ memoised: true, pinned: true }, false],
  [{ memoised: true, mocked: true }, false],
  [{ memoised: false }, false],
] as const)("a node with %o carries the outlined pin: %s", (given, carried) => {
  expect(isPinnable(node("R6Lf:2", { target: "load_orders", x: 0, y: 0, ...given }))).toBe(carried);
});
