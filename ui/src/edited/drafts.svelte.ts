import { SvelteMap } from "svelte/reactivity";

import type { ArgumentChoice, ArgumentView, TextForm } from "../backend/types";

/** An argument as a person writes it in place of the recorded one. */
export interface Draft {
  text: string;
  form: TextForm;
}

/** What was written for the arguments of steps; kept while the window lives, so that closing a dialog loses nothing. */
export class Drafts {
  readonly #of = new SvelteMap<string, Draft>();
  /** What "as recorded" took back, to be brought back. */
  readonly #left = new SvelteMap<string, Draft>();

  /** What is written for an argument; none for what was recorded. */
  of(step: string, index: number): Draft | null {
    return this.#of.get(key(step, index)) ?? null;
  }

  /** Writes an argument. */
  write(step: string, index: number, draft: Draft): void {
    this.#of.set(key(step, index), draft);
    this.#left.delete(key(step, index));
  }

  /** Takes an argument as it was recorded; what was written can be brought back. */
  leave(step: string, index: number): void {
    const draft = this.of(step, index);
    this.#of.delete(key(step, index));
    if (draft !== null) this.#left.set(key(step, index), draft);
  }

  /** Whether something written can be brought back. */
  canReturn(step: string, index: number): boolean {
    return this.#left.has(key(step, index));
  }

  /** Brings back what was written. */
  bringBack(step: string, index: number): void {
    const draft = this.#left.get(key(step, index));
    if (draft !== undefined) this.write(step, index, draft);
  }
}

function key(step: string, index: number): string {
  return `${step}/${String(index)}`;
}

/** The edited arguments as a re-run takes them. */
export function choices(drafts: Drafts, step: string, list: readonly ArgumentView[]): ArgumentChoice[] {
  return list.flatMap((argument) => {
    const draft = drafts.of(step, argument.index);
    if (draft === null) return [];
    return [{ argument: argument.name ?? String(argument.index + 1), value: draft.text, form: draft.form }];
  });
}
