import { CallError, type Backend } from "../backend/backend";
import type { DebugpyView } from "../backend/types";
import type { Toasts } from "../shell/toasts.svelte";
import type { Deed, Undo } from "../shell/undo.svelte";
import { launchWords } from "./words";

/** What a debugger needs: its configuration in the project, and debugpy itself. */
export class DebugStore {
  /** Whether a copy of debugpy is being installed. */
  installing = $state(false);
  readonly #backend: Backend;
  readonly #toasts: Toasts;
  readonly #undo: Undo;

  constructor(backend: Backend, toasts: Toasts, undo: Undo) {
    this.#backend = backend;
    this.#toasts = toasts;
    this.#undo = undo;
  }

  /** Writes what attaches VS Code to an execution into the project's `launch.json`. */
  async writeLaunch(execution: string): Promise<void> {
    try {
      const written = await this.#backend.call("writeLaunch", { execution });
      const deed: Deed = {
        label: `write “${written.name}” into launch.json`,
        undo: () => this.#backend.call("takeBackLaunch", { name: written.name }),
        redo: () => this.#backend.call("writeLaunch", { execution }),
      };
      const isNew = written.done === "made" || written.done === "added";
      if (isNew) this.#undo.note(deed);
      const undo = isNew ? { label: "Undo", act: () => void this.#undo.undo(deed) } : null;
      this.#toasts.say("ok", launchWords(written), [written.file], undo);
    } catch (thrown) {
      this.#toasts.fail("launch.json was not written", thrown);
    }
  }

  /** Where debugpy is for the project. */
  find(): Promise<DebugpyView> {
    return this.#backend.call("debugpy", {});
  }

  /** Installs a copy of debugpy beside the project's environment; gives what went wrong. */
  async install(): Promise<CallError | null> {
    this.installing = true;
    try {
      const found = await this.#backend.call("installDebugpy", {});
      this.#toasts.say("ok", "A copy of debugpy is installed", [found.folder]);
      return null;
    } catch (thrown) {
      return CallError.from(thrown);
    } finally {
      this.installing = false;
    }
  }
}
