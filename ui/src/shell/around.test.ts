import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { shopAnswers, shopOverview, shopRun } from "../backend/testing/shop";
import type { DeleteTarget, DeletionView, RunSummary } from "../backend/types";
import Window from "./Window.svelte";

function open(answers: Answers = {}, prepare: (backend: FakeBackend) => void = () => undefined): FakeBackend {
  const backend = new FakeBackend({ ...shopAnswers(), guard: [], ...answers });
  prepare(backend);
  render(Window, { props: { backend } });
  return backend;
}

const press = (key: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...held });

const deletion: DeletionView = {
  id: 7, at: 0, what: { kind: "run", name: "RPX9" }, runs: ["RPX9", "RChild"], environments: [],
  steps: 62, executions: 64, localExecutions: 2, logs: 9,
};

describe("the palette", () => {
  test("finds actions, says why one cannot be done now, and does the chosen one", async () => {
    const backend = open();
    await screen.findByTestId("step-R6Lf:36");
    await press("k", { ctrlKey: true });
    const palette = await screen.findByTestId("palette");
    const field = within(palette).getByRole("combobox");
    await fireEvent.input(field, { target: { value: "re-run sel" } });
    expect(within(palette).getAllByRole("option")[0]?.textContent).toContain("No step is selected");
    await fireEvent.input(field, { target: { value: "theme dark" } });
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(screen.queryByTestId("palette")).toBeNull();
    expect(backend.settings.get("theme")).toBe("dark");
  });

  test("leads to the parts of the inspector that a step has", async () => {
    open();
    await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
    await waitFor(() => { expect(screen.getByTestId("inspector").dataset.step).toBe("R6Lf:36"); });
    for (const [search, says] of [["inspector why", ""], ["inspector metrics", "It measured nothing"]] as const) {
      await press("k", { ctrlKey: true });
      const field = await screen.findByRole("combobox");
      await fireEvent.input(field, { target: { value: search } });
      expect(within(screen.getByTestId("palette")).getAllByRole("option")[0]?.textContent).toContain(says);
      await fireEvent.keyDown(field, { key: "Enter" });
    }
    expect(screen.getByRole("tab", { name: "Why" }).getAttribute("aria-selected")).toBe("true");
  });

  test("goes to runs and steps", async () => {
    open();
    await screen.findByTestId("step-R6Lf:36");
    await press("F1");
    const field = await screen.findByRole("combobox");
    await fireEvent.input(field, { target: { value: "price_order" } });
    await fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => { expect(screen.getByTestId("inspector").dataset.step).toBe("R6Lf:36"); });
  });
});

test("projects of the same name chosen before are told apart", async () => {
  const recentProjects = ["/home/ada/shop", "/home/ada/fix/shop", "/srv/fix/shop"];
  const backend = open({ overview: { ...shopOverview, recentProjects }, setProject: shopOverview.project ?? undefined });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByRole("button", { name: "What to do with shop" }));
  const menu = screen.getByRole("menu", { hidden: true });
  expect(within(menu).getAllByRole("menuitem", { hidden: true }).map((one) => one.textContent)).toEqual([
    "Choose another folder…", "ada/fix/shop", "srv/fix/shop", "Interpreter and variables…",
  ]);
  await fireEvent.click(within(menu).getByText("srv/fix/shop"));
  await waitFor(() => { expect(backend.askedFor("setProject")).toEqual([{ path: "/srv/fix/shop" }]); });
});

test("one is led to where it failed also when that is folded away, however it failed", async () => {
  const run = { ...shopRun, nodes: [], folds: shopRun.folds.map((fold) => ({ ...fold, failing: 1 })) };
  const found = (steps: number[]) => ({ run: "R6Lf", environment: "development", steps, hits: [], command: "" });
  const backend = open({ run, search: ({ states }) => found(states?.includes("timedOut") === true ? [36] : []) });
  await screen.findByTestId("steps");
  await press("e");
  await waitFor(() => { expect(backend.askedFor("step").at(-1)?.step).toBe("R6Lf:36"); });
});

