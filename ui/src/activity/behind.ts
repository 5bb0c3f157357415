import type { ActualCall, CallState, GuardCard } from "../backend/types";

/** A planned call that its caller has not reached, because it waits at the guard. */
export interface CallBehind {
  target: string;
  /** What it is to be, by the plan. */
  planned: CallState;
  /** That in words. */
  words: string;
}

/** What will become of a call when it is reached, by what it is in the plan. */
const WORDS: Record<CallState, string> = {
  pinned: "will be pinned",
  mocked: "mocked",
  run: "may run",
  blocked: "will ask",
  refused: "will ask",
  new: "will ask: new",
  unreached: "not called",
  unknown: "only running will tell",
};

/** The calls that the card's caller is yet to make, by the plan: the plan's rows below it that were not reached. */
export function waitingBehind(card: Pick<GuardCard, "caller" | "target">, calls: readonly ActualCall[]): CallBehind[] {
  const step = card.caller.split(":").slice(0, 2).join(":");
  const at = calls.findIndex((call) => call.execution === card.caller || (call.step === step && call.actual === "run"));
  const caller = calls[at];
  if (caller === undefined) return [];
  const behind: CallBehind[] = [];
  let own = true;
  for (const call of calls.slice(at + 1)) {
    if (call.depth <= caller.depth) break;
    if (call.depth !== caller.depth + 1 || call.actual !== "unreached" || call.planned === null) continue;
    // The one that waits is not behind itself.
    if (own && shortTarget(call.target) === shortTarget(card.target)) {
      own = false;
      continue;
    }
    behind.push({ target: shortTarget(call.target), planned: call.planned, words: WORDS[call.planned] });
  }
  return behind;
}

function shortTarget(target: string): string {
  return target.split(":").at(-1) ?? target;
}
