import type { PolicyChoice } from "../backend/types";
import type { InspectorTab } from "../inspector/step.svelte";
import { byHand, loadPins, savePins } from "../pins/deeds";
import type { ViewMode } from "../run/run.svelte";
import type { ThemeChoice } from "../theme/theme.svelte";
import type { Shortcut } from "./keyboard";
import type { BottomTab } from "./layout.svelte";
import type { Session } from "./session.svelte";

/** Where an action stands in the palette and among the keys. */
export type ActionGroup = "Steps" | "View" | "Go to" | "Runs" | "Project" | "Window";

/** Something the person can have done, by key, by palette or by button. */
export interface Action {
  id: string;
  group: ActionGroup;
  title: string;
  /** The keys for it; the first is the one shown. */
  keys: Shortcut[];
  /** Why it cannot be done now; null if it can. */
  hindrance: (session: Session) => string | null;
  act: (session: Session) => void;
}

const always = () => null;
const withRun = (session: Session) => (session.opened ? null : "No run is open");
const withSteps = (session: Session) => (session.run.selected.length > 0 ? null : "No step is selected");
const withFocus = (session: Session) => (session.run.focus === null ? "No step is selected" : null);

function action(
  group: ActionGroup,
  id: string,
  title: string,
  keys: Shortcut[],
  act: (session: Session) => void,
  hindrance: (session: Session) => string | null = always,
): Action {
  return { id, group, title, keys, hindrance, act };
}

function pinFocus(session: Session): void {
  const step = session.run.focus ?? "";
  void byHand(session, `${step} was not pinned`, () => session.byHand.pin(step));
}

function debugFocus(session: Session): void {
  const step = session.step.view.answer;
  const caller = step?.calledBy?.execution.split(":").slice(0, 2).join(":");
  if (!step || caller === undefined) return;
  void session.reruns.debugged({ calls: [`${step.module}:${step.target}`], callsOnly: true }, [caller]);
}

function view(mode: ViewMode, title: string, key: string): Action {
  return action("View", `view-${mode}`, title, [key], (session) => { session.run.show(mode); }, withRun);
}

function policy(choice: PolicyChoice, title: string): Action {
  return action("Steps", `policy-${choice}`, title, [], (session) => { session.run.policy = choice; }, withRun);
}

function theme(choice: ThemeChoice, title: string): Action {
  return action("Window", `theme-${choice}`, title, [], (session) => { session.theme.choose(choice); });
}

function bottom(tab: BottomTab, title: string, keys: Shortcut[] = []): Action {
  return action("Go to", `bottom-${tab}`, title, keys, (session) => { session.showBottom(tab); });
}

/** A part of the inspector; `lacks` says why the step has none. */
function part(tab: InspectorTab, lacks: (session: Session) => string | null = always): Action {
  const act = (session: Session) => {
    session.layout.fold("right", false);
    session.step.tab = tab;
  };
  return action("Go to", `part-${tab}`, `Inspector: ${tab}`, [], act, (session) => withFocus(session) ?? lacks(session));
}

/** What takes the keys in each drawing of a run. */
const DRAWINGS: Partial<Record<ViewMode, string>> = {
  graph: '[data-testid="steps"]',
  timeline: '[data-testid="timeline"]',
  list: '[data-testid="list"]',
};

/** A key that drawings of the run understand; sent there as if it were pressed there. */
function drawing(id: string, title: string, keys: Shortcut[], key: string, modes: ViewMode[]): Action {
  const there = (session: Session) => document.querySelector<HTMLElement>(DRAWINGS[session.run.mode] ?? "");
  const act = (session: Session) => {
    there(session)?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  };
  return action("View", id, title, keys, act, (session) =>
    withRun(session) ?? (modes.includes(session.run.mode) ? null : `Only in the ${modes.join(" and the ")}`));
}

function lockNext({ activity }: Session): void {
  activity.locked = !(activity.locked ?? activity.plan.answer?.locked ?? false);
}

