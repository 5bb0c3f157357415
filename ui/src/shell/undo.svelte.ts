import type { Toasts } from "./toasts.svelte";

/** Something the person did that can be taken back, and done again. */
export interface Deed {
  /** What was done, as in "Undo: delete run R6Lf". */
  label: string;
  /** Takes it back. */
  undo: () => Promise<unknown>;
  /** Does it again. */
  redo: () => Promise<unknown>;
}

const MOST = 100;

/** What the person did in this session, to be taken back and done again in order. */
export class Undo {
  #done = $state.raw<readonly Deed[]>([]);
  #undone = $state.raw<readonly Deed[]>([]);
  #busy = $state(false);
  readonly #toasts: Toasts;

  constructor(toasts: Toasts) {
    this.#toasts = toasts;
  }

  /** What would be taken back next. */
  get next(): Deed | null {
    return this.#done.at(-1) ?? null;
  }

  /** What would be done again next. */
  get again(): Deed | null {
    return this.#undone.at(-1) ?? null;
  }

  /** Notes what was done. What was taken back before can then not be done again. */
  note(deed: Deed): void {
    this.#done = [...this.#done.slice(1 - MOST), deed];
    this.#undone = [];
  }

  /** Takes back one deed: the last, if none is named. */
  async undo(deed = this.next): Promise<void> {
    if (deed === null || this.#busy || !this.#done.includes(deed)) return;
    if (!(await this.#try(deed.undo, `“${deed.label}” could not be undone`))) return;
    this.#done = this.#done.filter((other) => other !== deed);
    this.#undone = [...this.#undone, deed];
    this.#toasts.say("ok", `Undone: ${deed.label}`);
  }

  /** Does again what was taken back last. */
  async redo(): Promise<void> {
    const deed = this.again;
    if (deed === null || this.#busy) return;
    if (!(await this.#try(deed.redo, `“${deed.label}” could not be done again`))) return;
    this.#undone = this.#undone.filter((other) => other !== deed);
    this.#done = [...this.#done, deed];
    this.#toasts.say("ok", `Done again: ${deed.label}`);
  }

  async #try(act: () => Promise<unknown>, sorry: string): Promise<boolean> {
    this.#busy = true;
    try {
      await act();
      return true;
    } catch (thrown) {
      this.#toasts.fail(sorry, thrown);
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
