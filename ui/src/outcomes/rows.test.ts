import { describe, expect, test } from "vitest";

import type { Divergence, NodeState, OutcomeRow, OutcomesView } from "../backend/types";
import { counts, csv, here, shown, type Column } from "./rows";

function row(number: number, state: NodeState, divergence: Divergence, given: Partial<OutcomeRow> = {}): OutcomeRow {
  return {
    step: `R6Lf:${String(number)}`, number, target: "shop.workflows:price_order", execution: `R6Lf:${String(number)}:2`, state,
    arguments: [`{'id': 'A-${String(number)}'}`, "'HU'"], edited: [], outcome: state === "running" ? "" : "{'total': 1}",
    ancestor: { execution: `R6Lf:${String(number)}:1`, outcome: "{'total': 1}", divergence, result: [] }, durationMs: number * 10, ...given,
  };
}

const view: OutcomesView = {
  rerun: 3, run: "R6Lf", environment: "development", target: "shop.workflows:price_order", arguments: ["order", "country"], ended: false,
  command: "hindcast outcomes 3",
  rows: [
    row(36, "failed", "differs", { outcome: "KeyError: 'CH'", arguments: ["{'id': 'A-36'}", "'CH'"] }),
    row(10, "running", "unfinished", { durationMs: null }),
    row(9, "succeeded", "equal"),
  ],
};

const numbers = (rows: OutcomeRow[]) => rows.map((one) => one.number);

describe("the rows of a table of outcomes", () => {
  test.each([
    [null, false, [36, 10, 9]],
    ["step", false, [9, 10, 36]],
    ["step", true, [36, 10, 9]],
    [0, false, [9, 10, 36]],
    [1, false, [36, 10, 9]],
    ["took", false, [10, 9, 36]],
    ["compared", false, [36, 9, 10]],
  ] as [Column | null, boolean, number[]][])("by %s, descending %s, are %s", (column, descending, order) => {
    expect(numbers(shown(view, "all", "", column === null ? null : { column, descending }))).toEqual(order);
  });

  test("are filtered by how they compare, how they stand, and by text in any cell", () => {
    expect(numbers(shown(view, "different", "", null))).toEqual([36]);
    expect(numbers(shown(view, "same", "", null))).toEqual([9]);
    expect(numbers(shown(view, "failed", "", null))).toEqual([36]);
    expect(numbers(shown(view, "live", "", null))).toEqual([10]);
    expect(numbers(shown(view, "all", "'ch'", null))).toEqual([36]);
    expect(counts(view)).toEqual({ all: 3, different: 1, same: 1, failed: 1, live: 1 });
    expect(view.rows.map(here)).toEqual(["KeyError: 'CH'", "running", "{'total': 1}"]);
  });

  test("go into a spreadsheet as they are, and as no formula", () => {
    const told = csv(view, [row(9, "succeeded", "equal", { arguments: ["=1+1", "-5"], outcome: "'a \"b\"'" })]);
    expect(told.split("\r\n")[0]).toBe('"step","execution","order","country","ancestor","ancestor\'s outcome","state","outcome","compared","duration in ms"');
    expect(told).toContain('"R6Lf:9","R6Lf:9:2","\'=1+1","-5"');
    expect(told).toContain('"\'a ""b""\'","same","90"\r\n');
  });
});
