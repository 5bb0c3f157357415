import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { RerunStarted, TargetsView, TextForm, ValueCheck } from "../backend/types";

/** What the person typed for a run of their own: kept while the window lives. */
export class SubmitStore {
  /** What the project declares. */
  readonly targets: Question<TargetsView>;
  /** The chosen one, as `module:function`. */
  target = $state("");
  /** The arguments as text, by target. */
  arguments = $state<Record<string, string[]>>({});
  /** How they are written. */
  form = $state<TextForm>("python");
  /** The environment it runs in. */
  environment = $state("development");

  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.targets = new Question(() => backend.call("targets", { modules: [] }));
  }

  /** Where an argument is wrong; none if it is a value. */
  async check(text: string): Promise<ValueCheck> {
    return this.#backend.call("checkValue", { text, form: this.form, like: null });
  }

  /** Starts the run. */
  start(target: string, given: string[]): Promise<RerunStarted> {
    return this.#backend.call("submit", { target, arguments: given, environment: this.environment, form: this.form });
  }
}
