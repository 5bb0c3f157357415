import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("a pin set by hand answers a call that would have run, and is taken back", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  // The first order was fulfilled; its price is not memoised, so a re-run would make it again.
  await window.follow("R6Lf:3");
  await page.keyboard.press("p");
  const price = page.locator("footer [data-call]").filter({ hasText: "price_order" });
  await expect.poll(() => price.getAttribute("data-call")).toBe("run");

  await window.follow("R6Lf:12");
  await window.press(window.get("step-pins"), "Pin");
  await page.locator("[data-testid=step-pins][data-state=pinned]").waitFor();
  await window.says(window.get("step-pins"), "pinned by hand to R6Lf:12:1");
  await window.says(window.get("pins"), /price_order\s*12\s*pin/);
  await window.follow("R6Lf:3");
  await expect.poll(() => price.getAttribute("data-call")).toBe("pinned");
  await window.inspect("pinned");

  await window.get("rerun").click();
  await window.inState("R6Lf:3", "succeeded");
  await window.says(window.get("outcome-local"), "20260304-001");
  // What ran is in the ledger: the order and its invoice, and no price.
  await page.getByRole("tab", { name: "Ledger" }).click();
  await window.says(page.locator("footer"), "render_invoice");
  await window.inspect("ledger");
  expect(await page.locator("#bottom-panel").innerText()).not.toContain("price_order");

  await page.keyboard.press("Control+z");
  await window.says(window.get("toast"), "Undone: pin R6Lf:12");
  await page.keyboard.press("p");
  await page.getByText("Next re-run").click();
  await expect.poll(() => price.getAttribute("data-call")).toBe("run");
});

test("what is set by hand goes to a file beside the code, and comes back from it", async ({ window, twin }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.follow("R6Lf:12");
  await window.press(window.get("step-pins"), "Pin");
  await page.locator("[data-testid=step-pins][data-state=pinned]").waitFor();
  await window.select("R6Lf:36");
  await page.keyboard.press("m");
  await window.get("mock-dialog").getByRole("textbox", { name: "The value" }).fill("{'total': 1}");
  await window.get("keep-mock").click();
  await page.locator("[data-testid=step-pins][data-state=mocked]").waitFor();
  await window.press(window.get("step-pins"), "Matching rule…");
  await window.get("matching-dialog").getByRole("radiogroup", { name: "What of country counts" }).getByText("Not").click();
  await window.inspect("matching");
  await window.get("keep-matching").click();
  const pins = window.get("pins");
  await window.says(pins, "matching");

  const menu = async (item: string) => {
    await page.getByRole("button", { name: "What to do with pins and mocks" }).click();
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  const file = join(twin.project, "hindcast-pins.toml");
  await menu("Save beside the code");
  await window.says(window.get("toast"), "Saved pins and mocks");
  const saved = readFileSync(file, "utf8");
  for (const part of ["R6Lf:12", "R6Lf:36", "price_order"]) expect(saved).toContain(part);

  for (const deed of ["match shop.workflows:price_order by a rule", "mock R6Lf:36", "pin R6Lf:12"]) {
    await page.keyboard.press("Control+z");
    await window.says(window.get("toast"), `Undone: ${deed}`);
  }
  const nothing = async () => { await expect.poll(() => pins.innerText()).not.toContain("price_order"); };
  await nothing();
  await menu("Load from beside the code");
  await window.says(pins, "price_order");
  await window.says(pins, "matching");
  await page.locator("[data-testid=step-pins][data-state=mocked]").waitFor();
  await window.inspect("pins");
  await page.keyboard.press("Control+z");
  await nothing();

  // One that cannot be read changes nothing, and says where it is wrong.
  const other = join(twin.folder, "others-pins.toml");
  writeFileSync(other, saved.replace("R6Lf:36", "R6Lf:36:x"));
  window.willChoose(other);
  await menu("Load from a file…");
  const told = window.get("toast").filter({ hasText: "Pins and mocks stay as they were" });
  await window.says(told, "others-pins.toml");
  await nothing();
  expect(existsSync(file)).toBe(true);
});

test("a function that was renamed is pinned under its old name, as told at the guard", async ({ window, twin }) => {
  const { page } = window;
  const file = join(twin.project, "shop/workflows.py");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("charge_card", "take_payment"));
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.follow("R6Lf:3");
  await window.get("rerun").click();
  const card = page.locator("[data-testid=guard-card][data-target=take_payment]");
  await window.says(card, "20260304-001");
  await window.inspect("guard-renamed");
  await window.press(card, "It was called charge_card before");
  await window.inState("R6Lf:3", "succeeded");
  await window.says(window.get("outcome-local"), "ch_20260304001");
  const row = window.get("pins").getByRole("listitem").filter({ hasText: "renamed" });
  await window.says(row, "charge_card → take_payment");

  // The next re-run needs not ask.
  await window.get("rerun").click();
  await page.locator("[data-testid=inspector]").getByText("3:3").waitFor();
  await window.inState("R6Lf:3", "succeeded");
  await expect(page.getByTestId("guard-card").count()).resolves.toBe(0);

  // Where it is wrong it is put right where matching is.
  await row.getByRole("button", { name: /charge_card/ }).first().click();
  const old = window.get("matching-dialog").getByRole("combobox");
  await expect.poll(() => old.inputValue()).toBe("shop.workflows:charge_card");
  await old.fill("");
  await window.get("keep-matching").click();
  await row.waitFor({ state: "detached" });
});
