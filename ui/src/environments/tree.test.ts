import { expect, test } from "vitest";

import { shopOverview } from "../backend/testing/shop";
import type { EnvironmentView } from "../backend/types";
import { asTree, viewpoints } from "./tree";

function environment(name: string, base: string | null): EnvironmentView {
  return { name, base, imported: base === null, runs: 0 };
}

test("what stands on an environment comes below it", () => {
  const rows = asTree([environment("production", null), environment("staging", null), environment("development", "production"), environment("try", "development")]);
  expect(rows.map((row) => `${"  ".repeat(row.depth)}${row.environment.name}`)).toEqual(["production", "  development", "    try", "staging"]);
});

test("environments that stand on each other are still shown", () => {
  expect(asTree([environment("one", "other"), environment("other", "one")])).toHaveLength(2);
});

test("a run is seen from where it happened and from what stands on that", () => {
  const [run] = shopOverview.runs;
  if (run === undefined) throw new Error("the shop has runs");
  const environments = [...shopOverview.environments, environment("staging", null), environment("try", "development")];
  expect(viewpoints(run, environments)).toEqual(["production", "development", "try"]);
});
