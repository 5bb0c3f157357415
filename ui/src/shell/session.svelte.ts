import { createContext } from "svelte";

import { ActivityStore } from "../activity/activity.svelte";
import { LogStore } from "../activity/logs.svelte";
import type { Backend } from "../backend/backend";
import type { ApiEvent, DeleteTarget, ImportReport, RerunStarted, RunSummary } from "../backend/types";
import { DebugStore } from "../debug/debug.svelte";
import { Deletions } from "../deletion/deletions.svelte";
import { ConnectStore } from "../connect/connect.svelte";
import { DropStore } from "../drop/drop.svelte";
import { Drafts } from "../edited/drafts.svelte";
import { OverviewStore } from "../environments/overview.svelte";
import { StepStore } from "../inspector/step.svelte";
import { OutcomesStore } from "../outcomes/outcomes.svelte";
import { ByHandStore, type ByHandPlace } from "../pins/byhand.svelte";
import { ProjectStore } from "../project/project.svelte";
import { RerunStore } from "../rerun/rerun.svelte";
import { GraphStore } from "../run/graph/graph.svelte";
import { RunStore } from "../run/run.svelte";
import { FAILING, isFailing } from "../run/state";
import { WatchStore } from "../watch/watch.svelte";
import { Theme } from "../theme/theme.svelte";
import { SubmitStore } from "../submit/submit.svelte";
import { copyText } from "./clipboard";
import { Hearing } from "./hearing";
import { Layout, type BottomTab } from "./layout.svelte";
import { linkTo, parseLink } from "./link";
import { Places } from "./places.svelte";
import { Toasts } from "./toasts.svelte";
import { Undo } from "./undo.svelte";

/** A part of the settings. */
export type SettingsPart = "general" | "project" | "environments" | "deleted";

/** What stands over the window; one at a time. */
export type WindowDialog =
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "settings"; part: SettingsPart }
  | { kind: "submit" }
  | { kind: "connect" }
  | { kind: "missing" }
  | { kind: "mock"; step: string }
  | { kind: "edit"; step: string }
  | { kind: "alike"; step: string }
  | { kind: "matching"; target: string }
  | { kind: "delete"; what: DeleteTarget }
  /** `again` is what was to be done. */
  | { kind: "debugpy"; again: () => void };

/** The session of the window that a component stands in. */
export const [useSession, provideSession] = createContext<Session>();

/** Everything the window knows. Events from the core make it ask again; nothing else changes it. */
export class Session {
  readonly backend: Backend;
  readonly toasts = new Toasts();
  readonly undo = new Undo(this.toasts);
  readonly theme: Theme;
  readonly layout: Layout;
  readonly overview: OverviewStore;
  readonly run: RunStore;
  readonly graph = new GraphStore();
  readonly step: StepStore;
  readonly activity: ActivityStore;
  readonly project: ProjectStore;
  readonly drop: DropStore;
  readonly connect: ConnectStore;
  readonly logs: LogStore;
  readonly places: Places;
  readonly deletions: Deletions;
  readonly submit: SubmitStore;
  readonly byHand: ByHandStore;
  readonly watch: WatchStore;
  readonly debug: DebugStore;
  readonly outcomes: OutcomesStore;
  readonly reruns = new RerunStore(this);
  /** What is written in place of recorded arguments. */
  readonly drafts = new Drafts();
  /** What stands over the window. */
  dialog = $state.raw<WindowDialog | null>(null);
  /** Whether the core answers. */
  reachable = $state(true);
  /** A link that is to be followed once the runs are known. */
  #link: string | null = null;

