import type { Box } from "./camera";
import type { Scene } from "./scene";

/**
 * How far what one looks at moved from one picture of a run to the next. That is the place held on to,
 * if it is in view in the first and still there in the second; else whatever stands nearest to the
 * middle of the view.
 */
export function moved(before: Scene, after: Scene, seen: Box, held: string | null): { x: number; y: number } | null {
  const anchor = inView(before, seen, held) ? held : nearest(before, after, seen);
  if (anchor === null) return null;
  const [from, to] = [before.node(anchor), after.node(anchor)];
  return from === undefined || to === undefined ? null : { x: to.x - from.x, y: to.y - from.y };
}

function inView(scene: Scene, seen: Box, place: string | null): boolean {
  const node = place === null ? undefined : scene.node(place);
  return node !== undefined && scene.nodesIn(seen).some((one) => one.id === node.id);
}

function nearest(before: Scene, after: Scene, seen: Box): string | null {
  const [x, y] = [seen.x + seen.width / 2, seen.y + seen.height / 2];
  let best: { place: string; far: number } | null = null;
  for (const node of before.nodesIn(seen)) {
    if (after.node(node.id) === undefined) continue;
    const far = Math.hypot(node.x + node.width / 2 - x, node.y + node.height / 2 - y);
    if (best === null || far < best.far) best = { place: node.id, far };
  }
  return best?.place ?? null;
}
