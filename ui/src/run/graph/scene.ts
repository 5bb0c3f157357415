import type { Divergence, GraphEdge, GraphFold, GraphGroup, GraphNode, RunView } from "../../backend/types";
import { CALLS, DIVERGENCES, isFailing, isLive, STATES, type Tone } from "../state";
import { visible } from "../../shell/visible";
import { duration } from "../time";
import type { Box } from "./camera";

/** What a point of the picture belongs to. */
export type Hit = { kind: "node"; node: GraphNode } | { kind: "fold"; fold: GraphFold };

/** What is written on a node, cut to its width: two lines, or the title alone in larger letters. */
export interface Labels {
  title: string;
  note: string;
  alone: string;
}

/** What is written on a fold, cut to its width, and what room is left beside the second line. */
export interface FoldLabels {
  title: string;
  told: string;
  rest: number;
}

/** A run made ready for drawing: boxes side by side in memory, neighbours at hand. */
export class Scene {
  readonly view: RunView;
  /** Left, top, right, bottom of each node. */
  readonly nodeBoxes: Float64Array;
  /** The same of each edge. */
  readonly edgeBoxes: Float64Array;
  /** Each node's index by its place. */
  readonly index = new Map<string, number>();
  /** The places of each step, the first one first. */
  readonly places = new Map<string, string[]>();
  /** The place of each place's caller. */
  readonly caller = new Map<string, string>();
  /** The places of what a place called, in call order. */
  readonly callees = new Map<string, string[]>();
  /** What is written on each node, cut to fit when first drawn. */
  readonly labels: (Labels | undefined)[];
  /** The same of folds, by place and by how many steps were found in each. */
  readonly foldLabels = new Map<string, FoldLabels>();

  /** Folds by their place. */
  readonly folds = new Map<string, GraphFold>();

  #failing: readonly Box[] | null = null;
  #far: Map<Tone, Path2D> | null = null;
  #farEdges: Path2D | null = null;

  constructor(view: RunView) {
    this.view = view;
    this.nodeBoxes = new Float64Array(view.nodes.length * 4);
    this.edgeBoxes = new Float64Array(view.edges.length * 4);
    this.labels = new Array<undefined>(view.nodes.length);
    view.nodes.forEach((node, at) => {
      this.index.set(node.id, at);
      if (node.step !== null) append(this.places, node.step, node.id);
      if (node.parent !== null) {
        this.caller.set(node.id, node.parent);
        append(this.callees, node.parent, node.id);
      }
      this.nodeBoxes.set([node.x, node.y, node.x + node.width, node.y + node.height], at * 4);
    });
    view.edges.forEach((edge, at) => {
      this.edgeBoxes.set(edgeBox(edge), at * 4);
    });
    for (const fold of view.folds) {
      this.folds.set(fold.id, fold);
      if (fold.caller === null) continue;
      this.caller.set(fold.id, fold.caller);
      append(this.callees, fold.caller, fold.id);
    }
  }

  /** Forgets what is written: it has to be cut anew. */
  recut(): void {
    this.labels.fill(undefined);
    this.foldLabels.clear();
  }

  /** The whole picture. */
  get box(): Box {
    return { x: 0, y: 0, width: this.view.width, height: this.view.height };
  }

  /** The node at a place, or the first of a step. */
  node(placeOrStep: string): GraphNode | undefined {
    const at = this.index.get(placeOrStep) ?? this.index.get(this.places.get(placeOrStep)?.[0] ?? "");
    return at === undefined ? undefined : this.view.nodes[at];
  }

  /** Where a place, a step's first place or a fold is drawn. */
  boxOf(place: string): Box | undefined {
    return this.node(place) ?? this.folds.get(place);
  }

  /** The nodes that a box touches. */
  nodesIn(box: Box): GraphNode[] {
    return within(this.nodeBoxes, box).map((at) => this.view.nodes[at]).filter((node) => node !== undefined);
  }

  /** The edges that a box touches. */
  edgesIn(box: Box): GraphEdge[] {
    return within(this.edgeBoxes, box).map((at) => this.view.edges[at]).filter((edge) => edge !== undefined);
  }

