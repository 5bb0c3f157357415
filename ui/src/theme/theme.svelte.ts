import { MediaQuery } from "svelte/reactivity";

import type { Backend } from "../backend/backend";

/** What the person chose; `system` follows the desktop. */
export type ThemeChoice = "system" | "light" | "dark";

const CHOICES: readonly string[] = ["system", "light", "dark"];

/** Light or dark, remembered. */
export class Theme {
  /** What was chosen. */
  choice = $state<ThemeChoice>("system");
  readonly #dark = new MediaQuery("(prefers-color-scheme: dark)", true);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** What is shown. */
  get shown(): "light" | "dark" {
    if (this.choice !== "system") return this.choice;
    return this.#dark.current ? "dark" : "light";
  }

  /** Takes up what was chosen last time. */
  async restore(): Promise<void> {
    const kept = await this.#backend.call("getSetting", { key: "theme" });
    if (kept !== null && CHOICES.includes(kept)) this.choice = kept as ThemeChoice;
  }

  /** Chooses, and remembers. */
  choose(choice: ThemeChoice): void {
    this.choice = choice;
    void this.#backend.call("setSetting", { key: "theme", value: choice });
  }
}
