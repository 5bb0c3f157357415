import type {
  Activity, AttemptView, GraphEdge, GraphNode, GuardCard, LedgerView, LogPage, Overview, PlanView, RunView,
  StepView, ValueTree,
} from "../types";
import type { Answers } from "./fake";

// The shop's run of 4 March as the core shows it after step 20 was re-run here with the VAT rate
// added: shortened, placed by hand, and used by tests and for looking at the window without a core.

const AT = Date.parse("2026-03-04T02:00:00Z");

/** A node with everything ordinary, and what is said of it. */
export function node(id: string, given: Partial<GraphNode> & { target: string; x: number; y: number }): GraphNode {
  const number = Number(id.split(":")[1] ?? "0");
  return {
    id,
    step: id,
    number,
    parent: null,
    stopped: null,
    module: "shop.workflows",
    width: 180,
    height: 48,
    state: "succeeded",
    attempt: 1,
    attempts: 1,
    environment: "production",
    memoised: false,
    memoCandidate: false,
    pinned: false,
    mocked: false,
    divergence: null,
    note: "",
    createdAt: AT + number * 180,
    startedAt: AT + number * 180 + 40,
    completedAt: AT + number * 180 + 340,
    durationMs: 300,
    waits: [],
    progress: null,
    ...given,
  };
}

/** A call edge between two nodes, bent once. */
export function edge(from: GraphNode, to: GraphNode, kind: GraphEdge["kind"] = "call"): GraphEdge {
  const [x, y] = [from.x + from.width, from.y + from.height / 2];
  const [endX, endY] = [to.x, to.y + to.height / 2];
  const bend = (x + endX) / 2;
  return { from: from.id, to: to.id, kind, points: [x, y, bend, y, bend, endY, endX, endY] };
}

const root = node("R6Lf:1", { target: "fulfil_orders", x: 0, y: 190, width: 160, state: "failed", note: "KeyError", durationMs: 18_621 });
const load = node("R6Lf:2", { target: "load_orders", x: 220, y: 0, parent: "R6Lf:1", memoised: true, pinned: true, durationMs: 1551 });
const order = node("R6Lf:20", { target: "fulfil_order", x: 234, y: 200, parent: "R6Lf:1", state: "waiting", attempt: 2, attempts: 2, environment: "development", note: "order 008", durationMs: null });
const customer = node("R6Lf:23", { target: "fetch_customer", x: 462, y: 100, parent: "R6Lf:20", memoised: true, pinned: true, durationMs: 108 });
const price = node("R6Lf:36", { target: "price_order", x: 462, y: 164, parent: "R6Lf:20", attempt: 2, attempts: 2, environment: "development", divergence: "differs", durationMs: 12 });
const charge = node("call:charge", { target: "charge_card", x: 462, y: 228, parent: "R6Lf:20", step: null, number: null, attempt: null, attempts: 0, environment: null, state: "blocked", divergence: "new", memoised: true, stopped: { caller: "R6Lf:20:2", ordinal: 2, refused: false }, createdAt: null, startedAt: null, completedAt: null, durationMs: null });
const nodes = [root, load, order, customer, price, charge];

/** The run as seen from `development`. */
export const shopRun: RunView = {
  run: "R6Lf",
  environment: "development",
  ancestor: "production",
  nodes,
  edges: [
    edge(root, load), edge(root, order), edge(order, customer), edge(order, price), edge(order, charge),
    edge(customer, price, "data"),
    { from: "R6Lf:1", to: "fold:1", kind: "call", points: [160, 214, 190, 214, 190, 308, 234, 308] },
  ],
  groups: [{ id: "group:1", label: "orders · 12 calls of fulfil_order", caller: "R6Lf:1", x: 216, y: 62, width: 450, height: 290, counts: [{ state: "succeeded", count: 11 }, { state: "waiting", count: 1 }] }],
  folds: [{ id: "fold:1", label: "11 more like it", x: 234, y: 286, width: 180, height: 44, counts: [{ state: "succeeded", count: 11 }], failing: 0, differing: 0, steps: 11, numbers: [[4, 19], [41, 66]], caller: "R6Lf:1" }],
  width: 680,
  height: 370,
  firstDivergence: "R6Lf:36",
  findings: [],
  command: "hindcast inspect R6Lf --env development",
};

