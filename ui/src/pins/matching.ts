import type { MatchingChoice, MatchingView } from "../backend/types";
import { nameOf } from "../values/argument";

/** Whether a parameter counts when a call is looked up: all of it, parts of it, or nothing. */
export type Counts = "all" | "parts" | "no";

/** A parameter in the editor of a matching rule. */
export interface ParameterRule {
  index: number;
  /** Its name, where known. */
  name: string | null;
  counts: Counts;
  /** The paths of the parts that count, one a line. */
  paths: string;
}

/** A rule as the editor shows it: every known parameter, and whether one that is not known counts. */
export interface RuleDraft {
  parameters: ParameterRule[];
  /** Whether parameters that are not listed count, such as one that is added to the code later. */
  others: boolean;
}

/** A rule, or none, over parameters of which position and name are known. */
export function draftOf(rule: MatchingChoice | null, known: { index: number; name: string | null }[]): RuleDraft {
  const said = rule === null ? [] : [...(rule.only ?? []), ...rule.ignore, ...rule.parts.map((part) => part.parameter)];
  const indexes = [...new Set([...known.map((one) => one.index), ...said])].sort((one, other) => one - other);
  return {
    others: (rule?.only ?? null) === null,
    parameters: indexes.map((index) => {
      const paths = rule?.parts.filter((part) => part.parameter === index).map((part) => part.path) ?? [];
      const out = rule !== null && (rule.ignore.includes(index) || (rule.only !== null && !rule.only.includes(index)));
      return {
        index,
        name: known.find((one) => one.index === index)?.name ?? null,
        counts: out ? "no" : paths.length > 0 ? "parts" : "all",
        paths: paths.join("\n"),
      };
    }),
  };
}

/** The rule that the editor shows; null where all of every parameter counts, which is no rule. */
export function ruleOf(draft: RuleDraft): MatchingChoice | null {
  const counting = draft.parameters.filter((one) => one.counts !== "no");
  const parts = counting.flatMap((one) =>
    one.counts === "parts" ? pathsOf(one).map((path) => ({ parameter: one.index, path })) : [],
  );
  const ignore = draft.others ? draft.parameters.filter((one) => one.counts === "no").map((one) => one.index) : [];
  if (draft.others && ignore.length === 0 && parts.length === 0) return null;
  return { only: draft.others ? null : counting.map((one) => one.index), ignore, parts };
}

/** What is wrong with a parameter of the draft, before the core is asked. */
export function wrongIn(one: ParameterRule): string | null {
  return one.counts === "parts" && pathsOf(one).length === 0 ? "Which part? One path a line, such as ['order']['id']" : null;
}

/** A rule in words. */
export function ruleInWords(rule: MatchingView): string {
  const words = [
    rule.only === null ? "" : rule.only.length === 0 ? "no argument counts" : `only ${rule.only.map(ordinal).join(", ")}`,
    rule.ignore.length > 0 ? `not ${rule.ignore.map(ordinal).join(", ")}` : "",
    rule.parts.length > 0 ? `of ${rule.parts.map((part) => `${ordinal(part.parameter)} only ${part.path}`).join(", ")}` : "",
  ];
  return words.filter(Boolean).join("; ");
}

function pathsOf(one: ParameterRule): string[] {
  return one.paths.split("\n").map((path) => path.trim()).filter(Boolean);
}

function ordinal(index: number): string {
  return nameOf({ index });
}
