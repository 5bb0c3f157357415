import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("an edited argument is what the step takes, and everything says so", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  await page.keyboard.press("Shift+R");
  const dialog = window.get("edit-dialog");
  const country = window.get("argument-1");
  const field = dialog.getByRole("textbox", { name: "country" });
  await expect.poll(() => field.inputValue()).toBe("'CH'");
  await expect.poll(() => dialog.getByRole("textbox", { name: "order" }).inputValue()).toContain("Decimal('54.00')");

  await field.fill("'DE");
  await window.says(country, /line 1, column/);
  expect(await window.get("rerun-edited").isDisabled()).toBe(true);
  await window.inspect("edit-wrong");
  await field.fill("'DE'");
  await country.getByTestId("edited-mark").waitFor();
  await window.says(window.get("plan-command"), "--argument");
  await window.inspect("edit");
  await dialog.getByRole("button", { name: "country as recorded" }).click();
  await expect.poll(() => field.inputValue()).toBe("'CH'");
  await country.getByRole("button", { name: "bring the edit back" }).click();
  await expect.poll(() => field.inputValue()).toBe("'DE'");
});

test("an edited argument changes the result; all like steps run into one table", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  await page.keyboard.press("Shift+R");
  await window.get("edit-dialog").getByRole("textbox", { name: "country" }).fill("'DE'");
  await window.get("argument-1").getByTestId("edited-mark").waitFor();
  await window.get("rerun-edited").click();
  await window.get("edit-dialog").waitFor({ state: "detached" });
  await window.inState("R6Lf:36", "succeeded");
  await window.says(window.get("outcome-local"), "107.58");
  await page.locator('[data-testid="step-R6Lf:36"][data-edited=true]').waitFor({ state: "attached" });
  await page.getByRole("tab", { name: "Arguments" }).click();
  await window.says(window.get("inspector"), "As recorded");
  await window.inspect("edited");
  await page.getByRole("tab", { name: "Compare", exact: true }).click();
  await window.says(window.get("compare"), "edited");
  await page.getByRole("tab", { name: /^Attempts/ }).click();
  await window.get("attempt-edited").first().waitFor();
  await page.getByRole("tab", { name: /^Why/ }).click();
  await window.get("why-edited").waitFor();

  await page.getByRole("tab", { name: "Arguments" }).click();
  await page.getByRole("button", { name: "Run over all like steps…" }).click();
  await window.says(window.get("alike-dialog"), "Run all 12");
  await window.inspect("alike");
  await window.get("rerun-alike").click();
  const table = window.get("outcomes");
  await page.locator("[data-testid=outcomes][data-ended=true]").waitFor({ timeout: 90_000 });
  await window.says(table, "All 12");
  await window.inspect("outcomes");
  await table.getByRole("searchbox").fill("'CH'");
  await window.get("outcome-R6Lf:36").click();
  await window.select("R6Lf:36");
  await window.says(table, "KeyError: 'CH'");
}, 180_000);
