import { expect, test } from "vitest";

import { size } from "./size";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1023, "1023 bytes"],
  [1536, "1.5 KiB"],
  [1024 ** 2 - 1, "1.0 MiB"],
  [5e9, "4.7 GiB"],
])("%d bytes are told as %s", (bytes, told) => {
  expect(size(bytes)).toBe(told);
});
