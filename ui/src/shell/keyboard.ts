/** A key with what is held down beside it, as `Ctrl+Shift+K`, `?` or `Delete`. */
export type Shortcut = string;

const NAMES: Record<string, string> = { Esc: "Escape", Space: " ", "←": "ArrowLeft", "→": "ArrowRight" };

/**
 * Whether an event is that shortcut. Command on a Mac counts as Ctrl. Shift only counts where it is
 * named, or where the key is a letter: what it takes to type `?` differs from keyboard to keyboard.
 */
export function matches(shortcut: Shortcut, event: KeyboardEvent): boolean {
  const parts = shortcut.split("+");
  // `Ctrl++` is the plus key.
  const key = shortcut.endsWith("+") ? "+" : (parts.at(-1) ?? "");
  const ctrl = parts.includes("Ctrl");
  const shift = parts.includes("Shift");
  if (ctrl !== (event.ctrlKey || event.metaKey) || parts.includes("Alt") !== event.altKey) return false;
  const wanted = (NAMES[key] ?? key).toLowerCase();
  if (event.key.toLowerCase() !== wanted) return false;
  const minds = shift || /^[a-z]$|^.{2,}$/.test(wanted);
  return !minds || event.shiftKey === shift;
}

/** The keys of a shortcut, one by one, as a person reads them. */
export function keysOf(shortcut: Shortcut): string[] {
  if (shortcut.endsWith("+")) return [...shortcut.slice(0, -1).split("+").filter(Boolean), "+"];
  return shortcut.split("+");
}

/** Whether keys typed there are text. */
export function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLElement && target.isContentEditable) return true;
  return target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox";
}
