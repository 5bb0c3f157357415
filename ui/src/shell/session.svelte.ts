import { createContext } from "svelte";

import { ActivityStore } from "../activity/activity.svelte";
import { CallError, type Backend } from "../backend/backend";
import type { ApiEvent, ImportReport, RunSummary } from "../backend/types";
import { DropStore } from "../drop/drop.svelte";
import { OverviewStore } from "../environments/overview.svelte";
import { StepStore } from "../inspector/step.svelte";
import { ProjectStore } from "../project/project.svelte";
import { GraphStore } from "../run/graph/graph.svelte";
import { RunStore } from "../run/run.svelte";
import { Theme } from "../theme/theme.svelte";
import { Layout } from "./layout.svelte";
import { Toasts } from "./toasts.svelte";

/** The session of the window that a component stands in. */
export const [useSession, provideSession] = createContext<Session>();

/** Everything the window knows. Events from the core make it ask again; nothing else changes it. */
export class Session {
  readonly backend: Backend;
  readonly toasts = new Toasts();
  readonly theme: Theme;
  readonly layout: Layout;
  readonly overview: OverviewStore;
  readonly run: RunStore;
  readonly graph = new GraphStore();
  readonly step: StepStore;
  readonly activity: ActivityStore;
  readonly project: ProjectStore;
  readonly drop: DropStore;
  /** Whether a re-run is being asked for. */
  rerunning = $state(false);
  /** Whether the keys are explained. */
  helping = $state(false);

  constructor(backend: Backend) {
    this.backend = backend;
    this.theme = new Theme(backend);
    this.layout = new Layout(backend);
    this.overview = new OverviewStore(backend);
    this.run = new RunStore(backend);
    this.step = new StepStore(backend);
    this.activity = new ActivityStore(backend);
    this.project = new ProjectStore(backend, this.toasts, (project) => { this.overview.projectIs(project); });
    this.drop = new DropStore(backend, this.toasts, this.project);
  }

  /** The open run as the left side lists it. */
  readonly summary = $derived.by(() =>
    this.run.run === null ? undefined : this.overview.run(this.run.run),
  );

  /** Whether the open run is seen from an imported environment. */
  readonly seenFromImported = $derived.by(
    () =>
      this.overview.overview?.environments.find(
        (environment) => environment.name === this.run.environment,
      )?.imported ?? false,
  );

  /** Listens to the core, until the returned function is called. */
  listen(): () => void {
    const stopEvents = this.backend.onEvent((event) => { this.hear(event); });
    const stopDrops = this.backend.onDrop((event) => { this.drop.hear(event); });
    return () => {
      stopEvents();
      stopDrops();
    };
  }

  /** Asks for what the window shows first, and takes up where the person left. */
  async start(): Promise<void> {
    this.overview.question.refresh();
    this.activity.refresh();
    await Promise.all([this.theme.restore(), this.layout.restore()]).catch((thrown: unknown) => {
      this.toasts.fail("The window's settings could not be read", thrown);
    });
  }

  /** Something changed in the core. */
  hear(event: ApiEvent): void {
    switch (event.kind) {
      case "overviewChanged":
        this.overview.question.refresh();
        break;
      case "runChanged":
        this.overview.question.refresh();
        if (event.run === this.run.run) {
          this.run.refresh();
          this.step.refresh();
        }
        break;
      case "logsWritten":
        if (event.run === this.run.run) this.step.refreshLogs();
        break;
      case "activityChanged":
        this.activity.refresh();
        break;
      case "progress":
        this.drop.progress = event;
        break;
      case "imported":
        this.drop.tell(event.report);
        this.#openImported(event.report);
        break;
      case "failed":
        this.toasts.fail("Something went wrong", event.error);
        break;
      case "rerunEnded":
        this.activity.refresh();
        // The open run shows for itself how it ended.
        if (!event.succeeded && event.run !== this.run.run) {
          this.toasts.say("warn", `${stepList(event.steps)} did not end with a value`);
        }
        break;
    }
  }

  /** Opens a run: seen from its newest local environment, or from where it happened. */
  open(run: RunSummary, environment = run.localEnvironments.at(-1) ?? run.environment): void {
    this.run.open(run, environment);
    this.activity.ledgerOf(run.id);
    void this.backend.call("setSetting", { key: "open", value: JSON.stringify({ run: run.id, environment }) });
  }

