import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { shopAnswers, shopRun, shopStep } from "../backend/testing/shop";
import type { ComparedSide, Comparison, StepComparison } from "../backend/types";
import Window from "../shell/Window.svelte";

const HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';

const ancestor: ComparedSide = {
  execution: "R6Lf:36:1", environment: "production", state: "failed", outcome: "KeyError: 'CH'",
  error: { class: "KeyError", message: "'CH'", frames: [] }, queuedMs: 30, durationMs: 800, logs: 0,
};
const local: ComparedSide = {
  execution: "R6Lf:36:2", environment: "development", state: "succeeded", outcome: "{'total': Decimal('97.72')}",
  error: null, queuedMs: 0, durationMs: 10, logs: 1,
};
const compared: StepComparison = {
  step: "R6Lf:36", target: "price_order", ancestor, local, divergence: "differs",
  arguments: [{ index: 0, name: "order", inKey: true, text: "[1]", differences: [{ path: "[1]", change: "added", ancestor: null, local: HOSTILE, text: [] }] }],
  result: [],
  error: [{ change: "removed", leftOut: 0, parts: [{ text: "rate = ", changed: false }, { text: HOSTILE, changed: true }] }],
  logs: [{ change: "leftOut", leftOut: 7, parts: [] }, { change: "added", leftOut: 0, parts: [{ text: "net 90.40", changed: false }] }],
  calls: [{ depth: 2, target: "fetch_rate", ancestor: null, local: null, divergence: "new", note: "stopped at the guard", differences: [] }],
  command: "hindcast diff R6Lf:36 --env development",
};
const whole: Comparison = {
  run: "R6Lf", ancestor: "production", environment: "development", firstDivergence: 1,
  steps: [
    { depth: 0, target: "fulfil_orders", ancestor: "R6Lf:1:1", local: "R6Lf:1:1", divergence: "equal", note: "pinned", differences: [] },
    { depth: 1, target: "price_order", ancestor: "R6Lf:36:1", local: "R6Lf:36:2", divergence: "differs", note: "KeyError → a dict", differences: [] },
    { depth: 1, target: HOSTILE, ancestor: "R6Lf:2:1", local: "R6Lf:2:1", divergence: "equal", note: "pinned", differences: [] },
  ],
};

function open(more: Answers = {}) {
  const backend = new FakeBackend({ ...shopAnswers(), compareStep: compared, compare: whole, ...more });
  render(Window, { backend });
  return backend;
}

async function select(step: string) {
  await fireEvent.click(await screen.findByTestId(`step-${step}`));
}

afterEach(cleanup);

test("a step beside its ancestor is asked for only when it is looked at, and is only ever text", async () => {
  const backend = open();
  await select("R6Lf:36");
  const tab = await screen.findByRole("tab", { name: "Compare" });
  expect(backend.askedFor("compareStep")).toEqual([]);
  await fireEvent.click(tab);
  const shown = await screen.findByTestId("compare");
  expect(shown.textContent).toContain("80 times as quick here");
  expect(shown.textContent).toContain("order, in the memo key");
  expect(shown.textContent).toContain("7 lines the same");
  expect(shown.textContent).toContain("stopped at the guard");
  expect(shown.textContent).toContain(HOSTILE);
  expect(shown.querySelector("mark")?.textContent).toBe(HOSTILE);
  expect(document.querySelectorAll("img, script")).toHaveLength(0);
  expect(backend.askedFor("compareStep")).toEqual([{ step: "R6Lf:36", environment: "development", ancestor: null, local: null }]);
});

test("a step that only one side ran has nothing to be set beside", async () => {
  open({ step: { ...shopStep, local: null } });
  await select("R6Lf:36");
  await screen.findByRole("tab", { name: "Why" });
  expect(screen.queryByRole("tab", { name: "Compare" })).toBeNull();
});

test("the whole run beside its ancestor has the first divergence in front, and leads to it", async () => {
  const backend = open();
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByText("Compare", { selector: "label, label *, button" }));
  const first = await screen.findByTestId("first-divergence");
  expect(first.textContent).toContain("KeyError → a dict");
  await fireEvent.click(screen.getByText("price_order R6Lf:36", { selector: "button" }));
  await waitFor(() => { expect(backend.askedFor("compareStep").at(-1)?.step).toBe("R6Lf:36"); });
});

test("seen from production there is nothing below to compare with", async () => {
  open({ run: { ...shopRun, ancestor: null }, compare: () => { throw new CallError("badRequest", "production is imported", null); } });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByText("Compare", { selector: "label, label *, button" }));
  expect((await screen.findByTestId("compare-run")).textContent).toContain("there is nothing below it to compare with");
});

