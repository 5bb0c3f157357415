import type { OutcomeRow, OutcomesView } from "../backend/types";
import { DIVERGENCES, isLive, STATES } from "../run/state";

/** What the table can be sorted by: a column, or an argument by its place among those shown. */
export type Column = "step" | "there" | "here" | "compared" | "took" | number;

/** Which column, and whether its last comes first. */
export interface Order {
  column: Column;
  descending: boolean;
}

/** Which rows are shown. */
export type Filter = "all" | "different" | "same" | "failed" | "live";

/** How a row compares with the ancestor, in a word. */
export function compared(row: OutcomeRow): string {
  return row.ancestor === null ? "" : DIVERGENCES[row.ancestor.divergence].word;
}

/** What came of it here, in a line: how it stands, while it has not ended. */
export function here(row: OutcomeRow): string {
  return row.outcome === "" ? STATES[row.state].word : row.outcome;
}

const KEEPS: Record<Filter, (row: OutcomeRow) => boolean> = {
  all: () => true,
  different: (row) => row.ancestor !== null && !["equal", "unfinished"].includes(row.ancestor.divergence),
  same: (row) => row.ancestor?.divergence === "equal",
  failed: (row) => !isLive(row.state) && row.state !== "succeeded" && row.state !== "cached",
  live: (row) => isLive(row.state),
};

/** How many rows each filter keeps. */
export function counts(view: OutcomesView): Record<Filter, number> {
  const count = (filter: Filter) => view.rows.filter(KEEPS[filter]).length;
  return { all: view.rows.length, different: count("different"), same: count("same"), failed: count("failed"), live: count("live") };
}

/** The rows that a filter keeps and that have a text somewhere, in an order; as they came, if none. */
export function shown(view: OutcomesView, filter: Filter, search: string, order: Order | null): OutcomeRow[] {
  const wanted = search.trim().toLowerCase();
  const kept = view.rows.filter((row) => KEEPS[filter](row) && (wanted === "" || cells(row).some((cell) => cell.toLowerCase().includes(wanted))));
  if (order === null) return kept;
  const sign = order.descending ? -1 : 1;
  return kept.sort((one, other) => sign * compare(order.column, one, other));
}

function compare(column: Column, one: OutcomeRow, other: OutcomeRow): number {
  if (typeof column === "number") return byText(one.arguments[column] ?? "", other.arguments[column] ?? "");
  switch (column) {
    case "step": return one.number - other.number;
    case "there": return byText(one.ancestor?.outcome ?? "", other.ancestor?.outcome ?? "");
    case "here": return byText(here(one), here(other));
    case "compared": return byText(compared(one), compared(other));
    case "took": return (one.durationMs ?? -1) - (other.durationMs ?? -1);
  }
}

/** Numbers in texts count as numbers: 9 comes before 10. */
function byText(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function cells(row: OutcomeRow): string[] {
  return [row.step, ...row.arguments, row.ancestor?.outcome ?? "", here(row), compared(row)];
}

/** The rows as CSV (RFC 4180), a head first. */
export function csv(view: OutcomesView, rows: readonly OutcomeRow[]): string {
  const head = ["step", "execution", ...view.arguments, "ancestor", "ancestor's outcome", "state", "outcome", "compared", "duration in ms"];
  const lines = rows.map((row) => [
    row.step, row.execution, ...row.arguments, row.ancestor?.execution ?? "", row.ancestor?.outcome ?? "",
    STATES[row.state].word, row.outcome, compared(row), row.durationMs === null ? "" : String(row.durationMs),
  ]);
  return [head, ...lines].map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

/** A field in quotes; a spreadsheet must not take it for a formula. */
function quoted(field: string): string {
  const harmless = /^[=+\-@\t\r]/.test(field) && Number.isNaN(Number(field)) ? `'${field}` : field;
  return `"${harmless.replaceAll('"', '""')}"`;
}
