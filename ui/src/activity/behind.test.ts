import { expect, test } from "vitest";

import type { ActualCall, CallState } from "../backend/types";
import { waitingBehind } from "./behind";

function call(depth: number, target: string, planned: CallState | null, actual: CallState, execution: string | null = null): ActualCall {
  return { depth, target, step: null, planned, actual, asPlanned: planned === actual, execution, state: null, reason: "" };
}

const card = { caller: "R:20:2", target: "charge_card" };

test("behind a call wait its caller's planned calls that were not reached, and no other branch's", () => {
  const calls = [
    call(0, "fulfil_order", "run", "run", "R:20:2"),
    call(1, "price_order", "run", "run", "R:36:2"),
    call(2, "rate", "run", "unreached"),
    call(1, "charge_card", "blocked", "unreached"),
    call(1, "render_invoice", "run", "unreached"),
    call(1, "send_receipt", "new", "unreached"),
    call(0, "fulfil_order", "run", "run", "R:21:2"),
    call(1, "render_invoice", "run", "unreached"),
  ];
  expect(waitingBehind(card, calls).map((one) => [one.target, one.words])).toEqual([
    ["render_invoice", "may run"],
    ["send_receipt", "will ask: new"],
  ]);
});

test("a caller that the plan does not know has nothing behind it that is known", () => {
  expect(waitingBehind(card, [call(0, "other", "run", "run", "R:1:2"), call(1, "x", "run", "unreached")])).toEqual([]);
});
