import type { CallState, Divergence, NodeState } from "../backend/types";

/** What a colour of the window means. */
export type Tone = "ok" | "bad" | "run" | "warn" | "pin" | "mock" | "new" | "faint";

/** How a state is told: a shape, a word and a colour, never the colour alone. */
export interface Sign {
  /** One character that stands for it. */
  glyph: string;
  /** The word for it. */
  word: string;
  /** Its colour. */
  tone: Tone;
  /** Whether a drawn pin stands for it in place of the character. */
  pin?: true;
}

/** How each state of a step is told. */
export const STATES: Record<NodeState, Sign> = {
  queued: { glyph: "○", word: "queued", tone: "faint" },
  running: { glyph: "◔", word: "running", tone: "run" },
  waiting: { glyph: "◌", word: "waiting", tone: "run" },
  blocked: { glyph: "△", word: "blocked", tone: "warn" },
  succeeded: { glyph: "✓", word: "succeeded", tone: "ok" },
  failed: { glyph: "✕", word: "failed", tone: "bad" },
  cancelled: { glyph: "⊘", word: "cancelled", tone: "faint" },
  timedOut: { glyph: "◷", word: "timed out", tone: "bad" },
  abandoned: { glyph: "⚠", word: "abandoned", tone: "bad" },
  suspended: { glyph: "‖", word: "suspended", tone: "faint" },
  spawned: { glyph: "↗", word: "spawned", tone: "ok" },
  cached: { glyph: "≡", word: "cached", tone: "ok" },
  deferred: { glyph: "→", word: "deferred", tone: "faint" },
  crashed: { glyph: "⚠", word: "crashed", tone: "bad" },
  recurred: { glyph: "↻", word: "recurred", tone: "ok" },
  unfinished: { glyph: "…", word: "unfinished", tone: "faint" },
  unknown: { glyph: "?", word: "unknown", tone: "faint" },
};

/** How each kind of call is told, in a plan or after a run. */
export const CALLS: Record<CallState, Sign> = {
  pinned: { glyph: "◆", word: "pinned", tone: "pin", pin: true },
  mocked: { glyph: "◌", word: "mocked", tone: "mock" },
  run: { glyph: "▸", word: "run", tone: "run" },
  blocked: { glyph: "△", word: "blocked", tone: "warn" },
  refused: { glyph: "△", word: "refused", tone: "warn" },
  new: { glyph: "△", word: "new", tone: "new" },
  unreached: { glyph: "○", word: "unreached", tone: "faint" },
  unknown: { glyph: "?", word: "only running will tell", tone: "faint" },
};

/** How a comparison with the ancestor is told. */
export const DIVERGENCES: Record<Divergence, Sign> = {
  equal: { glyph: "=", word: "same", tone: "ok" },
  differs: { glyph: "◥", word: "differs", tone: "warn" },
  inputsDiffer: { glyph: "◹", word: "other inputs", tone: "warn" },
  new: { glyph: "+", word: "new", tone: "new" },
  unreached: { glyph: "○", word: "unreached", tone: "faint" },
  unfinished: { glyph: "…", word: "unfinished", tone: "faint" },
};

/** How what ended as nobody wished ended. */
export const FAILING: readonly NodeState[] = ["failed", "crashed", "timedOut", "abandoned"];

/** Whether it ended as nobody wished. */
export function isFailing(state: NodeState): boolean {
  return FAILING.includes(state);
}

/** Whether something goes on there. */
export function isLive(state: NodeState): boolean {
  return state === "queued" || state === "running" || state === "waiting" || state === "blocked";
}
