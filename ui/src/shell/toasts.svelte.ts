import { CallError } from "../backend/backend";

/** A short word to the person, with more of it one click away. */
export interface Toast {
  id: number;
  tone: "ok" | "bad" | "warn";
  title: string;
  lines: string[];
}

/** What is said to the person in passing. Errors stay until they are put away. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  /** Says something. */
  say(tone: Toast["tone"], title: string, lines: string[] = []): void {
    const id = this.#next;
    this.#next += 1;
    this.list = [...this.list.slice(-3), { id, tone, title, lines }];
    if (tone === "ok" && lines.length === 0) setTimeout(() => { this.dismiss(id); }, 6000);
  }

  /** Says that something went wrong; what was meant to happen comes first. */
  fail(attempt: string, thrown: unknown): void {
    const error = CallError.from(thrown);
    this.say("bad", `${attempt}: ${error.message}`, error.detail === null ? [] : error.detail.split("\n"));
  }

  /** Puts one away. */
  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