  /** The groups that a box touches. */
  groupsIn(box: Box): GraphGroup[] {
    return this.view.groups.filter((group) => touches(group, box));
  }

  /** The folds that a box touches. */
  foldsIn(box: Box): GraphFold[] {
    return this.view.folds.filter((fold) => touches(fold, box));
  }

  /** What stands at a point. */
  at(x: number, y: number): Hit | null {
    const point = { x, y, width: 0, height: 0 };
    const node = this.nodesIn(point).at(-1);
    if (node !== undefined) return { kind: "node", node };
    const fold = this.foldsIn(point).at(-1);
    return fold === undefined ? null : { kind: "fold", fold };
  }

  /** Every node as one shape a colour: what is left of them from far away. */
  get far(): Map<Tone, Path2D> {
    if (this.#far !== null) return this.#far;
    const far = new Map<Tone, Path2D>();
    for (const node of this.view.nodes) {
      const tone = toneOf(node);
      let path = far.get(tone);
      if (path === undefined) far.set(tone, (path = new Path2D()));
      path.rect(node.x, node.y, node.width, node.height);
    }
    this.#far = far;
    return far;
  }

  /** The nodes and folds that tell of something gone wrong: these are seen from however far. */
  get failing(): readonly Box[] {
    this.#failing ??= [
      ...this.view.nodes.filter((node) => toneOf(node) === "bad"),
      ...this.view.folds.filter((fold) => fold.failing > 0),
    ];
    return this.#failing;
  }

