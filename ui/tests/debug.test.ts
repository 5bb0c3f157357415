import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { Editor } from "./dap";
import { debugpy, fixture } from "./twin";
import { test } from "./window";

/** A person's own file, with a comment and an entry that has our name. */
const LAUNCH = `{
  // mine
  "configurations": [
    { "name": "Hindcast", "type": "debugpy", "request": "launch", "program": "x.py" }, // stays
  ],
}
`;

test("a step waits for the editor, stops at its breakpoint, and goes on without it", async ({ window, twin }) => {
  const { page } = window;
  const inspector = page.getByTestId("inspector");
  await window.import(fixture("shop/R6Lf.json"), "R6Lf");
  await window.select("R6Lf:36");

  // The project's Python has no debugpy: the one question, which nothing is done without.
  await page.keyboard.press("Shift+D");
  await window.says(window.get("debugpy-dialog"), "own environment is not changed");
  await window.says(window.get("debugpy-dialog"), "-m pip install debugpy");
  await window.inspect("debugpy-question");
  await page.getByRole("button", { name: "Not now" }).click();

  appendFileSync(join(twin.project, ".env"), `PYTHONPATH=${debugpy()}\n`);
  mkdirSync(join(twin.project, ".vscode"));
  const launch = join(twin.project, ".vscode/launch.json");
  writeFileSync(launch, LAUNCH);

  await page.keyboard.press("Shift+D");
  const waiting = inspector.locator("[data-testid=debugger][data-state=waits]");
  await waiting.waitFor();
  const port = Number((/127\.0\.0\.1:(\d+)/).exec(await waiting.innerText())?.[1]);
  await window.says(inspector, "None: its body has not begun.");
  await page.getByText("What to attach with").click();
  await window.inspect("debugger-waits");

  await waiting.getByTestId("write-launch").click();
  await window.says(page.locator("body"), "“Hindcast (2)” was added to launch.json");
  const written = readFileSync(launch, "utf8");
  expect(written).toContain("// stays");
  expect(written).toContain(`"port": ${String(port)}`);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await window.says(page.locator("body"), "Undone: write “Hindcast (2)” into launch.json");
  expect(readFileSync(launch, "utf8")).toBe(LAUNCH);

  const code = join(twin.project, "shop/workflows.py");
  const line = readFileSync(code, "utf8").split("\n").findIndex((text) => text.includes("rate = VAT[country]")) + 1;
  const editor = await Editor.attach(port, code, [line]);
  await editor.event("stopped");
  await inspector.locator("[data-testid=debugger][data-state=attached]").waitFor();
  await window.inspect("debugger-attached");
  editor.tell("disconnect", { terminateDebuggee: false });
  await inspector.getByTestId("debugger").waitFor({ state: "detached" });
  await window.says(window.get("outcome-local"), "KeyError: 'CH'");

  // One that nobody attaches to is ended by the person.
  await inspector.getByRole("button", { name: "Stop at the raise" }).click();
  await waiting.waitFor();
  await waiting.getByRole("button", { name: "Cancel" }).click();
  await window.inState("R6Lf:36", "cancelled");
});
