import { join } from "node:path";

import { expect } from "vitest";

import { writeLarge } from "./large";
import { fixture } from "./twin";
import { test } from "./window";

// What a person comes upon beside the main way: each is looked at by axe, and kept as a picture.

test("a broken export, and a server that does not answer", async ({ window }) => {
  const { page } = window;
  await window.drop(fixture("hostile/json/truncated.json"));
  await window.says(window.get("toast"), "truncated.json");
  await window.inspect("broken");
  await page.getByRole("button", { name: "Put away" }).first().click();

  await window.get("open-server").click();
  await window.get("server-address").fill("127.0.0.1:9");
  await window.inspect("connect");
  await window.get("connect").click();
  await window.get("connect-error").waitFor();
  await window.inspect("connect-refused");
});

test("the inspector's parts, the menus and the settings", async ({ window }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.follow("R6Lf:29");
  for (const part of ["Arguments", "Result", "Logs", "Why", "Attempts"]) {
    await window.get("inspector").getByRole("tab", { name: part }).click();
    await page.locator(`#inspector-panel:not(:has([role=status]))`).waitFor();
    await window.inspect(`inspector-${part.toLowerCase()}`);
  }
  await window.select("R6Lf:36");
  await window.get("inspector").getByRole("tab", { name: "Result" }).click();
  await window.get("rerun").click();
  await window.says(window.get("outcome-local"), "KeyError: 'CH'");
  await page.getByText(/^Local variables/).first().click();
  await window.inspect("inspector-error");
  await window.get("inspector").getByRole("tab", { name: "Compare" }).click();
  await window.get("compare").waitFor();
  await window.inspect("compare-step");
  await page.getByRole("button", { name: "What to do with pins and mocks" }).click();
  await window.inspect("menu");
  await page.keyboard.press("Escape");
  await page.getByTestId("steps").focus();
  await page.keyboard.press("ContextMenu");
  await page.getByRole("menu").waitFor();
  await window.inspect("menu-step");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+,");
  const settings = window.get("settings");
  for (const part of ["General", "Project", "Environments", "Deleted"]) {
    await settings.getByRole("tab", { name: part }).click();
    await page.locator("#settings-panel:not(:has([role=status]))").waitFor();
    await window.inspect(`settings-${part.toLowerCase()}`);
  }
});

test("values of every kind, and a run of 10,000 steps", async ({ window, twin }) => {
  const { page } = window;
  await window.drop(fixture("conformance/values/before.json"));
  await page.locator("nav [data-testid^=run-]").first().click();
  await page.getByTestId("steps").waitFor();
  await page.keyboard.press("3");
  await window.get("list").waitFor();
  await page.locator("[data-testid^=row-]").first().click();
  await window.inspect("values");

  await page.keyboard.press("1");
  const large = join(twin.folder, "large.json");
  writeLarge(large, "Rbig", 10_000);
  await window.import(large, "Rbig");
  await window.says(page.locator("nav"), "10000 steps");
  await window.inspect("large");
  await page.keyboard.press("e");
  await expect.poll(() => window.get("inspector").getAttribute("data-step")).toMatch(/^Rbig:/);
  await window.inspect("large-failure");
  await page.keyboard.press("2");
  await window.get("timeline").waitFor();
  await page.locator("main").getByText("Reading…").waitFor({ state: "detached" });
  await window.inspect("large-timeline");
});

test("the chosen step stays in view when the window becomes smaller", async ({ window }) => {
  const { page } = window;
  await page.setViewportSize({ width: 1920, height: 1080 });
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  await page.setViewportSize({ width: 1000, height: 640 });
  const inView = () => page.evaluate(() => {
    const step = document.querySelector("[data-testid='step-R6Lf:36']")?.getBoundingClientRect();
    const graph = document.querySelector("main")?.getBoundingClientRect();
    return step !== undefined && graph !== undefined && step.right <= graph.right && step.bottom <= graph.bottom;
  });
  await expect.poll(inView).toBe(true);
});
