import type { Divergence, EdgeKind, GraphEdge, GraphFold, GraphGroup, GraphNode, PinState, StateCount } from "../../backend/types";
import { STATES } from "../state";
import { seenBox, type Box, type Camera } from "./camera";
import { drawByHand, drawCandidate, drawMemoised, drawSign } from "./glyphs";
import type { Palette } from "./palette";
import { isPinnable, noteWithin, tally, toneOf, type FoldLabels, type Labels, type Scene } from "./scene";
import { visible } from "../../shell/visible";

/** What of the picture is marked. */
export interface Marks {
  /** Selected places. */
  selected: ReadonlySet<string>;
  /** The place chosen last. */
  focus: string | null;
  /** The place or fold under the pointer. */
  hover: string | null;
  /** The places that a search found; null while nothing is searched. */
  found: ReadonlySet<string> | null;
  /** How many steps it found in each fold. */
  foundIn: ReadonlyMap<string, number>;
  /** What is set by hand for steps, for the next re-run. */
  byHand: ReadonlyMap<string, PinState>;
}

/** A picture's frame: where it is drawn, how large, in what colours, and how far spinners turned. */
export interface Frame {
  pen: CanvasRenderingContext2D;
  width: number;
  height: number;
  ratio: number;
  palette: Palette;
  turn: number;
  /** How many times their ordinary size letters have. */
  letters: number;
}

// Of a picture whose letters have their ordinary size:
/** Below this scale nodes are plain blocks of colour, without text. */
const FAR = 0.42;
/** So many pixels what failed takes at least. */
const SEEN = 5;
/** Below this scale blocks are lines, and so many pixels wide. */
const THIN = 0.015;
const LINE = 1;
/** Below this scale only titles are written, larger. */
const NEAR = 0.62;

/** What a node's corner is folded for. */
const CORNERED: ReadonlySet<Divergence> = new Set(["differs", "inputsDiffer", "new"]);

const TITLE = 12;
const TITLE_ALONE = 18;
const NOTE = 11;
const TEXT_LEFT = 34;

/** Draws what of the scene is in view. */
export function drawScene(frame: Frame, scene: Scene, camera: Camera, marks: Marks): void {
  const { pen, ratio, palette, width, height } = frame;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = palette.bg;
  pen.fillRect(0, 0, width * ratio, height * ratio);
  const zoom = camera.scale * ratio;
  pen.setTransform(zoom, 0, 0, zoom, -camera.x * zoom, -camera.y * zoom);
  const seen = seenBox(camera, width, height);
  const far = camera.scale < FAR * frame.letters;
  for (const group of scene.groupsIn(seen)) drawGroup(frame, group, camera.scale, far);
  if (far) drawFar(frame, scene, camera, marks, seen);
  else drawNear(frame, scene, camera, marks, seen);
}

function drawFar(frame: Frame, scene: Scene, camera: Camera, marks: Marks, seen: Box): void {
  const { pen, palette } = frame;
  pen.strokeStyle = palette.edge;
  pen.lineWidth = 1 / camera.scale;
  pen.globalAlpha = 0.6;
  pen.stroke(scene.farEdges);
  pen.globalAlpha = marks.found === null ? 1 : 0.2;
  pen.lineWidth = LINE / camera.scale;
  for (const [tone, path] of scene.far) {
    pen.fillStyle = pen.strokeStyle = palette.tones[tone];
    pen.fill(path);
    // Of what is thinner than a line the outline is left.
    if (camera.scale < THIN * frame.letters) pen.stroke(path);
  }
  pen.globalAlpha = 1;
  for (const fold of scene.foldsIn(seen)) drawFarFold(frame, fold, camera, marks);
  if (marks.found === null) drawFailing(pen, scene, palette, SEEN / camera.scale);
  const marked = [...marks.selected, ...(marks.found ?? [])];
  for (const place of marked) {
    const node = scene.node(place);
    if (node === undefined) continue;
    pen.fillStyle = palette.tones[toneOf(node)];
    pen.fillRect(node.x, node.y, node.width, node.height);
    pen.strokeStyle = marks.selected.has(place) ? palette.tones.run : palette.text;
    pen.lineWidth = 2 / camera.scale;
    pen.strokeRect(node.x, node.y, node.width, node.height);
  }
}

/** However small the picture is, what failed is never smaller than this, in its lengths. */
export function drawFailing(pen: CanvasRenderingContext2D, scene: Scene, palette: Palette, least: number): void {
  pen.fillStyle = palette.tones.bad;
  for (const box of scene.failing) {
    // Of a fold only some failed: that is a mark at its end.
    const room = "counts" in box ? Math.min(box.width / 6, box.height) : box.width;
    const [width, height] = [Math.max(room, least), Math.max(box.height, least)];
    const right = box.x + (box.width + (room === box.width ? width : box.width)) / 2;
    pen.fillRect(right - width, box.y + (box.height - height) / 2, width, height);
  }
}

