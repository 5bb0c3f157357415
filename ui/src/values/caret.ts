/** The line of a text in which something is wrong, with a mark below the place. */
export interface Caret {
  /** The line, shortened around the place. */
  line: string;
  /** As many blanks as stand before the place, and the mark. */
  mark: string;
  /** The place in the whole text, in UTF-16 units, as a text area counts. */
  offset: number;
}

const AROUND = 48;

/** Finds a place told as line and column, both from 1; the column counts characters. */
export function caretAt(text: string, line: number, column: number): Caret {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const characters = [...(lines[at] ?? "")];
  const index = Math.min(Math.max(column, 1) - 1, characters.length);
  const from = Math.max(0, index - AROUND);
  const to = Math.min(characters.length, index + AROUND);
  const [left, right] = [from > 0 ? "…" : "", to < characters.length ? "…" : ""];
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  return {
    line: `${left}${characters.slice(from, to).join("")}${right}`,
    mark: `${" ".repeat(left.length + index - from)}^`,
    offset: before + characters.slice(0, index).join("").length,
  };
}
