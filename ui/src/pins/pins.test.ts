import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { leaf, shopAnswers, shopGuard } from "../backend/testing/shop";
import type { PinView, PinsView } from "../backend/types";
import Window from "../shell/Window.svelte";

const none: PinsView = { environment: "development", steps: [], rules: [], renamed: [], undo: null, redo: null, file: "/home/ada/shop/hindcast-pins.toml" };
const pinned: PinView = { step: "R6Lf:36", target: "shop.workflows:price_order", state: "pinned", execution: "R6Lf:36:1", mock: null, result: "{'net': …}", problem: null, mocks: [] };
const mocked: PinView = {
  ...pinned, state: "mocked", execution: null, mock: "cheap",
  mocks: [{ name: "cheap", active: true, value: leaf("decimal", "Decimal('1.00')", null, "m1") }, { name: "dear", active: false, value: leaf("decimal", "Decimal('900')", null, "m2") }],
};

async function open(answers: Answers = {}): Promise<FakeBackend> {
  const backend = new FakeBackend({ ...shopAnswers(), guard: [], pins: none, ...answers });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await screen.findByTestId("step-pins");
  return backend;
}

const inspector = () => within(screen.getByTestId("step-pins"));
const list = () => screen.getByTestId("pins");

describe("what is set by hand", () => {
  test("is set from the inspector, listed, planned anew, and undone in its environment", async () => {
    const backend = await open({ pin: { ...none, steps: [pinned], undo: "pin R6Lf:36" }, undoPins: none });
    const plans = backend.askedFor("plan").length;
    backend.answers.pins = { ...none, steps: [pinned], undo: "pin R6Lf:36" };
    await fireEvent.click(inspector().getByText("Pin"));
    await waitFor(() => { expect(list().textContent).toMatch(/price_order\s*36\s*pin/); });
    expect(backend.askedFor("pin")).toEqual([{ step: "R6Lf:36", execution: null, environment: "development" }]);
    expect(inspector().queryByText("Pin")).toBeNull();
    await waitFor(() => { expect(backend.askedFor("plan").length).toBeGreaterThan(plans); });
    backend.answers.pins = none;
    await fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
    await waitFor(() => { expect(list().textContent).not.toContain("price_order"); });
    expect(backend.askedFor("undoPins")).toEqual([{ run: "R6Lf", environment: "development" }]);
  });

  test("is refused with the reason", async () => {
    await open({ pin: () => { throw new CallError("badRequest", "blob 380a397f of R6Lf:36:1 is missing", null); } });
    await fireEvent.click(inspector().getByText("Pin"));
    await screen.findByText(/blob 380a397f of R6Lf:36:1 is missing/);
    expect(list().textContent).not.toContain("price_order");
  });

  test("a mock begins as the one in use, is checked as it is typed, and is kept under its name", async () => {
    const backend = await open({
      pins: { ...none, steps: [mocked] },
      editText: { text: "Decimal('1.00')", problem: null },
      checkValue: ({ text }) => text.endsWith(")") ? { kind: "value", text } : { kind: "wrong", message: "it ends too early", line: 1, column: 9 },
      mock: { ...none, steps: [mocked] },
    });
    await fireEvent.click(inspector().getByText("Edit the mock…"));
    const dialog = within(await screen.findByTestId("mock-dialog"));
    const field = dialog.getByLabelText("The value") as HTMLTextAreaElement;
    await waitFor(() => { expect(field.value).toBe("Decimal('1.00')"); });
    expect((dialog.getByLabelText(/^Name/) as HTMLInputElement).value).toBe("cheap");
    expect(backend.askedFor("editText")).toEqual([{ handle: "m1" }]);
    await fireEvent.input(field, { target: { value: "Decimal(" } });
    await dialog.findByText(/it ends too early/);
    expect((dialog.getByTestId("keep-mock") as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.click(dialog.getByText("line 1, column 9"));
    expect(field.selectionStart).toBe(8);
    await fireEvent.input(field, { target: { value: "Decimal('2.50')" } });
    await waitFor(() => { expect((dialog.getByTestId("keep-mock") as HTMLButtonElement).disabled).toBe(false); });
    await fireEvent.click(dialog.getByTestId("keep-mock"));
    await waitFor(() => { expect(screen.queryByTestId("mock-dialog")).toBeNull(); });
    expect(backend.askedFor("mock")).toEqual([
      { step: "R6Lf:36", name: "cheap", value: "Decimal('2.50')", form: "python", like: "m1", environment: "development" },
    ]);
  });

  test("which of several mocks answers is chosen", async () => {
    const backend = await open({ pins: { ...none, steps: [mocked] }, useMock: { ...none, steps: [mocked] } });
    await fireEvent.click(inspector().getByText("Use the mock dear"));
    await waitFor(() => { expect(backend.askedFor("useMock")).toEqual([{ step: "R6Lf:36", name: "dear", environment: "development" }]); });
  });

  test("a matching rule says which arguments count", async () => {
    const backend = await open({ setMatching: none });
    await fireEvent.click(inspector().getByText("Matching rule…"));
    const dialog = within(await screen.findByTestId("matching-dialog"));
    await fireEvent.click(within(await dialog.findByLabelText("What of country counts")).getByLabelText("Not"));
    await fireEvent.click(within(dialog.getByLabelText("What of order counts")).getByLabelText("A part"));
    expect((dialog.getByTestId("keep-matching") as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.input(dialog.getByLabelText(/The parts that count/), { target: { value: "['id']\n['placed']" } });
    await fireEvent.click(dialog.getByTestId("keep-matching"));
    await waitFor(() => { expect(backend.askedFor("setMatching")).toEqual([{
      target: "shop.workflows:price_order", run: "R6Lf", environment: "development",
      rule: { only: null, ignore: [1], parts: [{ parameter: 0, path: "['id']" }, { parameter: 0, path: "['placed']" }] },
    }]); });
  });
});

test("a target that was let run for the session may run in the next plan, until it is asked about again", async () => {
  const backend = new FakeBackend({ ...shopAnswers(), guard: [shopGuard], decide: null });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await fireEvent.click(await screen.findByText("Always run it in this session"));
  // The plan is asked for while it is looked at.
  await fireEvent.click(screen.getByRole("tab", { name: /^Plan/ }));
  await waitFor(() => { expect(backend.askedFor("plan").at(-1)?.allow).toEqual(["shop.workflows:charge_card"]); });
  await fireEvent.click(screen.getByLabelText("What to do with charge_card"));
  await fireEvent.click(await screen.findByText("Ask again at the guard"));
  await waitFor(() => { expect(backend.askedFor("plan").at(-1)?.allow).toBeUndefined(); });
});

test("that anything may run is seen, and ends with the session", async () => {
  const place = { run: "R6Lf", environment: "development", policy: "open", selected: [], unfolded: [] };
  const backend = new FakeBackend({ ...shopAnswers(), guard: [] });
  backend.settings.set("places", JSON.stringify([place]));
  render(Window, { props: { backend } });
  const choice = await screen.findByLabelText("Open") as HTMLInputElement;
  expect(choice.checked).toBe(false);
  expect(screen.queryByText(/anything may run$/)).toBeNull();
  await fireEvent.click(choice);
  await screen.findByText("△ open: anything may run");
});
