import { visible } from "../../shell/visible";
import { fitText } from "../graph/draw";
import type { Palette } from "../graph/palette";
import { STATES } from "../state";
import { duration } from "../time";
import { ticks, type Bar, type Lane, type Try } from "./lanes";

// All lengths are those of letters of the ordinary size.
/** How high a step is. */
export const ROW = 22;
/** How high what stands above an environment's steps is. */
export const HEAD = 34;
/** How high the ruler is. */
export const RULER = 26;
/** The least a stretch of time takes, so that it is seen at all. */
const LEAST = 2;

/** What is drawn on, how large it is, and which time is seen of it. */
export interface Picture {
  pen: CanvasRenderingContext2D;
  colours: Palette;
  width: number;
  room: number;
  /** The room for the steps' names. */
  names: number;
  /** The first moment seen, in ms. */
  from: number;
  /** Lengths a millisecond takes. */
  scale: number;
}

/** The part of the height that an environment has, and how far its steps are scrolled in it. */
export interface Pane {
  top: number;
  room: number;
  scrolled: number;
  first: boolean;
}

/** Round times above everything, and a line down from each. */
export function paintRuler({ pen, colours, width, room, names, from, scale }: Picture, length: number): void {
  pen.font = `11px ${colours.font}`;
  for (const mark of ticks(length, scale)) {
    const x = names + (mark - from) * scale;
    if (x < names) continue;
    pen.fillStyle = colours.line;
    pen.fillRect(x, RULER, 1, room - RULER);
    pen.fillStyle = colours.faint;
    const told = duration(mark);
    // The last one may have no room left.
    if (x + 4 + pen.measureText(told).width <= width) pen.fillText(told, x + 4, 17);
  }
}

/** What one environment did; `at` is the step that the keys are at, if they are there. */
export function paintLane(picture: Picture, lane: Lane, pane: Pane, selected: ReadonlySet<string>, at: string | null): void {
  const { pen, colours, width } = picture;
  const top = pane.top - pane.scrolled;
  pen.save();
  pen.beginPath();
  pen.rect(0, pane.top, width, pane.room);
  pen.clip();
  if (!pane.first) {
    pen.fillStyle = colours.line;
    pen.fillRect(0, pane.top, width, 1);
  }
  pen.fillStyle = colours.dim;
  pen.font = `600 11px ${colours.font}`;
  pen.fillText(`${visible(lane.environment).toUpperCase()} · ${duration(lane.length)}`, 16, top + 22);
  pen.font = `12px ${colours.font}`;
  const first = Math.max(0, Math.floor((pane.scrolled - HEAD) / ROW));
  const last = Math.ceil((pane.scrolled + pane.room - HEAD) / ROW);
  lane.bars.slice(first, Math.max(first, last)).forEach((bar, index) => {
    const y = top + HEAD + (first + index) * ROW;
    if (bar.node.step !== null && selected.has(bar.node.step)) {
      pen.fillStyle = colours.select;
      pen.fillRect(0, y, width, ROW);
    }
    if (bar.node.step !== null && bar.node.step === at) {
      pen.fillStyle = colours.tones.run;
      pen.fillRect(0, y, 3, ROW);
    }
    paintName(picture, bar, y);
    paintBar(picture, bar, y, pane);
  });
  pen.restore();
}

function paintName({ pen, colours, names }: Picture, { node }: Bar, y: number): void {
  pen.fillStyle = colours.text;
  pen.fillText(fitText(pen, node.target, names - 60), 16, y + 15);
  pen.fillStyle = colours.faint;
  pen.textAlign = "right";
  pen.fillText(String(node.number ?? ""), names - 12, y + 15);
  pen.textAlign = "left";
}

/** Queued is a thin outline, running a solid bar, waiting for what it called a hatched one. */
function paintBar(picture: Picture, bar: Bar, y: number, pane: Pane): void {
  const { pen, colours, width, names, from, scale } = picture;
  const x = (at: number) => names + (at - from) * scale;
  pen.save();
  pen.beginPath();
  pen.rect(names, pane.top, width - names, pane.room);
  pen.clip();
  // Attempts before it are lower, and fainter.
  for (const one of bar.earlier) {
    pen.globalAlpha = 0.6;
    paintTry(picture, one, colours.tones[STATES[one.state].tone], y, 8);
  }
  pen.globalAlpha = 1;
  const tone = colours.tones[STATES[bar.node.state].tone];
  paintTry(picture, bar, tone, y, 5);
  if (bar.started !== null) {
    for (const [since, until] of bar.waits) paintWait(picture, tone, x(since) + 1, x(until) - 1, y);
  }
  pen.restore();
}

/** How long an attempt was queued, and how long it ran. */
function paintTry({ pen, colours, names, from, scale }: Picture, one: Omit<Try, "state">, tone: string, y: number, inset: number): void {
  const x = (at: number) => names + (at - from) * scale;
  const begun = one.started ?? one.ended;
  pen.strokeStyle = colours.dim;
  pen.lineWidth = 1;
  pen.strokeRect(x(one.asked) + 0.5, y + 8.5, Math.max(1, (begun - one.asked) * scale), ROW - 17);
  if (one.started === null) return;
  pen.fillStyle = tone;
  pen.beginPath();
  pen.roundRect(x(one.started), y + inset, Math.max(LEAST, x(one.ended) - x(one.started)), ROW - 2 * inset, 3);
  pen.fill();
}

/** Hatched, so that it is told from the ground by more than its colour. */
function paintWait({ pen, colours, width, names }: Picture, tone: string, left: number, right: number, y: number): void {
  if (right - left < LEAST) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, y + 7, right - left, ROW - 14);
  pen.clip();
  pen.fillStyle = colours.bg;
  pen.fill();
  pen.strokeStyle = tone;
  pen.globalAlpha = 0.55;
  pen.beginPath();
  const seen = Math.max(left, names);
  for (let at = seen - ((seen - left) % 6); at < Math.min(right, width) + 8; at += 6) {
    pen.moveTo(at, y + ROW - 7);
    pen.lineTo(at + 8, y + 7);
  }
  pen.stroke();
  pen.restore();
}