/** What the left side shows. */
export const shopOverview: Overview = {
  environments: [
    { name: "production", base: null, imported: true, runs: 2 },
    { name: "development", base: "production", imported: false, runs: 1 },
  ],
  runs: [
    { id: "R6Lf", target: "fulfil_orders", module: "shop.workflows", environment: "production", localEnvironments: ["development"], state: "failed", steps: 66, failed: 3, createdAt: AT, durationMs: 24_600, missingValues: 0, parentRun: null },
    { id: "RPX9", target: "fulfil_orders", module: "shop.workflows", environment: "production", localEnvironments: [], state: "succeeded", steps: 62, failed: 0, createdAt: AT - 86_400_000, durationMs: 19_000, missingValues: 0, parentRun: null },
  ],
  project: { path: "/home/ada/shop", name: "shop", trusted: true, adapter: ["python", "-m", "coflux"], foundBy: "the virtual environment in the folder", trouble: null, python: "3.11", coflux: "0.12.0", byBridge: false },
  recentProjects: ["/home/ada/shop"],
  version: "0.1.0",
};

/** A value without parts. */
export function leaf(kind: ValueTree["kind"], text: string, label: string | null = null, handle: string | null = null): ValueTree {
  return { handle, kind, label, text, size: null, count: 0, children: [] };
}

const priceResult: ValueTree = {
  handle: "v1",
  kind: "dict",
  label: null,
  text: "",
  size: null,
  count: 4,
  children: [
    leaf("decimal", "Decimal('90.40')", "'net'"),
    leaf("decimal", "Decimal('7.32')", "'vat'"),
    leaf("decimal", "Decimal('97.72')", "'total'"),
    leaf("decimal", "Decimal('0.081')", "'rate'"),
  ],
};

const attempts: AttemptView[] = [
  {
    execution: "R6Lf:36:1", attempt: 1, environment: "production", imported: true, state: "failed", because: "called",
    createdAt: AT, startedAt: AT + 32, completedAt: AT + 831,
    raised: [], outcome: {
      kind: "error",
      error: { class: "KeyError", message: "'CH'", frames: [{ file: "/srv/shop/shop/workflows.py", local: "shop/workflows.py", line: 39, function: "price_order", code: "rate = VAT[country]" }] },
    },
  },
  {
    execution: "R6Lf:36:2", attempt: 2, environment: "development", imported: false, state: "succeeded", because: "re-run",
    createdAt: AT + 9e6, startedAt: AT + 9e6, completedAt: AT + 9e6 + 12, raised: [], outcome: { kind: "value", value: priceResult },
  },
];

/** Step 36 in full, as seen from `development`. */
export const shopStep: StepView = {
  step: "R6Lf:36",
  number: 36,
  environment: "development",
  target: "price_order",
  module: "shop.workflows",
  calledBy: { execution: "R6Lf:20:2", target: "fulfil_order" },
  memoised: false,
  arguments: [
    { index: 0, name: "order", inKey: false, value: { handle: "v0", kind: "dict", label: null, text: "", size: null, count: 4, children: [leaf("str", "'20260304-008'", "'id'"), leaf("int", "7", "'customer_id'"), leaf("missing", "blob 380a397f, 398 bytes", "'lines'"), leaf("datetime", "datetime(2026, 3, 4, 9, 0)", "'placed'")] } },
    { index: 1, name: "country", inKey: false, value: leaf("str", "'CH'") },
  ],
  ancestor: attempts[0] ?? null,
  local: attempts[1] ?? null,
  divergence: "differs",
  differences: [{ path: "", change: "changed", text: [], ancestor: "KeyError: 'CH'", local: "dict, 4 items" }],
  attempts,
  calls: [],
  why: [{ caller: "R6Lf:20:2", callerTarget: "fulfil_order", answer: "run", reason: "not memoised, and the plan allows it: production ran it too", nearest: null, differences: [] }],
  effects: [],
  sentinel: "watching",
  memoCandidate: false,
  metrics: [],
  assets: [],
  command: "hindcast rerun R6Lf:36 --project shop",
};

