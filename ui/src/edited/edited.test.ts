import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { leaf, shopAnswers, shopStep } from "../backend/testing/shop";
import type { ArgumentView, OutcomeRow, OutcomesView, PlanView, RerunStarted, StepView } from "../backend/types";
import Window from "../shell/Window.svelte";

const texts: Record<string, string> = { h1: "{'id': 'A-8', 'frame': <pickled DataFrame 3f2a91>}", h2: "'CH'", h3: "'DE'" };

const order: ArgumentView = { index: 0, name: "order", inKey: false, value: { ...leaf("dict", "{'id': 'A-8', …}", null, "h1"), count: 2 } };
const step: StepView = {
  ...shopStep,
  arguments: [
    order,
    { index: 1, name: "country", inKey: true, value: leaf("str", "'CH'", null, "h2") },
  ],
};

const plan: PlanView = {
  calls: [
    { depth: 0, target: "price_order", step: "R6Lf:36", call: "run", reason: "chosen, with edited arguments", edited: true },
    { depth: 1, target: "look_up", step: "R6Lf:37", call: "unknown", reason: "takes what its caller makes of the edited arguments" },
  ],
  pinned: 0, run: 1, blocked: 0, mocked: 0, unknown: 1, environment: "development", locked: false, lockedBecause: "",
  command: "hindcast rerun R6Lf:36 --argument \"country='DE'\"",
};

const started: RerunStarted = { environment: "development", run: "R6Lf", steps: ["R6Lf:36"], executions: ["R6Lf:36:3"], rerun: 4, locked: false };

function checked({ text }: { text: string }) {
  return text.endsWith("'") || text.endsWith("}") ? { kind: "value" as const, text } : { kind: "wrong" as const, message: "it ends too early", line: 1, column: 1 };
}

async function open(answers: Answers = {}): Promise<FakeBackend> {
  const backend = new FakeBackend({
    ...shopAnswers(), guard: [], step, plan, checkValue: checked, editText: ({ handle }) => ({ text: texts[handle] ?? "", problem: null }), rerun: started, ...answers,
  });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await fireEvent.keyDown(document.body, { key: "R", shiftKey: true });
  await screen.findByTestId("edit-dialog");
  return backend;
}

const field = (index: number) => within(screen.getByTestId(`argument-${String(index)}`));
const area = (name: string) => screen.getByRole<HTMLTextAreaElement>("textbox", { name });
const button = () => screen.getByTestId<HTMLButtonElement>("rerun-edited");

describe("the arguments of a step", () => {
  test("begin as they were recorded, and only what is edited is sent and planned", async () => {
    const backend = await open();
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    expect(area("order").value).toBe(texts.h1);
    expect(field(0).getByText(/is kept as it is, unless you write/)).toBeTruthy();
    expect(button().textContent).toContain("Re-run as recorded");

    await fireEvent.input(area("country"), { target: { value: "'DE'" } });
    expect(field(1).getByTestId("edited-mark")).toBeTruthy();
    expect(field(0).queryByTestId("edited-mark")).toBeNull();
    const edit = [{ argument: "country", value: "'DE'", form: "python" }];
    await waitFor(() => { expect(backend.askedFor("plan").at(-1)?.arguments).toEqual(edit); });
    const beforehand = within(screen.getByTestId("plan-beforehand"));
    expect(beforehand.getByText(/known only once it runs/)).toBeTruthy();
    expect(beforehand.getByText("takes what its caller makes of the edited arguments")).toBeTruthy();
    expect(beforehand.getByTestId("plan-command").textContent).toContain("--argument");

    await fireEvent.click(button());
    await waitFor(() => { expect(screen.queryByTestId("edit-dialog")).toBeNull(); });
    expect(backend.askedFor("rerun")).toEqual([
      { steps: ["R6Lf:36"], environment: "development", policy: "memo", onMiss: "ask", allow: [], arguments: edit },
    ]);
  });

  test("are planned again only when something else is written", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const backend = await open();
      await waitFor(() => { expect(screen.getByTestId("plan-beforehand")).toBeTruthy(); });
      await vi.advanceTimersByTimeAsync(1000);
      const asked = backend.askedFor("plan").length;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(backend.askedFor("plan")).toHaveLength(asked);
    } finally {
      vi.useRealTimers();
    }
  });

  test("say where they go wrong while they are typed, and are neither planned nor run then", async () => {
    const backend = await open();
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    await waitFor(() => { expect(backend.askedFor("plan").at(-1)?.arguments).toEqual([]); });
    await fireEvent.input(area("country"), { target: { value: "'DE" } });
    await field(1).findByText(/it ends too early/);
    await waitFor(() => { expect(button().disabled).toBe(true); });
    expect(area("country").getAttribute("aria-invalid")).toBe("true");
    expect(area("order").getAttribute("aria-invalid")).toBe("false");
  });

  test("go back to what was recorded one by one, and the edit can be brought back, also after the dialog was closed", async () => {
    await open();
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    await fireEvent.input(area("country"), { target: { value: "'FR'" } });
    await fireEvent.click(field(1).getByLabelText("country as recorded"));
    expect(area("country").value).toBe("'CH'");
    expect(field(1).queryByTestId("edited-mark")).toBeNull();
    await fireEvent.click(field(1).getByText("bring the edit back"));
    expect(area("country").value).toBe("'FR'");
    await fireEvent.click(screen.getByText("Close"));
    await fireEvent.keyDown(document.body, { key: "R", shiftKey: true });
    await waitFor(() => { expect(area("country").value).toBe("'FR'"); });
    await fireEvent.click(screen.getByText("All as recorded"));
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
  });

  test("that have no text are kept, unless another value is written", async () => {
    await open({ editText: ({ handle }) => handle === "h1" ? { text: "", problem: "it is longer than 1000000 characters" } : { text: "'CH'", problem: null } });
    await field(0).findByText(/It is kept as it is: it is longer than/);
    expect(screen.queryByRole("textbox", { name: "order" })).toBeNull();
    await fireEvent.click(field(0).getByText("Write another value in its place"));
    await fireEvent.input(area("order"), { target: { value: "{'id': 'B'}" } });
    expect(button().textContent).toContain("Re-run with 1 edited");
  });

  test("that were edited before say so, and can be edited so again", async () => {
    const again: StepView = {
      ...step,
      arguments: [order, { index: 1, name: "country", inKey: true, value: leaf("str", "'DE'", null, "h3"), recorded: leaf("str", "'CH'", null, "h2") }],
    };
    await open({ step: again });
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    await fireEvent.click(field(1).getByText("as edited before"));
    await waitFor(() => { expect(area("country").value).toBe("'DE'"); });
  });

  test("are what a watch runs at every save", async () => {
    const backend = await open({ watch: { run: "R6Lf", steps: ["R6Lf:36"], active: true, tries: [] }, watching: null });
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    await fireEvent.input(area("country"), { target: { value: "'DE'" } });
    await fireEvent.click(within(screen.getByTestId("edit-dialog")).getByText("Watch"));
    await waitFor(() => { expect(screen.queryByTestId("edit-dialog")).toBeNull(); });
    expect(backend.askedFor("watch").map((one) => one.rerun.arguments)).toEqual([[{ argument: "country", value: "'DE'", form: "python" }]]);
  });

  test("that the core refuses leave the dialog as it is, with the reason", async () => {
    await open({ rerun: () => { throw new CallError("badRequest", "R6Lf:36: argument country: the value is not Python", null); } });
    await waitFor(() => { expect(area("country").value).toBe("'CH'"); });
    await fireEvent.input(area("country"), { target: { value: "'XX'" } });
    await fireEvent.click(button());
    await screen.findByText("R6Lf:36: argument country: the value is not Python");
    expect(area("country").value).toBe("'XX'");
  });
});

