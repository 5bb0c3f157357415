import type { Scene } from "./scene";

/** Where the arrow keys lead. */
export type Direction = "caller" | "callee" | "above" | "below";

/**
 * The place or fold one reaches from another by an arrow key: up and down the column; sideways along
 * calls, and where there is none, along what else connects it: memo references and data.
 */
export function neighbour(scene: Scene, place: string, direction: Direction): string | null {
  switch (direction) {
    case "caller":
      return scene.caller.get(place) ?? alongEdge(scene, place, "from");
    case "callee":
      return scene.callees.get(place)?.[0] ?? alongEdge(scene, place, "to");
    case "above":
      return inColumn(scene, place, -1);
    case "below":
      return inColumn(scene, place, 1);
  }
}

/** The other end of the first line that is no call. */
function alongEdge(scene: Scene, place: string, end: "from" | "to"): string | null {
  const here = end === "to" ? "from" : "to";
  return scene.view.edges.find((edge) => edge.kind !== "call" && edge[here] === place)?.[end] ?? null;
}

/** The nearest above or below whose sides overlap; failing that, the nearest in that direction. */
function inColumn(scene: Scene, place: string, sign: 1 | -1): string | null {
  const from = scene.boxOf(place);
  if (from === undefined) return null;
  let best: { place: string; far: number } | null = null;
  const consider = (one: { id: string; x: number; y: number; width: number }) => {
    const down = (one.y - from.y) * sign;
    if (down <= 0) return;
    const beside = one.x >= from.x + from.width || from.x >= one.x + one.width;
    const far = down + (beside ? 1e9 : 0);
    if (best === null || far < best.far) best = { place: one.id, far };
  };
  scene.view.nodes.forEach(consider);
  scene.view.folds.forEach(consider);
  return (best as { place: string } | null)?.place ?? null;
}
