import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers, shopStep } from "../backend/testing/shop";
import Window from "../shell/Window.svelte";

test("each call to a step is explained, also where one caller called it twice", async () => {
  const [first] = shopStep.why;
  const again = { ...first, answer: "pinned" as const, reason: "by its memo key" };
  const step = { ...shopStep, why: [...shopStep.why, again] as typeof shopStep.why };
  render(Window, { props: { backend: new FakeBackend({ ...shopAnswers(), step }) } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await fireEvent.click(await screen.findByRole("tab", { name: "Why" }));
  const panel = screen.getByRole("tabpanel", { name: "Why" });
  expect(await within(panel).findByText("by its memo key")).toBeTruthy();
  expect(within(panel).getAllByText(/fulfil_order R6Lf:20:2/)).toHaveLength(2);
});

test("what cannot be drawn is told in its place, and the rest of the window goes on", async () => {
  const broken = { ...shopStep, calls: [null] as unknown as typeof shopStep.calls };
  const backend = new FakeBackend({ ...shopAnswers(), step: broken });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await fireEvent.click(await screen.findByRole("tab", { name: "Why" }));
  expect((await screen.findByTestId("not-drawn")).textContent).toContain("This part of R6Lf:36 could not be drawn");
  await fireEvent.click(screen.getByRole("tab", { name: "Result" }));
  expect((await screen.findByTestId("outcome-local")).textContent).toContain("97.72");
  expect(screen.queryByTestId("not-drawn")).toBeNull();
});
