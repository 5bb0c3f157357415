import { expect, test } from "vitest";

import { keepsParts } from "./forms";

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
