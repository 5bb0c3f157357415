import type { ApiEvent } from "../backend/types";

/** How long to wait for a frame, in ms: a window that is not seen draws none. */
const UNSEEN = 100;

/**
 * Gathers what the core tells until the next frame. However much happens in between, the window takes
 * it in once: what only says that something changed counts once, of progress the newest.
 */
export class Hearing {
  readonly #hear: (event: ApiEvent) => void;
  readonly #frame: (then: () => void) => void;
  readonly #told = new Map<string, ApiEvent>();
  #count = 0;
  #waits = false;

  constructor(hear: (event: ApiEvent) => void, frame = nextFrame) {
    this.#hear = hear;
    this.#frame = frame;
  }

  /** The core told something. */
  take(event: ApiEvent): void {
    const key = this.#key(event);
    // In the order of the newest.
    this.#told.delete(key);
    this.#told.set(key, event);
    if (this.#waits) return;
    this.#waits = true;
    this.#frame(() => {
      this.#waits = false;
      const told = [...this.#told.values()];
      this.#told.clear();
      for (const one of told) this.#hear(one);
    });
  }

  /** What is told alike is told once. */
  #key(event: ApiEvent): string {
    switch (event.kind) {
      case "overviewChanged":
      case "activityChanged":
      case "watchChanged":
      case "progress":
        return event.kind;
      case "runChanged":
      case "logsWritten":
        return `${event.kind} ${event.run}`;
      default:
        this.#count += 1;
        return `${event.kind} ${String(this.#count)}`;
    }
  }
}

function nextFrame(then: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    then();
  };
  requestAnimationFrame(once);
  setTimeout(once, UNSEEN);
}
