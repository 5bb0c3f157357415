import { expect, test } from "vitest";

import { keepsParts, readsAsWritten } from "./forms";

test.each([
  ["<pickled DataFrame 3f2a91>", true],
  ["{'a': <execution R1:2:1 of shop:price>}", true],
  ["<bytes 3f2a91, 70000 bytes>", true],
  ["'a < b'", false],
  ["'<b>bold</b>'", false],
  ["[1, 2]", false],
])("%s keeps parts as they are: %s", (text, keeps) => {
  expect(keepsParts(text)).toBe(keeps);
});

test.each([
  ["{\n    'a': 1,\n    'b': (2,),\n}", "{'a': 1, 'b': (2,)}", true],
  ["{'a': 0x10}", "{'a': 16}", false],
  ["[1, 2]", "[1, 3]", false],
])("%s reads as %s: %s", (written, read, same) => {
  expect(readsAsWritten(written, read)).toBe(same);
});
