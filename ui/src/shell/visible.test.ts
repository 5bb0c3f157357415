import { expect, test } from "vitest";

import { keepVisible, visible } from "./visible";

test.each([
  ["\u202etxt.exe", "\\u202etxt.exe"],
  ["a\u061c\u2028b\ufeff\u{e0041}", "a\\u061c\\u2028b\\ufeff\\U000e0041"],
  ["\u001b[2Jred", "\\x1b[2Jred"],
  ["two\n\tlines", "two\n\tlines"],
  ["שלום 👩‍💻 Zürich", "שלום 👩‍💻 Zürich"],
])("%j is shown as %s", (given, shown) => {
  expect(visible(given)).toBe(shown);
});

test("whatever comes into the page is shown so, but what a field holds stays as it is", async () => {
  const first = document.createElement("p");
  first.append("\u202efirst");
  document.body.append(first);
  const stop = keepVisible(document.documentElement);
  expect(first.textContent).toBe("\\u202efirst");
  const [paragraph, field, text] = [document.createElement("p"), document.createElement("textarea"), new Text("fine")];
  paragraph.title = "\u202ea";
  paragraph.append("\u202eb", text);
  field.append("\u202ec");
  document.body.append(paragraph, field);
  await Promise.resolve();
  expect([paragraph.title, paragraph.textContent, field.value]).toEqual(["\\u202ea", "\\u202ebfine", "\u202ec"]);
  text.data = "\u202ed";
  first.title = "\u202ee";
  await Promise.resolve();
  expect([text.data, first.title]).toEqual(["\\u202ed", "\\u202ee"]);
  stop();
});
