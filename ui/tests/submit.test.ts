import { expect } from "vitest";

import { test } from "./window";

test("a run of one's own is started from what the project declares", async ({ window }) => {
  const { page } = window;
  await window.get("empty").waitFor();
  await page.keyboard.press("n");
  const dialog = window.get("submit-dialog");
  await dialog.getByText("report", { exact: true }).click();
  await dialog.getByRole("textbox", { name: /^fulfilled/ }).fill("[");
  await window.inspect("submit");

  // Neither what is missing nor what is wrong starts anything.
  await window.get("submit").click();
  await window.says(dialog, "It must be given");
  await expect.poll(() => dialog.locator("[aria-invalid=true]").count()).toBe(2);
  await dialog.getByRole("textbox", { name: /^day/ }).fill("'2026-03-04'");
  await dialog.getByRole("textbox", { name: /^fulfilled/ }).fill("[{'country': 'CH', 'total': Decimal('97.72')}]");
  await window.get("submit").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("nav [data-testid^=run-][aria-current=true][data-state=succeeded]").waitFor();
  await window.says(window.get("outcome-local"), "97.72");
  await window.inspect("submitted");

  // As it was filled in, for the next time.
  await page.keyboard.press("n");
  await expect.poll(() => dialog.getByRole("textbox", { name: /^day/ }).inputValue()).toBe("'2026-03-04'");
});
