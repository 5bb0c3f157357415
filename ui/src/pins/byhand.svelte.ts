import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { PinsView } from "../backend/types";

/** What is set by hand in the local environment that is shown: pins, mocks, rules; with its own undo. */
export class ByHandStore {
  /** All of it; none while an imported environment is shown. */
  readonly pins: Question<PinsView>;
  readonly #backend: Backend;
  #run: string | null = null;
  #environment: string | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.pins = new Question(() =>
      this.#run === null || this.#environment === null
        ? null
        : backend.call("pins", { run: this.#run, environment: this.#environment }),
    );
  }

  /** Shows what is set for a run in a local environment; `environment` is none for an imported one. */
  show(run: string | null, environment: string | null): void {
    if (run === this.#run && environment === this.#environment) return;
    this.#run = run;
    this.#environment = environment;
    this.pins.restart();
  }

  /** Asks again. */
  refresh(): void {
    if (this.#environment !== null) this.pins.refresh();
  }

  /** Takes back the last change; says which that was. */
  async undo(): Promise<string | null> {
    const what = this.pins.answer?.undo ?? null;
    this.pins.answer = await this.#backend.call("undoPins", { run: this.#run, environment: this.#environment });
    return what;
  }

  /** Makes the change again that was taken back last; says which that was. */
  async redo(): Promise<string | null> {
    const what = this.pins.answer?.redo ?? null;
    this.pins.answer = await this.#backend.call("redoPins", { run: this.#run, environment: this.#environment });
    return what;
  }
}
