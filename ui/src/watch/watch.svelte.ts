import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { Rerun, TryView, WatchView } from "../backend/types";

/** The watch: chosen steps that run again at every save, and what came of each try. */
export class WatchStore {
  readonly #backend: Backend;
  /** How it stands, if there is or was one. */
  readonly question: Question<WatchView | null>;
  /** Which try is looked at; none for the newest. */
  chosen = $state<number | null>(null);

  constructor(backend: Backend) {
    this.#backend = backend;
    this.question = new Question(() => backend.call("watching", {}));
  }

  /** The watch, if there is or was one. */
  get view(): WatchView | null {
    return this.question.answer ?? null;
  }

  /** Whether it goes on. */
  get active(): boolean {
    return this.view?.active ?? false;
  }

  /** The try that is looked at. */
  get shown(): TryView | null {
    const tries = this.view?.tries ?? [];
    return tries.find((one) => one.number === this.chosen) ?? tries.at(-1) ?? null;
  }

  /** Begins a watch, in place of the one there is. */
  async begin(rerun: Rerun): Promise<void> {
    this.chosen = null;
    this.question.answer = await this.#backend.call("watch", { rerun });
  }

  /** Ends it; what is under way goes on. */
  async end(): Promise<void> {
    await this.#backend.call("unwatch", {});
    this.question.refresh();
  }
}
