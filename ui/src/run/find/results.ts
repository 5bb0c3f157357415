import type { GraphNode, SearchHit, SearchView } from "../../backend/types";

/** The numbers of the steps found. */
export function numbersOf(found: SearchView): ReadonlySet<number> {
  return new Set(found.steps);
}

/** Where in each step the text was found. */
export function hitsOf(found: SearchView | null): ReadonlyMap<string, SearchHit> {
  return new Map((found?.hits ?? []).map((hit) => [hit.step, hit]));
}

/** The steps that are among some nodes. */
export function stepsAmong(nodes: readonly GraphNode[]): ReadonlySet<string | null> {
  return new Set(nodes.map((node) => node.step));
}

/** Each once, in the order in which they came first. */
export function distinct(steps: readonly string[]): string[] {
  return [...new Set(steps)];
}
