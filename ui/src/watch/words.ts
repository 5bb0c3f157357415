import type { TryState } from "../backend/types";
import type { Sign } from "../run/state";

/** How a try is told to stand. */
export const TRIES: Record<TryState, Sign> = {
  running: { glyph: "◔", word: "running", tone: "run" },
  succeeded: { glyph: "✓", word: "succeeded", tone: "ok" },
  failed: { glyph: "✕", word: "failed", tone: "bad" },
  faulty: { glyph: "✎", word: "unreadable", tone: "bad" },
  refused: { glyph: "△", word: "refused", tone: "warn" },
  overtaken: { glyph: "⊘", word: "overtaken", tone: "faint" },
};
