import { expect, test } from "vitest";

import { caretAt } from "./caret";

test.each([
  ["[1, 2", 1, 6, { line: "[1, 2", mark: "     ^", offset: 5 }],
  ["{\n  'a': 1 2\n}", 2, 10, { line: "  'a': 1 2", mark: "         ^", offset: 11 }],
  // A column counts characters, a text area counts UTF-16 units.
  ["'😀' x", 1, 5, { line: "'😀' x", mark: "    ^", offset: 5 }],
  // A place past the end is the end.
  ["1 +", 9, 99, { line: "1 +", mark: "   ^", offset: 3 }],
])("%j at line %i, column %i", (text, line, column, expected) => {
  expect(caretAt(text, line, column)).toEqual(expected);
});

test("a long line is shown around the place", () => {
  const caret = caretAt(`${"x".repeat(500)}!${"y".repeat(500)}`, 1, 501);
  expect(caret.line.length).toBeLessThan(100);
  expect(caret.line[caret.mark.length - 1]).toBe("!");
});
