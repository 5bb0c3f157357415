import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { shopAnswers } from "../backend/testing/shop";
import type { DebugState, DebugView, RerunStarted } from "../backend/types";
import Window from "../shell/Window.svelte";

const started: RerunStarted = { environment: "development", run: "R6Lf", steps: ["R6Lf:36"], executions: ["R6Lf:36:3"], rerun: 2 };

function debugged(state: DebugState): DebugView {
  const texts = { vscode: "{ \"port\": 5678 }", pycharm: "port 5678", neovim: ":lua" };
  return { execution: "R6Lf:36:3", step: "R6Lf:36", state, host: "127.0.0.1", port: 5678, ...texts };
}

function open(answers: Answers = {}): FakeBackend {
  const backend = new FakeBackend({ ...shopAnswers(), rerun: started, ...answers });
  render(Window, { props: { backend } });
  return backend;
}

async function select(step: string): Promise<void> {
  await fireEvent.click(await screen.findByTestId(`step-${step}`));
  await screen.findByTestId("outcome-local");
}

/** The execution's own part of the inspector. */
async function inInspector(): Promise<HTMLElement> {
  return await within(screen.getByTestId("inspector")).findByTestId("debugger");
}

test("keys re-run the selected steps under a debugger, or only a call below its caller", async () => {
  const backend = open();
  await select("R6Lf:36");
  await fireEvent.keyDown(document.body, { key: "D", shiftKey: true });
  await waitFor(() => { expect(backend.askedFor("rerun")).toHaveLength(1); });
  await fireEvent.keyDown(document.body, { key: "E", shiftKey: true });
  await waitFor(() => { expect(backend.askedFor("rerun")).toHaveLength(2); });

  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  await fireEvent.click(await screen.findByText("Re-run the step’s caller, with a debugger in the step"));
  await waitFor(() => { expect(backend.askedFor("rerun")).toHaveLength(3); });
  expect(backend.askedFor("rerun").map(({ steps, debug }) => ({ steps, debug }))).toEqual([
    { steps: ["R6Lf:36"], debug: {} },
    { steps: ["R6Lf:36"], debug: { atRaise: true } },
    { steps: ["R6Lf:20"], debug: { calls: ["shop.workflows:price_order"], callsOnly: true } },
  ]);
});

test("an execution that waits says how to attach, writes launch.json, and can be cancelled", async () => {
  const activity = { ...(shopAnswers().activity as object), debug: [debugged("waits")] };
  const backend = open({
    activity: activity as Answers["activity"],
    writeLaunch: { file: "/p/.vscode/launch.json", name: "Hindcast", done: "added" },
    takeBackLaunch: { file: "/p/.vscode/launch.json", name: "Hindcast", done: "takenOut" },
  });
  await select("R6Lf:36");
  const waiting = await inInspector();
  expect(waiting.textContent).toContain("waits for a debugger");
  expect(waiting.textContent).toContain("127.0.0.1:5678");
  for (const editor of ["VS Code", "PyCharm", "Neovim"]) {
    expect(within(waiting).getByText(`Copy for ${editor}`)).toBeTruthy();
  }

  await fireEvent.click(within(waiting).getByTestId("write-launch"));
  expect(await screen.findByText("“Hindcast” was added to launch.json; all else is as it was")).toBeTruthy();
  await fireEvent.click(screen.getByText("Undo"));
  await waitFor(() => { expect(backend.askedFor("takeBackLaunch")).toEqual([{ name: "Hindcast" }]); });

  await fireEvent.click(within(waiting).getByText("Cancel"));
  expect(backend.askedFor("cancel")).toEqual([{ execution: "R6Lf:36:3" }]);
});

test("it is seen when a debugger comes and goes", async () => {
  let state: DebugState = "attached";
  const activity = shopAnswers().activity as object;
  const backend = open({ activity: () => ({ ...activity, debug: [debugged(state)] }) as never });
  await select("R6Lf:36");
  const shown = await inInspector();
  expect(shown.textContent).toContain("Neither it nor what called it is timed out");
  expect(within(shown).queryByText("Copy for VS Code")).toBeNull();
  state = "detached";
  backend.emit({ kind: "activityChanged" });
  await waitFor(async () => { expect((await inInspector()).textContent).toContain("Its timeout counts"); });
});

test("where debugpy is missing one question is asked, and then what was asked for is done", async () => {
  let copy = false;
  const backend = open({
    rerun: () => {
      if (!copy) throw new CallError("noDebugpy", "the project's Python has no debugpy", null);
      return started;
    },
    debugpy: { place: "missing", folder: "/store/debugpy/cpython-311", mend: "python -m pip install debugpy" },
    installDebugpy: () => {
      copy = true;
      return { place: "copy", folder: "/store/debugpy/cpython-311", mend: "" };
    },
  });
  await select("R6Lf:36");
  await fireEvent.keyDown(document.body, { key: "E", shiftKey: true });
  const dialog = await screen.findByTestId("debugpy-dialog");
  await waitFor(() => { expect(dialog.textContent).toContain("/store/debugpy/cpython-311"); });
  expect(backend.askedFor("installDebugpy")).toEqual([]);
  await fireEvent.click(screen.getByTestId("install-debugpy"));
  await waitFor(() => { expect(screen.queryByTestId("debugpy-dialog")).toBeNull(); });
  await waitFor(() => { expect(backend.askedFor("rerun").at(-1)?.debug).toEqual({ atRaise: true }); });
  expect(backend.askedFor("rerun")).toHaveLength(2);
});
