import { MediaQuery } from "svelte/reactivity";

import type { Backend } from "../backend/backend";

/** What the person chose; `system` follows the desktop. */
export type ThemeChoice = "system" | "light" | "dark";

const CHOICES: readonly string[] = ["system", "light", "dark"];

/** The sizes of text to choose from, in percent. */
export const TEXT_SIZES = [80, 90, 100, 110, 125, 150, 175, 200] as const;

/** Light or dark, and how large, remembered. */
export class Theme {
  /** What was chosen. */
  choice = $state<ThemeChoice>("system");
  /** How large text is, in percent. */
  textSize = $state(100);
  readonly #dark = new MediaQuery("(prefers-color-scheme: dark)", true);
  readonly #forced = new MediaQuery("(forced-colors: active)", false);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** What is shown. */
  get shown(): "light" | "dark" {
    if (this.choice !== "system") return this.choice;
    return this.#dark.current ? "dark" : "light";
  }

  /** Whether the desktop has every window use its own few colours. */
  get forced(): boolean {
    return this.#forced.current;
  }

  /** Takes up what was chosen last time. */
  async restore(): Promise<void> {
    const [kept, size] = await Promise.all([
      this.#backend.call("getSetting", { key: "theme" }),
      this.#backend.call("getSetting", { key: "textSize" }),
    ]);
    if (kept !== null && CHOICES.includes(kept)) this.choice = kept as ThemeChoice;
    const percent = Number(size ?? "100");
    if (percent >= 80 && percent <= 200) this.textSize = percent;
  }

  /** Chooses, and remembers. */
  choose(choice: ThemeChoice): void {
    this.choice = choice;
    void this.#backend.call("setSetting", { key: "theme", value: choice });
  }

  /** Makes text one size larger or smaller, or as large as it was at first. */
  resize(by: 1 | -1 | 0): void {
    const larger = TEXT_SIZES.find((size) => size > this.textSize) ?? 200;
    const smaller = TEXT_SIZES.findLast((size) => size < this.textSize) ?? 80;
    this.sizeText(by === 0 ? 100 : by > 0 ? larger : smaller);
  }

  /** Sets how large text is, in percent, and remembers it. */
  sizeText(percent: number): void {
    this.textSize = percent;
    void this.#backend.call("setSetting", { key: "textSize", value: String(percent) });
  }
}
