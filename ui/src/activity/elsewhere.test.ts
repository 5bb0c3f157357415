import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers, shopOverview } from "../backend/testing/shop";
import Window from "../shell/Window.svelte";

test("what went on in another run leads to that run, and is told to be of it", async () => {
  const backend = new FakeBackend({ ...shopAnswers(), guard: [] });
  backend.settings.set("layout", JSON.stringify({ tab: "activity" }));
  render(Window, { props: { backend } });
  await screen.findByTestId("step-R6Lf:36");
  const summary = () => screen.getAllByRole("status").map((one) => one.textContent).find((text) => text.startsWith("Re-run of"));
  await waitFor(() => { expect(summary()).toBe("Re-run of 20 · 1 running · 1 pinned · 1 stopped"); });

  await fireEvent.click(screen.getByTestId("run-RPX9"));
  await waitFor(() => { expect(summary()).toMatch(/^Re-run of R6Lf:20 · /); });
  const asked = backend.askedFor("run").length;
  await fireEvent.click(await screen.findByRole("button", { name: "fulfil_order" }));
  await waitFor(() => { expect(screen.getByTestId("inspector").dataset.step).toBe("R6Lf:36"); });
  expect(screen.getByTestId("run-R6Lf").getAttribute("aria-current")).toBe("true");
  // Its own run is asked for, and no step of that number in the one that was open.
  expect(backend.askedFor("run").slice(asked).map((one) => [one.run, one.environment])).toContainEqual(["R6Lf", shopOverview.environments[1]?.name]);
  expect(backend.askedFor("run").every((one) => one.run !== "RPX9" || one.keep?.length === 0)).toBe(true);
  expect(backend.askedFor("step").at(-1)?.step).toBe("R6Lf:20");
});
