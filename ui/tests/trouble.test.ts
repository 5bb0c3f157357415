import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fixture } from "./twin";
import { test } from "./window";

test("code that cannot run is told in one sentence with what would mend it, and runs once it is mended", async ({ window, twin }) => {
  const { page } = window;
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");
  const file = join(twin.project, "shop/workflows.py");
  const code = readFileSync(file, "utf8");
  writeFileSync(file, `import pandaz\n${code}`);

  await window.get("rerun").click();
  await window.says(window.get("hindered"), "pandaz is not installed (shop/workflows.py, line 1)");
  await window.says(window.get("mend"), "-m pip install pandaz");
  await window.inspect("hindered");
  writeFileSync(file, code);
  await page.getByRole("button", { name: "Look again" }).click();
  await window.says(window.get("outcome-local"), "KeyError: 'CH'");

  // Where the project is shown, it can be looked at before anything is run.
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: /Project/ }).click();
  await window.says(window.get("examination"), "See whether it can run");
  writeFileSync(file, `${code}\ndef f(:\n`);
  await page.getByRole("button", { name: "See whether it can run" }).click();
  await window.says(window.get("trouble"), "SyntaxError: invalid syntax");
  await window.inspect("project");
  writeFileSync(file, code);
  await window.get("examination").getByRole("button", { name: "Look again" }).click();
  await window.says(window.get("examination"), "It can run");
});
