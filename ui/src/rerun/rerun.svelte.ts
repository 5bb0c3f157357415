import { CallError } from "../backend/backend";
import type { Calls, DebugChoice, Rerun, RerunStarted } from "../backend/types";
import type { BottomTab } from "../shell/layout.svelte";
import type { Session } from "../shell/session.svelte";

/** What is said of a re-run by a dialog: its steps, and arguments in place of the recorded ones. */
type Wish = Pick<Rerun, "steps" | "arguments">;

/** Running steps again: now or at every save, under a debugger or not; and cancelling what runs. */
export class RerunStore {
  readonly #session: Session;
  /** Whether a re-run is being asked for. */
  asking = $state(false);
  /** Targets (`module:function`) that a person let run at the guard, for as long as this session lasts. */
  allowed = $state.raw<readonly string[]>([]);

  constructor(session: Session) {
    this.#session = session;
  }

  /** Lets every call of a target run, or has the guard ask again, from the next re-run on. */
  allow(target: string, may: boolean): void {
    const others = this.allowed.filter((other) => other !== target);
    this.allowed = may ? [...others, target] : others;
  }

  /** What a re-run of steps asks for, and so its plan, besides what is said for it alone. */
  planOf(steps: readonly string[]): Required<Pick<Calls["plan"]["params"], "steps" | "environment" | "policy" | "onMiss" | "allow">> {
    const { run, seenFromImported } = this.#session;
    return {
      steps: [...steps],
      environment: seenFromImported ? null : run.environment,
      policy: run.policy,
      onMiss: "ask",
      allow: [...this.allowed],
    };
  }

  /** Re-runs the selected steps; asks for a project, and for trust in it, where there is none. */
  async selected(): Promise<void> {
    await this.#ask(this.#wish(), () => void this.selected());
  }

  /**
   * Re-runs the selected steps under a debugger, or only calls below them; asks whether debugpy may be
   * installed where there is none.
   */
  async debugged(debug: DebugChoice = {}, steps = this.#session.run.selected): Promise<void> {
    const wish = this.#wish(steps);
    await this.#ask(wish && { ...wish, debug }, () => void this.debugged(debug, steps));
  }

  /** Re-runs steps as a dialog asks for it, which then closes. A refusal is the dialog's to tell. */
  async as(wish: Wish): Promise<void> {
    const again = () => {
      this.as(wish).catch((thrown: unknown) => { this.#refused(thrown); });
    };
    if (this.asking || !(await this.#mayRun(again))) return;
    this.asking = true;
    try {
      const started = await this.#session.backend.call("rerun", { ...this.planOf(wish.steps), ...wish });
      this.#session.dialog = null;
      this.#began(started, wish.steps.length > 1 ? "outcomes" : "activity");
    } finally {
      this.asking = false;
    }
  }

  /** Watches steps as a dialog asks for it, which then closes: they run now, and again at every save. */
  async watchAs(wish: Wish): Promise<void> {
    const again = () => {
      this.watchAs(wish).catch((thrown: unknown) => { this.#refused(thrown); });
    };
    if (!(await this.#mayRun(again))) return;
    await this.#session.watch.begin({ ...this.planOf(wish.steps), ...wish });
    this.#session.dialog = null;
    this.#session.showBottom("tries");
  }

  /** Watches the selected steps: they run now, and again at every save. Or ends the watch. */
  async toggleWatch(): Promise<void> {
    const { watch, toasts } = this.#session;
    if (watch.active) {
      await watch.end().catch((thrown: unknown) => { toasts.fail("The watch could not be ended", thrown); });
      return;
    }
    const wish = this.#wish();
    if (wish === null || !(await this.#mayRun(() => void this.toggleWatch()))) return;
    try {
      await watch.begin(wish);
      this.#session.showBottom("tries");
    } catch (thrown) {
      this.#refused(thrown);
    }
  }

  /** Cancels an execution and what it called. */
  async cancel(execution: string): Promise<void> {
    const { backend, toasts } = this.#session;
    await backend.call("cancel", { execution }).catch((thrown: unknown) => {
      toasts.fail(`${execution} could not be cancelled`, thrown);
    });
  }

  /** Cancels what runs: what the person asked for, and with it what that called. */
  async cancelAll(): Promise<void> {
    const { activity } = this.#session;
    const asked = activity.live.filter((execution) => activity.activity.answer?.rerun?.executions.includes(execution));
    await Promise.all((asked.length > 0 ? asked : activity.live).map((execution) => this.cancel(execution)));
  }

  async #ask(wish: Rerun | null, again: () => void): Promise<void> {
    if (wish === null || this.asking || !(await this.#mayRun(again))) return;
    this.asking = true;
    try {
      this.#began(await this.#session.backend.call("rerun", wish), "activity");
    } catch (thrown) {
      this.#refused(thrown, again);
    } finally {
      this.asking = false;
    }
  }

  /** What a re-run of steps, the selected ones if none are named, asks for; null if there are none. */
  #wish(steps: readonly string[] = this.#session.run.selected): Rerun | null {
    if (steps.length === 0) return null;
    const { activity, run } = this.#session;
    return {
      ...this.planOf(steps),
      // That was said beside the plan of the selected steps.
      ...(activity.locked === null || steps !== run.selected ? {} : { locked: activity.locked }),
    };
  }

  /** Whether there is a trusted project. Else it is asked for, and then `again` is done. */
  async #mayRun(again: () => void): Promise<boolean> {
    const { overview, project: projects } = this.#session;
    const project = overview.overview?.project ?? null;
    if (project === null) await projects.choose(again);
    else if (!project.trusted) projects.askTrust(project, again);
    return project?.trusted ?? false;
  }

  #began(started: RerunStarted, tab: BottomTab): void {
    const { activity, outcomes, overview, run } = this.#session;
    if (started.steps.length > 1 && typeof started.rerun === "number") outcomes.ofRerun(started.rerun);
    // What was saved until now is in it.
    activity.takesSaved(started.run);
    this.#session.showBottom(tab);
    activity.refresh();
    overview.question.refresh();
    this.#session.seeFrom(started.environment);
    run.refresh();
  }

  #refused(thrown: unknown, again: () => void = () => void this.selected()): void {
    const { overview, project: projects, toasts } = this.#session;
    const project = overview.overview?.project ?? null;
    const { code, trouble } = CallError.from(thrown);
    if (code === "untrusted" && project !== null) {
      projects.askTrust(project, again);
    } else if (code === "noDebugpy") {
      this.#session.show({ kind: "debugpy", again });
    } else if (code === "noProject") {
      void projects.choose(again);
    } else if (trouble !== null) {
      projects.hinder(trouble, again);
    } else {
      toasts.fail("Nothing was re-run", thrown);
    }
  }
}