  constructor(backend: Backend) {
    this.backend = backend;
    this.theme = new Theme(backend);
    this.layout = new Layout(backend);
    this.overview = new OverviewStore(backend);
    this.run = new RunStore(backend);
    this.step = new StepStore(backend);
    this.activity = new ActivityStore(backend, this.layout);
    this.project = new ProjectStore(backend, this.toasts, (project) => { this.overview.projectIs(project); });
    this.connect = new ConnectStore(backend);
    this.drop = new DropStore(backend, this.toasts, this.project);
    this.logs = new LogStore(backend);
    this.places = new Places(backend);
    this.deletions = new Deletions(backend, this.toasts, this.undo, (deleted) => { this.#deleted(deleted); });
    this.submit = new SubmitStore(backend);
    this.byHand = new ByHandStore(backend, (label, place) => { this.#setByHand(label, place); });
    this.watch = new WatchStore(backend);
    this.debug = new DebugStore(backend, this.toasts, this.undo);
    this.outcomes = new OutcomesStore(backend);
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
    const hearing = new Hearing((event) => { this.hear(event); });
    const stopEvents = this.backend.onEvent((event) => { hearing.take(event); });
    const stopDrops = this.backend.onDrop((event) => { this.drop.hear(event); });
    const stopLinks = this.backend.onLink((link) => { this.follow(link); });
    const stopReach = this.backend.onReach((reachable) => { this.#reach(reachable); });
    this.backend.listens();
    return () => {
      stopEvents();
      stopDrops();
      stopLinks();
      stopReach();
    };
  }

  /** Asks for what the window shows first, and takes up where the person left. */
  async start(): Promise<void> {
    this.activity.refresh();
    this.watch.question.refresh();
    // Where one was comes before what is there: the first run opens as it was left.
    await this.places.restore().catch(() => undefined);
    this.overview.question.refresh();
    await Promise.all([this.theme.restore(), this.layout.restore()]).catch((thrown: unknown) => {
      this.toasts.fail("The window's settings could not be read", thrown);
    });
  }

  /** Something changed in the core. */
  hear(event: ApiEvent): void {
    switch (event.kind) {
      case "overviewChanged":
        this.overview.question.refresh();
        this.byHand.refresh();
        break;
      case "runChanged":
        this.overview.question.refresh();
        if (event.run === this.run.run) {
          this.run.refresh();
          this.outcomes.refresh();
          this.step.refresh();
          this.logs.refresh();
          this.byHand.refresh();
        }
        break;
      case "logsWritten":
        if (event.run === this.run.run) {
          this.step.refreshLogs();
          this.logs.refresh();
        }
        break;
      case "activityChanged":
        this.activity.refresh();
        this.outcomes.refresh();
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
      case "codeSaved":
        this.activity.savedDuring(event.run, event.files);
        break;
      case "watchChanged":
        this.watch.question.refresh();
        break;
      case "rerunEnded":
        this.activity.refresh();
        this.outcomes.refresh();
        // The open run shows for itself how it ended.
        if (!event.succeeded && event.run !== this.run.run) {
          this.toasts.say("warn", `${stepList(event.steps)} did not end with a value`);
        }
        break;
    }
  }

  /** Opens a run: seen from its newest local environment, or from where it happened. */
  open(run: RunSummary, environment = run.localEnvironments.at(-1) ?? run.environment): void {
    const left = this.run.run === run.id ? null : this.places.of(run.id);
    // The graph looks as it did; a run that it never showed, it looks at for the first time.
    if (left !== null && left.camera !== null && left.environment === environment) {
      this.graph.run = run.id;
      this.graph.place = left.camera;
    }
    if (left !== null) this.step.tab = left.tab;
    this.run.open(run, environment, left);
    this.activity.ledgerOf(run.id);
    this.outcomes.ofRun(run.id);
    this.logs.show(run.id, environment);
  }

  /** Remembers where the person is. */
  remember(): void {
    const { run, environment, mode, policy, unfolded, selected, focus, place } = this.run;
    if (run === null || environment === null) return;
    const camera = this.graph.run === run ? this.graph.place : null;
    this.places.remember({
      run, environment, mode, policy, unfolded, selected: [...selected], focus, place, camera, tab: this.step.tab,
    });
  }

  /** What undoing would take back: a deed of this session, or else what was set by hand before. */
  get undoable(): string | null {
    return this.undo.next?.label ?? this.byHand.pins.answer?.undo ?? null;
  }

  /** What redoing would do again. */
  get redoable(): string | null {
    return this.undo.again?.label ?? this.byHand.pins.answer?.redo ?? null;
  }

  /** Takes back what was done last. */
  async undoLast(): Promise<void> {
    if (this.undo.next !== null) await this.undo.undo();
    else await this.#byHand("undo");
  }

  /** Does again what was taken back last. */
  async redoLast(): Promise<void> {
    if (this.undo.again !== null) await this.undo.redo();
    else await this.#byHand("redo");
  }

  async #byHand(which: "undo" | "redo"): Promise<void> {
    const open = which === "undo" ? this.undoable : this.redoable;
    if (open === null) return;
    try {
      const what = await this.byHand[which]();
      this.toasts.say("ok", `${which === "undo" ? "Undone" : "Done again"}: ${what ?? open}`);
      this.run.refresh();
    } catch (thrown) {
      this.toasts.fail(`“${open}” could not be ${which === "undo" ? "undone" : "done again"}`, thrown);
    }
  }

  /** Notes that something was set by hand in an environment, so that it is undone there and in its turn. */
  noteByHand(label: string, place: ByHandPlace): void {
    this.undo.note({ label, undo: () => this.byHand.undo(place), redo: () => this.byHand.redo(place) });
  }

  #setByHand(label: string | null, place: ByHandPlace): void {
    if (label !== null) this.noteByHand(label, place);
    // The first pin makes the local environment; pins show where they hold.
    if (place.run === this.run.run && place.environment !== null && place.environment !== this.run.environment) {
      this.overview.question.refresh();
      this.seeFrom(place.environment);
    } else {
      this.byHand.refresh();
      this.run.refresh();
      this.step.refresh();
    }
    this.activity.replan();
  }

  /** Whether something over the window asks. */
  get asks(): boolean {
    return this.dialog !== null || this.project.asking !== null;
  }

  /** Puts something over the window. */
  show(dialog: WindowDialog): void {
    this.dialog = dialog;
  }

  /** Shows a part of the bottom panel. */
  showBottom(tab: BottomTab): void {
    this.layout.fold("bottom", false);
    this.activity.tab = tab;
  }

  /** Whether a run is open. */
  get opened(): boolean {
    return this.run.run !== null;
  }

  /** Opens the run that was open last time. */
  async reopen(): Promise<void> {
    if (this.#link !== null) await this.#followNow(this.#link);
    if (this.opened) return;
    const runs = this.overview.overview?.runs ?? [];
    const last = this.places.list.find((place) => runs.some((other) => other.id === place.run));
    const run = runs.find((other) => other.id === last?.run) ?? runs[0];
    if (run !== undefined) this.openAsLeft(run);
  }

  /** Opens a run as it was left, if it was open before. */
  openAsLeft(run: RunSummary): void {
    const left = this.places.of(run.id)?.environment;
    this.open(run, this.overview.viewpoints(run).find((name) => name === left));
  }

  /** Follows a link to a run or step. It can only ever select what is in the store. */
  follow(link: string): void {
    this.#link = link;
    if (this.overview.overview !== null) void this.#followNow(link);
  }

  async #followNow(link: string): Promise<void> {
    this.#link = null;
    const place = parseLink(link);
    if (place === null) {
      this.toasts.say("warn", "This link leads nowhere", [`${link.slice(0, 200)} is not hindcast://RUN or hindcast://RUN:STEP`]);
      return;
    }
    let run = this.overview.run(place.run);
    if (run === undefined) {
      // It may have come in just now.
      this.overview.question.answer = await this.backend.call("overview", {}).catch(() => this.overview.question.answer);
      run = this.overview.run(place.run);
    }
    if (run === undefined) {
      this.toasts.say("warn", `There is no run ${place.run} here`, ["Import it first: drop its export on the window."]);
      return;
    }
    if (this.run.run !== run.id) this.openAsLeft(run);
    if (place.step !== null) this.run.select(place.step);
  }

  /** Selects a step, of whichever run; seen from the environment that it is told of, if one is named. */
  goTo(step: string, environment?: string): void {
    const run = this.overview.run(step.split(":")[0] ?? "");
    if (run === undefined) return;
    const from = this.overview.viewpoints(run).find((name) => name === environment);
    if (from !== undefined) this.open(run, from);
    else if (this.run.run !== run.id) this.openAsLeft(run);
    this.run.select(step);
  }

  /** Copies text, which may have yet to be asked for. */
  async copy(text: string | Promise<string>, what: string): Promise<void> {
    try {
      await copyText(text);
      this.toasts.say("ok", `Copied ${what}`);
    } catch (thrown) {
      this.toasts.fail(`${what} could not be copied`, thrown);
    }
  }

  /** Copies a link to the selected step, or to the run. */
  async copyLink(): Promise<void> {
    const what = this.run.focus ?? this.run.run;
    if (what !== null) await this.copy(linkTo(what), "the link");
  }

  /** Copies the command that re-runs a step: the selected one, if none is named. */
  async copyCommand(step = this.run.focus): Promise<void> {
    const { environment } = this.run;
    if (step === null || environment === null) return;
    await this.copy(this.backend.call("step", { step, environment }).then(({ command }) => command), "the command");
  }

  /** Whether something failed in the open run, be it folded away. */
  get failed(): boolean {
    return this.#drawnFailure !== null || (this.run.view.answer?.folds ?? []).some((fold) => fold.failing > 0);
  }

  /** Selects where the run failed: the deepest step made last. */
  async goToFailure(): Promise<void> {
    const { run, environment } = this.run;
    const drawn = this.#drawnFailure;
    if (drawn !== null) this.run.select(drawn);
    if (drawn !== null || run === null || environment === null) return;
    const what = { run, environment, text: "", targets: [], environments: [], groups: [] };
    try {
      const { steps } = await this.backend.call("search", { ...what, states: [...FAILING] });
      const last = steps.at(-1);
      if (last !== undefined && run === this.run.run) this.run.select(`${run}:${String(last)}`);
    } catch (thrown) {
      this.toasts.fail("What failed could not be found", thrown);
    }
  }

  get #drawnFailure(): string | null {
    const nodes = this.run.view.answer?.nodes ?? [];
    return nodes.findLast((node) => isFailing(node.state) && node.step !== null)?.step ?? null;
  }

  /** Asks whether a run shall be deleted: the open one, if none is named. */
  askToDelete(run = this.run.run): void {
    if (run !== null) this.show({ kind: "delete", what: { kind: "run", name: run } });
  }

  /** Asks whether a local environment shall be deleted: the one shown, if none is named. */
  askToDeleteEnvironment(name = this.run.environment): void {
    if (name !== null) this.show({ kind: "delete", what: { kind: "environment", name } });
  }

  /** Writes the open run as a bundle where the person says. */
  async exportRun(run = this.run.run): Promise<void> {
    if (run === null) return;
    const path = await this.backend.chooseSave(`${run}.hindcast`);
    if (path === null) return;
    try {
      const report = await this.backend.call("export", { run, path });
      this.toasts.say("ok", `Exported ${run}`, [
        `${report.path}: ${report.runs.join(", ")}, with ${String(report.blobs)} blobs`,
      ]);
    } catch (thrown) {
      this.toasts.fail(`${run} was not exported`, thrown);
    }
  }

  #reach(reachable: boolean): void {
    if (reachable && !this.reachable) {
      this.overview.question.refresh();
      this.run.refresh();
      this.step.refresh();
      this.activity.refresh();
    }
    this.reachable = reachable;
  }

  /** What was deleted can be open. */
  #deleted(deleted: { runs: string[]; environments: string[] }): void {
    const { run, environment } = this.run;
    if (run !== null && deleted.runs.includes(run)) this.run.close();
    else if (environment !== null && deleted.environments.includes(environment) && this.summary !== undefined) {
      this.open(this.summary, this.summary.environment);
    }
  }

  /** Sees the open run from another environment. */
  seeFrom(environment: string): void {
    if (this.summary !== undefined) this.open(this.summary, environment);
  }

  /** Shows a run that was begun here. */
  async openStarted(started: RerunStarted): Promise<void> {
    this.showBottom("activity");
    this.activity.refresh();
    try {
      const overview = await this.backend.call("overview", {});
      this.overview.question.answer = overview;
      const run = overview.runs.find((other) => other.id === started.run);
      if (run !== undefined) this.open(run, started.environment);
      // What comes of it is what it was started for.
      if (started.steps[0] !== undefined) this.run.select(started.steps[0]);
    } catch (thrown) {
      this.toasts.fail(`${started.run} could not be opened`, thrown);
    }
  }

  /** Has the desktop open `hindcast://` links with this window. */
  async registerLinks(): Promise<void> {
    try {
      await this.backend.registerLinks();
      this.toasts.say("ok", "hindcast:// links open here from now on");
    } catch (thrown) {
      this.toasts.fail("The desktop does not open links here", thrown);
    }
  }

  /** Moves the keyboard into the inspector. */
  enterInspector(): void {
    document.querySelector<HTMLElement>('[data-testid="inspector"] [role="tab"][aria-selected="true"]')?.focus();
  }

  /** Opens a line of code in the person's editor. */
  async openInEditor(file: string, line: number): Promise<void> {
    await this.backend.call("openInEditor", { file, line }).catch((thrown: unknown) => {
      this.toasts.fail(`${file} could not be opened`, thrown);
    });
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
