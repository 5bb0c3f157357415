import type { GraphNode } from "../../backend/types";
import { DIVERGENCES, STATES } from "../state";

/** The nodes that a search finds, in call order; null while nothing is searched. */
export function searchNodes(nodes: readonly GraphNode[], search: string): GraphNode[] | null {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  return nodes.filter((node) => words.every((word) => textOf(node).includes(word)));
}

/** All that can be found of a step: its target, id, note, state and marks. */
function textOf(node: GraphNode): string {
  return [
    node.target,
    node.module,
    node.step ?? "",
    node.note,
    STATES[node.state].word,
    node.environment ?? "",
    node.pinned ? "pinned" : "",
    node.mocked ? "mocked" : "",
    node.stopped === null ? "" : "stopped at the guard",
    node.memoised ? "memoised" : "",
    node.divergence === null ? "" : DIVERGENCES[node.divergence].word,
  ].join(" ").toLowerCase();
}
