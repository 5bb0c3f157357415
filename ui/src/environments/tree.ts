import type { EnvironmentView, RunSummary } from "../backend/types";

/** An environment with its depth below the one it stands on. */
export interface EnvironmentRow {
  environment: EnvironmentView;
  depth: number;
}

/** Environments with what stands on them below them. */
export function asTree(environments: EnvironmentView[]): EnvironmentRow[] {
  const known = new Set(environments.map((environment) => environment.name));
  const rows: EnvironmentRow[] = [];
  const seen = new Set<string>();
  const add = (environment: EnvironmentView, depth: number) => {
    if (seen.has(environment.name)) return;
    seen.add(environment.name);
    rows.push({ environment, depth });
    for (const other of environments) if (other.base === environment.name) add(other, depth + 1);
  };
  for (const environment of environments) {
    if (environment.base === null || !known.has(environment.base)) add(environment, 0);
  }
  // Bases that stand on each other are the store's to refuse; here they must only not vanish.
  for (const environment of environments) add(environment, 0);
  return rows;
}

/** The environments a run can be seen from: its own, those it was re-run in, and all that stand on these. */
export function viewpoints(run: RunSummary, environments: readonly EnvironmentView[]): string[] {
  const seen = new Set([run.environment, ...run.localEnvironments]);
  for (const environment of environments) {
    if (environment.base !== null && seen.has(environment.base)) seen.add(environment.name);
  }
  return environments.map((environment) => environment.name).filter((name) => seen.has(name));
}
