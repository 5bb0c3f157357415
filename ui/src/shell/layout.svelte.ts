import type { Backend } from "../backend/backend";

/** What the bottom panel shows. */
export type BottomTab = "plan" | "activity" | "guard" | "inputs" | "logs" | "tries" | "outcomes" | "ledger";

const BOTTOM_TABS: readonly BottomTab[] = ["plan", "activity", "guard", "inputs", "logs", "tries", "outcomes", "ledger"];

/** A panel whose size the person sets. */
export type Panel = "left" | "right" | "bottom";

const LIMITS: Record<Panel, { least: number; most: number }> = {
  left: { least: 168, most: 420 },
  right: { least: 280, most: 760 },
  bottom: { least: 36, most: 560 },
};
const PANELS = Object.keys(LIMITS) as Panel[];

/** What is left of a folded panel: the bottom one keeps its tabs. */
const FOLDED: Record<Panel, number> = { left: 0, right: 0, bottom: 36 };

/** The sizes of the panels in CSS pixels at the ordinary size of text, and which are folded. */
export class Layout {
  sizes = $state<Record<Panel, number>>({ left: 232, right: 408, bottom: 236 });
  folded = $state<Record<Panel, boolean>>({ left: false, right: false, bottom: false });
  /** Which part of the bottom panel is shown. */
  tab = $state<BottomTab>("plan");
  readonly #backend: Backend;
  #keep: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The least and the most a panel may take. */
  limits(panel: Panel): { least: number; most: number } {
    return LIMITS[panel];
  }

  /** What a panel takes now. */
  size(panel: Panel): number {
    return this.folded[panel] ? FOLDED[panel] : this.sizes[panel];
  }

  /** Takes up how it was last time. */
  async restore(): Promise<void> {
    const kept = await this.#backend.call("getSetting", { key: "layout" });
    if (kept === null) return;
    const given: unknown = JSON.parse(kept);
    if (typeof given !== "object" || given === null) return;
    const { folded, tab, ...sizes } = given as Record<string, unknown>;
    this.tab = BOTTOM_TABS.find((known) => known === tab) ?? this.tab;
    for (const panel of PANELS) {
      const size = sizes[panel];
      if (typeof size === "number") this.sizes[panel] = clamp(panel, size);
      if (Array.isArray(folded)) this.folded[panel] = folded.includes(panel);
    }
  }

  /** Sets a size, and remembers it once it rests. */
  resize(panel: Panel, size: number): void {
    this.folded[panel] = false;
    this.sizes[panel] = clamp(panel, size);
    this.#remember();
  }

  /** Folds a panel away, or brings it back. */
  fold(panel: Panel, folded = !this.folded[panel]): void {
    this.folded[panel] = folded;
    this.#remember();
  }

  /** Shows a part of the bottom panel. */
  showTab(tab: BottomTab): void {
    if (tab === this.tab) return;
    this.tab = tab;
    this.#remember();
  }

  #remember(): void {
    clearTimeout(this.#keep);
    this.#keep = setTimeout(() => {
      const folded = PANELS.filter((panel) => this.folded[panel]);
      void this.#backend.call("setSetting", { key: "layout", value: JSON.stringify({ ...this.sizes, folded, tab: this.tab }) });
    }, 400);
  }
}

function clamp(panel: Panel, size: number): number {
  return Math.round(Math.min(LIMITS[panel].most, Math.max(LIMITS[panel].least, size)));
}
