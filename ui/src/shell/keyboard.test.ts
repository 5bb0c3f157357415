import { expect, test } from "vitest";

import { ACTIONS } from "./actions";
import { keysOf, matches } from "./keyboard";

function pressed(key: string, held: Partial<KeyboardEventInit> = {}): KeyboardEvent {
  return new KeyboardEvent("keydown", { key, ...held });
}

test.each([
  ["R", pressed("r"), true],
  ["R", pressed("R", { shiftKey: true }), false],
  ["R", pressed("r", { ctrlKey: true }), false],
  ["Ctrl+K", pressed("k", { metaKey: true }), true],
  ["Ctrl+Shift+Z", pressed("Z", { ctrlKey: true, shiftKey: true }), true],
  ["Ctrl+Z", pressed("Z", { ctrlKey: true, shiftKey: true }), false],
  ["Ctrl++", pressed("+", { ctrlKey: true, shiftKey: true }), true],
  ["Ctrl+,", pressed(",", { ctrlKey: true }), true],
  ["?", pressed("?", { shiftKey: true }), true],
  ["Esc", pressed("Escape"), true],
])("%s is heard in %o: %s", (shortcut, event, heard) => {
  expect(matches(shortcut, event)).toBe(heard);
});

test("keys are told one by one", () => {
  expect([keysOf("Ctrl+Shift+Z"), keysOf("Ctrl++"), keysOf("+"), keysOf("/")]).toEqual([["Ctrl", "Shift", "Z"], ["Ctrl", "+"], ["+"], ["/"]]);
});

test("no two actions have the same id or hear the same keys", () => {
  expect(new Set(ACTIONS.map((action) => action.id)).size).toBe(ACTIONS.length);
  const keys = ACTIONS.flatMap((action) => action.keys);
  expect(new Set(keys).size).toBe(keys.length);
});