describe("where one left", () => {
  const place = {
    run: "RPX9", environment: "production", mode: "list", policy: "isolate", unfolded: ["fold:1"],
    selected: ["RPX9:36"], focus: "RPX9:36", place: "RPX9:36", camera: { x: 1, y: 2, scale: 0.5 }, tab: "arguments",
  };

  test("is where one is again, down to the selection", async () => {
    const backend = open({}, (one) => { one.settings.set("places", JSON.stringify([place])); });
    await waitFor(() => { expect(backend.askedFor("run")[0]).toMatchObject({ run: "RPX9", environment: "production", unfolded: ["fold:1"] }); });
    await waitFor(() => { expect(backend.askedFor("step").at(-1)).toEqual({ step: "RPX9:36", environment: "production" }); });
    expect((screen.getByLabelText("List") as HTMLInputElement).checked).toBe(true);
    expect((screen.getByLabelText("Isolate") as HTMLInputElement).checked).toBe(true);
  });

  test("is remembered", async () => {
    const backend = open();
    await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
    await waitFor(() => {
      const kept = JSON.parse(backend.settings.get("places") ?? "[]") as unknown[];
      expect(kept[0]).toMatchObject({ run: "R6Lf", environment: "development", selected: ["R6Lf:36"] });
    });
  });

  test("that cannot be read is no reason not to open", async () => {
    open({}, (one) => { one.settings.set("places", '[{"run": 3}, null, {"run": "R6Lf", "environment": "development", "camera": "x"}]'); });
    await screen.findByTestId("step-R6Lf:36");
  });
});

describe("a link", () => {
  test("selects a step that is here", async () => {
    const backend = open();
    backend.link("hindcast://R6Lf:36");
    await waitFor(() => { expect(screen.getByTestId("inspector").dataset.step).toBe("R6Lf:36"); });
  });

  test("leads into what came in just now", async () => {
    const [known] = shopOverview.runs;
    let runs = shopOverview.runs;
    const backend = open({ overview: () => ({ ...shopOverview, runs }) });
    await screen.findByTestId("step-R6Lf:36");
    runs = [...runs, { ...(known as RunSummary), id: "RNew" }];
    backend.link("hindcast://RNew");
    await waitFor(() => { expect(backend.askedFor("run").at(-1)?.run).toBe("RNew"); });
  });

  test.each([
    ["hindcast://RXXX:1", "There is no run RXXX here"],
    ["hindcast://../../etc", "This link leads nowhere"],
  ])("%s is told to lead nowhere, and asks the core at most what runs there are", async (link, told) => {
    const backend = open();
    await screen.findByTestId("step-R6Lf:36");
    const before = backend.asked.length;
    backend.link(link);
    expect((await screen.findByTestId("toast")).textContent).toContain(told);
    expect(backend.asked.slice(before).map((one) => one.name).filter((name) => !["setSetting", "overview"].includes(name))).toEqual([]);
  });
});

