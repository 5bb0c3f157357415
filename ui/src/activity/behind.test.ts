import { expect, test } from "vitest";

import { node } from "../backend/testing/shop";
import type { ActualCall, CallState, PlanCall } from "../backend/types";
import { goneOnElsewhere, waitingBehind } from "./behind";

function made(depth: number, target: string, actual: CallState, execution: string | null = null): ActualCall {
  return { depth, target, step: null, planned: actual, actual, asPlanned: true, execution, state: null, reason: "" };
}

function planned(depth: number, target: string, call: CallState, step: string | null = null): PlanCall {
  return { depth, target, step, call, reason: "" };
}

const card = { caller: "R:20:2", callerTarget: "fulfil_order", target: "charge_card" };

test("behind a call wait its caller's planned calls that were not made, and no other branch's", () => {
  const plan = [
    planned(0, "fulfil_order", "run", "R:20"), planned(1, "price_order", "run"), planned(2, "rate", "run"),
    planned(1, "charge_card", "blocked"), planned(1, "render_invoice", "run"), planned(1, "price_order", "pinned"),
    planned(1, "send_receipt", "new"), planned(1, "", "unknown"),
    planned(0, "fulfil_order", "run", "R:21"), planned(1, "render_invoice", "run"),
  ];
  const calls = [
    made(0, "fulfil_order", "run", "R:20:2"), made(1, "price_order", "run", "R:36:2"), made(1, "charge_card", "blocked"),
    made(0, "fulfil_order", "run", "R:21:2"), made(1, "render_invoice", "run", "R:40:1"),
  ];
  expect(waitingBehind(card, { calls, plan: { calls: plan } }).map((one) => [one.target, one.words])).toEqual([
    ["render_invoice", "may run"],
    // It made one of the two.
    ["price_order", "will be pinned"],
    ["send_receipt", "will ask: new"],
  ]);
});

test("where the plan ends, another call of the same function tells how it goes on", () => {
  const nodes = [
    node("R:20", { target: "fulfil_order", x: 0, y: 0 }),
    node("R:36", { target: "price_order", parent: "R:20", x: 0, y: 0 }),
    node("R:67", { target: "fulfil_order", x: 0, y: 90 }),
    node("R:9", { target: "send_receipt", parent: "R:67", memoised: true, pinned: true, x: 0, y: 120 }),
    node("R:6", { target: "charge_card", parent: "R:67", memoised: true, pinned: true, x: 0, y: 100 }),
    node("R:85", { target: "price_order", parent: "R:67", x: 0, y: 90 }),
    node("R:88", { target: "render_invoice", parent: "R:67", x: 0, y: 110 }),
  ];
  expect(goneOnElsewhere(card, nodes).map((one) => one.target)).toEqual(["render_invoice", "send_receipt"]);
  expect(goneOnElsewhere({ ...card, target: "refund" }, nodes)).toEqual([]);
});
