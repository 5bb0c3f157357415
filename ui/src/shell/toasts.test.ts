import { expect, test } from "vitest";

import { Toasts } from "./toasts.svelte";

test("however much goes well afterwards, an error stays until it is put away", () => {
  const toasts = new Toasts();
  toasts.fail("Nothing was imported", new Error("a.json: line 3: no value"));
  for (let time = 0; time < 6; time += 1) toasts.say("ok", `Copied ${String(time)}`, ["more"]);
  expect(toasts.list).toHaveLength(4);
  const [error] = toasts.list;
  expect(error?.title).toBe("Nothing was imported: a.json: line 3: no value");
  expect(toasts.list.at(-1)?.title).toBe("Copied 5");
  toasts.dismiss(error?.id ?? 0);
  expect(toasts.list.map((toast) => toast.tone)).toEqual(["ok", "ok", "ok"]);

  for (let time = 0; time < 5; time += 1) toasts.fail(`Attempt ${String(time)}`, new Error("no"));
  toasts.say("ok", "Copied");
  expect(toasts.list.map((toast) => toast.title)).toEqual([1, 2, 3, 4].map((time) => `Attempt ${String(time)}: no`).concat("Copied"));
});
