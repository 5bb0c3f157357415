import { expect, test } from "vitest";

import { indented, table } from "./fileText";
import { hexLines } from "./hex";

test.each([
  ["a,b\r\n1,2\r\n", "x.csv", [["a", "b"], ["1", "2"]]],
  ['a,b\n"x, ""y""\nz",2', "x.csv", [["a", "b"], ['x, "y"\nz', "2"]]],
  ["a;b;c\n1,5;2;3\n", "x.csv", [["a", "b", "c"], ["1,5", "2", "3"]]],
  ["a\tb\n1\t2\n", "x.TSV", [["a", "b"], ["1", "2"]]],
  ["a,b\n", "x.txt", null],
  ["only one column\nof text", "x.csv", null],
] as const)("%j in %s is the table %j", (text, path, rows) => {
  expect(table(text, path, null, false)).toEqual(rows);
});

test("of a table that was cut only whole rows are shown", () => {
  expect(table("a,b\n1,2\n3,", "x", "text/csv", true)).toEqual([["a", "b"], ["1", "2"]]);
});

test.each([
  ['{"a":[1]}', "x.json", '{\n  "a": [\n    1\n  ]\n}'],
  ["{broken", "x.json", null],
  ["{}", "x.txt", null],
] as const)("%s in %s is indented as %j", (text, path, shown) => {
  expect(indented(text, path, null)).toBe(shown);
});

test("bytes are read in lines of sixteen, with their letters", () => {
  expect(hexLines("48690001ff", 16)).toEqual([{ offset: "00000010", bytes: "48 69 00 01 ff", letters: "Hi···" }]);
  expect(hexLines("00".repeat(17), 0).map((line) => line.offset)).toEqual(["00000000", "00000010"]);
});

test("JSON gets a line for each value, and nothing in it changes", () => {
  const text = '{"id": 12345678901234567890, "net": 1.0, "net": 1e400,"a, [b": "{\\"}", "none": [ ], "of": [{}, null]}';
  expect(indented(text, "a.json", null)).toBe(
    '{\n  "id": 12345678901234567890,\n  "net": 1.0,\n  "net": 1e400,\n  "a, [b": "{\\"}",\n  "none": [],\n  "of": [\n    {},\n    null\n  ]\n}',
  );
  expect(indented("[1,", "a.json", null)).toBeNull();
});
