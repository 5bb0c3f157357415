import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("a dropped run is looked at, planned, re-run, stopped at the guard and compared", async ({ window, twin }) => {
  const { page } = window;
  await window.get("empty").waitFor();
  await window.inspect("empty");

  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.inState("R6Lf:36", "failed");
  await window.select("R6Lf:36");
  await window.says(window.get("outcome-ancestor"), "KeyError: 'CH'");
  await window.inspect("run");

  // What would happen is said before anything does.
  await page.keyboard.press("p");
  const bottom = page.locator("footer");
  await window.says(bottom, "price_order");
  await window.inspect("plan");

  twin.addVatRate();
  await window.get("rerun").click();
  await window.says(window.get("outcome-local"), "97.72");
  await window.inState("R6Lf:36", "succeeded");

  await window.select("R6Lf:1");
  await window.get("rerun").click();
  const card = page.locator("[data-testid=guard-card][data-target=charge_card]");
  await window.says(card, "20260304-008");
  await window.inspect("guard");

  // A value that a person gives is a mock, and goes where the result would have gone.
  await card.getByRole("button", { name: "Give a value…" }).click();
  await card.getByRole("textbox").fill('"ch_given"');
  await window.says(card, "= 'ch_given'");
  await card.getByRole("button", { name: "Give it" }).click();
  await card.waitFor({ state: "detached" });
  for (const target of ["send_receipt", "report"]) {
    const next = page.locator(`[data-testid=guard-card][data-target=${target}]`);
    await next.getByRole("button", { name: "Give a value…" }).click();
    await next.getByRole("textbox").fill("None");
    await next.getByRole("button", { name: "Give it" }).click();
  }
  await window.inState("R6Lf:1", "succeeded");
  const production = window.get("environment-production");
  await production.click();
  await window.inState("R6Lf:1", "failed");
  await window.get("environment-development").click();
  await window.inState("R6Lf:1", "succeeded");

  // All calls of the fan-out succeeded: what came out differently among them is drawn all the same.
  await page.locator("main").getByRole("button", { name: "First divergence" }).click();
  await window.says(window.get("inspector"), "price_order");
  await page.locator("[role=option][aria-selected=true][data-divergence=differs]").waitFor({ state: "attached" });
  await page.keyboard.press("4");
  await window.get("first-divergence").waitFor();
  await window.inspect("compare");
});

test("graph, timeline and list show the same selection", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/RPX9.json"), "RPX9");
  await window.select("RPX9:1");
  await page.keyboard.press("2");
  await window.get("timeline").waitFor();
  await window.inspect("timeline");
  await page.keyboard.press("3");
  await page.locator("[data-testid='row-RPX9:1'][aria-selected=true]").waitFor();
  await window.inspect("list");
  await page.keyboard.press("1");
  await page.locator("[data-testid='step-RPX9:1'][aria-selected=true]").waitFor({ state: "attached" });
});

test("steps are searched for, filtered, and reached by the palette", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.get("environment-production").click();
  await page.keyboard.press("/");
  await page.keyboard.type("KeyError");
  await window.says(window.get("search-count"), /3/);
  await page.keyboard.press("Enter");
  await window.get("search-hit").waitFor();
  await window.get("filter").click();
  await page.getByRole("group", { name: "Filter steps" }).waitFor();
  await window.inspect("search");
  await page.getByRole("group", { name: "Filter steps" }).getByRole("checkbox").first().check();
  await window.says(window.get("filter"), "Filter 1");
  await page.getByRole("button", { name: "Close search" }).click();

  await page.keyboard.press("Control+k");
  await window.get("palette").waitFor();
  await window.inspect("palette");
  await page.keyboard.type("Show as list");
  await page.keyboard.press("Enter");
  await window.get("list").waitFor();
  await page.keyboard.press("Control+,");
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  await window.inspect("settings");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await window.inspect("keys");
});

test("from an open run to a re-run's plan by the keyboard alone, with the focus always seen", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  // From the first thing in the page, the view, to its end.
  await page.locator("header input").first().focus();
  const seen = new Set<string>();
  const walk = async () => {
    await page.keyboard.press("Tab");
    return await page.evaluate(() => {
      const now = document.activeElement;
      if (!(now instanceof HTMLElement) || now === document.body) return null;
      const shown = (one: Element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
      };
      const framed = now.closest(".graph") !== null && getComputedStyle(now.closest(".graph") ?? now, "::after").borderTopWidth === "2px";
      const marked = shown(now) || framed || (now.matches("input") && shown(now.closest("label") ?? now));
      const name = (now.getAttribute("aria-label") ?? now.textContent).trim() || now.tagName;
      return { name, id: now.dataset.testid ?? "", marked };
    });
  };
  const unmarked: string[] = [];
  for (let presses = 0; presses < 150; presses += 1) {
    const at = await walk();
    if (at === null) break;
    seen.add(at.id);
    if (!at.marked) unmarked.push(`${at.id} ${at.name}`);
  }
  expect(unmarked, "where the focus cannot be seen").toEqual([]);
  for (const id of ["run-R6Lf", "environment-production", "steps", "rerun"]) expect([...seen]).toContain(id);

  await window.get("steps").focus();
  await page.keyboard.press("e");
  const selected = page.locator("[role=option][aria-selected=true]");
  const first = await selected.first().getAttribute("data-step");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => selected.first().getAttribute("data-step")).not.toBe(first);
  await page.locator(`[data-testid=inspector][data-step="${await selected.first().getAttribute("data-step") ?? ""}"]`).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest("[data-testid=inspector]") !== null)).toBe(true);
});
