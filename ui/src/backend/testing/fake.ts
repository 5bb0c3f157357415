import { CallError, type Backend, type CallName, type DropEvent } from "../backend";
import type { ApiEvent, Calls } from "../types";

/** Answers by question: a value, or a function of the parameters that may throw a `CallError`. */
export type Answers = {
  [K in CallName]?: Calls[K]["answer"] | ((params: Calls[K]["params"]) => Calls[K]["answer"] | Promise<Calls[K]["answer"]>);
};

/** A core that says what it was told to say, and keeps what it was asked. */
export class FakeBackend implements Backend {
  /** What was asked, in order. */
  readonly asked: { name: CallName; params: unknown }[] = [];
  /** Settings of the window. */
  readonly settings = new Map<string, string>();
  answers: Answers;
  files: string[] = [];
  folder: string | null = null;
  #events: ((event: ApiEvent) => void)[] = [];
  #drops: ((event: DropEvent) => void)[] = [];
  #links: ((link: string) => void)[] = [];
  #reach: ((reachable: boolean) => void)[] = [];
  /** Whether the window said that it hears. */
  listened = false;
  /** How large everything on the page was asked to be, in percent. */
  zoomed = 100;
  /** Where the person would have a file written. */
  savePath: string | null = null;

  constructor(answers: Answers = {}) {
    this.answers = answers;
  }

  call<K extends CallName>(name: K, params: Calls[K]["params"]): Promise<Calls[K]["answer"]> {
    this.asked.push({ name, params });
    // As from the core: each answer is another object, be it like the last.
    const answered = new Promise<Calls[K]["answer"]>((resolve) => { resolve(this.#answer(name, params)); });
    return answered.then((answer) => structuredClone(answer));
  }

  /** The parameters of every time that was asked. */
  askedFor<K extends CallName>(name: K): Calls[K]["params"][] {
    return this.asked.filter((one) => one.name === name).map((one) => one.params as Calls[K]["params"]);
  }

  /** Says that something happened in the core. */
  emit(event: ApiEvent): void {
    for (const handler of this.#events) handler(event);
  }

  /** Holds files over the window, or drops them. */
  drop(event: DropEvent): void {
    for (const handler of this.#drops) handler(event);
  }

  onEvent(handler: (event: ApiEvent) => void): () => void {
    this.#events.push(handler);
    return () => { this.#events = this.#events.filter((other) => other !== handler); };
  }

  onDrop(handler: (event: DropEvent) => void): () => void {
    this.#drops.push(handler);
    return () => { this.#drops = this.#drops.filter((other) => other !== handler); };
  }

  onLink(handler: (link: string) => void): () => void {
    this.#links.push(handler);
    return () => { this.#links = this.#links.filter((other) => other !== handler); };
  }

  onReach(handler: (reachable: boolean) => void): () => void {
    this.#reach.push(handler);
    return () => { this.#reach = this.#reach.filter((other) => other !== handler); };
  }

  listens(): void {
    this.listened = true;
  }

  /** Follows a link to here. */
  link(link: string): void {
    for (const handler of this.#links) handler(link);
  }

  /** Cuts the core off, or brings it back. */
  reach(reachable: boolean): void {
    for (const handler of this.#reach) handler(reachable);
  }

  registerLinks(): Promise<void> {
    return Promise.resolve();
  }

  zoom(percent: number): void {
    this.zoomed = percent;
  }

  chooseSave(): Promise<string | null> {
    return Promise.resolve(this.savePath);
  }

  chooseFiles(): Promise<string[]> {
    return Promise.resolve(this.files);
  }

  chooseFolder(): Promise<string | null> {
    return Promise.resolve(this.folder);
  }

  #answer<K extends CallName>(name: K, params: Calls[K]["params"]): Calls[K]["answer"] | Promise<Calls[K]["answer"]> {
    if (name === "getSetting") {
      return (this.settings.get((params as Calls["getSetting"]["params"]).key) ?? null) as Calls[K]["answer"];
    }
    if (name === "setSetting") {
      const { key, value } = params as Calls["setSetting"]["params"];
      this.settings.set(key, value);
      return null as Calls[K]["answer"];
    }
    const answer: unknown = this.answers[name];
    if (answer === undefined) throw new CallError("internal", `no answer to ${name} was prepared`, null);
    return (typeof answer === "function" ? (answer as (given: unknown) => unknown)(params) : answer) as Calls[K]["answer"];
  }
}
