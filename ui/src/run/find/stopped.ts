import type { GraphNode } from "../../backend/types";
import { STATES } from "../state";

/** Whether a call that was stopped at the guard holds every word: it has no step that the core could search. */
export function searchStopped(node: GraphNode, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const all = [node.target, node.module, node.note, STATES[node.state].word, "stopped at the guard"].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}
