import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers } from "../backend/testing/shop";
import type { TryView, WatchView } from "../backend/types";
import Window from "../shell/Window.svelte";

const one = (number: number, more: Partial<TryView>): TryView => ({
  number, at: 0, saved: ["shop/workflows.py"], state: "succeeded", started: null, faults: [], message: null, trouble: null,
  results: [], tookMs: 120, ...more,
});

const view: WatchView = {
  run: "R6Lf",
  steps: ["R6Lf:36"],
  active: true,
  tries: [
    one(1, {
      results: [{
        step: "R6Lf:36", target: "shop.workflows:price_order", execution: "R6Lf:36:3", state: "succeeded",
        outcome: "{'rate': Decimal('0.09')}",
        previous: {
          execution: "R6Lf:36:2", outcome: "{'rate': Decimal('0.081')}", divergence: "differs",
          result: [{ path: "['rate']", ancestor: "Decimal('0.081')", local: "Decimal('0.09')", change: "changed", text: [] }],
        },
        ancestor: { execution: "R6Lf:36:1", outcome: "KeyError: 'CH'", divergence: "differs", result: [] },
      }],
    }),
    one(2, {
      state: "faulty",
      faults: [{ file: "shop/workflows.py", message: "SyntaxError: invalid syntax", line: 106, text: "def broken(:" }],
    }),
  ],
};

function open(watching: WatchView | null): FakeBackend {
  const backend = new FakeBackend({ ...shopAnswers(), guard: [], watching, watch: view, unwatch: null, openInEditor: null });
  render(Window, { props: { backend } });
  return backend;
}

describe("a watch", () => {
  test("is of the selected steps, by key, and ends by the same", async () => {
    const backend = open(null);
    await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
    await fireEvent.keyDown(document.body, { key: "w" });
    await waitFor(() => { expect(backend.askedFor("watch")).toHaveLength(1); });
    expect(backend.askedFor("watch")[0]).toMatchObject({ rerun: { steps: ["R6Lf:36"], onMiss: "ask" } });
    await waitFor(() => { expect(screen.getByTestId("watch").getAttribute("aria-pressed")).toBe("true"); });
    await fireEvent.keyDown(document.body, { key: "w" });
    await waitFor(() => { expect(backend.askedFor("unwatch")).toHaveLength(1); });
  });

  test("shows a fault at its line, which opens, and each try beside the one before and the ancestor", async () => {
    const backend = open(view);
    await fireEvent.click(await screen.findByRole("tab", { name: /Tries/ }));
    const tries = await screen.findByTestId("tries");
    expect(within(tries).getByRole("alert").textContent).toContain("SyntaxError: invalid syntax");
    await fireEvent.click(within(tries).getByRole("button", { name: "shop/workflows.py:106" }));
    expect(backend.askedFor("openInEditor")).toEqual([{ file: "shop/workflows.py", line: 106 }]);

    const first = tries.querySelector<HTMLElement>('[data-try="1"]');
    if (first === null) throw new Error("there is no first try");
    await fireEvent.click(first);
    expect(within(tries).getByText("KeyError: 'CH'")).toBeTruthy();
    expect(tries.textContent).toContain("the try before:Decimal('0.081')");
    expect(tries.textContent).toContain("this try:Decimal('0.09')");
  });
});