function drawFarFold(frame: Frame, fold: GraphFold, camera: Camera, marks: Marks): void {
  let at = fold.y;
  frame.pen.globalAlpha = isLost(fold, marks) ? 0.2 : 1;
  const total = fold.counts.reduce((sum, count) => sum + count.count, 0) || 1;
  for (const count of fold.counts) {
    frame.pen.fillStyle = frame.palette.tones[STATES[count.state].tone];
    const height = (fold.height * count.count) / total;
    frame.pen.fillRect(fold.x, at, fold.width, height);
    at += height;
  }
  frame.pen.globalAlpha = 1;
  if (!marks.selected.has(fold.id)) return;
  frame.pen.strokeStyle = frame.palette.tones.run;
  frame.pen.lineWidth = 2 / camera.scale;
  frame.pen.strokeRect(fold.x, fold.y, fold.width, fold.height);
}

/** Whether something is searched for that is not in the fold. */
function isLost(fold: GraphFold, marks: Marks): boolean {
  return marks.found !== null && !marks.foundIn.get(fold.id);
}

function drawNear(frame: Frame, scene: Scene, camera: Camera, marks: Marks, seen: Box): void {
  const edges = scene.edgesIn(seen);
  for (const kind of ["data", "call", "memo"] as const) {
    drawEdges(frame, edges.filter((edge) => edge.kind === kind && !touchesMark(edge, marks)), kind, false);
  }
  for (const kind of ["data", "call", "memo"] as const) {
    drawEdges(frame, edges.filter((edge) => edge.kind === kind && touchesMark(edge, marks)), kind, true);
  }
  for (const fold of scene.foldsIn(seen)) drawFold(frame, scene, fold, marks);
  for (const node of scene.nodesIn(seen)) drawNode(frame, scene, node, camera, marks);
}

function touchesMark(edge: GraphEdge, marks: Marks): boolean {
  return marks.selected.has(edge.from) || marks.selected.has(edge.to);
}

function drawEdges(frame: Frame, edges: GraphEdge[], kind: EdgeKind, marked: boolean): void {
  if (edges.length === 0) return;
  const { pen, palette } = frame;
  pen.beginPath();
  for (const edge of edges) traceRounded(pen, edge.points);
  const colours: Record<EdgeKind, string> = {
    call: marked ? palette.dim : palette.edge,
    data: palette.tones.run,
    memo: palette.tones.pin,
  };
  pen.strokeStyle = colours[kind];
  pen.lineWidth = kind === "call" ? 1.5 : 1.25;
  pen.globalAlpha = marked || kind === "call" ? 1 : 0.5;
  pen.setLineDash(kind === "call" ? [] : kind === "data" ? [5, 4] : [2, 4]);
  pen.stroke();
  pen.setLineDash([]);
  if (kind !== "call") drawEnds(frame, edges, kind);
  pen.globalAlpha = 1;
}

/** What a line leads to: data is handed on, which is an arrow; a memo reference points at a pin. */
function drawEnds({ pen }: Frame, edges: GraphEdge[], kind: "data" | "memo"): void {
  pen.fillStyle = pen.strokeStyle;
  pen.beginPath();
  for (const { points } of edges) {
    const [x, y] = [points.at(-2) ?? 0, points.at(-1) ?? 0];
    // Lines end sideways.
    const back = (points.at(-4) ?? 0) < x ? -1 : 1;
    pen.moveTo(x, y);
    if (kind === "data") {
      pen.lineTo(x + back * 7, y - 4);
      pen.lineTo(x + back * 7, y + 4);
    } else {
      pen.lineTo(x + back * 4, y - 4);
      pen.lineTo(x + back * 8, y);
      pen.lineTo(x + back * 4, y + 4);
    }
    pen.closePath();
  }
  pen.fill();
}

function traceRounded(pen: CanvasRenderingContext2D, points: number[]): void {
  const last = points.length - 2;
  if (last < 2) return;
  pen.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let at = 2; at < last; at += 2) {
    const [x, y] = [points[at] ?? 0, points[at + 1] ?? 0];
    const [nextX, nextY] = [points[at + 2] ?? 0, points[at + 3] ?? 0];
    const [lastX, lastY] = [points[at - 2] ?? 0, points[at - 1] ?? 0];
    const room = Math.min(Math.hypot(nextX - x, nextY - y), Math.hypot(lastX - x, lastY - y)) / 2;
    pen.arcTo(x, y, nextX, nextY, Math.min(6, room));
  }
  pen.lineTo(points[last] ?? 0, points[last + 1] ?? 0);
}

