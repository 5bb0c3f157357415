import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("open, find, plan, re-run, answer and compare without a pointer", async ({ window, twin }) => {
  const { page } = window;
  const { keyboard } = page;
  await page.addInitScript(() => {
    addEventListener("pointerdown", () => { throw new Error("somebody used a pointer"); }, true);
  });
  await page.reload();
  await window.get("empty").waitFor();
  window.willChoose(fixture("shop/R6Lf.json"));
  await keyboard.press("Control+o");
  await window.inState("R6Lf:36", "failed");

  // Find what failed, by the words of its error.
  await keyboard.press("/");
  await keyboard.type("KeyError");
  await window.says(window.get("search-count"), /3/);
  const shown = async (step: string) => {
    await page.locator(`[data-testid=inspector][data-step="${step}"]`).waitFor();
  };
  for (let presses = 0; presses < 3; presses += 1) {
    await keyboard.press("Enter");
    await window.get("search-hit").waitFor();
  }
  await keyboard.press("Escape");
  await keyboard.press("e");
  await shown("R6Lf:36");

  await keyboard.press("p");
  await window.says(page.locator("footer"), "1 would run");
  twin.addVatRate();
  await keyboard.press("r");
  await window.says(window.get("outcome-local"), "97.72");

  // Up along the calls to the whole run.
  await page.getByTestId("steps").focus();
  await keyboard.press("ArrowLeft");
  await shown("R6Lf:20");
  await keyboard.press("ArrowLeft");
  await shown("R6Lf:1");
  await keyboard.press("r");
  const card = page.getByTestId("guard-card");
  const answer = async (target: string, words: string, value: string | null = null) => {
    await card.and(page.locator(`[data-target=${target}]`)).waitFor();
    await keyboard.press("g");
    await tabTo(words);
    await keyboard.press("Enter");
    if (value === null) return;
    await keyboard.type(value);
    await tabTo("Give it");
    await keyboard.press("Enter");
  };
  /** Walks with Tab to the button with these words. */
  const tabTo = async (words: string) => {
    const there = () => page.evaluate((words) =>
      document.activeElement?.closest("[data-testid=guard-card]") != null && document.activeElement.textContent.trim() === words, words);
    for (let presses = 0; presses < 120; presses += 1) {
      if (await there()) return;
      await keyboard.press("Tab");
    }
    expect.fail(`Tab does not lead to ${words}`);
  };
  await answer("charge_card", "Give a value…", "'ch_given'");
  await answer("send_receipt", "Give a value…", "True");
  await answer("report", "Give a value…", "None");
  await window.inState("R6Lf:1", "succeeded");

  await keyboard.press("4");
  await window.says(window.get("first-divergence"), "price_order");
  await keyboard.press("d");
  await expect.poll(() => window.get("inspector").getAttribute("data-step")).not.toBe("R6Lf:1");
  await window.says(window.get("inspector"), "price_order");
});
