import { writeFileSync } from "node:fs";

/** A moment, in Unix ms. */
const AT = 1_795_359_338_311;

/** Writes an export of a run of so many steps: a root, what it calls in a group, and what those call. A few fail. */
export function writeLarge(path: string, run: string, steps: number): void {
  const orders = 250;
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  const callerOf = (number: number) => (number <= orders + 1 ? 1 : 2 + ((number - 2) % orders));
  const called = new Map<number, number[]>();
  for (const number of all.slice(1)) called.set(callerOf(number), [...(called.get(callerOf(number)) ?? []), number]);
  const fails = (number: number) => number > orders + 1 && number % 997 === 0;
  const targets = ["fetch_customer", "price_order", "charge_card", "render_invoice", "send_receipt"];
  const nameOf = (number: number) => (number === 1 ? "nightly" : number <= orders + 1 ? "fulfil_order" : targets[Math.floor((number - 2) / orders) % targets.length]);
  const value = (number: number) => ({ type: "value", createdBy: null, value: { type: "raw", data: `order ${String(number)}`, references: [] } });
  const error = { type: "error", createdBy: null, retry: null, retryable: null, error: { type: "builtins.KeyError", message: "'CH'", frames: [] } };
  const execution = (number: number) => ({
    executionId: `${run}:${String(number)}:1`, workspaceId: "Wprd", createdAt: AT + number, createdBy: null, executeAfter: null,
    assignedAt: AT + number + 7, completedAt: AT + number + 42, groups: number === 1 ? { 0: "orders" } : {}, assets: {}, inputs: {}, metrics: {},
    dependencies: {},
    children: (called.get(number) ?? []).map((child) => ({ stepId: `${run}:${String(child)}`, attempt: 1, groupId: number === 1 ? 0 : null })),
    result: fails(number) ? error : value(number),
  });
  const document = {
    createdAt: AT, createdBy: null, parent: null, requires: {},
    steps: Object.fromEntries(all.map((number) => [`${run}:${String(number)}`, {
      stepNumber: number, module: "shop.workflows", target: nameOf(number), parentId: number === 1 ? null : `${run}:${String(callerOf(number))}:1`,
      cacheConfig: null, cacheKey: null, memoKey: null, retries: null, recurrent: false, timeout: 0, createdAt: AT + number,
      arguments: [{ type: "raw", data: number, references: [] }], requires: {}, executions: { 1: execution(number) },
    }])),
  };
  writeFileSync(path, JSON.stringify(document));
}