  /** Every call edge as one line. */
  get farEdges(): Path2D {
    if (this.#farEdges !== null) return this.#farEdges;
    const path = new Path2D();
    for (const edge of this.view.edges) if (edge.kind === "call") traceStraight(path, edge.points);
    this.#farEdges = path;
    return path;
  }
}

/** The colour that tells how a node stands. */
export function toneOf(node: GraphNode): Tone {
  if (node.mocked) return "mock";
  if (node.divergence === "unreached") return "faint";
  if (node.pinned) return "pin";
  return STATES[node.state].tone;
}

/** Whether a node is memoised and ran: what stands on it can be pinned to it. */
export function isPinnable(node: GraphNode): boolean {
  return node.memoised && !node.pinned && !node.mocked;
}

/** Comparisons that are no news. */
const QUIET: ReadonlySet<Divergence> = new Set(["equal", "unfinished"]);

/** What tells environments apart, as the left side does: here, or an ancestor. */
export const PLACES = { here: "◇", ancestor: "◆" };

/** The sign of the environment of what a node shows; none where all of a picture is of one. */
function placeOf(node: GraphNode, view: Pick<RunView, "environment" | "ancestor">): string {
  if (view.ancestor === null || node.environment === null) return "";
  return `${node.environment === view.environment ? PLACES.here : PLACES.ancestor} `;
}

/** What a node says below its target. */
export function noteOf(node: GraphNode, view: Pick<RunView, "environment" | "ancestor">): string {
  return toldOf(node, view).flat().join(" · ");
}

/**
 * The same where there is little room: what it was called with, or the name of its error, is cut first,
 * so that how it stands and how long it took can be read.
 */
export function noteWithin(node: GraphNode, view: Pick<RunView, "environment" | "ancestor">, fits: (text: string) => boolean): string {
  const [before, note, after] = toldOf(node, view);
  const told = (cut: string[], first = before) => visible([...first, ...cut, ...after].join(" · "));
  const whole = told(note);
  const [text = ""] = note;
  if (fits(whole)) return whole;
  let [most, tooMany] = [0, Math.min(text.length, 64)];
  while (most + 1 < tooMany) {
    const half = (most + tooMany) >> 1;
    if (fits(told([`${text.slice(0, half)}…`]))) most = half;
    else tooMany = half;
  }
  if (most >= LEAST) return told([`${text.slice(0, most).trimEnd()}…`]);
  // The drawn pin says that it is pinned, too.
  return fits(told([])) ? told([]) : told([], before.filter((part) => part !== CALLS.pinned.word));
}

/** Fewer letters than this of a text tell nothing. */
const LEAST = 3;

/** What a node says: what comes before its note, the note if it has one, what comes after. */
function toldOf(node: GraphNode, view: Pick<RunView, "environment" | "ancestor">): [string[], string[], string[]] {
  const attempt = node.attempts > 1 && node.attempt !== null ? `:${String(node.attempt)}` : "";
  const parts = node.number === null ? [] : [`${placeOf(node, view)}${String(node.number)}${attempt}`];
  if (node.edited) parts.push("✎ edited");
  if (node.mocked) parts.push("mocked");
  else if (node.pinned) parts.push("pinned");
  if (node.divergence !== null && !QUIET.has(node.divergence)) parts.push(DIVERGENCES[node.divergence].word);
  else if (wordy(node)) parts.push(STATES[node.state].word);
  if (node.progress !== null && isLive(node.state)) parts.push(percent(node.progress));
  const stopped = node.stopped === null ? "" : node.stopped.refused ? "refused" : "waits for you";
  const note = node.note === "" ? stopped : node.note;
  // A value that a person gave took no time.
  const timed = node.durationMs !== null && !node.mocked && !(node.pinned && node.durationMs < 500);
  const took = timed ? duration(node.durationMs ?? 0) : "";
  return [parts, note === "" ? [] : [note], timed ? [node.pinned ? `saved ${took}` : took] : []];
}

/** What a fold holds, by state: `60 ✓  2 ✕`; how many failed further down, and how many came out otherwise. */
export function tally(fold: Pick<GraphFold, "counts" | "failing" | "differing">): string {
  const told = fold.counts.map(({ state, count }) => `${String(count)} ${STATES[state].glyph}`);
  const itself = fold.counts.reduce((sum, { state, count }) => sum + (isFailing(state) ? count : 0), 0);
  const below = fold.failing - itself;
  const differing = fold.differing > 0 ? `${String(fold.differing)} ${DIVERGENCES.differs.glyph}` : "";
  return [...told, below > 0 ? `${String(below)} ${STATES.failed.glyph} below` : "", differing].filter(Boolean).join("   ");
}

/** The same in words. */
export function tallyInWords(fold: Pick<GraphFold, "counts" | "failing" | "differing">): string {
  const told = fold.counts.map(({ state, count }) => `${String(count)} ${STATES[state].word}`);
  const failing = fold.failing > 0 ? `${String(fold.failing)} failing in it` : "";
  const differing = fold.differing > 0 ? `${String(fold.differing)} in it not the same as the ancestor` : "";
  return [...told, failing, differing].filter(Boolean).join(", ");
}

/** How far something is, as it is told. */
export function percent(progress: number): string {
  return `${String(Math.round(Math.min(1, Math.max(0, progress)) * 100))} %`;
}

/** States that a node tells by word too: the everyday ones are told by their shape. */
function wordy(node: GraphNode): boolean {
  // Of what is not there the note says why.
  const said = node.state === "unknown" && node.note !== "";
  return !node.pinned && node.stopped === null && !said && !["succeeded", "failed"].includes(node.state);
}

function append(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function edgeBox(edge: GraphEdge): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at + 1 < edge.points.length; at += 2) {
    const x = edge.points[at] ?? 0;
    const y = edge.points[at + 1] ?? 0;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
}

function within(boxes: Float64Array, box: Box): number[] {
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const found: number[] = [];
  for (let at = 0; at * 4 < boxes.length; at += 1) {
    const from = at * 4;
    if (
      (boxes[from] ?? 0) <= right && (boxes[from + 1] ?? 0) <= bottom &&
      (boxes[from + 2] ?? 0) >= box.x && (boxes[from + 3] ?? 0) >= box.y
    ) found.push(at);
  }
  return found;
}

function touches(one: Box, other: Box): boolean {
  return (
    one.x <= other.x + other.width && one.y <= other.y + other.height &&
    one.x + one.width >= other.x && one.y + one.height >= other.y
  );
}

function traceStraight(path: Path2D, points: number[]): void {
  for (let at = 0; at + 1 < points.length; at += 2) {
    const x = points[at] ?? 0;
    const y = points[at + 1] ?? 0;
    if (at === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
}
