import type { GraphNode } from "../../backend/types";
import { STATES } from "../state";

/** What the list can be sorted by. */
export type Column = "number" | "target" | "state" | "attempts" | "environment" | "duration" | "note";

/** Which column, and whether its last comes first. */
export interface Order {
  column: Column;
  descending: boolean;
}

/** Each step once, wherever else it answered a call, and each stopped call. */
export function once(nodes: readonly GraphNode[]): GraphNode[] {
  const seen = new Set<string>();
  return nodes.filter((node) => {
    const key = node.step ?? node.id;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The nodes in that order; those that are equal in it stay in call order. */
export function sorted(nodes: readonly GraphNode[], order: Order): GraphNode[] {
  const compare = COMPARE[order.column];
  const sign = order.descending ? -1 : 1;
  return [...nodes].sort((one, other) => sign * compare(one, other));
}

const COMPARE: Record<Column, (one: GraphNode, other: GraphNode) => number> = {
  number: (one, other) => (one.number ?? Number.MAX_SAFE_INTEGER) - (other.number ?? Number.MAX_SAFE_INTEGER),
  target: (one, other) => one.target.localeCompare(other.target),
  state: (one, other) => told(one).localeCompare(told(other)),
  attempts: (one, other) => one.attempts - other.attempts,
  environment: (one, other) => (one.environment ?? "").localeCompare(other.environment ?? ""),
  duration: (one, other) => (one.durationMs ?? -1) - (other.durationMs ?? -1),
  note: (one, other) => one.note.localeCompare(other.note),
};

/** The word the list shows for how a node stands. */
export function told(node: GraphNode): string {
  if (node.stopped !== null) return node.stopped.refused ? "refused" : "waits";
  if (node.mocked) return "mocked";
  return node.pinned ? "pinned" : STATES[node.state].word;
}
