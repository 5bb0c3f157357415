import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { AlignedStep, Comparison } from "../backend/types";

/** The whole run here beside its ancestor. */
export class CompareStore {
  readonly view: Question<Comparison>;
  /** Whether calls that are the same are shown too. */
  all = $state(false);
  #run: string | null = null;
  #environment: string | null = null;

  constructor(backend: Backend) {
    this.view = new Question(() =>
      this.#run === null || this.#environment === null
        ? null
        : backend.call("compare", { run: this.#run, environment: this.#environment }),
    );
  }

  /** Compares a run in a local environment with its ancestor. */
  show(run: string | null, environment: string | null): void {
    const sameRun = run === this.#run;
    if (sameRun && environment === this.#environment && this.view.answer !== null) {
      this.view.refresh();
      return;
    }
    this.#run = run;
    this.#environment = environment;
    this.view.restart({ keep: sameRun });
  }

  /** The first divergence. */
  readonly first = $derived.by((): AlignedStep | null => {
    const answer = this.view.answer;
    return answer?.firstDivergence == null ? null : (answer.steps[answer.firstDivergence] ?? null);
  });
}
