import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type axeCore from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";

import { TARGET, type Twin } from "./twin";

/** What a busy machine may take for something to appear. */
const PATIENCE = 60_000;

/** The sizes a window is looked at in. */
const SIZES = [{ width: 1280, height: 800 }, { width: 1920, height: 1080 }];

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts the Chromium of the system. */
export function browse(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.HINDCAST_CHROMIUM ?? "/usr/bin/chromium",
    // As root, and in a container's small shared memory, too.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** The window in a browser's page, with an ear for everything it should not do. */
export class Window {
  readonly page: Page;
  readonly #twin: Twin;
  /** Requests to elsewhere, dialogs, errors and refusals of the content policy. */
  readonly wrongs: string[] = [];
  /** What is answered when a browser asks for paths in the desktop's place, one after the other. */
  readonly #paths: string[] = [];

  private constructor(page: Page, twin: Twin) {
    this.page = page;
    this.#twin = twin;
    page.setDefaultTimeout(PATIENCE);
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      const known = origin === twin.address && (/^\/(call\/\w+|events|assets\/[\w.-]+)?$/).test(pathname);
      if (!known && !request.url().startsWith("data:,")) this.wrongs.push(`request: ${request.url()}`);
    });
    page.on("dialog", (dialog) => {
      const path = dialog.type() === "prompt" ? this.#paths.shift() : undefined;
      if (path !== undefined) {
        void dialog.accept(path);
        return;
      }
      this.wrongs.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => { this.wrongs.push(`script: ${String(error.stack)}`); });
    page.on("console", (message) => {
      // A call that the core refuses is an answer; what came of it is seen on the page.
      const refused = message.text().includes("status of 422");
      if (message.type() === "error" && !refused) this.wrongs.push(`console: ${message.text()}`);
    });
    page.on("popup", (popup) => { this.wrongs.push(`window: ${popup.url()}`); });
  }

  /** Opens the window in a context of its own. */
  static async open(browser: Browser, twin: Twin, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
    const opened = new Window(await context.newPage(), twin);
    await opened.page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await opened.page.goto(twin.address);
    return opened;
  }

  /** What is called that by a test id. */
  get(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** A step on the graph; its option, that is. */
  step(id: string): Locator {
    return this.get(`step-${id}`);
  }

  /** Selects a step on the graph and waits for the inspector to show it. */
  async select(step: string): Promise<void> {
    // The canvas takes the pointer; the option is for programs.
    await this.step(step).dispatchEvent("click");
    await this.page.locator(`[data-testid=inspector][data-step="${step}"]`).waitFor();
  }

  /** Goes to a step, also to one that is folded away, by a link to it. */
  async follow(step: string): Promise<void> {
    await this.page.evaluate((link) => { location.hash = link; }, `hindcast://${step}`);
    await this.page.locator(`[data-testid=inspector][data-step="${step}"]`).waitFor();
  }

  /** Waits until a step is in that state. */
  async inState(step: string, state: string): Promise<void> {
    await this.page.locator(`[data-testid="step-${step}"][data-state=${state}]`).waitFor({ state: "attached" });
  }

  /** Waits until somewhere in there is that text. */
  async says(where: Locator, words: string | RegExp): Promise<void> {
    await where.filter({ hasText: words }).first().waitFor();
  }

  /** Chooses that path in the next dialog that asks for one. */
  willChoose(path: string): void {
    this.#paths.push(path);
  }

  /** Presses a button with these words on it. */
  async press(where: Locator, words: string | RegExp): Promise<void> {
    await where.getByRole("button", { name: words, exact: typeof words === "string" }).click();
  }

  /** Drops these files, as `file:` addresses: a browser tells no paths of dropped files. */
  async drop(...paths: string[]): Promise<void> {
    const list = paths.map((path) => pathToFileURL(path).href).join("\r\n");
    await this.page.evaluate((list) => {
      const data = new DataTransfer();
      data.setData("text/uri-list", list);
      for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    }, list);
  }

  /** Drops an export and opens one of its runs. */
  async import(path: string, run: string): Promise<void> {
    await this.drop(path);
    await this.get(`run-${run}`).click();
    await this.step(`${run}:1`).waitFor({ state: "attached" });
  }

  /** Looks in both themes and in both sizes: a picture of each, and nothing that axe minds. */
  async inspect(name: string): Promise<void> {
    for (const theme of ["light", "dark"] as const) {
      await this.wear(theme);
      for (const size of SIZES) {
        await this.page.setViewportSize(size);
        await this.shoot(`${name}-${theme}-${String(size.width)}`);
      }
      expect(await this.violations(), `what axe minds in ${name}, ${theme}`).toEqual([]);
    }
    const [small] = SIZES;
    if (small !== undefined) await this.page.setViewportSize(small);
  }

  /** Has the desktop be dark or light; the window follows it. */
  async wear(theme: "dark" | "light"): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
    await this.page.locator(`html[data-theme=${theme}]`).waitFor();
    // Colours on their way from one theme to the other are those of neither.
    await this.page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))));
  }

  /** Saves what is seen as `target/screenshots/chromium/NAME.png`. */
  async shoot(name: string): Promise<void> {
    const folder = join(TARGET, "screenshots/chromium");
    mkdirSync(folder, { recursive: true });
    // What follows a new size is drawn in the next frame.
    await this.page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => { requestAnimationFrame(drawn); }); }));
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** What axe finds wrong with what is shown, in one line each. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return await this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof axeCore };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, html, failureSummary }) =>
          `${id}: ${target.join(" ")} ${html.slice(0, 160)} ${failureSummary?.split("\n")[1] ?? ""}`));
    });
  }

  /** Closes it; nothing may have gone wrong in all its time. */
  async close(): Promise<void> {
    await this.page.context().close();
    expect(this.wrongs, `on ${this.#twin.address}`).toEqual([]);
  }
}
