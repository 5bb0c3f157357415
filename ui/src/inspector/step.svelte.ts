import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { GraphNode, LogPage, StepComparison, StepView, StreamView } from "../backend/types";

/** What the inspector shows of a step. */
export type InspectorTab = "arguments" | "result" | "logs" | "metrics" | "assets" | "why" | "attempts" | "compare" | "streams";

/** What stands above the parts of a step. */
export type StepHead = Pick<StepView, "step" | "target" | "module" | "memoised" | "divergence" | "calledBy">;

/** What the run's picture already tells of a step, while the step itself is asked for. */
export function headOf(step: string, nodes: readonly GraphNode[]): StepHead {
  const node = nodes.find((one) => one.step === step);
  const caller = node?.parent == null ? undefined : nodes.find((one) => one.id === node.parent);
  return {
    step,
    target: node?.target ?? step,
    module: node?.module ?? "",
    memoised: node?.memoised ?? false,
    divergence: node?.divergence ?? null,
    calledBy: caller?.step == null ? null : { execution: caller.step, target: caller.target },
  };
}

/** The step in the inspector. */
export class StepStore {
  /** Which part of it is shown. */
  tab = $state<InspectorTab>("result");
  /** The step in full. */
  readonly view: Question<StepView>;
  /** The step shown before, of the same run: it gives way once the next is there. */
  before = $state.raw<StepView | null>(null);
  /** Its log lines. */
  readonly logs: Question<LogPage>;
  /** What it produced bit by bit here. */
  readonly streams: Question<StreamView[]>;
  /** It here beside its ancestor; asked only while that is looked at. */
  readonly compared: Question<StepComparison>;

  #comparedFor: string | null = null;
  #step: string | null = null;
  #run: string | null = null;
  #environment: string | null = null;

  constructor(backend: Backend) {
    this.view = new Question(() =>
      this.#step === null || this.#environment === null
        ? null
        : backend.call("step", { step: this.#step, environment: this.#environment }),
    );
    this.streams = new Question(() =>
      this.#step === null || this.#run === null ? null : backend.call("streams", { run: this.#run, step: this.#step }),
    );
    this.compared = new Question(() =>
      this.#step === null || this.#environment === null
        ? null
        : backend.call("compareStep", { step: this.#step, environment: this.#environment, ancestor: null, local: null }),
    );
    this.logs = new Question(() =>
      this.#step === null || this.#environment === null || this.#run === null
        ? null
        : backend.call("logs", {
            run: this.#run,
            environment: this.#environment,
            step: this.#step,
            after: null,
          }),
    );
  }

  /** Shows a step as seen from an environment; nothing, if any is missing. */
  show(run: string | null, step: string | null, environment: string | null): void {
    if (step === this.#step && environment === this.#environment) return;
    const sameStep = step === this.#step;
    this.before = run === this.#run ? (this.view.answer ?? this.before) : null;
    this.#run = run;
    this.#step = step;
    this.#environment = environment;
    this.view.restart({ keep: sameStep });
    this.logs.restart({ keep: sameStep });
    this.streams.restart({ keep: sameStep });
    this.#comparedFor = null;
    if (this.tab === "compare") this.compare(sameStep);
  }

  /** Asks again: something in the run changed. */
  refresh(): void {
    if (this.#step === null) return;
    this.view.refresh();
    this.streams.refresh();
    if (this.tab === "compare") this.compared.refresh();
    else this.#comparedFor = null;
  }

  /** Compares the step with its ancestor, if that was not done yet. */
  compare(keep = false): void {
    const wanted = `${this.#step ?? ""} ${this.#environment ?? ""}`;
    if (this.#comparedFor === wanted) return;
    this.#comparedFor = wanted;
    this.compared.restart({ keep });
  }

  /** Asks again: log lines were written. */
  refreshLogs(): void {
    if (this.#step === null) return;
    this.logs.refresh();
  }
}