test("a first divergence that is folded away is drawn once it is gone to", async () => {
  const backend = open({ run: { ...shopRun, firstDivergence: "R6Lf:12" } });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByText("First divergence"));
  await waitFor(() => { expect(backend.askedFor("step").at(-1)?.step).toBe("R6Lf:12"); });
  await waitFor(() => { expect(backend.askedFor("run").at(-1)?.keep).toEqual([12]); });
});

test("all steps shown are selected: in the list those of the list, while something is searched for those found", async () => {
  open({
    search: { run: "R6Lf", environment: "development", steps: [2, 3, 36], hits: [], command: "" },
    run: ({ whole }) => (whole ? { ...shopRun, nodes: shopRun.nodes.slice(0, 3) } : shopRun),
  });
  const all = () => fireEvent.keyDown(document.body, { key: "a", ctrlKey: true });
  await screen.findByTestId("step-R6Lf:36");
  await all();
  await waitFor(() => { expect(screen.getByTestId("rerun").textContent).toContain("Re-run 5 steps"); });
  await fireEvent.keyDown(document.body, { key: "3" });
  await screen.findByTestId("row-R6Lf:2");
  await all();
  await waitFor(() => { expect(screen.getByTestId("rerun").textContent).toContain("Re-run 3 steps"); });
  await fireEvent.input(screen.getByTestId("search"), { target: { value: "charge" } });
  await waitFor(() => { expect(screen.getByTestId("search-count").textContent).toContain("1"); });
  await all();
  await waitFor(() => { expect(screen.getByTestId("rerun").textContent).toContain("Re-run 1 step"); });
  await fireEvent.keyDown(document.body, { key: "1" });
  await screen.findByTestId("step-R6Lf:36");
  await all();
  await waitFor(() => { expect(screen.getByTestId("rerun").textContent).toContain("Re-run 3 steps"); });
});

test("in a sorted list one goes from match to match as the list has them", async () => {
  open({ search: { run: "R6Lf", environment: "development", steps: [1, 2, 36], hits: [], command: "" } });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.keyDown(document.body, { key: "3" });
  await fireEvent.click(await screen.findByText("Target", { selector: "button" }));
  const field = screen.getByTestId("search");
  await fireEvent.input(field, { target: { value: "order" } });
  await waitFor(() => { expect(screen.getByTestId("search-count").textContent).toContain("3"); });
  const led: (string | undefined)[] = [];
  for (let presses = 0; presses < 3; presses += 1) {
    await fireEvent.keyDown(field, { key: "Enter" });
    led.push(screen.getAllByRole("row", { selected: true })[0]?.id);
  }
  expect(led).toEqual(["row-R6Lf:1", "row-R6Lf:2", "row-R6Lf:36"]);
  await fireEvent.click(screen.getByText("Target", { selector: "button" }));
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(screen.getAllByRole("row", { selected: true })[0]?.id).toBe("row-R6Lf:2");
});

test("a search asks the core, tells how many it found, and leads from one to the next", async () => {
  const backend = open({
    search: { run: "R6Lf", environment: "development", steps: [2, 36], hits: [{ step: "R6Lf:2", target: "load_orders", place: "argument 1", excerpt: "2026-03-04" }], command: "" },
  });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByText("Search"));
  const field = await screen.findByTestId("search");
  await fireEvent.input(field, { target: { value: "2026" } });
  await waitFor(() => { expect(screen.getByTestId("search-count").textContent).toBe("2"); });
  expect(backend.askedFor("search").at(-1)).toMatchObject({ run: "R6Lf", environment: "development", text: "2026", states: [] });
  await fireEvent.keyDown(field, { key: "Enter" });
  expect((await screen.findByTestId("search-hit")).textContent).toContain("argument 1 2026-03-04");
  await fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => { expect(screen.getByTestId("search-count").textContent).toBe("2 of 2"); });
  // A step that is folded away is asked for, without the rest of its fold.
  expect(backend.askedFor("run").every((asked) => asked.keep?.length === 0)).toBe(true);
});

test("a step that is folded away is drawn once it is found", async () => {
  const backend = open({
    search: { run: "R6Lf", environment: "development", steps: [5], hits: [], command: "" },
  });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByText("Search"));
  const field = await screen.findByTestId("search");
  await fireEvent.input(field, { target: { value: "ada" } });
  await waitFor(() => { expect(screen.getByTestId("search-count").textContent).toBe("1"); });
  await fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => { expect(backend.askedFor("run").at(-1)?.keep).toEqual([5]); });
});
