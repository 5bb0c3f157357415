import type { Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { Overview, ProjectView, RunSummary } from "../backend/types";
import { asTree, viewpoints, type EnvironmentRow } from "./tree";

/** Environments, runs and project: what the store holds. */
export class OverviewStore {
  readonly question: Question<Overview>;

  constructor(backend: Backend) {
    this.question = new Question(() => backend.call("overview", {}));
  }

  /** What the core last said; none before its first answer. */
  get overview(): Overview | null {
    return this.question.answer;
  }

  /** Environments as a tree, bases first. */
  get environments(): EnvironmentRow[] {
    return asTree(this.overview?.environments ?? []);
  }

  /** The core said how the project stands, in answer to another question. */
  projectIs(project: ProjectView): void {
    const overview = this.overview;
    if (overview !== null) this.question.answer = { ...overview, project };
  }

  /** The run with that id. */
  run(id: string): RunSummary | undefined {
    return this.overview?.runs.find((run) => run.id === id);
  }

  /** The environments a run can be seen from. */
  viewpoints(run: RunSummary): string[] {
    return viewpoints(run, this.overview?.environments ?? []);
  }
}
