import type { PinState, PinView } from "../backend/types";

/** What is set by hand and in use, by step. */
export function statesOf(steps: readonly PinView[]): ReadonlyMap<string, PinState> {
  return new Map(steps.filter((one) => one.state !== "unused").map((one) => [one.step, one.state]));
}
