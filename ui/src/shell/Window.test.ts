import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { leaf, shopAnswers, shopGuard, shopOverview, shopRun, shopStep } from "../backend/testing/shop";
import type { GraphNode } from "../backend/types";
import Window from "./Window.svelte";

const nothingFound = { look: 1, runs: [], blobs: 1, logs: 0, points: 0, findings: [] };

function open(answers: Answers = {}): FakeBackend {
  const backend = new FakeBackend({ ...shopAnswers(), ...answers });
  render(Window, { props: { backend } });
  return backend;
}

async function select(step: string): Promise<void> {
  await fireEvent.click(await screen.findByTestId(`step-${step}`));
}

describe("a run", () => {
  test("opens from its newest local environment, its steps named for everyone", async () => {
    const backend = open();
    const step = await screen.findByTestId("step-R6Lf:36");
    expect(step.getAttribute("aria-label")).toContain("price_order, step 36, succeeded, differs");
    expect(step.dataset).toMatchObject({ state: "succeeded", pinned: "false" });
    expect(screen.getByTestId("step-R6Lf:2").dataset.pinned).toBe("true");
    expect(backend.askedFor("run")).toEqual([{ run: "R6Lf", environment: "development", unfolded: [], keep: [] }]);
  });

  test("is asked for again when it changes, and only then", async () => {
    const backend = open();
    await screen.findByTestId("step-R6Lf:36");
    backend.emit({ kind: "runChanged", run: "RPX9" });
    await waitFor(() => { expect(backend.askedFor("overview")).toHaveLength(2); });
    expect(backend.askedFor("run")).toHaveLength(1);
    backend.emit({ kind: "runChanged", run: "R6Lf" });
    await waitFor(() => { expect(backend.askedFor("run")).toHaveLength(2); });
  });

  test("seen from another environment keeps what was selected", async () => {
    const backend = open();
    await select("R6Lf:36");
    await fireEvent.click(screen.getByTestId("environment-production"));
    await waitFor(() => { expect(backend.askedFor("step").at(-1)).toEqual({ step: "R6Lf:36", environment: "production" }); });
  });
});

