import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("many calls wait at the guard at once, and each is answered by itself", async ({ window, twin }) => {
  const { page } = window;
  // Every order is charged under another id, so that none of the recorded charges answers.
  const file = join(twin.project, "shop/workflows.py");
  twin.addVatRate();
  writeFileSync(file, readFileSync(file, "utf8").replace('charge_card(order["id"]', 'charge_card(order["id"] + "-b"'));
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:1");
  await window.get("rerun").click();
  // What is answered goes on to calls that wait in turn: those are of other targets.
  const cards = page.locator("[data-testid=guard-card][data-target=charge_card]");
  await expect.poll(() => cards.count()).toBe(12);
  await window.says(page.getByRole("tab", { name: "Guard" }), "12");
  await window.inspect("guards");

  const card = (order: string) => cards.filter({ hasText: `20260304-${order}-b` });
  const answered = async (order: string, left: number) => {
    await card(order).waitFor({ state: "detached" });
    expect(await cards.count()).toBe(left);
  };
  // A value is being typed in one while others are answered: it stays as typed.
  await window.press(card("003"), "Give a value…");
  await card("003").getByRole("textbox").fill("'ch_003'");
  await window.press(card("001"), "Fail the step");
  await answered("001", 11);
  await window.press(card("002"), /^Pin the result of R6Lf/);
  await answered("002", 10);
  expect(await card("003").getByRole("textbox").inputValue()).toBe("'ch_003'");
  await window.press(card("003"), "Give it");
  await answered("003", 9);
  await window.press(card("004"), "Pin another call’s result…");
  await window.press(window.get("pin-choice").getByRole("listitem").filter({ hasText: "R6Lf:44:1" }), "Pin it");
  await answered("004", 8);

  // What still waits is ended with the re-run.
  await page.keyboard.press("Control+.");
  await expect.poll(() => cards.count()).toBe(0);
  await page.locator('[data-testid="step-R6Lf:1"]:not([data-state=running])').waitFor({ state: "attached" });
});
