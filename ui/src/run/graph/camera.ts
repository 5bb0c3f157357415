/** A rectangle in the run's own lengths. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The least and the most a picture is scaled. */
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
export function zoomed(camera: Camera, factor: number, atX: number, atY: number): Camera {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, camera.scale * factor));
  return {
    scale,
    x: camera.x + atX / camera.scale - atX / scale,
    y: camera.y + atY / camera.scale - atY / scale,
  };
}

/** What lies over the view's edges in pixels: a margin at the sides, search and legend above and below. */
const SIDE = 16;
const ENDS = 44;

/** All of a picture in a view of that size, never larger than `most`. */
export function fitted(picture: Box, width: number, height: number, most = 1): Camera {
  const scale = Math.min(
    most,
    Math.max(SCALES.least, (width - 2 * SIDE) / Math.max(1, picture.width)),
    Math.max(SCALES.least, (height - 2 * ENDS) / Math.max(1, picture.height)),
  );
  return {
    scale,
    x: picture.x - Math.max(SIDE, (width - picture.width * scale) / 2) / scale,
    y: picture.y - Math.max(ENDS, (height - picture.height * scale) / 2) / scale,
  };
}

/** Moved no further than it takes to see all of the box, with a margin. */
export function revealing(camera: Camera, box: Box, width: number, height: number, margin = 48): Camera {
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
