import type { GraphNode, NodeState, PinState } from "../../backend/types";
import type { Palette } from "./palette";
import { toneOf } from "./scene";

type Pen = CanvasRenderingContext2D;

/** Draws a node's sign around a point: each state has a shape of its own. `turn` is 0 to 1. */
export function drawSign(pen: Pen, node: GraphNode, x: number, y: number, palette: Palette, turn: number): void {
  const colour = palette.tones[toneOf(node)];
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  if (node.mocked) drawMock(pen, x, y);
  else if (node.divergence === "unreached") ring(pen, x, y, 6.5);
  else if (node.pinned) drawPin(pen, x, y);
  else drawState(pen, node.state, x, y, turn);
}

/** The pin, centred on a point. */
export function drawPin(pen: Pen, x: number, y: number): void {
  tracePin(pen, x, y);
  pen.fill();
}

/** The pin's outline: memoised, so it can be pinned. */
export function drawMemoised(pen: Pen, x: number, y: number, palette: Palette): void {
  pen.strokeStyle = palette.tones.pin;
  pen.lineWidth = 1.1;
  tracePin(pen, x, y);
  pen.stroke();
}

/** The pin's outline, dashed: not memoised, though it does something that a re-run above would do again. */
export function drawCandidate(pen: Pen, x: number, y: number, palette: Palette): void {
  pen.strokeStyle = palette.tones.warn;
  pen.lineWidth = 1.1;
  pen.setLineDash([2, 1.6]);
  tracePin(pen, x, y);
  pen.stroke();
  pen.setLineDash([]);
}

/** What is set by hand for the next re-run: a pin, a struck one, or a mock. */
export function drawByHand(pen: Pen, state: PinState, x: number, y: number, palette: Palette): void {
  pen.strokeStyle = palette.tones[state === "mocked" ? "mock" : "pin"];
  pen.fillStyle = palette.tones.pin;
  pen.lineWidth = 1.3;
  if (state === "mocked") drawMock(pen, x, y);
  else if (state === "pinned") drawPin(pen, x, y);
  else if (state === "unpinned") {
    tracePin(pen, x, y);
    pen.stroke();
    trace(pen, [0, 13, 13, 0], x - 6.5, y - 6.5);
    pen.stroke();
  }
}

function tracePin(pen: Pen, x: number, y: number): void {
  const [left, top] = [x - 6.5, y - 6.5];
  trace(pen, [4, 0, 9, 0, 8.3, 5, 10, 7.4, 7.2, 7.4, 6.5, 13, 5.8, 7.4, 3, 7.4, 4.7, 5], left, top);
  pen.closePath();
}

function drawMock(pen: Pen, x: number, y: number): void {
  pen.setLineDash([2, 2.4]);
  ring(pen, x, y, 7);
  pen.setLineDash([]);
}

function drawState(pen: Pen, state: NodeState, x: number, y: number, turn: number): void {
  switch (state) {
    case "succeeded":
    case "cached":
    case "recurred":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-3.5, 0, -0.9, 2.8, 3.5, -2.2], x, y);
      break;
    case "failed":
    case "crashed":
    case "abandoned":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-3, -3, 3, 3], x, y);
      strokeTrace(pen, [3, -3, -3, 3], x, y);
      break;
    case "timedOut":
      ring(pen, x, y, 7);
      strokeTrace(pen, [0, -4, 0, 0, 3, 2], x, y);
      break;
    case "blocked":
      trace(pen, [-7, 6, 0, -6.5, 7, 6], x, y);
      pen.closePath();
      pen.stroke();
      break;
    case "running": {
      const from = turn * Math.PI * 2;
      pen.globalAlpha *= 0.3;
      ring(pen, x, y, 7);
      pen.globalAlpha /= 0.3;
      pen.beginPath();
      pen.arc(x, y, 7, from, from + Math.PI * 0.6);
      pen.stroke();
      break;
    }
    case "waiting":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-2, -3, -2, 3], x, y);
      strokeTrace(pen, [2, -3, 2, 3], x, y);
      break;
    case "cancelled":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-4, 4, 4, -4], x, y);
      break;
    case "spawned":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-2.5, 2.5, 2.5, -2.5], x, y);
      strokeTrace(pen, [-1, -2.5, 2.5, -2.5, 2.5, 1], x, y);
      break;
    case "suspended":
    case "deferred":
      ring(pen, x, y, 7);
      strokeTrace(pen, [-3, 0, 3, 0], x, y);
      break;
    case "queued":
    case "unfinished":
    case "unknown":
      ring(pen, x, y, 6.5);
      break;
  }
}

function ring(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.stroke();
}

function strokeTrace(pen: Pen, points: number[], x: number, y: number): void {
  trace(pen, points, x, y);
  pen.stroke();
}

function trace(pen: Pen, points: number[], x: number, y: number): void {
  pen.beginPath();
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [px, py] = [x + (points[at] ?? 0), y + (points[at + 1] ?? 0)];
    if (at === 0) pen.moveTo(px, py);
    else pen.lineTo(px, py);
  }
}
