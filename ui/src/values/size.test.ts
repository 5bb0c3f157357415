import { expect, test } from "vitest";

import { size } from "./size";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1536, "1.5 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [5e9, "5.0 GB"],
])("%d bytes are told as %s", (bytes, told) => {
  expect(size(bytes)).toBe(told);
});
