import type { Scene } from "./scene";

/** Where the arrow keys lead. */
export type Direction = "caller" | "callee" | "above" | "below";

/** The place or fold one reaches from a place by an arrow key: along calls sideways, in the column up and down. */
export function neighbour(scene: Scene, place: string, direction: Direction): string | null {
  switch (direction) {
    case "caller":
      return scene.caller.get(place) ?? null;
    case "callee":
      return scene.callees.get(place)?.[0] ?? null;
    case "above":
      return inColumn(scene, place, -1);
    case "below":
      return inColumn(scene, place, 1);
  }
}

/** The nearest node above or below whose sides overlap; failing that, the nearest in that direction. */
function inColumn(scene: Scene, place: string, sign: 1 | -1): string | null {
  const from = scene.node(place);
  if (from === undefined) return null;
  let best: { place: string; far: number } | null = null;
  for (const node of scene.view.nodes) {
    const down = (node.y - from.y) * sign;
    if (down <= 0) continue;
    const beside = node.x >= from.x + from.width || from.x >= node.x + node.width;
    const far = down + (beside ? 1e9 : 0);
    if (best === null || far < best.far) best = { place: node.id, far };
  }
  return best?.place ?? null;
}
