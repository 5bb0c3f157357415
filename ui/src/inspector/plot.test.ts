import { expect, test } from "vitest";

import type { MetricView } from "../backend/types";
import { figure, plotOf, summaryOf, withUnit } from "./plot";

function metric(points: [number, number][], given: Partial<MetricView> = {}): MetricView {
  const values = points.map(([, value]) => value);
  return {
    key: "loss", group: null, groupUnits: null, groupLower: null, groupUpper: null, scale: null, units: null, lower: null, upper: null, progress: false,
    series: [{
      execution: "RyQF:4:1", environment: "production", imported: true, count: points.length,
      smallest: Math.min(...values), largest: Math.max(...values), last: values.at(-1) ?? 0, points,
    }],
    ...given,
  };
}

test("the axes hold what was measured, and the bounds that were declared", () => {
  expect(plotOf(metric([[0, 1], [2, 4]]))).toMatchObject({ x: [0, 2], y: [1, 4], unit: "s" });
  expect(plotOf(metric([[0.5, 2]], { progress: true, upper: 5 }))).toMatchObject({ x: [0, 1.5], y: [0, 5] });
  const bounded = { group: "training", groupUnits: "epoch", groupLower: 0, groupUpper: 10, lower: 0, upper: 3 };
  expect(plotOf(metric([[1, 1], [2, 4]], bounded))).toMatchObject({ x: [0, 10], y: [0, 4], unit: "epoch" });
});

test("a line goes from corner to corner, on a logarithmic scale by factors", () => {
  const points: [number, number][] = [[0, 1], [1, 10], [2, 100]];
  expect(plotOf(metric(points)).lines[0]?.path).toBe("M3.0 97.0L200.0 88.5L397.0 3.0");
  expect(plotOf(metric(points, { scale: "log" })).lines[0]?.path).toBe("M3.0 97.0L200.0 50.0L397.0 3.0");
});

test("what has no width or no height is drawn in the middle, and the largest numbers are drawn at all", () => {
  expect(plotOf(metric([[5, 42]])).lines[0]?.path).toBe("M200.0 50.0h0");
  expect(plotOf(metric([[0, -1.7e308], [1, 1.7e308]])).lines[0]?.path).toBe("M3.0 97.0L397.0 3.0");
});

test.each([
  [0, "0"], [0.25, "0.25"], [1 / 3, "0.33333"], [1234567, "1234600"], [12_345_678, "1.23e+7"], [0.00001234, "1.23e-5"],
])("%d is labelled %s", (value, label) => {
  expect(figure(value)).toBe(label);
});

test("the plot is told in words", () => {
  expect(summaryOf(metric([[0, 50], [1, 53]], { key: "accuracy", units: "%" }))).toBe(
    "accuracy. production: 2 points from 50 to 53, last 53%.",
  );
  expect(withUnit(12, "MB")).toBe("12 MB");
});