describe("the inspector", () => {
  test("shows the ancestor's outcome above the local one", async () => {
    open();
    await select("R6Lf:36");
    const ancestor = await screen.findByTestId("outcome-ancestor");
    const local = screen.getByTestId("outcome-local");
    expect(ancestor.textContent).toContain("KeyError: 'CH'");
    expect(local.textContent).toContain("Decimal('7.32')");
    expect(ancestor.compareDocumentPosition(local)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  test("shows no value under the name of another step", async () => {
    let answer = () => { /* once it is asked for */ };
    open({
      step: ({ step }) => step === "R6Lf:36" ? shopStep : new Promise((resolve) => { answer = () => { resolve({ ...shopStep, step }); }; }),
    });
    await select("R6Lf:36");
    const seen = () => screen.getByTestId("outcome-ancestor").closest("[style*='visibility: hidden']") === null;
    await screen.findByTestId("outcome-ancestor");
    expect(seen()).toBe(true);
    await select("R6Lf:2");
    await waitFor(() => { expect(screen.getByTestId("inspector").textContent).toContain("R6Lf:2"); });
    expect(seen()).toBe(false);
    answer();
    await waitFor(() => { expect(seen()).toBe(true); });
  });

  test("says how to add a value that is missing", async () => {
    const backend = open({ inspectDrop: { items: [] }, look: nothingFound, importLooked: { runs: [], blobs: 1, lines: 0, findings: [], command: "" } });
    backend.files = ["/x/blobs"];
    await select("R6Lf:36");
    await fireEvent.click(await screen.findByRole("tab", { name: "Arguments" }));
    expect(screen.getByText(/Not in the store/)).toBeTruthy();
    await fireEvent.click(screen.getByText("open one…"));
    await waitFor(() => { expect(backend.askedFor("look")).toEqual([{ paths: ["/x/blobs"], environment: null }]); });
    await waitFor(() => { expect(backend.askedFor("importLooked")).toEqual([{ look: 1, runs: null }]); });
  });

  test("asks for more of a value only when it is unfolded", async () => {
    const long = { ...leaf("list", ""), handle: "v9", count: 300, children: [leaf("int", "0", "0")] };
    const backend = open({
      step: { ...shopStep, arguments: [{ index: 0, name: "rows", inKey: false, value: long }] },
      value: (params) => ({ offset: params.offset, count: 300, children: [leaf("int", "1", "1")] }),
    });
    await select("R6Lf:36");
    await fireEvent.click(await screen.findByRole("tab", { name: "Arguments" }));
    expect(backend.askedFor("value")).toEqual([]);
    await fireEvent.click(screen.getByText("300 items"));
    await fireEvent.click(screen.getByText("Show 100 more of 300"));
    expect(backend.askedFor("value")).toEqual([{ handle: "v9", path: [], offset: 1, limit: 100 }]);
    await screen.findByText("Show 100 more of 300");
  });

  test("opens a frame in the editor", async () => {
    const backend = open({ openInEditor: null });
    await select("R6Lf:36");
    await fireEvent.click((await screen.findAllByText("shop/workflows.py:39"))[0] ?? document.body);
    expect(backend.askedFor("openInEditor")).toEqual([{ file: "/srv/shop/shop/workflows.py", line: 39 }]);
  });
});

describe("a re-run", () => {
  const started = { environment: "development", run: "R6Lf", steps: ["R6Lf:36"], executions: ["R6Lf:36:3"] };

  test("is asked for with the selected steps and asks at the guard", async () => {
    const backend = open({ rerun: started });
    await select("R6Lf:36");
    await fireEvent.click(screen.getByTestId("rerun"));
    expect(backend.askedFor("rerun")).toEqual([
      { steps: ["R6Lf:36"], environment: "development", policy: "memo", onMiss: "ask", allow: [] },
    ]);
  });

  test("of nothing cannot be asked for", async () => {
    const backend = open({ rerun: started });
    await screen.findByTestId("step-R6Lf:36");
    await fireEvent.keyDown(document.body, { key: "r" });
    expect(screen.getByTestId<HTMLButtonElement>("rerun").disabled).toBe(true);
    expect(backend.askedFor("rerun")).toEqual([]);
  });

  test("in a folder without trust asks for trust first, showing the path, and then happens", async () => {
    const project = { path: "/home/ada/shop", name: "shop", trusted: false, adapter: null, foundBy: null, trouble: null, python: null, coflux: null, byBridge: false };
    const backend = open({
      overview: { ...shopOverview, project },
      trustProject: { ...project, trusted: true },
      rerun: started,
    });
    await select("R6Lf:36");
    await fireEvent.click(screen.getByTestId("rerun"));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("/home/ada/shop")).toBeTruthy();
    expect(backend.askedFor("rerun")).toEqual([]);
    await fireEvent.click(screen.getByTestId("trust"));
    await waitFor(() => { expect(backend.askedFor("rerun")).toHaveLength(1); });
    expect(backend.askedFor("trustProject")).toEqual([{ path: "/home/ada/shop" }]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("that is refused says why", async () => {
    open({ rerun: () => { throw new CallError("refused", "step 36 is running already", "in session 7"); } });
    await select("R6Lf:36");
    await fireEvent.click(screen.getByTestId("rerun"));
    const toast = await screen.findByTestId("toast");
    expect(toast.textContent).toContain("Nothing was re-run: step 36 is running already");
    expect(within(toast).getByText("in session 7")).toBeTruthy();
  });

  test("shows its plan before", async () => {
    const backend = open({ guard: [] });
    await select("R6Lf:36");
    await fireEvent.click(screen.getByRole("tab", { name: "Plan" }));
    expect(await screen.findByText("would run")).toBeTruthy();
    expect(backend.askedFor("plan").at(-1)).toEqual({ steps: ["R6Lf:36"], environment: "development", policy: "memo" });
  });
});

describe("the guard", () => {
  test("comes to the front, and its answers are sent for the call that waits", async () => {
    const backend = open({ decide: null });
    const card = await screen.findByTestId("guard-card");
    expect(card.textContent).toContain("charge_card would run for real");
    expect(card.textContent).toContain("'20260304-007'");
    await fireEvent.click(within(card).getByText("Pin the result of R6Lf:35:1"));
    await fireEvent.click(within(card).getByText("Run it once, for real"));
    await fireEvent.click(within(card).getByText("Fail the step"));
    await waitFor(() => { expect(backend.askedFor("decide")).toHaveLength(3); });
    const call = { caller: "R6Lf:20:2", ordinal: 2, value: null, form: "python" };
    expect(backend.askedFor("decide")).toEqual([
      { ...call, decision: "pin", execution: "R6Lf:35:1" },
      { ...call, decision: "once", execution: null },
      { ...call, decision: "fail", execution: null },
    ]);
  });

  test("tells what waits behind it once another call of its caller has gone on", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      let gone = false;
      const like = shopRun.nodes.find((node) => node.target === "fulfil_order") ?? shopRun.nodes[0];
      const call = (number: number, target: string, parent: string | null) => ({
        ...like, id: `R6Lf:${String(number)}`, step: `R6Lf:${String(number)}`, number, target, parent, stopped: null, y: number,
      }) as GraphNode;
      const others = [
        call(3, "fulfil_order", null), call(4, "price_order", "R6Lf:3"), call(6, "charge_card", "R6Lf:3"), call(8, "render_invoice", "R6Lf:3"),
      ];
      const backend = open({ run: ({ whole }) => whole === true && gone ? { ...shopRun, nodes: [...shopRun.nodes, ...others] } : shopRun });
      const behind = await screen.findByTestId("guard-behind");
      expect(behind.textContent).toContain("Nothing that the plan knew of.");
      gone = true;
      backend.emit({ kind: "runChanged", run: "R6Lf" });
      await waitFor(() => { expect(backend.askedFor("run").filter(({ whole }) => whole !== true)).toHaveLength(2); });
      await vi.advanceTimersByTimeAsync(5000);
      await waitFor(() => { expect(screen.getByTestId("guard-behind").textContent).toContain("render_invoice"); });
    } finally {
      vi.useRealTimers();
    }
  });

  test("takes a value, in Python or JSON, only once it is one", async () => {
    const backend = open({
      decide: null,
      checkValue: ({ text }) => (text.endsWith("}") ? { kind: "value", text } : { kind: "wrong", message: "`}` is missing", line: 1, column: 10 }),
    });
    const card = await screen.findByTestId("guard-card");
    await fireEvent.click(within(card).getByText("Give a value…"));
    const field = within(card).getByLabelText("The value it shall get");
    const give = within(card).getByText<HTMLButtonElement>("Give it");
    await fireEvent.input(field, { target: { value: "{'net': 1" } });
    expect((await within(card).findByText(/`}` is missing/)).textContent).toContain("line 1, column 10");
    expect(give.disabled).toBe(true);
    await fireEvent.input(field, { target: { value: "{'net': 1}" } });
    await waitFor(() => { expect(give.disabled).toBe(false); });
    await fireEvent.submit(give.closest("form") ?? give);
    expect(backend.askedFor("decide")).toMatchObject([{ decision: "give", value: "{'net': 1}", form: "python" }]);
  });
});

test("an input is asked for in front, and its answer or its dismissal is sent", async () => {
  const input = { input: "I1", run: "R6Lf", title: "Ship it?", prompt: "Order 008 goes to CH.", schema: null, initial: "true", actions: ["Approve", "Reject"], at: 0 };
  const backend = open({ guard: [], inputs: [input], respond: null });
  const question = await screen.findByTestId("input-question");
  expect(question.textContent).toContain("Order 008 goes to CH.");
  await fireEvent.submit(question);
  await fireEvent.click(within(question).getByText("Reject"));
  await waitFor(() => { expect(backend.askedFor("respond")).toEqual([{ input: "I1", value: "true" }, { input: "I1", value: null }]); });
});

describe("files", () => {
  test("held over the window are told before they are let go, and imported then", async () => {
    const backend = open({
      inspectDrop: { items: [{ path: "/x/R6Lf.json", what: "run export R6Lf, 66 steps", importable: true, project: false }] },
      look: nothingFound,
      importLooked: { runs: [], blobs: 0, lines: 0, findings: [], command: "" },
    });
    backend.drop({ kind: "enter", paths: ["/x/R6Lf.json"] });
    expect(await screen.findByText("run export R6Lf, 66 steps")).toBeTruthy();
    backend.drop({ kind: "drop", paths: ["/x/R6Lf.json"] });
    await waitFor(() => { expect(screen.queryByTestId("drop-overlay")).toBeNull(); });
    await waitFor(() => { expect(backend.askedFor("look")).toEqual([{ paths: ["/x/R6Lf.json"], environment: null }]); });
    await waitFor(() => { expect(backend.askedFor("importLooked")).toHaveLength(1); });
  });

  test("that came in are named, with their findings", async () => {
    const backend = open();
    await screen.findByTestId("step-R6Lf:36");
    backend.emit({
      kind: "imported",
      report: {
        runs: [{ run: "RPX9", environment: "production", new: true, changed: true, steps: 62, missingValues: 2 }],
        blobs: 1,
        lines: 0,
        findings: [{ place: "RPX9.json, steps.3", message: "a parent that is not there" }],
        command: "hindcast import RPX9.json",
      },
    });
    const toast = await screen.findByTestId("toast");
    expect(toast.textContent).toContain("Imported RPX9 and 1 blob, with 1 finding");
    expect(toast.textContent).toContain("RPX9.json, steps.3: a parent that is not there");
    expect(toast.textContent).toContain("2 values are not in the files");
    await waitFor(() => { expect(backend.askedFor("run").at(-1)?.run).toBe("RPX9"); });
  });

  test("that cannot be read leave an error that names them", async () => {
    const backend = open({
      inspectDrop: { items: [] },
      look: () => { throw new CallError("badFile", "/x/a.json is not an export: line 3", null); },
    });
    backend.drop({ kind: "drop", paths: ["/x/a.json"] });
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was imported: /x/a.json is not an export: line 3");
  });
});

test("an empty store says what to do", async () => {
  open({ overview: { ...shopOverview, environments: [], runs: [], project: null }, guard: [] });
  expect(await screen.findByText("Drop an export here", { selector: "h2" })).toBeTruthy();
  expect(screen.getByText("Choose the code’s folder…")).toBeTruthy();
});

test("hostile strings are only ever text", async () => {
  const hostile = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
  const nodes = shopRun.nodes.map((one) => ({ ...one, target: hostile, note: hostile }));
  const value = { ...leaf("str", hostile, hostile), handle: "v" };
  const frames = [{ file: hostile, local: hostile, line: 1, function: hostile, code: hostile }];
  const failed = { kind: "error", error: { class: hostile, message: hostile, frames } } as const;
  open({
    overview: { ...shopOverview, runs: shopOverview.runs.map((run) => ({ ...run, target: hostile })) },
    run: { ...shopRun, nodes },
    step: {
      ...shopStep,
      target: hostile,
      arguments: [{ index: 0, name: hostile, inKey: true, value }],
      local: shopStep.local && { ...shopStep.local, outcome: failed },
      differences: [{ path: hostile, change: "changed", ancestor: hostile, local: hostile, text: [{ change: "added", leftOut: 0, parts: [{ text: hostile, changed: true }] }] }],
      command: hostile,
    },
    guard: [{ ...shopGuard, target: hostile, reason: hostile }],
    logs: { lines: [{ execution: hostile, target: hostile, at: 0, level: "info", text: hostile, values: [[hostile, hostile]] }], cursor: 1, earlier: 0 },
  });
  await select("R6Lf:36");
  for (const tab of ["Arguments", "Result", /^Logs/, "Why", /^Attempts/]) {
    await fireEvent.click(await within(screen.getByTestId("inspector")).findByRole("tab", { name: tab }));
    expect(screen.getAllByText(hostile, { exact: false }).length).toBeGreaterThan(3);
    expect(document.querySelectorAll("img, script")).toHaveLength(0);
  }
  expect("broken" in window).toBe(false);
});
