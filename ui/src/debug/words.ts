import type { DebugState, DebugView, LaunchView } from "../backend/types";
import type { Sign } from "../run/state";

/** How each state of a debugger is told. */
export const DEBUGGERS: Record<DebugState, Sign> = {
  waits: { glyph: "◌", word: "waits for a debugger", tone: "warn" },
  attached: { glyph: "●", word: "has a debugger", tone: "ok" },
  detached: { glyph: "○", word: "goes on without a debugger", tone: "faint" },
};

/** What that means for the execution. */
export const MEANINGS: Record<DebugState, string> = {
  waits: "Its body begins once one is attached.",
  attached: "Neither it nor what called it is timed out.",
  detached: "Its timeout counts; one can be attached again.",
};

/** An editor that can be attached, and the text that does it. */
export interface Editor {
  name: string;
  text: (view: DebugView) => string;
}

/** The editors whose texts the core knows. */
export const EDITORS: readonly Editor[] = [
  { name: "VS Code", text: (view) => view.vscode },
  { name: "PyCharm", text: (view) => view.pycharm },
  { name: "Neovim", text: (view) => view.neovim },
];

/** What was done to `launch.json`, in a sentence; all else in it is as it was. */
export function launchWords({ done, name }: LaunchView): string {
  switch (done) {
    case "made": return `launch.json was made, with “${name}” in it`;
    case "added": return `“${name}” was added to launch.json; all else is as it was`;
    case "changed": return `“${name}” in launch.json has the new port; all else is as it was`;
    case "unchanged": return `“${name}” in launch.json is as it is to be`;
    case "takenOut": return `“${name}” was taken out of launch.json again`;
    case "removed": return `launch.json was removed: with “${name}” nothing was left in it`;
    case "notThere": return `launch.json has no “${name}” that Hindcast wrote`;
  }
}
