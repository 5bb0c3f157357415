import { expect, test } from "vitest";

import { shortNames } from "./names";

test.each([
  [["/home/ada/shop"], ["shop"]],
  [["/home/ada/shop", "/srv/till"], ["shop", "till"]],
  [["/home/ada/shop", "/home/ada/fix/shop", "/srv/till"], ["ada/shop", "fix/shop", "till"]],
  [["/shop", "/a/shop"], ["/shop", "a/shop"]],
  [["C:\\code\\shop", "D:\\code\\shop"], ["C:/code/shop", "D:/code/shop"]],
  [["/"], ["/"]],
])("%j are called %j", (paths, names) => {
  expect(shortNames(paths)).toEqual(names);
});
