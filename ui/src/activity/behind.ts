import type { ActualCall, CallState, GraphNode, GuardCard, PlanCall } from "../backend/types";

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

/** The plan and how far it came: what `ActualView` tells. */
interface Progress {
  calls: readonly ActualCall[];
  plan: { calls: readonly PlanCall[] };
}

/** The calls that the card's caller is yet to make, by the plan: those planned below it that it has not made. */
export function waitingBehind(card: Pick<GuardCard, "caller" | "target">, { calls, plan }: Progress): CallBehind[] {
  const step = stepOf(card.caller);
  // Each call that was made, and the one that waits, takes its own place in the plan.
  const made = [card.target, ...below(calls, (call) => call.execution === card.caller)
    .filter((call) => call.actual !== "unreached" && call.actual !== "blocked")
    .map((call) => call.target)].map(shortTarget);
  return below(plan.calls, (call) => call.step === step).flatMap((call) => {
    const target = shortTarget(call.target);
    const at = made.indexOf(target);
    if (at >= 0) made.splice(at, 1);
    return at >= 0 || target === "" ? [] : [{ target, planned: call.call, words: WORDS[call.call] }];
  });
}

/** Where the plan ends at the call that waits: what another recorded call of its caller's function went on to call. */
export function goneOnElsewhere(card: Pick<GuardCard, "target" | "callerTarget">, nodes: readonly GraphNode[]): CallBehind[] {
  const target = shortTarget(card.target);
  for (const caller of nodes) {
    if (caller.target !== shortTarget(card.callerTarget)) continue;
    const made = nodes
      .filter((node) => node.parent === caller.id && node.number !== null)
      // In call order: what is pinned has a number from long before.
      .sort((one, other) => one.y - other.y);
    const after = made.slice(made.findIndex((node) => node.target === target && node.stopped === null) + 1);
    if (after.length > 0 && after.length < made.length) {
      return after.map((node) => ({
        target: node.target,
        planned: node.memoised ? "unknown" : "run",
        words: node.memoised ? "will ask, unless pinned" : "may run",
      }));
    }
  }
  return [];
}

/** The rows right below the first row that is wanted. */
function below<T extends { depth: number }>(rows: readonly T[], wanted: (row: T) => boolean): T[] {
  const at = rows.findIndex(wanted);
  const first = rows[at];
  if (first === undefined) return [];
  const rest = rows.slice(at + 1);
  const end = rest.findIndex((row) => row.depth <= first.depth);
  return (end < 0 ? rest : rest.slice(0, end)).filter((row) => row.depth === first.depth + 1);
}

function stepOf(execution: string): string {
  return execution.split(":").slice(0, 2).join(":");
}

function shortTarget(target: string): string {
  return target.split(":").at(-1) ?? target;
}
