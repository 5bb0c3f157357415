import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { GraphStore } from "./graph.svelte";

beforeEach(() => {
  // A glide is over at once.
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
  vi.stubGlobal("requestAnimationFrame", (step: FrameRequestCallback) => { step(now); return 0; });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const box = (width: number, height: number) => ({ x: 0, y: 0, width, height });

test("all of a run is seen above the legend, however many lines that has", () => {
  const graph = new GraphStore();
  [graph.width, graph.height] = [900, 600];
  graph.follow(box(700, 600));
  graph.begin("R", null, []);
  const lowest = () => (600 - graph.camera.y) * graph.camera.scale;
  expect(lowest()).toBeCloseTo(600 - 44, 0);
  graph.foot = 120;
  expect(graph.showsAll).toBe(true);
  expect(lowest()).toBeCloseTo(600 - 120, 0);
  graph.zoom(2);
  const { camera } = graph;
  graph.foot = 60;
  expect(graph.camera).toEqual(camera);
});

test("what one is led to is seen so near that it can be read, and no nearer than one looks already", () => {
  const graph = new GraphStore();
  [graph.width, graph.height] = [800, 600];
  graph.follow(box(900, 40_000));
  graph.begin("R", null, []);
  graph.zoom(1e-9);
  const step = { x: 260, y: 30_000, width: 180, height: 48 };
  graph.approach(step, {});
  expect(graph.camera.scale).toBeCloseTo(0.8, 6);
  expect(graph.hides(step, [])).toBe(false);

  graph.zoom(2);
  graph.approach({ ...step, y: 100 }, {});
  expect(graph.camera.scale).toBeCloseTo(1.6, 6);
});

test("who sees all of a run sees all of it in a larger view too, and who looks closer stays", () => {
  const graph = new GraphStore();
  [graph.width, graph.height] = [640, 520];
  graph.follow(box(680, 370));
  graph.begin("R", null, []);
  expect(graph.showsAll).toBe(true);
  [graph.width, graph.height] = [1280, 800];
  expect(graph.showsAll).toBe(false);
  graph.showAll();
  expect([graph.showsAll, graph.camera.scale]).toEqual([true, 1]);

  graph.zoom(1.4);
  expect(graph.showsAll).toBe(false);
  // What could not be read any more is left as it is.
  graph.fit();
  graph.follow(box(680, 4000));
  const { camera } = graph;
  graph.showAll();
  expect(graph.camera).toEqual(camera);
});

test.each([640_000, 20_000])("who looked at all of %i that was unfolded is not left far from what is folded again", (height) => {
  const graph = new GraphStore();
  [graph.width, graph.height] = [800, 600];
  graph.follow(box(900, height));
  graph.begin("R", null, []);
  graph.zoom(1e-9);
  expect(graph.camera.scale).toBeCloseTo(Math.min(0.02, 512 / height), 6);
  graph.follow(box(900, 400));
  expect(graph.camera.scale).toBeGreaterThan(0.8);

  // As far out as one may go oneself one stays.
  graph.zoom(0.01);
  const { camera } = graph;
  graph.follow(box(900, 500));
  expect(graph.camera).toEqual(camera);
});
