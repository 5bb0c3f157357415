import { expect, test } from "vitest";

import { score } from "./palette";

function best(search: string, texts: string[]): string[] {
  return texts
    .map((text) => ({ text, found: score(text, search) }))
    .filter((one) => one.found !== null)
    .sort((one, other) => (other.found ?? 0) - (one.found ?? 0))
    .map((one) => one.text);
}

test.each([
  ["theme dark", ["Theme: dark"]],
  ["dark the", ["Theme: dark"]],
  ["del run", ["Delete the run…"]],
  ["run", ["Re-run the selected steps", "Delete the run…"]],
  ["drk", ["Theme: dark"]],
  ["zz", []],
])("%s finds %s", (search, found) => {
  expect(best(search, ["Theme: dark", "Delete the run…", "Re-run the selected steps"]).sort()).toEqual([...found].sort());
});

test("what starts with it comes before what has it somewhere", () => {
  expect(best("log", ["Show the logs", "Catalogue", "Logs of step 3"])).toEqual(["Logs of step 3", "Show the logs", "Catalogue"]);
});
