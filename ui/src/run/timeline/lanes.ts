import type { GraphNode, NodeState } from "../../backend/types";
import { once } from "../list/sort";

/** A step on the timeline. Times are milliseconds since its environment's first one. */
export interface Bar {
  node: GraphNode;
  /** When it was asked for. */
  asked: number;
  /** When its body started; none if it did not. */
  started: number | null;
  /** When it ended, or now. */
  ended: number;
  /** From when to when its body can have waited for what it called. */
  waits: [number, number][];
  /** The attempts that it goes on from, oldest first. */
  earlier: Try[];
  /** When the first of all of them was asked for. */
  from: number;
}

/** An attempt before the one that is shown. */
export interface Try extends Pick<Bar, "asked" | "started" | "ended"> {
  state: NodeState;
}

/** What one environment did. */
export interface Lane {
  environment: string;
  bars: Bar[];
  /** How long all of it took. */
  length: number;
}

/**
 * The steps of an environment by the time they were first asked for. Local work begins days after what it
 * stands on, so each environment has a zero of its own; the scale is the same.
 */
export function lane(nodes: readonly GraphNode[], environment: string, now: number): Lane {
  const timed = once(nodes).filter((node) => node.environment === environment && node.createdAt !== null);
  const first = (node: GraphNode) => node.earlier?.[0]?.createdAt ?? node.createdAt ?? Infinity;
  const zero = timed.reduce((least, node) => Math.min(least, first(node)), Infinity);
  const bars = timed.map((node) => ({
    node,
    from: first(node) - zero,
    earlier: (node.earlier ?? []).map((one): Try => ({
      state: one.state,
      asked: one.createdAt - zero,
      started: one.startedAt === null ? null : one.startedAt - zero,
      ended: (one.completedAt ?? one.startedAt ?? one.createdAt) - zero,
    })),
    asked: (node.createdAt ?? zero) - zero,
    started: node.startedAt === null ? null : node.startedAt - zero,
    waits: node.waits.map(([from, to]): [number, number] => [from - zero, Math.min(to, now) - zero]),
    ended: Math.max(node.completedAt ?? (live(node) ? now : (node.startedAt ?? node.createdAt ?? zero)), zero) - zero,
  }));
  bars.sort((one, other) => one.from - other.from || (one.node.number ?? 0) - (other.node.number ?? 0));
  return { environment, bars, length: bars.reduce((most, bar) => Math.max(most, bar.ended), 0) };
}

/** The stretch of time that some bars take together; null if there are none. */
export function span(bars: readonly Bar[]): { from: number; to: number } | null {
  if (bars.length === 0) return null;
  const from = Math.min(...bars.map((bar) => bar.from));
  const to = Math.max(...bars.map((bar) => bar.ended));
  return { from, to: Math.max(to, from + 1) };
}

/** What each of some parts gets of a height: what it wants if that is little, else a like share of the rest. */
export function shares(wanted: readonly number[], height: number): number[] {
  const given = wanted.map(() => 0);
  let rest = Math.max(0, height);
  const order = wanted.map((_, index) => index).sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  order.forEach((index, place) => {
    const share = Math.min(wanted[index] ?? 0, Math.floor(rest / (order.length - place)));
    given[index] = share;
    rest -= share;
  });
  return given;
}

function live(node: GraphNode): boolean {
  return node.state === "running" || node.state === "waiting" || node.state === "queued";
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Lengths that read well between the marks of a ruler. */
const ROUND = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 6, 12, 24, 48, 168].map((hours) => hours * HOUR),
];

/** Round times for a ruler: at most one every `room` pixels. */
export function ticks(length: number, pixelsPerMs: number, room = 90): number[] {
  const least = room / pixelsPerMs;
  const step = ROUND.find((candidate) => candidate >= least) ?? least;
  const marks: number[] = [];
  for (let at = 0; at <= length; at += step) marks.push(at);
  return marks;
}
