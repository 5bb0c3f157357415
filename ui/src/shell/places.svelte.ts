import type { Backend } from "../backend/backend";
import type { InspectorTab } from "../inspector/step.svelte";
import type { Camera } from "../run/graph/camera";
import type { RunPlace } from "../run/run.svelte";

/** Where the person was in a run when they left it. */
export interface Place extends RunPlace {
  run: string;
  environment: string;
  /** How the graph was looked at. */
  camera: Camera | null;
  tab: InspectorTab;
}

/** So many runs are remembered. */
const MOST = 40;
/** A selection beyond this is not worth its room. */
const MOST_SELECTED = 500;
const KEY = "places";
/** How soon it is written down where somebody is, in ms: whoever closes the window at once is there again. */
const SOON = 50;
/** How long it is before the next is written down, in ms: a person moves on faster than that. */
const REST = 400;

/** Where the person was in each run, the latest first: kept in the store, across restarts. */
export class Places {
  list = $state.raw<readonly Place[]>([]);
  readonly #backend: Backend;
  #keep: ReturnType<typeof setTimeout> | undefined;
  #kept = -Infinity;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Takes up what was remembered last time. */
  async restore(): Promise<void> {
    const kept = await this.#backend.call("getSetting", { key: KEY });
    if (kept === null) return;
    const list: unknown = parsed(kept);
    // Written by an older window, or by hand: what does not fit is left out.
    if (Array.isArray(list)) this.list = list.map(placed).filter((place) => place !== null);
  }

  /** Where the person was in a run. */
  of(run: string): Place | null {
    return this.list.find((place) => place.run === run) ?? null;
  }

  /** Remembers where the person is. */
  remember(place: Place): void {
    const selected = place.selected.slice(0, MOST_SELECTED);
    const others = this.list.filter((other) => other.run !== place.run);
    this.list = [{ ...place, selected }, ...others].slice(0, MOST);
    this.#keep ??= setTimeout(() => { this.flush(); }, Math.max(SOON, REST - (performance.now() - this.#kept)));
  }

  /** Writes it down now, as when the window is about to close. */
  flush(): void {
    clearTimeout(this.#keep);
    this.#keep = undefined;
    if (this.list.length === 0) return;
    this.#kept = performance.now();
    // A place that cannot be kept is not worth a word.
    this.#backend.call("setSetting", { key: KEY, value: JSON.stringify(this.list) }).catch(() => undefined);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const MODES = ["graph", "timeline", "list", "compare"] as const;
// That anything may run ends with the session.
const POLICIES = ["memo", "isolate"] as const;

function placed(given: unknown): Place | null {
  if (typeof given !== "object" || given === null) return null;
  const one = given as Record<string, unknown>;
  if (typeof one.run !== "string" || typeof one.environment !== "string") return null;
  return {
    run: one.run,
    environment: one.environment,
    mode: MODES.find((mode) => mode === one.mode) ?? "graph",
    policy: POLICIES.find((policy) => policy === one.policy) ?? "memo",
    unfolded: texts(one.unfolded),
    selected: texts(one.selected),
    focus: text(one.focus),
    place: text(one.place),
    camera: camera(one.camera),
    tab: (text(one.tab) ?? "result") as InspectorTab,
  };
}

function text(given: unknown): string | null {
  return typeof given === "string" ? given : null;
}

function texts(given: unknown): string[] {
  return Array.isArray(given) ? given.filter((one) => typeof one === "string") : [];
}

function camera(given: unknown): Camera | null {
  if (typeof given !== "object" || given === null) return null;
  const { x, y, scale } = given as Record<string, unknown>;
  const numbers = [x, y, scale].every((one) => typeof one === "number" && Number.isFinite(one));
  return numbers && (scale as number) > 0 ? { x: x as number, y: y as number, scale: scale as number } : null;
}
