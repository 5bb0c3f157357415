import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { Activity, ActualView, DebugView, GuardCard, InputView, LedgerView, PlanView, PolicyChoice } from "../backend/types";
import { isLive } from "../run/state";
import type { BottomTab, Layout } from "../shell/layout.svelte";

/** How long a selection rests before it is planned, in ms. */
const REST_MS = 60;

/** What goes on here: the plan before, the executions during, the guard's questions, the ledger after. */
export class ActivityStore {
  readonly #layout: Layout;
  /** What a re-run of the selected steps would do; asked only while somebody looks at it. */
  readonly plan: Question<PlanView>;
  /** The plan of the open run's last re-run beside what happened. */
  readonly actual: Question<ActualView>;
  /** Whether the plan tab looks back, at the last re-run. */
  back = $state(false);
  /** Files that were saved while a re-run goes on with what they held before, by its run. */
  saved = $state.raw<Readonly<Record<string, readonly string[]>>>({});
  /** Whether bodies may do nothing outside of themselves, if the person said so; else the plan says. */
  locked = $state<boolean | null>(null);
  /** What is going on. */
  readonly activity: Question<Activity>;
  /** The calls that wait at the guard. */
  readonly guard: Question<GuardCard[]>;
  /** How far the re-run that waits at the guard came with its plan: what waits behind. */
  readonly behind: Question<ActualView>;
  /** The inputs that executions wait for. */
  readonly inputs: Question<InputView[]>;
  /** The bodies of the open run that really ran. */
  readonly ledger: Question<LedgerView>;

  #steps: readonly string[] = [];
  #environment: string | null = null;
  #policy: PolicyChoice = "memo";
  #allowed: readonly string[] = [];
  #looked = false;
  #planned = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #run: string | null = null;
  #waits: string | null = null;
  #asked: Partial<Record<BottomTab, number>> = {};

  constructor(backend: Backend, layout: Layout) {
    this.#layout = layout;
    this.plan = new Question(() =>
      this.#steps.length === 0
        ? null
        : backend.call("plan", {
            steps: [...this.#steps],
            environment: this.#environment,
            policy: this.#policy,
            ...(this.#allowed.length > 0 ? { allow: [...this.#allowed] } : {}),
          }),
    );
    this.actual = new Question(() => (this.#run === null || !this.back ? null : backend.call("actual", { rerun: this.#run })));
    this.activity = new Question(() => backend.call("activity", {}));
    this.guard = new Question(async () => {
      const cards = await backend.call("guard", {});
      this.#bringUp("guard", cards.length);
      this.#waits = cards[0]?.run ?? null;
      this.behind.refresh();
      return cards;
    });
    this.behind = new Question(() => (this.#waits === null ? null : backend.call("actual", { rerun: this.#waits })));
    this.inputs = new Question(async () => {
      const inputs = await backend.call("inputs", {});
      this.#bringUp("inputs", inputs.length);
      return inputs;
    });
    this.ledger = new Question(() => backend.call("ledger", { run: this.#run }));
  }

  /** The executions that have not ended, of those that really run here. */
  get live(): string[] {
    const items = this.activity.answer?.items ?? [];
    return items.flatMap((item) => (item.call === "run" && isLive(item.state) && item.execution !== null ? [item.execution] : []));
  }

  /** Executions that wait for a debugger or have one. */
  get debuggers(): readonly DebugView[] {
    return this.activity.answer?.debug ?? [];
  }

  /** Which part is shown. */
  get tab(): BottomTab {
    return this.#layout.tab;
  }

  set tab(tab: BottomTab) {
    this.#layout.showTab(tab);
  }

  /** Plans a re-run of these steps; `environment` is none for the run's own local one, `allowed` may run whatever else. */
  planFor(steps: readonly string[], environment: string | null, policy: PolicyChoice, allowed: readonly string[] = []): void {
    this.#steps = steps;
    this.#environment = environment;
    this.#policy = policy;
    this.#allowed = allowed;
    this.locked = null;
    this.back = false;
    if (steps.length === 0) this.plan.restart();
    this.replan();
  }

  /** Somebody looks at the plan, until the returned function is called. */
  lookAhead(): () => void {
    this.#looked = true;
    if (!this.#planned) this.#planNow();
    return () => { this.#looked = false; };
  }

  /** What the plan was made of changed: it is made again once that rests, if somebody looks at it. */
  replan(): void {
    clearTimeout(this.#rest);
    this.#planned = false;
    this.#rest = setTimeout(() => { if (this.#looked) this.#planNow(); }, REST_MS);
  }

  #planNow(): void {
    clearTimeout(this.#rest);
    this.#planned = true;
    this.plan.restart({ keep: this.#steps.length > 0 });
  }

  /** Shows the ledger of a run. */
  ledgerOf(run: string | null): void {
    this.#run = run;
    this.ledger.restart();
    this.actual.restart();
  }

  /** Asks again: executions started or ended, the guard asks or was answered. */
  refresh(): void {
    this.activity.refresh();
    this.guard.refresh();
    this.inputs.refresh();
    this.ledger.refresh();
    if (this.back) this.actual.refresh();
  }

  /** Files were saved during a re-run: the next one takes them. */
  savedDuring(run: string, files: readonly string[]): void {
    const before = this.saved[run] ?? [];
    this.saved = { ...this.saved, [run]: [...before, ...files.filter((file) => !before.includes(file))] };
  }

  /** A re-run takes what was saved until now. */
  takesSaved(run: string): void {
    this.saved = { ...this.saved, [run]: [] };
  }

  /** Looks back at the last re-run, or ahead. */
  lookBack(back: boolean): void {
    this.back = back;
    if (back) this.actual.refresh();
  }

  /** A new question comes to the front once; the person may then look elsewhere. */
  #bringUp(tab: BottomTab, open: number): void {
    const before = this.#asked[tab] ?? 0;
    this.#asked[tab] = open;
    if (open > before) this.tab = tab;
    else if (open === 0 && before > 0 && this.tab === tab) this.tab = "activity";
  }
}
