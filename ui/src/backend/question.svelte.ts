import { CallError } from "./backend";

/** So many are under way at most: the newest need not wait for one that no longer counts. */
const MOST_UNDER_WAY = 2;

/**
 * Something the core is asked, again and again: what it last answered, and how the asking goes.
 * Only the newest answer counts, and while questions are under way any number of wishes to ask
 * again make one more: however fast a person moves on, the core is asked for where they are.
 */
export class Question<T> {
  /** The newest answer; stays while the next is under way. */
  answer = $state.raw<T | null>(null);
  /** Why there is no newer answer. */
  error = $state.raw<CallError | null>(null);
  /** Whether an answer is under way. */
  asking = $state(false);

  readonly #ask: () => Promise<T> | null;
  #turn = 0;
  #again = false;
  #underWay = 0;
  /** Whether something else is to be asked for as soon as one under way has settled. */
  #waits = false;

  /** `ask` asks the core; it returns null while there is nothing to ask about. */
  constructor(ask: () => Promise<T> | null) {
    this.#ask = ask;
  }

  /** Asks again for the same. */
  refresh(): void {
    if (this.asking) this.#again = true;
    else void this.#run();
  }

  /** Asks for something else: an answer under way no longer counts. */
  restart({ keep = false } = {}): void {
    this.#turn += 1;
    if (!keep) this.answer = null;
    this.error = null;
    this.#again = false;
    this.#waits = this.#underWay >= MOST_UNDER_WAY;
    if (this.#waits) this.asking = true;
    else void this.#run();
  }

  async #run(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const asked = this.#ask();
    if (asked === null) {
      this.answer = null;
      this.asking = false;
      return;
    }
    this.asking = true;
    this.#underWay += 1;
    const settled = await asked.then(
      (answer) => ({ answer }),
      (thrown: unknown) => ({ error: CallError.from(thrown) }),
    );
    this.#underWay -= 1;
    if (this.#waits) {
      this.#waits = false;
      void this.#run();
      return;
    }
    if (turn !== this.#turn) return;
    this.asking = false;
    if ("answer" in settled) {
      this.answer = settled.answer;
      this.error = null;
    } else {
      this.error = settled.error;
    }
    if (this.#again) {
      this.#again = false;
      void this.#run();
    }
  }
}
