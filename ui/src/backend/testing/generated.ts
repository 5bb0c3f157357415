import type { GraphEdge, GraphNode, RunView } from "../types";
import { edge, node } from "./shop";

/** A run of that many steps: a root, callers below it, leaves below them. One in fifty failed. */
export function generatedRun(steps: number): RunView {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const root = node("RGen:1", { target: "nightly", x: 0, y: 0 });
  nodes.push(root);
  let caller = root;
  for (let number = 2; number <= steps; number += 1) {
    const top = number % 10 === 2;
    const parent = top ? root : caller;
    const made = node(`RGen:${String(number)}`, {
      target: top ? "convert_batch" : "convert_record",
      parent: parent.id,
      x: top ? 260 : 520,
      y: nodes.length * 60,
      state: number % 50 === 0 ? "failed" : "succeeded",
      pinned: number % 7 === 0,
      note: `record ${String(number)}`,
    });
    if (top) caller = made;
    nodes.push(made);
    edges.push(edge(parent, made));
  }
  return {
    run: "RGen", environment: "production", ancestor: null, nodes, edges, groups: [], folds: [],
    width: 720, height: steps * 60, firstDivergence: null, findings: [], command: "hindcast inspect RGen",
  };
}
