import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { expect } from "vitest";

import { TARGET, type Twin } from "./twin";
import { test } from "./window";

// How quick the window is on a large run; `cargo xtask bench` runs this and makes a table of what it
// writes: lines of `WHAT: NUMBER NUMBER …`, times in ms, memory in MB.

/** The export, as `import_size make` writes it. */
const EXPORT = process.env.HINDCAST_LARGE ?? join(TARGET, "bench/window.json");
const RUN = "Rbig";

/** How often what is done again and again is done. */
const TIMES = 20;

const said: Record<string, number[]> = {};

test("a large run", async ({ window, twin, browser }) => {
  const { page } = window;
  const dropped = Date.now();
  await window.drop(EXPORT);
  await window.step(`${RUN}:1`).waitFor({ state: "attached", timeout: 120_000 });
  said.import = [Date.now() - dropped];

  // Opened anew, as after the last time: from the page's first byte to the drawn graph.
  said.open = [];
  for (let time = 0; time < TIMES; time += 1) {
    await page.reload();
    await window.step(`${RUN}:1`).waitFor({ state: "attached" });
    said.open.push(await page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      return performance.now();
    }));
  }

  said.folded = await frames(page, 120);
  [said.timeline, said.list, said.graph] = [[], [], []];
  for (let time = 0; time < TIMES; time += 1) {
    said.timeline.push(await shown(page, "2", "[data-testid=timeline]"));
    said.list.push(await shown(page, "3", "[data-testid=list] [data-testid^=row-]"));
    said.graph.push(await shown(page, "1", "[data-testid=steps] [role=option]"));
  }
  await page.keyboard.press("3");
  await page.getByTestId(`row-${RUN}:10`).waitFor();
  said.select = await selections(page);
  said.held = await held(page);
  said.search = await searches(page);
  await page.keyboard.press("1");
  said.unfold = await unfolds(twin);

  await unfoldAll(page, twin);
  await window.get("steps").focus();
  await page.keyboard.press("Space");
  // What is measured is every step, and not a few with the rest folded away.
  await expect.poll(() => page.locator("[role=option]").first().getAttribute("aria-setsize")).toMatch(/^\d{5}$/);
  await window.shoot("large");
  said["pan, unfolded"] = await frames(page, 240);
  // All of it in view at once, then closer and closer.
  await page.keyboard.press("f");
  said["zoom, unfolded"] = await frames(page, 240, true);

  said.core = [kib(twin.pid, "VmRSS") / 1024, kib(twin.pid, "VmHWM") / 1024];
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => kib(id, "RssAnon") / 1024);
  said.page = [Math.max(...renderers)];
  const heap = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  said.heap = [heap / (1 << 20)];
  const lines = Object.entries(said).map(([what, all]) => `${what}: ${all.map((one) => one.toFixed(2)).join(" ")}`);
  writeFileSync(process.env.HINDCAST_MEASURED ?? join(TARGET, "bench/window.txt"), `${lines.join("\n")}\n`);
}, 600_000);

/** From a key until what it shows is there and drawn, in ms. */
function shown(page: Page, key: string, what: string): Promise<number> {
  return page.evaluate(async ({ key, what }) => {
    const begun = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    do await new Promise(requestAnimationFrame); while (document.querySelector(what) === null);
    return performance.now() - begun;
  }, { key, what });
}

/** How long each frame takes while the arrow key is held down over the list, and until the last step is shown. */
function held(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const rows = document.querySelector<HTMLElement>("[data-testid=list] [role=grid]");
    const all: number[] = [];
    let last = performance.now();
    for (let press = 0; press < 200; press += 1) {
      rows?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
      // As often as a keyboard repeats.
      const next = last + 33;
      let frame = performance.now();
      while (performance.now() < next) {
        await new Promise(requestAnimationFrame);
        all.push(performance.now() - frame);
        frame = performance.now();
      }
      last = performance.now();
    }
    const chosen = document.querySelector("[data-testid=list] [aria-selected=true]")?.getAttribute("data-testid")?.replace("row-", "");
    const shows = () => document.querySelector(`[data-testid=inspector][data-step="${chosen ?? ""}"] [role=tabpanel]`) !== null;
    while (!shows()) {
      if (performance.now() - last > 10_000) throw new Error(`the inspector does not come to ${chosen ?? "any step"}`);
      await new Promise(requestAnimationFrame);
    }
    all.push(performance.now() - last);
    return all;
  });
}

