import { describe, expect, test } from "vitest";

import { fitted, revealing, seenBox, zoomed } from "./camera";

const picture = { x: 0, y: 0, width: 3000, height: 800 };

test.each([0.3, 1, 4, 1e6, 1e-6])("zooming by %d leaves what is under the pointer there", (factor) => {
  const before = { x: 120, y: -40, scale: 0.7 };
  const after = zoomed(before, factor, 311, 222);
  expect(after.x + 311 / after.scale).toBeCloseTo(before.x + 311 / before.scale, 6);
  expect(after.y + 222 / after.scale).toBeCloseTo(before.y + 222 / before.scale, 6);
});

test("a fitted picture is all in view, and is never enlarged", () => {
  for (const [width, height] of [[800, 600], [1700, 900], [400, 300]] as const) {
    const camera = fitted(picture, width, height);
    const seen = seenBox(camera, width, height);
    expect(seen.x).toBeLessThanOrEqual(0);
    expect(seen.y).toBeLessThanOrEqual(0);
    expect(seen.x + seen.width).toBeGreaterThanOrEqual(picture.width);
    expect(seen.y + seen.height).toBeGreaterThanOrEqual(picture.height);
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
});
