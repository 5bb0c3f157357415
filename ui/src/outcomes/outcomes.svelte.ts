import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { OutcomesView } from "../backend/types";
import type { Filter, Order } from "./rows";

/** What came of a re-run of several steps: a table, live while it goes on. */
export class OutcomesStore {
  /** The re-run's rows; none where the run was never re-run here. */
  readonly question: Question<OutcomesView>;
  /** In which order; none for differences first. */
  order = $state.raw<Order | null>(null);
  /** Which rows. */
  filter = $state<Filter>("all");
  /** Only rows with this text. */
  search = $state("");

  /** The re-run: its number, or a run for its last. */
  #rerun: string | null = null;
  #run: string | null = null;

  constructor(backend: Backend) {
    this.question = new Question(() => (this.#rerun === null ? null : backend.call("outcomes", { rerun: this.#rerun })));
  }

  /** The table, if there is one: a single step needs none. */
  get view(): OutcomesView | null {
    const view = this.question.answer;
    return view !== null && view.rows.length > 1 ? view : null;
  }

  /** Shows what came of a run's last re-run. */
  ofRun(run: string | null): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#show(run);
  }

  /** Shows what comes of a re-run that began now. */
  ofRerun(rerun: number): void {
    this.#show(String(rerun));
  }

  /** Asks again, as long as something can have changed. */
  refresh(): void {
    if (this.question.answer?.ended === false) this.question.refresh();
  }

  #show(rerun: string | null): void {
    this.#rerun = rerun;
    this.order = null;
    this.filter = "all";
    this.search = "";
    this.question.restart();
  }
}
