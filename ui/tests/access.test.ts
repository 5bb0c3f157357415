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
