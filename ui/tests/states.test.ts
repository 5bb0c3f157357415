import { copyFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("by keyboard, folds are gone to, unfolded and folded again, and every view has its menu", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:20");
  const chosen = page.locator("[role=option][aria-selected=true]");
  const says = (words: RegExp) => expect.poll(() => chosen.first().getAttribute("aria-label")).toMatch(words);
  await window.get("steps").focus();
  await page.keyboard.press("ArrowDown");
  await says(/^11 calls of fulfil_order, folded: 11 succeeded/);
  await page.keyboard.press("Shift+F10");
  await window.says(window.get("step-menu"), "Unfold 11 calls");
  await window.inspect("fold-menu");
  await page.keyboard.press("Enter");
  await says(/^fulfil_order, step 3,/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Backspace");
  await says(/^11 calls/);
  await page.keyboard.press("ArrowUp");
  await says(/^fulfil_order, step 20,/);

  await page.keyboard.press("3");
  const table = page.getByRole("grid");
  await table.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  for (let rows = 0; rows < 3; rows += 1) await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(() => page.locator("[role=row][aria-selected=true]").count()).toBe(4);
  await page.keyboard.press("Shift+ArrowUp");
  await expect.poll(() => page.locator("[role=row][aria-selected=true]").count()).toBe(3);
  await page.keyboard.press("Shift+F10");
  await window.says(window.get("step-menu"), "Re-run 3 steps");
  await window.inspect("list-menu");
  await page.keyboard.press("Escape");
  await expect.poll(() => table.evaluate((one) => one === document.activeElement)).toBe(true);

  await page.getByRole("columnheader", { name: "Duration" }).getByRole("button").click();
  await page.getByRole("columnheader", { name: "Duration" }).getByRole("button").click();
  await page.locator("[role=columnheader][aria-sort=descending]").waitFor();
  expect(await page.locator("[role=row][aria-rowindex='2']").getAttribute("data-testid")).toBe("row-R6Lf:1");

  await page.keyboard.press("2");
  await window.get("timeline").focus();
  await page.keyboard.press("End");
  await page.locator("[data-testid=inspector][data-step='R6Lf:66']").waitFor();
  await page.keyboard.press("Shift+F10");
  await window.says(window.get("step-menu"), "Copy command");
  await window.inspect("timeline-menu");
});

test("where a search finds nothing, list and timeline say so and lead back", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await page.keyboard.press("3");
  await window.get("list").waitFor();
  await window.get("search").fill("nothing of the kind");
  await window.says(window.get("nothing-found"), "No step of R6Lf fits “nothing of the kind”.");
  await window.inspect("nothing-found");
  await page.getByRole("grid").focus();
  await page.keyboard.press("2");
  await window.get("timeline").waitFor();
  await window.get("nothing-found").getByRole("button", { name: "Show every step" }).focus();
  await page.keyboard.press("Enter");
  await window.get("nothing-found").waitFor({ state: "detached" });
});

test("a run without its blobs says what is missing and how it is added; files over the window say what they are", async ({ window, twin }) => {
  const { page } = window;
  const alone = join(twin.folder, "R6Lf.json");
  copyFileSync(fixture("shop/R6Lf.json"), alone);
  await window.import(alone, "R6Lf");
  await window.get("missing").click();
  await window.get("missing-dialog").waitFor();
  await window.inspect("missing");
  await page.keyboard.press("Escape");
  await window.select("R6Lf:1");
  await window.inspect("partial");

  await page.evaluate((path) => {
    const data = new DataTransfer();
    data.setData("text/uri-list", `file://${path}`);
    document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, alone);
  await window.says(window.get("drop-overlay"), "R6Lf.json");
  await window.inspect("drop");
});

test("a core that does not answer is told of, once, and tried again", async ({ window }) => {
  const { page } = window;
  await window.get("empty").waitFor();
  await page.route("**/call/overview", (route) => route.abort());
  await page.route("**/events", (route) => route.abort());
  await page.reload();
  await window.says(page.locator("header"), "offline");
  await window.says(page.locator("main"), "The store could not be read");
  await window.inspect("offline");
  // As long as it hears nothing, the window does not ask again by itself.
  await page.unroute("**/call/overview");
  await page.getByRole("button", { name: "Try again" }).click();
  await window.get("empty").waitFor();
  await page.unroute("**/events");
  await page.locator("header", { hasText: "offline" }).waitFor({ state: "detached" });
  // What the browser itself says of that in its console is no wrong of the window's.
  window.wrongs.length = 0;
});

test("letters of graph and timeline grow with the text, and what is looked at stays", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  const width = () => window.step("R6Lf:36").evaluate((one) => one.getBoundingClientRect().width);
  const before = await width();
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("Control+=");
  await expect.poll(width).toBeCloseTo(before * 2, 0);
  // The step is still within the view: it is what one looks at.
  const seen = await window.step("R6Lf:36").evaluate((one) => {
    const [box, view] = [one.getBoundingClientRect(), one.closest(".graph")?.getBoundingClientRect()];
    return view !== undefined && box.right > view.left && box.left < view.right && box.bottom > view.top && box.top < view.bottom;
  });
  expect(seen).toBe(true);
  for (const key of ["1", "2", "3"]) {
    await page.keyboard.press(key);
    await window.shoot(`text-200-${key}`);
  }
});

test("marks that cannot be seen are written out, in names as in values", async ({ window }) => {
  const { page } = window;
  await window.drop(fixture("hostile/nasty"));
  await window.get("run-Rhst").click();
  await window.step("Rhst:2").waitFor({ state: "attached" });
  await window.select("Rhst:2");
  const shown = () => page.evaluate(() => {
    const names = [...document.querySelectorAll("[title], [aria-label]")];
    const told = names.flatMap((one) => [one.getAttribute("title") ?? "", one.getAttribute("aria-label") ?? ""]);
    return [document.body.textContent, document.title, ...told].join("\n");
  });
  const parts = {
    1: "[data-testid=steps] [role=option]", 2: "[data-testid=timeline]", 3: "[data-testid='row-Rhst:2']",
    l: "[data-testid=logs] .line, [data-testid=logs] p.dim", p: "footer [role=tabpanel] [data-call]",
  };
  for (const [key, part] of Object.entries(parts)) {
    await page.keyboard.press(key);
    await page.locator(part).first().waitFor({ state: "attached" });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const text = await shown();
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/);
  }
  expect(await shown()).toContain("\\u202e");
});