function drawGroup(frame: Frame, group: GraphGroup, scale: number, far: boolean): void {
  const { pen, palette } = frame;
  pen.strokeStyle = palette.line;
  pen.lineWidth = Math.max(1, 1 / scale);
  pen.beginPath();
  pen.roundRect(group.x, group.y, group.width, group.height, 8);
  pen.stroke();
  if (far) return;
  pen.font = `${String(NOTE)}px ${palette.font}`;
  pen.fillStyle = palette.dim;
  const room = group.width - 28;
  const barRoom = 116;
  const withBar = room > 320;
  pen.fillText(fitText(pen, group.label, withBar ? room - barRoom - 90 : room), group.x + 14, group.y + 20);
  if (!withBar) return;
  const told = group.counts.map((count) => `${String(count.count)} ${STATES[count.state].glyph}`).join("   ");
  const right = group.x + group.width - 14;
  drawCounts(frame, group.counts, right - barRoom, group.y + 13, barRoom);
  pen.fillStyle = palette.dim;
  pen.textAlign = "right";
  pen.fillText(told, right - barRoom - 10, group.y + 20);
  pen.textAlign = "left";
}

function drawCounts(frame: Frame, counts: StateCount[], x: number, y: number, width: number): void {
  const { pen, palette } = frame;
  const total = counts.reduce((sum, count) => sum + count.count, 0);
  if (total === 0) return;
  const gaps = 2 * (counts.length - 1);
  let at = x;
  for (const count of counts) {
    const length = Math.max(3, ((width - gaps) * count.count) / total);
    pen.fillStyle = palette.tones[STATES[count.state].tone];
    pen.beginPath();
    pen.roundRect(at, y, length, 6, 3);
    pen.fill();
    at += length + 2;
  }
}

function drawFold(frame: Frame, scene: Scene, fold: GraphFold, marks: Marks): void {
  const { pen, palette } = frame;
  const hovered = marks.hover === fold.id;
  const found = marks.foundIn.get(fold.id) ?? 0;
  const selected = marks.selected.has(fold.id);
  const quiet = found > 0 ? palette.text : fold.failing > 0 ? palette.tones.bad : hovered ? palette.dim : palette.edge;
  pen.globalAlpha = isLost(fold, marks) ? 0.35 : 1;
  pen.fillStyle = hovered ? palette.raised : palette.panel;
  pen.strokeStyle = selected ? palette.tones.run : quiet;
  pen.lineWidth = selected ? 2 : 1;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.roundRect(fold.x, fold.y, fold.width, fold.height, 6);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  const { title, told, rest } = foldLabelsOf(frame, scene, fold, found);
  pen.font = `${String(TITLE)}px ${palette.font}`;
  pen.fillStyle = palette.text;
  pen.fillText(title, fold.x + 12, fold.y + fold.height / 2 - 3);
  pen.font = `${String(NOTE)}px ${palette.font}`;
  pen.fillStyle = palette.dim;
  pen.fillText(told, fold.x + 12, fold.y + fold.height / 2 + 14);
  // What room is left shows the shares.
  if (rest > 24) drawCounts(frame, fold.counts, fold.x + fold.width - 12 - rest, fold.y + fold.height / 2 + 7, rest);
  if (fold.differing > 0) drawCorner(pen, fold, palette.tones.warn);
  pen.globalAlpha = 1;
}

function foldLabelsOf({ pen, palette }: Frame, scene: Scene, fold: GraphFold, found: number): FoldLabels {
  const key = `${fold.id} ${String(found)}`;
  const known = scene.foldLabels.get(key);
  if (known !== undefined) return known;
  const room = fold.width - 24;
  pen.font = `${String(TITLE)}px ${palette.font}`;
  const title = fitText(pen, `▸ ${found > 0 ? `${String(found)} found in ` : ""}${fold.label}`, room);
  pen.font = `${String(NOTE)}px ${palette.font}`;
  const told = fitText(pen, tally(fold), room);
  const labels = { title, told, rest: room - pen.measureText(told).width - 10 };
  scene.foldLabels.set(key, labels);
  return labels;
}

function drawNode(frame: Frame, scene: Scene, node: GraphNode, camera: Camera, marks: Marks): void {
  const { pen, palette } = frame;
  const lost = marks.found !== null && !marks.found.has(node.id);
  pen.globalAlpha = lost ? 0.3 : 1;
  drawBody(frame, node, marks);
  drawSign(pen, node, node.x + 18, node.y + node.height / 2, palette, frame.turn);
  drawLabels(frame, scene, node, camera.scale / frame.letters, marks);
  const set = marks.byHand.get(node.step ?? "");
  if (set !== undefined) drawByHand(pen, set, node.x + node.width - 14, node.y + node.height / 2 + 4, palette);
  else if (isPinnable(node)) drawMemoised(pen, node.x + node.width - 14, node.y + node.height / 2, palette);
  else if (node.memoCandidate) drawCandidate(pen, node.x + node.width - 14, node.y + node.height / 2 + 4, palette);
  if (node.divergence !== null && CORNERED.has(node.divergence)) {
    drawCorner(pen, node, node.divergence === "new" ? palette.tones.new : palette.tones.warn);
  }
  if (node.progress !== null) drawProgress(frame, node, node.progress);
  pen.globalAlpha = 1;
}

