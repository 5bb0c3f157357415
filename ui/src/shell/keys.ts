import type { ViewMode } from "../run/run.svelte";
import type { Session } from "./session.svelte";

const VIEWS: Record<string, ViewMode> = { "1": "graph", "2": "timeline", "3": "list" };

/** The keys that work anywhere in the window, but not while text is typed or a dialog asks. */
export function windowKey(session: Session, event: KeyboardEvent): void {
  if (event.defaultPrevented || takesText(event.target) || session.project.asking !== null || session.helping) return;
  const command = event.ctrlKey || event.metaKey;
  const view = VIEWS[event.key];
  if (command && event.key === "o") void session.drop.open();
  else if (command || event.altKey) return;
  else if (event.key === "r") void session.rerun();
  else if (view !== undefined && session.run.run !== null) session.run.show(view);
  else if (event.key === "?") session.helping = true;
  else if (event.key === "Escape") session.run.selectNone();
  else return;
  event.preventDefault();
}

function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox";
}