const first: OutcomeRow = { step: "R6Lf:36", number: 36, target: "shop.workflows:price_order", execution: "R6Lf:36:3", state: "succeeded", arguments: ["'CH'"], edited: [], outcome: "{'total': 97.72}", ancestor: { execution: "R6Lf:36:1", outcome: "KeyError: 'CH'", divergence: "differs", result: [] }, durationMs: 12 };
const beside = { execution: "R6Lf:25:1", outcome: "{'total': 3}", divergence: "unfinished" as const, result: [] };
const second: OutcomeRow = { ...first, step: "R6Lf:25", number: 25, execution: "R6Lf:25:2", state: "running", arguments: ["'DE'"], outcome: "", ancestor: beside, durationMs: null };
const outcomes: OutcomesView = {
  rerun: 4, run: "R6Lf", environment: "development", target: "shop.workflows:price_order", arguments: ["country"], ended: false, command: "hindcast outcomes 4",
  rows: [first, second],
};

test("all like steps run under one plan, and their outcomes are followed in a table", async () => {
  const steps = ["R6Lf:25", "R6Lf:36"];
  const backend = await open({ alike: steps, outcomes, rerun: { ...started, steps, executions: ["R6Lf:25:2", "R6Lf:36:3"] } });
  await fireEvent.click(screen.getByText("Close"));
  await fireEvent.click(screen.getByRole("tab", { name: "Arguments" }));
  await fireEvent.click(await screen.findByText("Run over all like steps…"));
  const run = await screen.findByText("Run all 2");
  await waitFor(() => { expect(backend.askedFor("plan").at(-1)?.steps).toEqual(steps); });
  await fireEvent.click(run);
  const table = within(await screen.findByTestId("outcomes"));
  expect(backend.askedFor("rerun").at(-1)?.steps).toEqual(steps);
  expect(backend.askedFor("outcomes").at(-1)).toEqual({ rerun: "4" });
  expect(table.getByText("1 of 2 ended")).toBeTruthy();

  const ended: OutcomeRow = { ...second, state: "succeeded", outcome: "{'total': 3}", durationMs: 9, ancestor: { ...beside, divergence: "equal" } };
  backend.answers.outcomes = { ...outcomes, ended: true, rows: [first, ended] };
  backend.emit({ kind: "activityChanged" });
  await waitFor(() => { expect(screen.getByTestId("outcome-R6Lf:25").dataset.divergence).toBe("equal"); });
  await fireEvent.click(table.getByLabelText(/^Different/));
  expect(screen.queryByTestId("outcome-R6Lf:25")).toBeNull();
  await fireEvent.click(screen.getByTestId("outcome-R6Lf:36"));
  expect(screen.getByTestId("outcome-R6Lf:36").getAttribute("aria-pressed")).toBe("true");

  // What has ended does not change: nobody need ask.
  const asked = backend.askedFor("outcomes").length;
  const heard = backend.askedFor("activity").length;
  backend.emit({ kind: "activityChanged" });
  await waitFor(() => { expect(backend.askedFor("activity").length).toBeGreaterThan(heard); });
  expect(backend.askedFor("outcomes").length).toBe(asked);
});