/** From the last letter typed until what was found is told, in ms each. */
function searches(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const field = document.querySelector<HTMLInputElement>("[data-testid=search]");
    const told = () => document.querySelector("[data-testid=search-count]")?.textContent ?? "";
    const all: number[] = [];
    // Each finds another number of steps than the one before.
    for (let time = 0; time < 20; time += 1) {
      const before = told();
      const begun = performance.now();
      if (field !== null) field.value = ["charge_card", "Rbig:77"][time % 2] ?? "";
      field?.dispatchEvent(new Event("input", { bubbles: true }));
      while (told() === before || !(/\d/).test(told())) await new Promise(requestAnimationFrame);
      all.push(performance.now() - begun);
    }
    return all;
  });
}

/** What the core takes to answer for one more unfolded fan-out, in ms each. */
async function unfolds(twin: Twin): Promise<number[]> {
  const all: number[] = [];
  const unfolded: string[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const begun = performance.now();
    const view = await twin.call("run", { run: RUN, environment: "production", unfolded }) as { folds: { id: string }[] };
    if (time > 0) all.push(performance.now() - begun);
    const next = view.folds.find(({ id }) => !unfolded.includes(id));
    if (next === undefined) break;
    unfolded.push(next.id);
  }
  return all;
}

/** From the choice of another step in the list until the inspector shows it, in ms each. */
function selections(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const all: number[] = [];
    for (const row of document.querySelectorAll<HTMLElement>("[data-testid^=row-]")) {
      const step = row.dataset.testid?.replace("row-", "") ?? "";
      const shows = () => document.querySelector(`[data-testid=inspector][data-step="${step}"] [role=tabpanel]`) !== null;
      if (shows()) continue;
      const begun = performance.now();
      await new Promise<void>((resolved) => {
        const watcher = new MutationObserver(() => {
          if (!shows()) return;
          watcher.disconnect();
          resolved();
        });
        watcher.observe(document.body, { attributes: true, childList: true, subtree: true });
        row.click();
      });
      all.push(performance.now() - begun);
      await new Promise(requestAnimationFrame);
    }
    return all;
  });
}

/** Script per frame while the wheel turns: what hears it, and what draws. In ms each. */
function frames(page: Page, times: number, zoom = false): Promise<number[]> {
  return page.evaluate(async ({ times, zoom }) => {
    const canvas = document.querySelector(".graph canvas");
    const { left = 0, top = 0, width = 0, height = 0 } = canvas?.getBoundingClientRect() ?? {};
    const all: number[] = [];
    for (let frame = 0; frame < times; frame += 1) {
      let drawing = 0;
      // Asked for before the window asks for its own, so that it is called first.
      requestAnimationFrame(() => { drawing = performance.now(); });
      const heard = performance.now();
      const back = Math.floor(frame / 60) % 2 === 1 ? -1 : 1;
      canvas?.dispatchEvent(new WheelEvent("wheel", {
        deltaX: zoom ? 0 : 40 * back, deltaY: zoom ? -40 * back : 15 * back, ctrlKey: zoom, bubbles: true, cancelable: true,
        clientX: left + width / 2, clientY: top + height / 2,
      }));
      // What follows at once: Svelte's effects, which ask for the frame.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      const followed = performance.now() - heard;
      await new Promise((resolved) => { requestAnimationFrame(resolved); });
      all.push(followed + performance.now() - drawing);
    }
    return all;
  }, { times, zoom });
}

/** Shows every step with its lines: as if a person had unfolded whatever is folded. */
async function unfoldAll(page: Page, twin: Twin): Promise<void> {
  const unfolded: string[] = [];
  for (;;) {
    const view = await twin.call("run", { run: RUN, environment: "production", unfolded }) as { folds: { id: string }[] };
    const more = view.folds.map(({ id }) => id).filter((id) => !unfolded.includes(id));
    if (more.length === 0) break;
    unfolded.push(...more);
  }
  await page.route("**/call/run", async (route) => {
    const asked = route.request().postDataJSON() as { whole?: boolean };
    await route.continue(asked.whole === true ? {} : { postData: JSON.stringify({ ...asked, unfolded }) });
  });
  await page.reload();
  await page.getByTestId("steps").waitFor();
}

function kib(pid: number, field: string): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
  return Number((new RegExp(`^${field}:\\s+(\\d+)`, "m")).exec(status)?.[1] ?? Number.NaN);
}
