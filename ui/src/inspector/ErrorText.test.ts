import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers, shopStep } from "../backend/testing/shop";
import type { AttemptView, ErrorView, FrameView } from "../backend/types";
import Window from "../shell/Window.svelte";

function frame(file: string, line: number, code: string): FrameView {
  return { file: `/srv/app/${file}`, local: file, line, function: "price_order", code };
}

const chained: ErrorView = {
  class: "ValueError",
  message: "no price",
  frames: [frame("shop/workflows.py", 44, "raise ValueError('no price')")],
  chained: [
    { direct: false, class: "LookupError", message: "no rate", frames: [frame("shop/rates.py", 7, "raise LookupError('no rate') from missing")] },
    { direct: true, class: "KeyError", message: "'CH'", frames: [] },
  ],
};

test("an error tells what it is chained to, the nearest first, with frames that open in the editor", async () => {
  const local: AttemptView = { ...(shopStep.local as AttemptView), state: "failed", outcome: { kind: "error", error: chained } };
  const backend = new FakeBackend({ ...shopAnswers(), step: { ...shopStep, local }, openInEditor: null });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  const shown = await screen.findByTestId("outcome-local");
  const before = within(shown).getAllByTestId("error-before");
  expect(before.map((one) => one.textContent.replace(/\s+/g, " ").trim())).toEqual([
    "raised while handling LookupError: no rate shop/rates.py:7 in price_order raise LookupError('no rate') from missing",
    "raised from KeyError: 'CH'",
  ]);
  await fireEvent.click(within(shown).getByText("shop/rates.py:7"));
  expect(backend.askedFor("openInEditor")).toEqual([{ file: "/srv/app/shop/rates.py", line: 7 }]);
});
