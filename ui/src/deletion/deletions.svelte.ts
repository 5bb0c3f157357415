import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { DeleteTarget, DeletionView } from "../backend/types";
import type { Toasts } from "../shell/toasts.svelte";
import type { Undo } from "../shell/undo.svelte";
import { size } from "../values/size";

/** Deleting runs and local environments, and bringing them back. */
export class Deletions {
  /** What can be brought back. */
  readonly list: Question<DeletionView[]>;
  readonly #backend: Backend;
  readonly #toasts: Toasts;
  readonly #undo: Undo;
  readonly #deleted: (deleted: DeletionView) => void;

  /** `deleted` hears what is gone. */
  constructor(backend: Backend, toasts: Toasts, undo: Undo, deleted: (deleted: DeletionView) => void) {
    this.#backend = backend;
    this.#toasts = toasts;
    this.#undo = undo;
    this.#deleted = deleted;
    this.list = new Question(() => backend.call("deletions", {}));
  }

  /** Deletes it; throws a `CallError` if that is refused. */
  async delete(what: DeleteTarget): Promise<void> {
    const label = `delete ${named(what)}`;
    let deleted = await this.#take(what);
    const deed = {
      label,
      undo: () => this.#backend.call("restore", { deletion: deleted.id ?? 0 }),
      redo: async () => { deleted = await this.#take(what); },
    };
    this.#undo.note(deed);
    this.#toasts.say("ok", `Deleted ${named(what)}`, [], { label: "Undo", act: () => void this.#undo.undo(deed) });
  }

  /** Brings back what was deleted earlier. */
  async restore(deletion: DeletionView): Promise<void> {
    if (deletion.id === null) return;
    try {
      const restored = await this.#backend.call("restore", { deletion: deletion.id });
      const renamed = restored.renamed.map(({ from, to }) => `${from} is called ${to} now: its name was taken meanwhile.`);
      this.#toasts.say(renamed.length > 0 ? "warn" : "ok", `Brought back ${named(deletion.what)}`, renamed);
    } catch (thrown) {
      this.#toasts.fail(`${named(deletion.what)} could not be brought back`, thrown);
    }
    this.list.refresh();
  }

  /** Removes for good what was deleted: one deletion, or all. */
  async purge(deletion: DeletionView | null): Promise<void> {
    try {
      const purged = await this.#backend.call("purge", { deletion: deletion?.id ?? null });
      const blobs = purged.blobs > 0 ? `, and ${size(purged.bytes)} of values with it` : "";
      this.#toasts.say("ok", `Removed for good${blobs}`);
    } catch (thrown) {
      this.#toasts.fail("Nothing was removed", thrown);
    }
    this.list.refresh();
  }

  async #take(what: DeleteTarget): Promise<DeletionView> {
    const deleted = await this.#backend.call("delete", { what });
    this.#deleted(deleted);
    return deleted;
  }
}

/** What it is called. */
export function named(what: DeleteTarget): string {
  return what.kind === "run" ? `run ${what.name}` : `environment ${what.name}`;
}

/** What goes with it, line by line. */
export function goes(deletion: DeletionView): string[] {
  const count = (number: number, one: string) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
  const also = deletion.runs.filter((run) => deletion.what.kind !== "run" || run !== deletion.what.name);
  const environments = deletion.environments.filter((name) => deletion.what.kind !== "environment" || name !== deletion.what.name);
  return [
    also.length > 0 ? `${deletion.what.kind === "run" ? "the runs it spawned" : "the runs begun in it"}: ${list(also)}` : "",
    environments.length > 0 ? `the environments that stand on it: ${list(environments)}` : "",
    deletion.executions > 0 ? `${count(deletion.executions, "execution")}${ran(deletion.localExecutions)}` : "",
    deletion.steps > 0 ? count(deletion.steps, "step") : "",
    deletion.logs > 0 ? count(deletion.logs, "log line") : "",
  ].filter(Boolean);
}

function ran(bodies: number): string {
  return bodies > 0 ? `, of which ${bodies.toLocaleString("en")} ran on this machine` : "";
}

function list(names: string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(", ")} and ${String(names.length - 6)} more` : names.join(", ");
}
