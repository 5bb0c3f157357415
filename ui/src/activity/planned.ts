import type { CallState, PlanView } from "../backend/types";

/** How many calls a plan has of each kind that it has any of, with what becomes of them in words. */
export function planned(plan: PlanView): [call: CallState, count: number, words: string][] {
  const all: [CallState, number, string][] = [
    ["run", plan.run, "would run"],
    ["pinned", plan.pinned, "pinned"],
    ["mocked", plan.mocked ?? 0, "mocked"],
    ["blocked", plan.blocked, "would stop at the guard"],
    ["unknown", plan.unknown ?? 0, "only running will tell"],
  ];
  return all.filter(([, count]) => count > 0);
}
