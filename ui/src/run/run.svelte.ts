import type { Backend } from "../backend/backend";
import { CompareStore } from "../compare/compare.svelte";
import { Question } from "../backend/question.svelte";
import type { GraphNode, PolicyChoice, RunSummary, RunView } from "../backend/types";
import { Finder } from "./find/finder.svelte";
import { distinct, stepsAmong } from "./find/results";

/** How the run is drawn. */
export type ViewMode = "graph" | "timeline" | "list" | "compare";

/** How a run was looked at when it was left. */
export interface RunPlace {
  mode: ViewMode;
  policy: PolicyChoice;
  unfolded: string[];
  selected: string[];
  focus: string | null;
  place: string | null;
}

/** The run that is open: seen from where, and what is selected in it. */
export class RunStore {
  /** Its id; none while nothing is open. */
  run = $state<string | null>(null);
  /** The environment it is seen from. */
  environment = $state<string | null>(null);
  /** Folded fan-outs that the person unfolded. */
  unfolded = $state.raw<string[]>([]);
  /** Steps drawn whatever is folded, by number: those one was led to. */
  kept = $state.raw<readonly number[]>([]);
  /** How it is drawn. */
  mode = $state<ViewMode>("graph");
  /** What a re-run may run. */
  policy = $state<PolicyChoice>("memo");
  /** The selected steps. */
  selected = $state.raw<readonly string[]>([]);
  /** The step in the inspector: the one selected last. */
  focus = $state<string | null>(null);
  /** The place in the drawing that was chosen last: a step can have several, a stopped call is one too. */
  place = $state<string | null>(null);
  /** The run, laid out. */
  readonly view: Question<RunView>;
  /** The run with nothing folded, for the list and the timeline. */
  readonly whole: Question<RunView>;
  /** The same as its ancestor has it, for the timeline. */
  readonly ancestor: Question<RunView>;
  /** What is searched for in it. */
  readonly finder: Finder;
  /** It beside its ancestor. */
  readonly compared: CompareStore;

  readonly #backend: Backend;
  /** Where a stretch of steps that is selected begins. */
  #origin: string | null = null;
  /** Whether a step is selected that is not drawn yet: nobody looks at the drawing. */
  #undrawn = false;
  /** Which of what list and timeline show was not asked for since it changed. */
  #old = { whole: true, ancestor: true };

