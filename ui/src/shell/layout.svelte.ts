import type { Backend } from "../backend/backend";

/** A panel whose size the person sets. */
export type Panel = "left" | "right" | "bottom";

const LIMITS: Record<Panel, { least: number; most: number }> = {
  left: { least: 168, most: 420 },
  right: { least: 280, most: 760 },
  bottom: { least: 36, most: 560 },
};

/** The sizes of the panels in CSS pixels, remembered. */
export class Layout {
  sizes = $state<Record<Panel, number>>({ left: 232, right: 408, bottom: 236 });
  readonly #backend: Backend;
  #keep: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The least and the most a panel may take. */
  limits(panel: Panel): { least: number; most: number } {
    return LIMITS[panel];
  }

  /** Takes up the sizes of last time. */
  async restore(): Promise<void> {
    const kept = await this.#backend.call("getSetting", { key: "layout" });
    if (kept === null) return;
    const sizes: unknown = JSON.parse(kept);
    if (typeof sizes !== "object" || sizes === null) return;
    for (const panel of Object.keys(LIMITS) as Panel[]) {
      const size = (sizes as Record<string, unknown>)[panel];
      if (typeof size === "number") this.sizes[panel] = clamp(panel, size);
    }
  }

  /** Sets a size, and remembers it once it rests. */
  resize(panel: Panel, size: number): void {
    this.sizes[panel] = clamp(panel, size);
    clearTimeout(this.#keep);
    this.#keep = setTimeout(() => {
      void this.#backend.call("setSetting", { key: "layout", value: JSON.stringify(this.sizes) });
    }, 400);
  }
}

function clamp(panel: Panel, size: number): number {
  return Math.round(Math.min(LIMITS[panel].most, Math.max(LIMITS[panel].least, size)));
}
