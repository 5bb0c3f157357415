import { expect, test } from "vitest";

import { CallError } from "./backend";
import { Question } from "./question.svelte";

/** A question whose answers come when the test says so. */
function asked() {
  const open: { resolve: (answer: string) => void; reject: (thrown: unknown) => void }[] = [];
  const question = new Question<string>(() => new Promise((resolve, reject) => open.push({ resolve, reject })));
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { open, question, settle };
}

test("an answer that comes after another was asked for does not count", async () => {
  const { open, question, settle } = asked();
  question.restart();
  question.restart();
  open[1]?.resolve("new");
  await settle();
  open[0]?.resolve("stale");
  await settle();
  expect(question.answer).toBe("new");
  expect(question.asking).toBe(false);
});

test("however often it is wished for while one is under way, it is asked once more", async () => {
  const { open, question, settle } = asked();
  question.refresh();
  for (let wish = 0; wish < 50; wish += 1) question.refresh();
  expect(open).toHaveLength(1);
  open[0]?.resolve("first");
  await settle();
  expect(open).toHaveLength(2);
  open[1]?.resolve("second");
  await settle();
  expect(open).toHaveLength(2);
  expect(question.answer).toBe("second");
});

test("however often something else is asked for, two are under way and the last is answered", async () => {
  const { open, question, settle } = asked();
  for (let step = 0; step < 50; step += 1) question.restart();
  expect(open).toHaveLength(2);
  open[1]?.resolve("on the way");
  await settle();
  expect(question.answer).toBe(null);
  expect(question.asking).toBe(true);
  expect(open).toHaveLength(3);
  open[2]?.resolve("where they are");
  await settle();
  open[0]?.resolve("where they were");
  await settle();
  expect(question.answer).toBe("where they are");
  expect(question.asking).toBe(false);
  expect(open).toHaveLength(3);
});

test("a refusal keeps the last answer and says why there is no newer one", async () => {
  const { open, question, settle } = asked();
  question.refresh();
  open[0]?.resolve("first");
  await settle();
  question.refresh();
  open[1]?.reject(new CallError("notFound", "there is no run R6Lf", null));
  await settle();
  expect(question.answer).toBe("first");
  expect(question.error?.code).toBe("notFound");
});