describe("deleting", () => {
  test("asks and says what goes, and can be undone and done again", async () => {
    const backend = open({
      deletion: { ...deletion, id: null, at: null },
      delete: deletion,
      restore: { deletion, renamed: [] },
    });
    await screen.findByTestId("step-R6Lf:36");
    await fireEvent.click(screen.getByRole("button", { name: "What to do with fulfil_orders RPX9" }));
    await fireEvent.click(screen.getByRole("menuitem", { name: "Delete…", hidden: true }));
    const dialog = await screen.findByTestId("delete-dialog");
    expect(await within(dialog).findByText(/the runs it spawned: RChild/)).toBeTruthy();
    expect(within(dialog).getByText(/64 executions, of which 2 ran on this machine/)).toBeTruthy();
    expect(backend.askedFor("delete")).toEqual([]);
    await fireEvent.click(within(dialog).getByTestId("delete"));
    const what: DeleteTarget = { kind: "run", name: "RPX9" };
    await waitFor(() => { expect(backend.askedFor("delete")).toEqual([{ what }]); });
    await press("z", { ctrlKey: true });
    await waitFor(() => { expect(backend.askedFor("restore")).toEqual([{ deletion: 7 }]); });
    await press("z", { ctrlKey: true, shiftKey: true });
    await waitFor(() => { expect(backend.askedFor("delete")).toEqual([{ what }, { what }]); });
  });

  test("that is refused says why, where it was asked for", async () => {
    open({ deletion: () => { throw new CallError("refused", "R6Lf:20:2 has not ended; cancel it first, or wait for it", null); } });
    await screen.findByTestId("step-R6Lf:36");
    await press("Delete", { ctrlKey: true });
    const dialog = await screen.findByTestId("delete-dialog");
    expect((await within(dialog).findByRole("alert")).textContent).toContain("R6Lf:20:2 has not ended");
    expect(within(dialog).getByTestId<HTMLButtonElement>("delete").disabled).toBe(true);
  });
});

describe("the logs", () => {
  test("come in as they are written, and can be searched and sifted by level", async () => {
    const line = (text: string, level: "info" | "error", at: number) => ({ execution: "R6Lf:36:2", target: "price_order", at, level, text, values: [] as [string, string][] });
    let page = { lines: [line("first", "info", 2)], cursor: 1, earlier: 0 };
    const backend = open({ logs: () => page });
    await screen.findByTestId("step-R6Lf:36");
    await fireEvent.click(screen.getByRole("tab", { name: /^Logs/ }));
    page = { lines: [line("before it", "error", 1), line("after it", "info", 3)], cursor: 3, earlier: 0 };
    backend.emit({ kind: "logsWritten", run: "R6Lf" });
    await waitFor(() => { expect(backend.askedFor("logs").at(-1)?.after).toBe(1); });
    const logs = screen.getByTestId("logs");
    expect(await within(logs).findByText("3 lines")).toBeTruthy();
    await fireEvent.click(within(logs).getByRole("button", { name: /^error/ }));
    expect(within(logs).getByText("2 of 3 lines")).toBeTruthy();
    await fireEvent.input(within(logs).getByLabelText("Find in the logs"), { target: { value: "AFTER" } });
    expect(within(logs).getByText("1 of 3 lines")).toBeTruthy();
  });
});

describe("a run of one's own", () => {
  const target = { target: "shop.workflows:report", module: "shop.workflows", name: "report", kind: "task" as const, memoised: false, parameters: [
    { name: "day", annotation: "str", default: null }, { name: "full", annotation: "bool", default: "true" },
  ] };

  test("takes its target from the list and its arguments as Python, and says where one is wrong", async () => {
    const backend = open({
      targets: { targets: [target], problems: [] },
      checkValue: ({ text }) => (text.startsWith("'") ? { kind: "value", text } : { kind: "wrong", message: "no such name", line: 1, column: 1 }),
      submit: { environment: "development", run: "RNew", steps: ["RNew:1"], executions: ["RNew:1:1"] },
    });
    await screen.findByTestId("step-R6Lf:36");
    await press("n");
    const dialog = await screen.findByTestId("submit-dialog");
    const day = await within(dialog).findByLabelText(/^day/);
    await fireEvent.input(day, { target: { value: "yesterday" } });
    await fireEvent.click(within(dialog).getByTestId("submit"));
    expect(await within(dialog).findByText(/no such name/)).toBeTruthy();
    await fireEvent.input(day, { target: { value: "'2026-03-04'" } });
    await fireEvent.click(within(dialog).getByTestId("submit"));
    await waitFor(() => {
      expect(backend.askedFor("submit")).toEqual([{ target: "shop.workflows:report", arguments: ["'2026-03-04'"], environment: "development", form: "python" }]);
    });
    await waitFor(() => { expect(screen.queryByTestId("submit-dialog")).toBeNull(); });
  });
});