const withPins = (session: Session) =>
  withRun(session) ?? (session.byHand.pins.answer === null ? "An imported environment is shown: nothing is set by hand there" : null);
const withPinsFile = (session: Session) =>
  withPins(session) ?? (session.byHand.pins.answer?.file ? null : "No project is chosen");

/** Every action there is. */
export const ACTIONS: readonly Action[] = [
  action("Steps", "rerun", "Re-run the selected steps", ["R"], (session) => void session.reruns.selected(), withSteps),
  action("Steps", "edit", "Edit arguments and re-run…", ["Shift+R"], (session) => { session.show({ kind: "edit", step: session.run.focus ?? "" }); }, withFocus),
  action("Steps", "alike", "Run over all like steps…", [], (session) => { session.show({ kind: "alike", step: session.run.focus ?? "" }); }, withFocus),
  action("Steps", "debug", "Re-run the selected steps under a debugger", ["Shift+D"], (session) => void session.reruns.debugged(), withSteps),
  action("Steps", "debug-raise", "Re-run the selected steps, and stop at the raise", ["Shift+E"], (session) => void session.reruns.debugged({ atRaise: true }), withSteps),
  action("Steps", "debug-call", "Re-run the step’s caller, with a debugger in the step", [], (session) => { debugFocus(session); }, (session) =>
    withFocus(session) ?? (session.step.view.answer?.calledBy ? null : "Nothing called it")),
  action("Steps", "debug-launch", "Write the debugger’s configuration into .vscode/launch.json", [], (session) => {
    for (const { execution } of session.activity.debuggers) void session.debug.writeLaunch(execution);
  }, (session) => (session.activity.debuggers.length > 0 ? null : "Nothing waits for a debugger")),
  action("Steps", "watch", "Watch the selected steps: run them at every save, or stop", ["W"], (session) => void session.reruns.toggleWatch(), (session) =>
    session.watch.active ? null : withSteps(session)),
  action("Steps", "cancel", "Cancel what runs", ["Ctrl+."], (session) => void session.reruns.cancelAll(), (session) =>
    session.activity.live.length > 0 ? null : "Nothing runs"),
  action("Steps", "submit", "Start a run of a workflow here…", ["N"], (session) => { session.show({ kind: "submit" }); }),
  action("Steps", "select-all", "Select every step shown", ["Ctrl+A"], (session) => { session.run.selectAll(); }, withRun),
  action("Steps", "select-none", "Select nothing", ["Esc"], (session) => { session.run.selectNone(); }, withFocus),
  action("Steps", "copy-step", "Copy the step’s id", ["Ctrl+Shift+C"], (session) => void session.copy(session.run.focus ?? "", "the id"), withFocus),
  action("Steps", "copy-command", "Copy the command that re-runs the step", [], (session) => void session.copyCommand(), withFocus),
  action("Steps", "copy-link", "Copy a link to what is selected", ["Ctrl+Shift+L"], (session) => void session.copyLink(), withRun),
  action("Steps", "pin", "Pin the step", [], (session) => { pinFocus(session); }, withFocus),
  action("Steps", "unpin", "Unpin the step: it runs", [], (session) => {
    const step = session.run.focus ?? "";
    void byHand(session, `${step} was not unpinned`, () => session.byHand.unpin(step));
  }, withFocus),
  action("Steps", "mock", "Mock the step…", ["M"], (session) => { session.show({ kind: "mock", step: session.run.focus ?? "" }); }, withFocus),
  action("Steps", "clear-pin", "Leave the step to the rules", [], (session) => {
    const step = session.run.focus ?? "";
    void byHand(session, `${step} was not left to the rules`, () => session.byHand.clear(step));
  }, (session) => withFocus(session) ?? (session.byHand.of(session.run.focus) === null ? "Nothing is set by hand for it" : null)),
  action("Steps", "matching", "Matching rule of the step’s target…", [], (session) => {
    const step = session.step.view.answer;
    if (step !== null) session.show({ kind: "matching", target: `${step.module}:${step.target}` });
  }, withFocus),
  action("Steps", "lock", "Lock the next re-run, or unlock it", [], lockNext, (session) =>
    session.activity.plan.answer?.locked === undefined ? "Nothing is planned" : null),
  action("Steps", "pins-save", "Save pins and mocks beside the code", [], (session) => void savePins(session, true), withPinsFile),
  action("Steps", "pins-save-file", "Save pins and mocks to a file…", [], (session) => void savePins(session, false), withPins),
  action("Steps", "pins-load", "Load pins and mocks from beside the code", [], (session) => void loadPins(session, true), withPinsFile),
  action("Steps", "pins-load-file", "Load pins and mocks from a file…", [], (session) => void loadPins(session, false), withPins),
  policy("memo", "Policy: memo, memoised and cached calls are pinned"),
  policy("isolate", "Policy: isolate, only the chosen steps run"),
  policy("open", "Policy: open, anything may run"),

  view("graph", "Show as graph", "1"),
  view("timeline", "Show as timeline", "2"),
  view("list", "Show as list", "3"),
  view("compare", "Show beside its ancestor", "4"),
  drawing("search", "Search steps", ["/", "Ctrl+F"], "/", ["graph", "timeline", "list"]),
  action("View", "filter", "Filter steps…", [], () => { document.querySelector<HTMLElement>('main [data-testid="filter"]')?.click(); }, (session) =>
    withRun(session) ?? (session.run.mode === "compare" ? "Not beside its ancestor" : null)),
  drawing("fit", "See all of it", ["F"], "f", ["graph", "timeline"]),
  drawing("zoom-in", "Zoom in", ["+"], "+", ["graph", "timeline"]),
  drawing("zoom-out", "Zoom out", ["-"], "-", ["graph", "timeline"]),
  drawing("zoom-selection", "Look at the selected steps", ["Z"], "z", ["timeline"]),

  action("Go to", "first-divergence", "Go to the first divergence", ["D"], (session) => {
    const step = session.run.view.answer?.firstDivergence ?? "";
    session.run.select(step);
    session.graph.lead = step;
  }, (session) =>
    withRun(session) ?? (session.run.view.answer?.firstDivergence ? null : "Nothing diverges")),
  action("Go to", "first-failure", "Go to where it failed", ["E"], (session) => {
    void session.goToFailure().then(() => { session.graph.lead = session.run.focus; });
  }, (session) =>
    withRun(session) ?? (session.failed ? null : "Nothing failed")),
  action("Go to", "inspector", "To the inspector", ["Enter"], (session) => { session.enterInspector(); }, withFocus),
  bottom("plan", "Show the plan", ["P"]),
  bottom("activity", "Show the activity", ["A"]),
  bottom("guard", "Show the guard’s questions", ["G"]),
  bottom("inputs", "Show the inputs that are asked for"),
  bottom("logs", "Show the logs", ["L"]),
  bottom("tries", "Show the tries of the watch"),
  bottom("outcomes", "Show the outcomes of the last re-run of several steps"),
  bottom("ledger", "Show the ledger"),
  part("arguments"),
  part("result"),
  part("compare", ({ step }) => (step.view.answer?.ancestor && step.view.answer.local ? null : "It did not run in both environments")),
  part("logs"),
  part("metrics", ({ step }) => (step.view.answer?.metrics.length ? null : "It measured nothing")),
  part("assets", ({ step }) => (step.view.answer?.assets.length ? null : "It kept no assets")),
  part("streams", ({ step }) => (step.streams.answer?.length ? null : "It has no streams")),
  part("why"),
  part("attempts"),

  action("Runs", "open", "Open exports…", ["Ctrl+O"], (session) => void session.drop.open()),
  action("Runs", "connect", "Import runs of a live server…", [], (session) => { session.show({ kind: "connect" }); }),
  action("Runs", "open-folder", "Open a folder of exports or blobs…", ["Ctrl+Shift+O"], (session) => void session.drop.openFolder()),
  action("Runs", "missing", "Add values that are missing…", [], (session) => { session.show({ kind: "missing" }); }, (session) =>
    withRun(session) ?? ((session.summary?.missingValues ?? 0) > 0 ? null : "No value is missing")),
  action("Runs", "cancel-import", "Cancel the import", [], (session) => void session.drop.cancel(), (session) =>
    session.drop.importing > 0 ? null : "Nothing is being imported"),
  action("Runs", "export", "Export the run as a bundle…", ["Ctrl+S"], (session) => void session.exportRun(), withRun),
  action("Runs", "delete-run", "Delete the run…", ["Ctrl+Delete"], (session) => { session.askToDelete(); }, withRun),
  action("Runs", "delete-environment", "Delete the local environment…", [], (session) => { session.askToDeleteEnvironment(); }, (session) =>
    session.run.environment === null || session.seenFromImported ? "No local environment is shown" : null),
  action("Runs", "deleted", "Bring back what was deleted…", [], (session) => { session.show({ kind: "settings", part: "deleted" }); }),

  action("Project", "project", "Choose the project’s folder…", ["Ctrl+Shift+P"], (session) => void session.project.choose()),
  action("Project", "trust", "Trust the project…", [], (session) => {
    const project = session.overview.overview?.project;
    if (project) session.project.askTrust(project);
  }, (session) => {
    const project = session.overview.overview?.project ?? null;
    if (project === null) return "No project is chosen";
    return project.trusted ? "It is trusted" : null;
  }),
  action("Project", "project-settings", "Interpreter and variables…", [], (session) => { session.show({ kind: "settings", part: "project" }); }),
  action("Project", "examine", "See whether the project can run", [], (session) => {
    session.show({ kind: "settings", part: "project" });
    void session.project.examine();
  }, (session) => (session.overview.overview?.project?.trusted ? null : "No project is trusted")),

  action("Window", "palette", "All actions…", ["Ctrl+K", "F1"], (session) => { session.show({ kind: "palette" }); }),
  action("Window", "settings", "Settings…", ["Ctrl+,"], (session) => { session.show({ kind: "settings", part: "general" }); }),
  action("Window", "environments", "How values are written…", [], (session) => { session.show({ kind: "settings", part: "environments" }); }),
  action("Window", "links", "Open hindcast:// links with this window", [], (session) => void session.registerLinks()),
  action("Window", "put-away", "Put every message away", [], (session) => { session.toasts.clear(); }, (session) =>
    session.toasts.list.length > 0 ? null : "There is none"),
  action("Window", "keys", "Keys…", ["?"], (session) => { session.show({ kind: "keys" }); }),
  action("Window", "undo", "Undo", ["Ctrl+Z"], (session) => void session.undoLast(), (session) =>
    session.undoable === null ? "Nothing to undo" : null),
  action("Window", "redo", "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], (session) => void session.redoLast(), (session) =>
    session.redoable === null ? "Nothing to do again" : null),
  action("Window", "bottom", "Fold or unfold the bottom panel", ["Ctrl+J"], (session) => { session.layout.fold("bottom"); }),
  action("Window", "left", "Fold or unfold the left panel", ["Ctrl+B"], (session) => { session.layout.fold("left"); }),
  action("Window", "right", "Fold or unfold the inspector", ["Ctrl+Shift+B"], (session) => { session.layout.fold("right"); }),
  action("Window", "larger", "Larger text", ["Ctrl++", "Ctrl+="], (session) => { session.theme.resize(1); }),
  action("Window", "smaller", "Smaller text", ["Ctrl+-"], (session) => { session.theme.resize(-1); }),
  action("Window", "text-size", "Text as it was", ["Ctrl+0"], (session) => { session.theme.resize(0); }),
  theme("system", "Theme: as the desktop has it"),
  theme("light", "Theme: light"),
  theme("dark", "Theme: dark"),
];

/** The title an action has now: undo and redo say what of. */
export function titleOf(one: Action, session: Session): string {
  if (one.id === "undo" && session.undoable !== null) return `Undo: ${session.undoable}`;
  if (one.id === "redo" && session.redoable !== null) return `Redo: ${session.redoable}`;
  return one.title;
}
