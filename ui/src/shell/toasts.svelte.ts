import { CallError } from "../backend/backend";

/** A short word to the person, with more of it one click away. */
export interface Toast {
  id: number;
  tone: "ok" | "bad" | "warn";
  title: string;
  lines: string[];
  /** Something to do about it. */
  action: ToastAction | null;
}

/** Something to do about a message. */
export interface ToastAction {
  label: string;
  act: () => void;
}

/** So many are shown at once, and one more beside as many errors. */
const MOST = 4;

/** What is said to the person in passing. Errors stay until they are put away. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  /** Says something. */
  say(tone: Toast["tone"], title: string, lines: string[] = [], action: ToastAction | null = null): void {
    const id = this.#next;
    this.#next += 1;
    this.list = [...this.list, { id, tone, title, lines, action }];
    // What merely went well gives way first; errors only to a further one.
    for (const least of tone === "bad" ? ["ok", "warn", "bad"] : ["ok", "warn"]) {
      while (this.list.length > MOST) {
        const oldest = this.list.find((toast) => toast.tone === least && toast.id !== id);
        if (oldest === undefined) break;
        this.dismiss(oldest.id);
      }
    }
    // What asks for something to be done stays a while longer.
    if (tone === "ok" && lines.length === 0) setTimeout(() => { this.dismiss(id); }, action === null ? 6000 : 12_000);
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

  /** Puts all away. */
  clear(): void {
    this.list = [];
  }
}
