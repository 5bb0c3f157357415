import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("a mock typed by a person is what the next run takes, and can be undone", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  // Pins and mocks are of a local environment; the first re-run makes one.
  await window.select("R6Lf:36");
  await window.get("rerun").click();
  await window.says(window.get("outcome-local"), "KeyError: 'CH'");

  await page.keyboard.press("m");
  await window.get("mock-dialog").getByRole("textbox", { name: "The value" }).fill("{'total': 1}");
  await window.inspect("mock");
  await window.get("keep-mock").click();
  await page.locator("[data-testid=step-pins][data-state=mocked]").waitFor();
  await window.says(window.get("pins"), "price_order");
  await window.inspect("mocked");

  await page.keyboard.press("Control+z");
  await page.locator("[data-testid=step-pins][data-state=mocked]").waitFor({ state: "detached" });
  await page.keyboard.press("Control+Shift+z");
  await page.locator("[data-testid=step-pins][data-state=mocked]").waitFor();

  // The caller gets it: no body of the step, and the total that a person wrote at the guard.
  await window.select("R6Lf:20");
  await window.get("rerun").click();
  await page.locator("[role=option][data-mocked=true]").waitFor({ state: "attached" });
  await window.says(page.locator("[data-testid=guard-card]"), "charge_card");
  await page.getByRole("button", { name: "Fail the step" }).click();
  await window.inState("R6Lf:20", "failed");
});

test("watched steps run at every save, each try beside the one before", async ({ window, twin }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  await page.keyboard.press("w");
  await page.locator("[data-try='1'][data-state=failed]").waitFor();
  twin.addVatRate();
  await page.locator("[data-try='2'][data-state=succeeded]").waitFor();
  await window.says(window.get("tries"), "97.72");
  await window.inspect("watch");

  const file = join(twin.project, "shop/workflows.py");
  writeFileSync(file, `${readFileSync(file, "utf8")}\ndef (`);
  await window.says(window.get("tries"), "workflows.py");
  await page.keyboard.press("w");
  await expect.poll(() => window.get("watch").getAttribute("aria-pressed")).toBe("false");
});

test("of many files the person chooses what comes in, and what is deleted comes back", async ({ window }) => {
  const { page } = window;
  await window.drop(fixture("conformance"));
  await window.get("found-sheet").waitFor();
  await window.inspect("found");
  await page.getByRole("checkbox", { name: /^All/ }).uncheck();
  const first = window.get("found-sheet").locator("[data-testid^=found-R]").first();
  const run = (await first.getAttribute("data-testid"))?.replace("found-", "") ?? "";
  await first.check();
  await window.get("import-chosen").click();
  await window.get(`run-${run}`).click();
  await window.step(`${run}:1`).waitFor({ state: "attached" });
  await page.keyboard.press("Control+Delete");
  await window.get("delete-dialog").waitFor();
  await window.inspect("delete");
  await window.get("delete").click();
  await window.get(`run-${run}`).waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await window.get(`run-${run}`).waitFor();
});
