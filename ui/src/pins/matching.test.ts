import { expect, test } from "vitest";

import type { MatchingChoice } from "../backend/types";
import { draftOf, ruleOf, wrongIn } from "./matching";

const known = [{ index: 0, name: "order" }, { index: 1, name: "when" }, { index: 2, name: "dry" }];

test.each<[string, MatchingChoice, string[]]>([
  ["one is left out", { only: null, ignore: [1], parts: [] }, ["all", "no", "all"]],
  ["only some count", { only: [0], ignore: [], parts: [] }, ["all", "no", "no"]],
  ["parts of one count", { only: null, ignore: [2], parts: [{ parameter: 0, path: "['id']" }, { parameter: 0, path: ".items[0]" }] }, ["parts", "all", "no"]],
  ["only a part of one counts", { only: [0], ignore: [], parts: [{ parameter: 0, path: "['id']" }] }, ["parts", "no", "no"]],
  ["one the code no longer has", { only: null, ignore: [7], parts: [] }, ["all", "all", "all", "no"]],
])("a rule comes back from the editor as it went in: %s", (_, rule, counts) => {
  const draft = draftOf(rule, known);
  expect(draft.parameters.map((one) => one.counts)).toEqual(counts);
  expect(ruleOf(draft)).toEqual(rule);
});

test("all of everything is no rule, and a part that is not named is wrong", () => {
  const draft = draftOf(null, known);
  expect(ruleOf(draft)).toBeNull();
  const [first] = draft.parameters;
  if (first === undefined) throw new Error("no parameter");
  expect(wrongIn(first)).toBeNull();
  expect(wrongIn({ ...first, counts: "parts", paths: " \n" })).toContain("Which part?");
});
