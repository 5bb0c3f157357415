import { CallError, type Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { MatchingChoice, PinView, PinsView, RenamedView, MatchingView, TextForm } from "../backend/types";
import { statesOf } from "./states";

/** The local environment in which something is set by hand. */
export interface ByHandPlace {
  run: string | null;
  /** None for the run's own local one, which is made where there is none. */
  environment: string | null;
}

/** Hears that something was set by hand in an environment: what, in words; null if that was undone or done again. */
export type ByHandListener = (label: string | null, place: ByHandPlace) => void;

/** What is set by hand in the local environment that is shown: pins, mocks, rules; with its own undo. */
export class ByHandStore {
  /** All of it; none while an imported environment is shown. */
  readonly pins: Question<PinsView>;
  /** What is set for steps and in use, by step. */
  readonly states = $derived.by(() => statesOf(this.pins.answer?.steps ?? []));
  readonly #backend: Backend;
  readonly #changed: ByHandListener;
  #run: string | null = null;
  #environment: string | null = null;

  constructor(backend: Backend, changed: ByHandListener = () => undefined) {
    this.#backend = backend;
    this.#changed = changed;
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

  /** What is set for a step. */
  of(step: string | null): PinView | null {
    return this.pins.answer?.steps.find((one) => one.step === step) ?? null;
  }

  /** How calls of a target are matched, if a person said so. */
  ruleOf(target: string): MatchingView | null {
    return this.pins.answer?.rules.find((one) => one.target === target) ?? null;
  }

  /** What a target was called before, if a person said so. */
  renamedOf(target: string): RenamedView | null {
    return this.pins.answer?.renamed.find((one) => one.target === target) ?? null;
  }

  /** Pins a step: to an execution, or else to the ancestor's newest with a value. */
  pin(step: string, execution: string | null = null): Promise<void> {
    const environment = this.#environment;
    return this.#change(`pin ${step}`, () => this.#backend.call("pin", { step, execution, environment }));
  }

  /** Unpins a step: it runs. */
  unpin(step: string): Promise<void> {
    const environment = this.#environment;
    return this.#change(`unpin ${step}`, () => this.#backend.call("unpin", { step, environment }));
  }

  /** Leaves a step to the rules again. */
  clear(step: string): Promise<void> {
    const environment = this.#environment;
    return this.#change(`leave ${step} to the rules`, () => this.#backend.call("clearPin", { step, environment }));
  }

  /** Keeps a value under a name, and answers the step's call with it. */
  mock(step: string, name: string, value: string, form: TextForm, like: string | null): Promise<void> {
    const environment = this.#environment;
    return this.#change(`mock ${step}`, () => this.#backend.call("mock", { step, name, value, form, like, environment }));
  }

  /** Answers a step's call with a mock that is kept. */
  useMock(step: string, name: string): Promise<void> {
    const environment = this.#environment;
    return this.#change(`mock ${step} with ${name}`, () => this.#backend.call("useMock", { step, name, environment }));
  }

  /** Removes a mock. */
  removeMock(step: string, name: string): Promise<void> {
    const environment = this.#environment;
    return this.#change(`remove the mock ${name} of ${step}`, () => this.#backend.call("removeMock", { step, name, environment }));
  }

  /** Sets how calls of a target are matched; null for its memo key again. */
  setMatching(target: string, rule: MatchingChoice | null): Promise<void> {
    const place = this.#place;
    return this.#change(rule === null ? `remove the matching rule of ${target}` : `match ${target} by a rule`, () =>
      this.#backend.call("setMatching", { target, rule, ...place }));
  }

  /** Says what a target was called when the ancestor ran; null to take that back. */
  setRenamed(target: string, old: string | null): Promise<void> {
    const place = this.#place;
    return this.#change(old === null ? `${target} was not renamed` : `${target} was ${old}`, () =>
      this.#backend.call("setRenamed", { target, old, ...place }));
  }

  /** Saves all of it as a text file; beside the code if no path is given. Says where it is. */
  async save(path: string | null): Promise<string> {
    return (await this.#backend.call("savePins", { path, ...this.#place })).path;
  }

  /** Sets what a file says in place of all of it. Says which file that was. */
  async load(path: string | null): Promise<string> {
    const place = this.#place;
    let from = "";
    await this.#change("load pins and mocks", async () => {
      const loaded = await this.#backend.call("loadPins", { path, ...place });
      from = loaded.path;
      return loaded.pins;
    });
    return from;
  }

  /** Takes back the last change; says which that was. */
  undo(place: ByHandPlace = this.#place): Promise<string | null> {
    const what = this.pins.answer?.undo ?? null;
    return this.#change(null, () => this.#backend.call("undoPins", { ...place }), place).then(() => what);
  }

  /** Makes the change again that was taken back last; says which that was. */
  redo(place: ByHandPlace = this.#place): Promise<string | null> {
    const what = this.pins.answer?.redo ?? null;
    return this.#change(null, () => this.#backend.call("redoPins", { ...place }), place).then(() => what);
  }

  get #place(): ByHandPlace {
    return { run: this.#run, environment: this.#environment };
  }

  async #change(label: string | null, act: () => Promise<PinsView>, place = this.#place): Promise<void> {
    const answer = await act().catch((thrown: unknown) => { throw CallError.from(thrown); });
    // What is shown can be another environment by now.
    if (place.run === this.#run && place.environment === this.#environment && place.environment !== null) {
      this.pins.answer = answer;
    }
    this.#changed(label, { run: place.run, environment: answer.environment });
  }
}
