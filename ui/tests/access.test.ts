import { expect } from "vitest";

import { fixture } from "./twin";
import { test } from "./window";

test("with text at 200 % all of it can be reached and read", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const before = await size();
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("Control+=");
  expect(await size()).toBeCloseTo(before * 2, 1);
  await window.inspect("text-200");
  // Nothing runs out of the window, and nothing to press at the top or at the foot is cut off.
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  const buttons = await page.locator("header button:visible, header label:visible, nav .foot label, nav .foot button").all();
  for (const button of buttons) {
    const cut = await button.evaluate((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      const room = one.closest("header, nav")?.getBoundingClientRect();
      return room === undefined || left < room.left || right > room.right || top < room.top || bottom > room.bottom;
    });
    expect(cut, await button.innerText()).toBe(false);
  }
  await page.keyboard.press("Control+0");
  expect(await size()).toBeCloseTo(before, 1);
});

test("in as little room as large text leaves of a small window, all can be read and scrolled to", async ({ window }) => {
  const { page } = window;
  // What the desktop's zoom makes of 1280 by 800 at 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.says(window.get("toast"), "Imported R6Lf");
  await window.select("R6Lf:36");
  /** How much of an element is seen of it where it stands, from 0 to 1. */
  const seen = (css: string) => page.locator(css).first().evaluate((one) => new Promise<number>((told) => {
    new IntersectionObserver(([entry], observer) => {
      observer.disconnect();
      told(entry?.intersectionRatio ?? 0);
    }).observe(one);
  }));
  expect(await seen("[data-testid=toast]")).toBe(1);
  // A few lines of it at least, rather than none.
  expect(await page.locator("#inspector-panel").evaluate((one) => one.clientHeight)).toBeGreaterThan(100);
  for (const css of ["[data-testid=error] .message", "[role=tab]#inspector-why", "aside .command", "nav [data-testid=run-R6Lf]", "nav [aria-label=Settings]"]) {
    await page.locator(css).scrollIntoViewIfNeeded();
    expect(await seen(css), css).toBeGreaterThan(0.9);
  }
  const [search, zoom] = await page.locator("main [data-over]").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as DOMRect));
  expect(search && zoom && (search.right <= zoom.left || search.bottom <= zoom.top)).toBe(true);
  expect(await window.violations()).toEqual([]);
  await window.shoot("little-room");
});

test("who asked for less motion sees none", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  await page.keyboard.press("Control+k");
  await window.get("palette").waitFor();
  const moving = () =>
    page.evaluate(() => {
      const late = ["late"];
      return document.getAnimations()
        .filter((one) => !late.includes((one as CSSAnimation).animationName))
        .filter((one) => Number(one.effect?.getComputedTiming().duration ?? 0) > 1)
        .map((one) => (one as CSSAnimation).animationName);
    });
  expect(await moving()).toEqual([]);
  const slow = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((one) => {
      const { transitionDuration } = getComputedStyle(one);
      return transitionDuration.split(",").some((time) => parseFloat(time) > 0.001);
    }).map((one) => one.className));
  expect(slow).toEqual([]);
});
