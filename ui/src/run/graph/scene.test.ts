import { describe, expect, test } from "vitest";

import { generatedRun } from "../../backend/testing/generated";
import { node, shopRun } from "../../backend/testing/shop";
import { moved } from "./anchor";
import { isPinnable, noteOf, noteWithin, Scene, tally } from "./scene";
import { neighbour } from "./walk";

const scene = new Scene(shopRun);
const alone = { environment: "production", ancestor: null };

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
    ["R6Lf:20", "below", "fold:1"],
    ["fold:1", "above", "R6Lf:20"],
    ["fold:1", "caller", "R6Lf:1"],
  ] as const)("from %s, %s leads to %s", (from, direction, to) => {
    expect(neighbour(scene, from, direction)).toBe(to);
  });
});

test("where nothing was called, keys follow what else leads there", () => {
  const lines = [{ from: "R6Lf:23", to: "R6Lf:36", kind: "data" as const, points: [] }];
  const joined = new Scene({ ...shopRun, edges: [...shopRun.edges, ...lines] });
  expect(neighbour(joined, "R6Lf:23", "callee")).toBe("R6Lf:36");
});

test.each([
  [[["succeeded", 60], ["failed", 2]], 2, 0, "60 ✓   2 ✕"],
  [[["succeeded", 60], ["timedOut", 1]], 4, 0, "60 ✓   1 ◷   3 ✕ below"],
  [[["running", 3], ["succeeded", 1]], 0, 0, "3 ◔   1 ✓"],
  [[["succeeded", 12]], 0, 3, "12 ✓   3 ◥"],
] as const)("a fold of %o, %i failing and %i differing in all, says %s", (given, failing, differing, told) => {
  expect(tally({ counts: given.map(([state, count]) => ({ state, count })), failing, differing })).toBe(told);
});

describe("from one picture to the next", () => {
  const later = new Scene({ ...shopRun, nodes: shopRun.nodes.map((one) => ({ ...one, y: one.y + (one.number === 36 ? 70 : 30) })) });
  const all = { x: 0, y: 0, width: 700, height: 400 };

  test.each([
    ["what is held stays", "R6Lf:36", all, { x: 0, y: 70 }],
    ["what nothing holds stays by its middle", null, all, { x: 0, y: 30 }],
    ["what is held out of view does not count", "R6Lf:36", { x: 0, y: 180, width: 100, height: 100 }, { x: 0, y: 30 }],
    ["where nothing is seen nothing stays", null, { x: 9000, y: 0, width: 10, height: 10 }, null],
  ] as const)("%s", (_, held, seen, shift) => {
    expect(moved(scene, later, seen, held)).toEqual(shift);
  });
});

test.each([
  [{ state: "failed", note: "KeyError", durationMs: 799 }, "36 · KeyError · 799 ms"],
  [{ attempt: 2, attempts: 2, divergence: "differs", durationMs: 12 }, "36:2 · differs · 12 ms"],
  [{ pinned: true, durationMs: 1551 }, "36 · pinned · saved 1.6 s"],
  [{ pinned: true, durationMs: 12 }, "36 · pinned"],
  [{ state: "running", divergence: "unfinished", durationMs: null }, "36 · running"],
  [{ state: "running", progress: 0.424, durationMs: null }, "36 · running · 42 %"],
  [{ state: "succeeded", progress: 1, durationMs: 12 }, "36 · 12 ms"],
  [{ state: "blocked", number: null, stopped: { caller: "R6Lf:20:2", ordinal: 2, refused: false }, durationMs: null }, "waits for you"],
] as const)("a node with %o says %s", (given, told) => {
  expect(noteOf(node("R6Lf:36", { target: "price_order", x: 0, y: 0, ...given }), alone)).toBe(told);
});

test.each([
  [{ note: "2026-03-04", durationMs: 1551 }, 19, "36 · 2026-… · 1.6 s"],
  [{ note: "2026-03-04", durationMs: 1551 }, 23, "36 · 2026-03-04 · 1.6 s"],
  [{ note: "2026-03-04", durationMs: 1551 }, 14, "36 · 1.6 s"],
  [{ attempt: 3, attempts: 3, state: "failed", note: "ConnectionError", durationMs: 1200 }, 25, "36:3 · Connectio… · 1.2 s"],
  [{ note: "2026-03-04", durationMs: null }, 9, "36 · 202…"],
  [{ mocked: true, note: "2026-03-04", durationMs: 0 }, 14, "36 · mocked"],
  [{ pinned: true, note: "7", durationMs: 900 }, 27, "36 · pinned · saved 900 ms"],
  [{ pinned: true, note: "", durationMs: 900 }, 20, "36 · saved 900 ms"],
] as const)("a node with %o and room for %i letters says how long it took: %s", (given, room, told) => {
  const one = node("R6Lf:36", { target: "price_order", x: 0, y: 0, ...given });
  expect(noteWithin(one, alone, (text) => text.length <= room)).toBe(told);
});

test("of a step that is not there the note alone says so", () => {
  const gone = node("R6Lf:36", { target: "", x: 0, y: 0, state: "unknown", note: "not in the export", durationMs: null });
  expect(noteOf(gone, alone)).toBe("36 · not in the export");
});

test("a node tells its environment where there are two", () => {
  const both = { environment: "development", ancestor: "production" };
  const one = (environment: string) => noteOf(node("R6Lf:36", { target: "price_order", x: 0, y: 0, environment }), both);
  expect([one("production"), one("development")]).toEqual(["◆ 36 · 300 ms", "◇ 36 · 300 ms"]);
});

test.each([
  [{ memoised: true }, true],
  [{ memoised: true, pinned: true }, false],
  [{ memoised: true, mocked: true }, false],
  [{ memoised: false }, false],
] as const)("a node with %o carries the outlined pin: %s", (given, carried) => {
  expect(isPinnable(node("R6Lf:2", { target: "load_orders", x: 0, y: 0, ...given }))).toBe(carried);
});
