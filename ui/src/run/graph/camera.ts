/** A rectangle in the run's own lengths. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The least and the most a picture is scaled by hand. A picture that is larger still can be fitted. */
export const SCALES = { least: 0.02, most: 3 };

/** Where the picture is looked at from: the run's point at the view's corner, and the scale. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

/** The same scale, moved by so many pixels of the screen. */
export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Scaled by a factor, with what is under the point of the screen staying there. */
export function zoomed(camera: Camera, factor: number, atX: number, atY: number, least = SCALES.least): Camera {
  const scale = Math.min(SCALES.most, Math.max(least, camera.scale * factor));
  return {
    scale,
    x: camera.x + atX / camera.scale - atX / scale,
    y: camera.y + atY / camera.scale - atY / scale,
  };
}

/** What lies over the view's edges in pixels: a margin at the sides, the search above, the legend below. */
const SIDE = 16;
const HEAD = 44;
/** What the legend takes where it has one line. */
export const FOOT = 44;

/** All of a picture in a view of that size, never larger than `most`, above a legend of that height. */
export function fitted(picture: Box, width: number, height: number, most = 1, foot = FOOT): Camera {
  const scale = Math.min(
    most,
    Math.max(1, width - 2 * SIDE) / Math.max(1, picture.width),
    Math.max(1, height - HEAD - foot) / Math.max(1, picture.height),
  );
  // In the middle, and where that is too low for the legend, as far above it as it takes.
  const spare = height - picture.height * scale;
  return {
    scale,
    x: picture.x - Math.max(SIDE, (width - picture.width * scale) / 2) / scale,
    y: picture.y - Math.max(HEAD, Math.min(spare / 2, spare - foot)) / scale,
  };
}

/** Whether the box's middle is out of view, or lies under something that covers the view there. */
export function isHidden(camera: Camera, box: Box, width: number, height: number, covers: readonly Box[]): boolean {
  const shown = onScreen(camera, box);
  const middle = { x: shown.x + shown.width / 2, y: shown.y + shown.height / 2, width: 0, height: 0 };
  return !touch(middle, { x: 0, y: 0, width, height }) || covers.some((cover) => touch(middle, cover));
}

/**
 * Moved no further than it takes to see all of the box, with a margin, and past what covers the view, in
 * pixels of it. Where there is no room beside all of that the box is seen as far as it can be.
 */
export function revealing(
  camera: Camera, box: Box, width: number, height: number, { margin = 48, covers = [] }: Revealing = {},
): Camera {
  const moved = inView(camera, box, width, height, margin);
  const [dx, dy] = past(onScreen(moved, box), width, height, covers);
  return panned(moved, dx, dy);
}

/** How something is brought into view. */
export interface Revealing {
  /** How far from the view's edges, in pixels. */
  margin?: number;
  /** What stands over the view, in pixels of it. */
  covers?: readonly Box[];
}

/** How far something on the screen is from what covers it. */
const BESIDE = 12;

/** The shortest way past the covers that stays in the view: past one, or past two that stand in each other's way. */
function past(shown: Box, width: number, height: number, covers: readonly Box[]): [number, number] {
  const hitBy = ([dx, dy]: [number, number]) => covers.find((cover) => touch({ ...shown, x: shown.x + dx, y: shown.y + dy }, cover));
  const fits = ([dx, dy]: [number, number]) =>
    shown.x + dx >= 0 && shown.x + shown.width + dx <= width && shown.y + dy >= 0 && shown.y + shown.height + dy <= height;
  const aside = ([dx, dy]: [number, number]): [number, number][] => {
    const cover = hitBy([dx, dy]);
    if (cover === undefined) return [[dx, dy]];
    const ways: [number, number][] = [
      [cover.x - BESIDE - shown.width - shown.x, dy],
      [cover.x + cover.width + BESIDE - shown.x, dy],
      [dx, cover.y - BESIDE - shown.height - shown.y],
      [dx, cover.y + cover.height + BESIDE - shown.y],
    ];
    return ways.filter(fits);
  };
  const clear = aside([0, 0]).flatMap(aside).filter((way) => hitBy(way) === undefined);
  const far = ([dx, dy]: [number, number]) => Math.abs(dx) + Math.abs(dy);
  return clear.reduce<[number, number] | null>((best, way) => (best === null || far(way) < far(best) ? way : best), null) ?? [0, 0];
}

/** A box of the run in pixels of the view. */
function onScreen(camera: Camera, box: Box): Box {
  const { x, y, scale } = camera;
  return { x: (box.x - x) * scale, y: (box.y - y) * scale, width: box.width * scale, height: box.height * scale };
}

function touch(one: Box, other: Box): boolean {
  return (
    one.x <= other.x + other.width && one.x + one.width >= other.x &&
    one.y <= other.y + other.height && one.y + one.height >= other.y
  );
}

function inView(camera: Camera, box: Box, width: number, height: number, margin: number): Camera {
  const seen = seenBox(camera, width, height);
  const edge = margin / camera.scale;
  const shift = (from: number, length: number, seenFrom: number, seenLength: number) => {
    if (length + 2 * edge > seenLength) return from + length / 2 - (seenFrom + seenLength / 2);
    if (from - edge < seenFrom) return from - edge - seenFrom;
    if (from + length + edge > seenFrom + seenLength) return from + length + edge - seenFrom - seenLength;
    return 0;
  };
  return {
    scale: camera.scale,
    x: camera.x + shift(box.x, box.width, seen.x, seen.width),
    y: camera.y + shift(box.y, box.height, seen.y, seen.height),
  };
}

/** The part of the run in a view of that size. */
export function seenBox(camera: Camera, width: number, height: number): Box {
  return { x: camera.x, y: camera.y, width: width / camera.scale, height: height / camera.scale };
}
