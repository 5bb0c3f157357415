import type { Backend } from "../backend/backend";
import type { ExaminationView, ProjectView, TroubleView } from "../backend/types";
import type { Toasts } from "../shell/toasts.svelte";

/** Choosing the folder with the code, and trusting it. */
export class ProjectStore {
  /** The folder that the person is asked to trust. */
  asking = $state.raw<ProjectView | null>(null);
  /** What was found of the project when somebody last looked. */
  examination = $state.raw<ExaminationView | null>(null);
  /** Whether it is being looked at. */
  looking = $state(false);
  /** What kept something from being started. */
  hindered = $state.raw<TroubleView | null>(null);
  readonly #backend: Backend;
  readonly #toasts: Toasts;
  readonly #changed: (project: ProjectView) => void;
  #then: (() => void) | null = null;

  /** `changed` hears how the project stands, before anything that was to follow. */
  constructor(backend: Backend, toasts: Toasts, changed: (project: ProjectView) => void) {
    this.#backend = backend;
    this.#toasts = toasts;
    this.#changed = changed;
  }

  /** Lets the person choose the folder; `then` happens once it is trusted. */
  async choose(then: (() => void) | null = null): Promise<void> {
    const path = await this.#backend.chooseFolder();
    if (path !== null) await this.use(path, then);
  }

  /** Takes a folder as the project, and asks for trust where it has none yet. */
  async use(path: string, then: (() => void) | null = null): Promise<void> {
    try {
      const project = await this.#backend.call("setProject", { path });
      this.#changed(project);
      if (project.trusted) then?.();
      else this.askTrust(project, then);
    } catch (thrown) {
      this.#toasts.fail("The project could not be chosen", thrown);
    }
  }

  /** Asks the person to trust a folder. */
  askTrust(project: ProjectView, then: (() => void) | null = null): void {
    this.#then = then;
    this.asking = project;
  }

  /** The person trusts it. */
  async trust(): Promise<void> {
    const project = this.asking;
    if (project === null) return;
    const then = this.#then;
    this.asking = null;
    this.#then = null;
    try {
      this.#changed(await this.#backend.call("trustProject", { path: project.path }));
      then?.();
    } catch (thrown) {
      this.#toasts.fail("The project could not be trusted", thrown);
    }
  }

  /** Sees whether its code can run. */
  async examine(): Promise<void> {
    this.looking = true;
    try {
      this.examination = await this.#backend.call("examineProject", { modules: [] });
      this.#changed(this.examination.project);
    } catch (thrown) {
      this.#toasts.fail("It could not be seen whether the project can run", thrown);
    }
    this.looking = false;
  }

  /** Says what kept something from being started; `again` tries it again. */
  hinder(trouble: TroubleView, again: () => void): void {
    this.hindered = trouble;
    this.#then = again;
  }

  /** Tries again what was hindered. */
  lookAgain(): void {
    const again = this.#then;
    this.leave();
    again?.();
  }

  /** What was hindered is left alone. */
  leave(): void {
    this.hindered = null;
    this.#then = null;
  }

  /** The person does not. */
  decline(): void {
    this.asking = null;
    this.#then = null;
  }
}