  constructor(backend: Backend) {
    this.#backend = backend;
    this.compared = new CompareStore(backend);
    this.finder = new Finder(backend, () => ({ run: this.run, environment: this.environment }));
    this.view = new Question(() => this.#ask(this.environment, this.unfolded));
    this.whole = new Question(() => this.#askWhole(this.environment));
    this.ancestor = new Question(() => this.#askWhole(this.view.answer?.ancestor ?? null));
  }

  /** The steps that are drawn. */
  readonly #drawn = $derived.by(() => stepsAmong(this.view.answer?.nodes ?? []));

  /** The call stopped at the guard that is chosen, if one is. */
  readonly stopped = $derived.by(() => {
    if (this.focus !== null || this.place === null) return null;
    return this.view.answer?.nodes.find((node) => node.id === this.place && node.stopped !== null) ?? null;
  });

  /** Opens a run, seen from an environment, as it was left if that is known. */
  open(run: RunSummary, environment: string, left: RunPlace | null = null): void {
    if (this.run === run.id && this.environment === environment) return;
    const sameRun = this.run === run.id;
    this.run = run.id;
    this.environment = environment;
    if (!sameRun) {
      this.unfolded = left?.unfolded ?? [];
      this.selected = left?.selected ?? [];
      this.focus = left?.focus ?? null;
      this.place = left?.place ?? null;
      if (left !== null) [this.mode, this.policy] = [left.mode, left.policy];
    }
    if (!sameRun) this.kept = (left?.selected ?? []).slice(0, 50).map(numberOf).filter(Number.isInteger);
    this.finder.moved(sameRun);
    this.#undrawn = false;
    this.#old = { whole: true, ancestor: true };
    this.view.restart({ keep: sameRun });
    this.restartWhole();
  }

  /** Opens nothing. */
  close(): void {
    this.run = null;
    this.environment = null;
    this.selectNone();
    this.view.restart();
  }

  /** Asks again: something in the run changed. */
  refresh(): void {
    this.view.refresh();
    this.finder.refresh();
    this.#old = { whole: this.mode !== "list" && this.mode !== "timeline", ancestor: this.mode !== "timeline" };
    if (!this.#old.whole) this.whole.refresh();
    if (!this.#old.ancestor) this.ancestor.refresh();
  }

  /** Draws it another way. */
  show(mode: ViewMode): void {
    this.mode = mode;
    this.restartWhole();
    if (mode === "graph" && this.#undrawn) {
      this.#undrawn = false;
      this.view.restart({ keep: true });
    }
  }

  /** Shows the steps of a folded fan-out. */
  unfold(fold: string): void {
    if (this.unfolded.includes(fold)) return;
    this.unfolded = [...this.unfolded, fold];
    this.view.restart({ keep: true });
  }

  /** Folds what was unfolded again, with the steps of it that one was led to, and stands on it. */
  fold(fold: string): void {
    const inside = (this.view.answer?.nodes ?? []).filter((node) => node.fold === fold).map((node) => node.number);
    this.unfolded = this.unfolded.filter((other) => other !== fold);
    this.kept = this.kept.filter((number) => !inside.includes(number));
    this.stand(fold);
    this.view.restart({ keep: true });
  }

  /** Folds everything that was unfolded. */
  foldAll(): void {
    this.unfolded = [];
    this.kept = [];
    this.view.restart({ keep: true });
  }

  /** Selects one step alone; `place` is where in the drawing, if not where it was made. */
  select(step: string, place = step): void {
    this.selected = [step];
    this.focus = step;
    this.place = place;
    this.#origin = step;
    this.#draw(step);
  }

  /** Selects several steps, with those selected before if it extends. */
  selectAmong(steps: readonly string[], extend = false): void {
    this.selected = distinct([...(extend ? this.selected : []), ...steps]);
    this.focus = steps.at(-1) ?? this.selected.at(-1) ?? null;
    this.place = this.focus;
  }

  /** Goes to what is no step, such as a fold; what is selected stays so if it extends. */
  stand(place: string, extend = false): void {
    if (!extend) this.selectNone();
    this.place = place;
  }

  /** Selects the steps from the one selected last by itself to this one, as a table shows them. */
  selectTo(node: GraphNode, rows: readonly GraphNode[]): void {
    const [from, to] = [rows.findIndex((row) => row.step === this.#origin), rows.indexOf(node)];
    if (from < 0 || to < 0 || node.step === null) {
      this.choose(node);
      return;
    }
    const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.selectAmong((from < to ? between : between.toReversed()).flatMap((row) => row.step ?? []));
  }

  /** Draws a step that is folded away, without the others of its fold. */
  #draw(step: string): void {
    const number = numberOf(step);
    if (this.view.answer === null || this.#drawn.has(step) || !Number.isInteger(number)) return;
    this.kept = [...this.kept.filter((other) => other !== number).slice(-50), number];
    if (this.mode === "graph") this.view.restart({ keep: true });
    else this.#undrawn = true;
  }

  /** Chooses what stands at a place: a step alone or, extending, with those selected; or a stopped call. */
  choose(node: GraphNode, extend = false): void {
    if (node.step === null) {
      this.selectNone();
      this.place = node.id;
    } else if (extend) {
      this.toggle(node.step);
      this.place = node.id;
    } else {
      this.select(node.step, node.id);
    }
  }

  /** Adds a step to the selection, or takes it out. */
  toggle(step: string): void {
    if (this.selected.includes(step)) {
      this.selected = this.selected.filter((other) => other !== step);
      this.focus = this.selected.at(-1) ?? null;
    } else {
      this.selected = [...this.selected, step];
      this.focus = step;
      this.#origin = step;
    }
  }

  /** Selects every step that is shown: what a search found, where one is under way, be it folded away. */
  selectAll(): void {
    const whole = this.mode === "list" || this.mode === "timeline";
    const shown = ((whole ? this.whole : this.view).answer?.nodes ?? []).filter((node) => this.finder.finds(node));
    const steps = shown.flatMap((node) => (node.step === null ? [] : [node.step]));
    // The drawing tells of folds how many were found in them.
    this.selected = whole || this.finder.numbers === null ? distinct(steps) : this.finder.order;
    if (this.focus === null || !this.selected.includes(this.focus)) this.focus = this.selected[0] ?? null;
    this.place = this.focus;
  }

  /** Selects nothing. */
  selectNone(): void {
    this.selected = [];
    this.focus = null;
    this.place = null;
  }

  /** Has every step of the open run read anew, if something changed: for who looks beyond what is drawn. */
  lookBeyond(): void {
    if (this.#old.whole) this.whole.restart({ keep: this.whole.answer?.run === this.run });
    this.#old.whole = false;
  }

  private restartWhole(): void {
    if (this.mode !== "list" && this.mode !== "timeline") return;
    if (this.#old.whole) this.whole.restart({ keep: this.whole.answer?.run === this.run });
    this.#old.whole = false;
    if (this.mode !== "timeline" || !this.#old.ancestor) return;
    this.ancestor.restart({ keep: this.ancestor.answer?.run === this.run });
    this.#old.ancestor = false;
  }

  #ask(environment: string | null, unfolded: string[]): Promise<RunView> | null {
    if (this.run === null || environment === null) return null;
    return this.#backend.call("run", { run: this.run, environment, unfolded, keep: [...this.kept] });
  }

  /** Every step, for the list and the timeline. */
  #askWhole(environment: string | null): Promise<RunView> | null {
    if (this.run === null || environment === null) return null;
    return this.#backend.call("run", { run: this.run, environment, unfolded: [], whole: true });
  }
}

/** A step's number in its run: 36 of `R6Lf:36`. */
function numberOf(step: string): number {
  return Number(step.split(":")[1]);
}