  /** Whether a run is open. */
  get opened(): boolean {
    return this.run.run !== null;
  }

  /** Opens the run that was open last time. */
  async reopen(): Promise<void> {
    if (this.opened) return;
    const kept = await this.backend.call("getSetting", { key: "open" }).catch(() => null);
    // Meanwhile the person, or an import, may have opened one.
    if (this.opened) return;
    const runs = this.overview.overview?.runs ?? [];
    const last = kept === null ? null : (JSON.parse(kept) as { run?: string; environment?: string });
    const run = runs.find((other) => other.id === last?.run) ?? runs[0];
    if (run === undefined) return;
    const known = this.overview.viewpoints(run).find((name) => name === last?.environment);
    this.open(run, run.id === last?.run ? known : undefined);
  }

  /** Sees the open run from another environment. */
  seeFrom(environment: string): void {
    if (this.summary !== undefined) this.open(this.summary, environment);
  }

  /** Re-runs the selected steps; asks for a project, and for trust in it, where there is none. */
  async rerun(): Promise<void> {
    const steps = [...this.run.selected];
    if (steps.length === 0 || this.rerunning) return;
    const project = this.overview.overview?.project ?? null;
    if (project === null) {
      await this.project.choose(() => void this.rerun());
      return;
    }
    if (!project.trusted) {
      this.project.askTrust(project, () => void this.rerun());
      return;
    }
    this.rerunning = true;
    try {
      const started = await this.backend.call("rerun", {
        steps,
        environment: this.seenFromImported ? null : this.run.environment,
        policy: this.run.policy,
        onMiss: "ask",
        allow: [],
      });
      this.activity.tab = "activity";
      this.activity.refresh();
      this.overview.question.refresh();
      this.seeFrom(started.environment);
      this.run.refresh();
    } catch (thrown) {
      this.#rerunRefused(thrown);
    } finally {
      this.rerunning = false;
    }
  }

  /** Moves the keyboard into the inspector. */
  enterInspector(): void {
    document.querySelector<HTMLElement>('[data-testid="inspector"] [role="tab"][aria-selected="true"]')?.focus();
  }

  /** Cancels an execution and what it called. */
  async cancel(execution: string): Promise<void> {
    await this.backend.call("cancel", { execution }).catch((thrown: unknown) => {
      this.toasts.fail(`${execution} could not be cancelled`, thrown);
    });
  }

  /** Puts text where the person can paste it. */
  async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.toasts.say("ok", `Copied ${what}`);
    } catch (thrown) {
      this.toasts.fail(`${what} could not be copied`, thrown);
    }
  }

  /** Opens a line of code in the person's editor. */
  async openInEditor(file: string, line: number): Promise<void> {
    await this.backend.call("openInEditor", { file, line }).catch((thrown: unknown) => {
      this.toasts.fail(`${file} could not be opened`, thrown);
    });
  }

  #rerunRefused(thrown: unknown): void {
    const project = this.overview.overview?.project ?? null;
    if (CallError.from(thrown).code === "untrusted" && project !== null) {
      this.project.askTrust(project, () => void this.rerun());
    } else if (CallError.from(thrown).code === "noProject") {
      void this.project.choose(() => void this.rerun());
    } else {
      this.toasts.fail("Nothing was re-run", thrown);
    }
  }

  #openImported(report: ImportReport): void {
    const first = report.runs[0];
    if (first === undefined) return;
    if (this.run.run !== null && report.runs.some((run) => run.run === this.run.run)) {
      this.run.refresh();
      this.step.refresh();
      return;
    }
    void this.backend.call("overview", {}).then(
      (overview) => {
        this.overview.question.answer = overview;
        const run = overview.runs.find((other) => other.id === first.run);
        if (run !== undefined) this.open(run);
      },
      (thrown: unknown) => { this.toasts.fail(`${first.run} could not be opened`, thrown); },
    );
  }
}

function stepList(steps: string[]): string {
  return steps.length === 1 ? (steps[0] ?? "") : `${String(steps.length)} steps`;
}
