import { describe, expect, test } from "vitest";

import { fitted, isHidden, revealing, seenBox, zoomed, type Box } from "./camera";

/** A run of 10,000 steps with nothing folded. */
const huge = { x: 0, y: 0, width: 900, height: 640_000 };
const picture = { x: 0, y: 0, width: 3000, height: 800 };

test.each([0.3, 1, 4, 1e6, 1e-6])("zooming by %d leaves what is under the pointer there", (factor) => {
  const before = { x: 120, y: -40, scale: 0.7 };
  const after = zoomed(before, factor, 311, 222);
  expect(after.x + 311 / after.scale).toBeCloseTo(before.x + 311 / before.scale, 6);
  expect(after.y + 222 / after.scale).toBeCloseTo(before.y + 222 / before.scale, 6);
});

test("by hand one zooms out as far as that shows something, or all of what is larger", () => {
  expect(zoomed({ x: 0, y: 0, scale: 0.03 }, 0.1, 0, 0).scale).toBe(0.02);
  expect(zoomed({ x: 0, y: 0, scale: 0.004 }, 0.1, 0, 0, 0.001).scale).toBe(0.001);
});

test("a fitted picture is all in view, and is never enlarged", () => {
  for (const [width, height] of [[800, 600], [1700, 900], [400, 300]] as const) {
    for (const whole of [picture, huge]) {
      const camera = fitted(whole, width, height);
      const seen = seenBox(camera, width, height);
      expect(seen.x).toBeLessThanOrEqual(0);
      expect(seen.y).toBeLessThanOrEqual(0);
      expect(seen.x + seen.width).toBeGreaterThanOrEqual(whole.width);
      expect(seen.y + seen.height).toBeGreaterThanOrEqual(whole.height);
    }
  }
  expect(fitted({ ...picture, width: 10, height: 10 }, 800, 600).scale).toBe(1);
});

describe("revealing", () => {
  const camera = { x: 0, y: 0, scale: 1 };

  test("leaves a box that is seen already", () => {
    expect(revealing(camera, { x: 300, y: 200, width: 180, height: 48 }, 800, 600)).toEqual(camera);
  });

  test("moves no further than it takes", () => {
    const moved = revealing(camera, { x: 900, y: 200, width: 180, height: 48 }, 800, 600);
    expect(moved).toEqual({ x: 900 + 180 + 48 - 800, y: 0, scale: 1 });
  });

  const map: Box = { x: 656, y: 504, width: 132, height: 84 };
  const search: Box = { x: 16, y: 12, width: 560, height: 40 };
  const legend: Box = { x: 16, y: 560, width: 560, height: 28 };
  const covers = [map, search, legend];

  test.each([
    ["under the map", { x: 700, y: 520, width: 180, height: 48 }],
    ["beyond the corner with the map", { x: 2000, y: 1500, width: 180, height: 48 }],
    ["beside the map and wider than what is left of it", { x: 620, y: 530, width: 600, height: 40 }],
    ["under the search", { x: 100, y: 20, width: 180, height: 48 }],
    ["under the legend", { x: 300, y: 550, width: 180, height: 48 }],
    ["large, from the map to the search", { x: 400, y: 100, width: 300, height: 480 }],
  ])("brings what is %s into the free part of the view", (_, box) => {
    for (const scale of [1, 0.5]) {
      const before = { x: 0, y: 0, scale };
      const { x, y } = revealing(before, box, 800, 600, { covers });
      const [left, top] = [(box.x - x) * scale, (box.y - y) * scale];
      const [right, bottom] = [left + box.width * scale, top + box.height * scale];
      expect([left >= 0, top >= 0, right <= 800, bottom <= 600]).toEqual([true, true, true, true]);
      for (const cover of covers) {
        const apart = right < cover.x || left > cover.x + cover.width || bottom < cover.y || top > cover.y + cover.height;
        expect(apart).toBe(true);
      }
      expect(isHidden({ x, y, scale }, box, 800, 600, covers)).toBe(false);
    }
  });

  test("finds a way past two that stand in each other's way", () => {
    const low = [{ ...map, y: 104 }, search, { ...legend, y: 128, height: 60 }];
    const { x, y } = revealing(camera, { x: 700, y: 130, width: 180, height: 48 }, 800, 200, { covers: low });
    // Left of the map there is the legend, above it the search: there is room above it, right of the search.
    expect([700 - x, 130 - y]).toEqual([16 + 560 + 12, 104 - 12 - 48]);
  });

  test("takes for hidden what is under something or mostly out of view, and not what only touches it", () => {
    expect(isHidden(camera, { x: 650, y: 520, width: 180, height: 48 }, 800, 600, covers)).toBe(true);
    expect(isHidden(camera, { x: 500, y: 520, width: 180, height: 48 }, 800, 600, covers)).toBe(false);
    expect(isHidden(camera, { x: 712, y: 20, width: 180, height: 48 }, 800, 600, [])).toBe(true);
    expect(isHidden(camera, { x: 708, y: 20, width: 180, height: 48 }, 800, 600, [])).toBe(false);
  });

  test("shows what fits nowhere beside the covers as it would without them", () => {
    const box = { x: 0, y: 0, width: 790, height: 590 };
    expect(revealing(camera, box, 800, 600, { covers })).toEqual(revealing(camera, box, 800, 600));
  });
});