describe("states", () => {
  test("missing values are told, with a way to add them", async () => {
    const runs = shopOverview.runs.map((run) => ({ ...run, missingValues: 12 }));
    const backend = open({ overview: { ...shopOverview, runs }, inspectDrop: { items: [] } });
    backend.folder = "/x/blobs";
    await fireEvent.click(await screen.findByTestId("missing"));
    await fireEvent.click(within(await screen.findByTestId("missing-dialog")).getByText("A folder…"));
    await waitFor(() => { expect(backend.askedFor("inspectDrop")).toEqual([{ paths: ["/x/blobs"] }]); });
  });

  test("a core that does not answer is told, and asked again once it does", async () => {
    const backend = open();
    await screen.findByTestId("step-R6Lf:36");
    backend.reach(false);
    expect(await screen.findByText(/offline/)).toBeTruthy();
    const before = backend.askedFor("overview").length;
    backend.reach(true);
    await waitFor(() => { expect(backend.askedFor("overview").length).toBeGreaterThan(before); });
    expect(screen.queryByText(/offline/)).toBeNull();
  });
});

test("the settings keep the project's interpreter, the editor and the size of text", async () => {
  const settings = { python: null, adapter: null, variables: [] };
  const backend = open({ projectSettings: settings, setProjectSettings: shopOverview.project ?? undefined });
  await screen.findByTestId("step-R6Lf:36");
  await press(",", { ctrlKey: true });
  const dialog = await screen.findByTestId("settings");
  const editor = within(dialog).getByLabelText("Editor");
  await fireEvent.input(editor, { target: { value: "vim +{line} {file}" } });
  await fireEvent.blur(editor);
  expect(backend.settings.get("editor")).toBe("vim +{line} {file}");
  await fireEvent.change(within(dialog).getByLabelText("Size of text"), { target: { value: "150" } });
  await waitFor(() => { expect(backend.zoomed).toBe(150); });
  await fireEvent.click(within(dialog).getByRole("tab", { name: "Project" }));
  await fireEvent.click(await within(dialog).findByLabelText("An interpreter"));
  await fireEvent.input(within(dialog).getByLabelText("Path of the interpreter"), { target: { value: "/x/python" } });
  await fireEvent.click(within(dialog).getByText("Keep these"));
  await waitFor(() => {
    expect(backend.askedFor("setProjectSettings")).toEqual([{ path: "/home/ada/shop", settings: { ...settings, python: "/x/python" } }]);
  });
});

test("no dialog makes anything but text of hostile strings", async () => {
  const hostile = '<img src=x onerror="window.broken=1">';
  open({
    overview: { ...shopOverview, runs: shopOverview.runs.map((run) => ({ ...run, target: hostile, missingValues: 1 })) },
    run: { ...shopRun, nodes: shopRun.nodes.map((node) => ({ ...node, target: hostile })) },
    deletion: { ...deletion, runs: [hostile] },
    logs: { lines: [{ execution: hostile, target: hostile, at: 0, level: "info", text: hostile, values: [[hostile, hostile]] }], cursor: 1, earlier: 0 },
    targets: { targets: [], problems: [{ module: hostile, message: hostile }] },
  });
  await screen.findByTestId("step-R6Lf:36");
  await fireEvent.click(screen.getByRole("tab", { name: /^Logs/ }));
  for (const [key, held] of [["k", { ctrlKey: true }], ["Delete", { ctrlKey: true }], ["n", {}]] as const) {
    await press(key, held);
    await waitFor(() => { expect(document.querySelector("dialog")?.textContent).toContain(hostile); });
    expect(document.querySelectorAll("img, script")).toHaveLength(0);
    const dialog = document.querySelector("dialog");
    if (dialog !== null) await fireEvent(dialog, new Event("cancel", { cancelable: true }));
    await waitFor(() => { expect(document.querySelector("dialog")).toBeNull(); });
  }
});
