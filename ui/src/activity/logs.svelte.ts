import { CallError, type Backend } from "../backend/backend";
import type { Level, LogLine } from "../backend/types";

/** How serious lines are, from least to most; what a body prints stands beside what it logs. */
export const LEVELS: readonly Level[] = ["debug", "stdout", "info", "stderr", "warning", "error"];

/** So many lines are held, the newest. */
const MOST = 20_000;

/** The log lines of the open run, as they come. */
export class LogStore {
  /** By time. */
  lines = $state.raw<readonly LogLine[]>([]);
  /** How many lines before these are not held. */
  earlier = $state(0);
  /** Whether the first answer is still awaited. */
  reading = $state(false);
  /** Why there are no newer lines. */
  error = $state.raw<CallError | null>(null);
  /** What is searched for. */
  search = $state("");
  /** The levels that are shown. */
  levels = $state.raw<readonly Level[]>(LEVELS);
  /** Whether only lines of the selected steps are shown. */
  selectedOnly = $state(false);
  /** Whether the newest line is kept in view. */
  following = $state(true);

  readonly #backend: Backend;
  #run: string | null = null;
  #environment: string | null = null;
  #cursor: number | null = null;
  #turn = 0;
  #asking = false;
  #again = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Shows the lines of a run as seen from an environment. */
  show(run: string, environment: string): void {
    if (run === this.#run && environment === this.#environment) return;
    this.#run = run;
    this.#environment = environment;
    this.#turn += 1;
    this.#cursor = null;
    this.lines = [];
    this.earlier = 0;
    this.error = null;
    this.reading = true;
    this.#asking = false;
    this.#again = false;
    void this.#ask();
  }

  /** Asks for what came since. */
  refresh(): void {
    if (this.#run === null) return;
    if (this.#asking) this.#again = true;
    else void this.#ask();
  }

  /** Shows a level, or hides it. */
  toggle(level: Level): void {
    const shown = this.levels.includes(level);
    this.levels = LEVELS.filter((one) => (one === level ? !shown : this.levels.includes(one)));
  }

  async #ask(): Promise<void> {
    const [run, environment, turn] = [this.#run, this.#environment, this.#turn];
    if (run === null || environment === null) return;
    this.#asking = true;
    try {
      const page = await this.#backend.call("logs", { run, environment, step: null, after: this.#cursor, limit: MOST });
      if (turn !== this.#turn) return;
      this.#cursor = page.cursor;
      this.error = null;
      this.#take(page.lines, page.earlier);
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = CallError.from(thrown);
    }
    this.#asking = false;
    this.reading = false;
    if (this.#again) {
      this.#again = false;
      void this.#ask();
    }
  }

  #take(more: LogLine[], earlier: number): void {
    if (more.length === 0 && earlier === 0) return;
    const first = more[0];
    const last = this.lines.at(-1);
    let lines = [...this.lines, ...more];
    // Two bodies that run at once are heard one after the other.
    if (first !== undefined && last !== undefined && first.at < last.at) {
      lines = lines.sort((one, other) => one.at - other.at);
    }
    this.earlier += earlier + Math.max(0, lines.length - MOST);
    this.lines = lines.slice(-MOST);
  }
}