/** The mark of what came out otherwise, or of what holds such. */
function drawCorner(pen: CanvasRenderingContext2D, { x, y, width }: Box, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x + width - 10, y + 4);
  pen.lineTo(x + width - 4, y + 10);
  pen.lineTo(x + width - 10, y + 16);
  pen.fill();
}

function drawBody(frame: Frame, node: GraphNode, marks: Marks): void {
  const { pen, palette } = frame;
  const selected = marks.selected.has(node.id);
  const waits = (node.state === "blocked" || node.stopped !== null) && !node.pinned;
  const notThere = node.divergence === "unreached" || node.state === "queued" || node.state === "unknown";
  if (node.attempts > 1) {
    pen.strokeStyle = palette.edge;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(node.x + 3, node.y + 3, node.width, node.height, 6);
    pen.stroke();
  }
  pen.fillStyle = marks.hover === node.id ? palette.raised : palette.panel;
  pen.strokeStyle = selected ? palette.tones.run : waits ? palette.tones.warn : palette.line;
  pen.lineWidth = selected ? 2 : waits ? 1.5 : 1;
  if (notThere && !selected) pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.roundRect(node.x, node.y, node.width, node.height, 6);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  if (marks.focus !== node.id || marks.selected.size < 2) return;
  pen.strokeStyle = palette.text;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(node.x - 3, node.y - 3, node.width + 6, node.height + 6, 8);
  pen.stroke();
}

function drawLabels(frame: Frame, scene: Scene, node: GraphNode, scale: number, marks: Marks): void {
  const { pen, palette } = frame;
  const labels = labelsOf(frame, scene, node, marks);
  const middle = node.y + node.height / 2;
  const noted = scale >= NEAR;
  pen.font = `${String(noted ? TITLE : TITLE_ALONE)}px ${palette.font}`;
  pen.fillStyle = node.divergence === "unreached" ? palette.dim : palette.text;
  pen.fillText(noted ? labels.title : labels.alone, node.x + TEXT_LEFT, middle + (noted ? -3 : 6));
  if (!noted) return;
  pen.font = `${String(NOTE)}px ${palette.font}`;
  pen.fillStyle = palette.dim;
  pen.fillText(labels.note, node.x + TEXT_LEFT, middle + 13);
}

function labelsOf(frame: Frame, scene: Scene, node: GraphNode, marks: Marks): Labels {
  const at = scene.index.get(node.id) ?? -1;
  const known = scene.labels[at];
  if (known !== undefined) return known;
  const { pen, palette } = frame;
  const room = node.width - TEXT_LEFT - (isPinnable(node) || node.memoCandidate || marks.byHand.has(node.step ?? "") ? 26 : 12);
  pen.font = `${String(TITLE)}px ${palette.font}`;
  const title = fitText(pen, node.target, room);
  pen.font = `${String(NOTE)}px ${palette.font}`;
  const note = fitText(pen, noteWithin(node, scene.view, (text) => pen.measureText(text).width <= room), room);
  pen.font = `${String(TITLE_ALONE)}px ${palette.font}`;
  const labels = { title, note, alone: fitText(pen, node.target, room) };
  scene.labels[at] = labels;
  return labels;
}

function drawProgress(frame: Frame, node: GraphNode, progress: number): void {
  const { pen, palette } = frame;
  const width = node.width - 2;
  pen.fillStyle = palette.line;
  pen.fillRect(node.x + 1, node.y + node.height - 4, width, 3);
  pen.fillStyle = palette.tones.run;
  pen.fillRect(node.x + 1, node.y + node.height - 4, width * Math.min(1, Math.max(0, progress)), 3);
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function fitText(pen: CanvasRenderingContext2D, given: string, room: number): string {
  if (room <= 0) return "";
  const text = visible(given);
  // Letters are wider than a pixel: what is longer than the room cannot fit.
  const start = text.length > room ? text.slice(0, Math.ceil(room)) : text;
  if (start === text && pen.measureText(text).width <= room) return text;
  let [fits, fails] = [0, start.length];
  while (fits + 1 < fails) {
    const half = (fits + fails) >> 1;
    if (pen.measureText(`${start.slice(0, half)}…`).width <= room) fits = half;
    else fails = half;
  }
  return `${start.slice(0, fits).trimEnd()}…`;
}
