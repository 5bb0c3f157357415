import type { AlignedStep, Comparison, Divergence } from "../backend/types";

/** A pair of calls in the list, with its place in the comparison. */
export interface Row {
  index: number;
  step: AlignedStep;
}

/** What is no news. */
const SAME: ReadonlySet<Divergence> = new Set(["equal"]);

/**
 * The pairs to show: those that differ, and their callers, so that one sees where they are; or all of
 * them.
 */
export function rows(compared: Comparison, all: boolean): Row[] {
  const shown: Row[] = [];
  // The callers of the pair at hand, outermost first, and whether each is shown already.
  const callers: { row: Row; shown: boolean }[] = [];
  compared.steps.forEach((step, index) => {
    const row = { index, step };
    callers.length = Math.min(callers.length, step.depth);
    const differs = all || !SAME.has(step.divergence);
    if (differs) {
      for (const caller of callers) {
        if (!caller.shown) shown.push(caller.row);
        caller.shown = true;
      }
      shown.push(row);
    }
    callers.push({ row, shown: differs });
  });
  return shown;
}

/** How many pairs compare in each way, those that matter first. */
export function counts(compared: Comparison): [Divergence, number][] {
  const order: Divergence[] = ["differs", "inputsDiffer", "new", "unreached", "unfinished", "equal"];
  return order
    .map((divergence): [Divergence, number] => [divergence, compared.steps.filter((step) => step.divergence === divergence).length])
    .filter(([, count]) => count > 0);
}

/** The step to select for a pair: the local one, where there is one. */
export function stepOf(step: AlignedStep): string | null {
  const execution = step.local ?? step.ancestor;
  return execution === null ? null : execution.split(":").slice(0, 2).join(":");
}
