import type { MetricView, SeriesView } from "../backend/types";

/** What a plot shows: its bounds, and a line for each execution. */
export interface Plot {
  /** The horizontal axis, from left to right. */
  x: [number, number];
  /** The vertical axis, from bottom to top. */
  y: [number, number];
  /** What the horizontal axis counts. */
  unit: string;
  lines: { series: SeriesView; path: string }[];
}

/** Size of the drawing in its own units; it is stretched to where it stands. */
export const SIZE = { width: 400, height: 100 };

/** Room at the edges, so that a line along a bound is seen whole. */
const INSET = 3;

/** A metric drawn: every execution on the same axes. */
export function plotOf(metric: MetricView): Plot {
  const moments = metric.series.flatMap((one) => one.points.map(([at]) => at));
  const x = spread(metric.groupLower ?? least(moments), metric.groupUpper ?? most(moments), moments);
  const values = metric.series.flatMap((one) => [one.smallest, one.largest]);
  const bottom = metric.progress ? 0 : least(values);
  const y = spread(metric.lower ?? bottom, metric.upper ?? most(values), values);
  const curve = metric.scale === "log" && y[0] > 0 ? Math.log : (value: number) => value;
  const lines = metric.series.map((series) => ({ series, path: pathOf(series, x, y, curve) }));
  return { x, y, unit: metric.groupUnits ?? (metric.group === null ? "s" : ""), lines };
}

/** A number as short as a label needs it. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(2);
  return String(Number(value.toPrecision(5)));
}

/** A value with its unit: `50%`, `12 MB`. */
export function withUnit(value: number, unit: string | null): string {
  if (unit === null || unit === "") return figure(value);
  return unit === "%" ? `${figure(value)}%` : `${figure(value)} ${unit}`;
}

/** The plot in words. */
export function summaryOf(metric: MetricView): string {
  const told = metric.series.map((one) => {
    const points = one.count === 1 ? "1 point" : `${String(one.count)} points`;
    const range = `from ${figure(one.smallest)} to ${figure(one.largest)}`;
    return `${one.environment}: ${points} ${range}, last ${withUnit(one.last, metric.units)}`;
  });
  return `${metric.key}. ${told.join("; ")}.`;
}

/** Both bounds, wide enough for what was measured beyond them, and never the same. */
function spread(lower: number, upper: number, measured: number[]): [number, number] {
  const [from, to] = [Math.min(lower, least(measured)), Math.max(upper, most(measured))];
  if (from < to) return [from, to];
  return [from >= 0 ? Math.max(0, from - 1) : from - 1, to + 1];
}

function least(numbers: number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(numbers: number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), -Infinity);
}

function pathOf(series: SeriesView, x: [number, number], y: [number, number], curve: (value: number) => number): string {
  const [bottom, top] = [curve(y[0]), curve(y[1])];
  const points = series.points.map(([at, value]) => {
    const right = part(at, x[0], x[1]);
    const up = part(curve(value), bottom, top);
    return `${place(right, SIZE.width)} ${place(1 - up, SIZE.height)}`;
  });
  // A point of its own has no line: its round ends make a dot.
  return points.length === 1 ? `M${points[0] ?? ""}h0` : `M${points.join("L")}`;
}

/** Halves keep the largest numbers from overflowing. */
function part(value: number, from: number, to: number): number {
  return (value / 2 - from / 2) / (to / 2 - from / 2);
}

function place(part: number, size: number): string {
  return (INSET + part * (size - 2 * INSET)).toFixed(1);
}