/** The charge that production never made. */
export const shopGuard: GuardCard = {
  run: "R6Lf",
  caller: "R6Lf:20:2",
  callerTarget: "fulfil_order",
  ordinal: 2,
  target: "charge_card",
  reason: "Production never charged this order, so there is no result to pin.",
  arguments: [
    { index: 0, name: "order_id", inKey: true, value: leaf("str", "'20260304-008'") },
    { index: 1, name: "amount", inKey: false, value: leaf("decimal", "Decimal('97.72')") },
  ],
  at: AT + 9e6,
  nearest: {
    execution: "R6Lf:35:1",
    result: "'ch_20260304007_0021'",
    differences: [
      { index: 0, path: "", ancestor: "'20260304-007'", local: "'20260304-008'", inKey: true },
      { index: 1, path: "", ancestor: "Decimal('36.89')", local: "Decimal('97.72')", inKey: false },
    ],
  },
  effects: [
    {
      what: "connected to payments.example.test:443", does: "connect to payments.example.test:443",
      detail: "POST https://payments.example.test/charges", place: { file: "shop/outside.py", line: 20, function: "charge" },
      count: 1, refused: false, execution: "R6Lf:16:2",
    },
  ],
};

const activity: Activity = {
  items: [
    { run: "R6Lf", step: null, execution: null, target: "charge_card", call: "blocked", state: "blocked", note: "production never made this call", at: AT + 9e6 + 60, durationMs: null },
    { run: "R6Lf", step: "R6Lf:36", execution: "R6Lf:36:2", target: "price_order", call: "run", state: "succeeded", note: "", at: AT + 9e6 + 30, durationMs: 12 },
    { run: "R6Lf", step: "R6Lf:23", execution: "R6Lf:23:1", target: "fetch_customer", call: "pinned", state: "succeeded", note: "to R6Lf:23:1 in production, by its memo key", at: AT + 9e6 + 20, durationMs: null },
    { run: "R6Lf", step: "R6Lf:20", execution: "R6Lf:20:2", target: "fulfil_order", call: "run", state: "waiting", note: "chosen", at: AT + 9e6, durationMs: null },
  ],
  running: 1,
  pinned: 1,
  ran: 1,
  stopped: 1,
  rerun: { environment: "development", run: "R6Lf", steps: ["R6Lf:20"], executions: ["R6Lf:20:2"] },
};

const plan: PlanView = {
  calls: [
    { depth: 0, target: "price_order", step: "R6Lf:36", call: "run", reason: "chosen" },
  ],
  pinned: 0,
  run: 1,
  blocked: 0,
  command: "hindcast rerun R6Lf:36 --project shop",
};

const ledger: LedgerView = {
  lines: [
    { execution: "R6Lf:20:2", target: "shop.workflows:fulfil_order", at: AT + 9e6, allowedBy: "chosen", arguments: "380a397f5588074a6e9c91510c2e05db18fa913bb35dfc7dbd952f11faf84457", code: null },
    { execution: "R6Lf:36:2", target: "shop.workflows:price_order", at: AT + 9e6 + 30, allowedBy: "allowed by the plan", arguments: "29064047a999987eb5c78ae8d3edcd6e8e9cfffd9cbd8250a9b99b3c9c249775", code: null },
  ],
};

const logs: LogPage = {
  lines: [
    { execution: "R6Lf:36:2", target: "price_order", at: AT + 9e6 + 34, level: "debug", text: "20260304-008: net 90.40, VAT 7.32", values: [] },
    { execution: "R6Lf:36:2", target: "price_order", at: AT + 9e6 + 35, level: "warning", text: "a rate nobody has seen before", values: [["rate", "Decimal('0.081')"]] },
  ],
  cursor: 2,
  earlier: 0,
};

/** All of it, as answers of a core. */
export function shopAnswers(): Answers {
  return {
    overview: shopOverview,
    run: shopRun,
    step: shopStep,
    logs,
    plan,
    activity,
    guard: [shopGuard],
    inputs: [],
    ledger,
    streams: [],
    value: { offset: 0, count: 0, children: [] },
    pins: { environment: "development", steps: [], rules: [], renamed: [], undo: null, redo: null, file: null },
    deletions: [],
  };
}
