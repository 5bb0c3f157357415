import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

/** In every string of the hostile exports there is this, and marks and escapes behind it. */
const MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>";

/** Notes every element that comes into the page, however briefly, that markup in a string could make. */
async function watchElements(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: string[] = [];
    Object.assign(globalThis, { made });
    const never = "script, iframe, frame, object, embed, form[action], base, meta[http-equiv], link, audio, video, area, a[href^='javascript:' i]";
    const look = (node: Node) => {
      if (!(node instanceof Element)) return;
      for (const one of [node, ...node.querySelectorAll("*")]) {
        const own = one.matches("script[src^='/assets/'], link[href^='/assets/'], link[rel=icon]");
        const handlers = [...one.attributes].some(({ name }) => name.toLowerCase().startsWith("on"));
        const picture = one.matches("img") && !(one.getAttribute("src") ?? "").startsWith("data:image/");
        if ((one.matches(never) && !own) || handlers || picture) made.push(new XMLSerializer().serializeToString(one).slice(0, 200));
      }
    };
    new MutationObserver((records) => { for (const { addedNodes } of records) addedNodes.forEach(look); })
      .observe(document, { childList: true, subtree: true });
  });
  await page.reload();
}

function made(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { made: string[] }).made);
}

test("strings of an export are only ever text, wherever they are shown", async ({ window, twin }) => {
  const { page } = window;
  await watchElements(page);
  // Names of files are shown as well.
  const folder = join(twin.folder, "<img src=x onerror=alert(3)>");
  mkdirSync(folder);
  for (const file of readdirSync(fixture("hostile/nasty"))) copyFileSync(fixture(`hostile/nasty/${file}`), join(folder, file));
  await window.drop(folder);
  await window.get("run-Rhst").click();
  await window.step("Rhst:3").waitFor({ state: "attached" });
  await window.says(page.locator("nav"), MARKUP);

  for (const step of ["Rhst:1", "Rhst:2", "Rhst:3"]) {
    await window.select(step);
    const tabs = window.get("inspector").getByRole("tab");
    for (let at = 0; at < await tabs.count(); at += 1) {
      await tabs.nth(at).click();
      await page.locator(`#inspector-panel`).waitFor();
      for (const closed of await page.locator("#inspector-panel [aria-expanded=false]:visible, #inspector-panel details:not([open]) > summary:visible").all()) {
        await closed.click({ timeout: 1000 }).catch(() => undefined);
      }
    }
  }
  await window.select("Rhst:2");
  await window.says(window.get("inspector"), MARKUP);
  await window.shoot("hostile");

  for (const key of ["2", "3", "4", "1", "p", "a", "g", "l"]) {
    await page.keyboard.press(key);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await window.says(window.get("logs"), MARKUP);
  await page.keyboard.press("/");
  await page.keyboard.type("<script>");
  await window.says(window.get("search-count"), /\d/);
  await page.keyboard.press("Enter");
  await window.says(window.get("search-hit"), "<script>");
  await window.get("filter").click();
  await window.says(page.getByRole("group", { name: "Filter steps" }), "<img");
  await page.getByRole("button", { name: "Close search" }).click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("script");
  await window.says(window.get("palette"), MARKUP);
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Delete");
  await window.get("delete-dialog").waitFor();
  await page.keyboard.press("Escape");
  // A mark that turns letters round stays within what it stands in.
  expect(await page.evaluate(() => document.title)).not.toContain("\u202e");
  expect(await made(page)).toEqual([]);
});

test("files meant to hurt give one clear message each, as text", async ({ window }) => {
  const { page } = window;
  await watchElements(page);
  for (const file of ["json/truncated.json", "json/not-utf-8.json", "json/empty.json"]) {
    await window.drop(fixture(`hostile/${file}`));
    await window.says(window.get("toast"), file.split("/").at(-1) ?? "");
  }
  await window.drop(fixture("hostile/runs"));
  await expect.poll(() => page.locator("[data-testid=found-sheet], [data-testid=toast]").count()).toBeGreaterThan(0);
  expect(await made(page)).toEqual([]);
});

test("the ear of these tests hears: an element, a request, a dialog and a script that markup makes", async ({ browser, twin }) => {
  const { Window } = await import("./page");
  const window = await Window.open(browser, twin);
  await watchElements(window.page);
  await window.get("empty").waitFor();
  await window.page.evaluate((markup) => {
    const holder = document.createElement("div");
    // eslint-disable-next-line no-restricted-properties -- what the window itself never does
    holder.innerHTML = markup;
    document.body.append(holder);
    const script = document.createElement("script");
    script.textContent = "alert(4)";
    document.body.append(script);
  }, MARKUP);
  await expect.poll(() => made(window.page)).toHaveLength(3);
  await expect.poll(() => window.wrongs.join("\n")).toMatch(/request: .*\/x[^]*content policy|content policy[^]*request: .*\/x/);
  // Neither handler nor script ran: the policy refuses them even where an element was made.
  expect(window.wrongs.filter((one) => one.startsWith("dialog"))).toEqual([]);
  await window.page.context().close();
});
