import type { Browser } from "playwright-core";
import { test as base } from "vitest";

import { browse, Window } from "./page";
import { Twin } from "./twin";

interface World {
  browser: Browser;
  /** The core behind the window: on an empty store, with the demo's project, trusted. */
  twin: Twin;
  /** The window; while it was open nothing may have gone wrong. */
  window: Window;
}

/** A test in the window in Chromium, with a core and a store of its own. */
export const test = base.extend<World>({
  browser: [
    async ({}, use) => {
      const browser = await browse();
      await use(browser);
      await browser.close();
    },
    { scope: "file" },
  ],
  twin: async ({}, use) => {
    const twin = await Twin.start({ project: true });
    try {
      await use(twin);
    } finally {
      await twin.stop();
    }
  },
  window: async ({ browser, twin }, use) => {
    const window = await Window.open(browser, twin);
    await use(window);
    await window.close();
  },
});
