import { ACTIONS } from "./actions";
import { matches, takesText } from "./keyboard";
import type { Session } from "./session.svelte";

/**
 * The keys that work anywhere in the window, but not while a dialog asks; while text is typed, only
 * those with Ctrl that no text field wants.
 */
export function windowKey(session: Session, event: KeyboardEvent): void {
  if (event.defaultPrevented || session.asks || document.querySelector("dialog[open]") !== null) return;
  if (takesText(event.target) && !aboveText(event)) return;
  for (const action of ACTIONS) {
    // Enter belongs to whatever has the focus.
    if (action.id === "inspector") continue;
    if (!action.keys.some((keys) => matches(keys, event))) continue;
    if (action.hindrance(session) !== null) continue;
    action.act(session);
    event.preventDefault();
    return;
  }
}

/** Keys that mean the same above a text field: undo, select all and the like are the field's own. */
function aboveText(event: KeyboardEvent): boolean {
  if (!event.ctrlKey && !event.metaKey) return event.key === "F1";
  return !/^[acvxyz]$/i.test(event.key) && !event.key.startsWith("Delete") && !event.key.startsWith("Arrow");
}
