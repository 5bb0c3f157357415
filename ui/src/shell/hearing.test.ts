import { expect, test, vi } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers } from "../backend/testing/shop";
import type { ApiEvent } from "../backend/types";
import { Hearing } from "./hearing";
import { Session } from "./session.svelte";

const changed: ApiEvent = { kind: "runChanged", run: "R6Lf" };

test("what is told alike before a frame is heard once, and everything else as often as it is told", () => {
  const frames: (() => void)[] = [];
  const heard: string[] = [];
  const hearing = new Hearing((event) => { heard.push(event.kind === "runChanged" ? event.run : event.kind); }, (then) => { frames.push(then); });
  const saved: ApiEvent = { kind: "codeSaved", run: "R6Lf", files: ["shop.py"] };
  for (const event of [changed, saved, { kind: "activityChanged" }, changed, saved, { kind: "runChanged", run: "RPX9" }, changed] as ApiEvent[]) {
    hearing.take(event);
  }
  expect(heard).toEqual([]);
  expect(frames).toHaveLength(1);
  frames.pop()?.();
  expect(heard).toEqual(["codeSaved", "activityChanged", "codeSaved", "RPX9", "R6Lf"]);
  hearing.take(changed);
  expect(frames).toHaveLength(1);
});

test("a burst of 10,000 events asks the core, and draws, no more than once a frame", async () => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "setTimeout", "clearTimeout"] });
  try {
    const backend = new FakeBackend(shopAnswers());
    const session = new Session(backend);
    const stop = session.listen();
    const count = () => backend.askedFor("activity").length;
    const before = count();
    // Ten frames, a thousand events in each.
    for (let frame = 0; frame < 10; frame += 1) {
      for (let event = 0; event < 1000; event += 1) backend.emit({ kind: "activityChanged" });
      await vi.advanceTimersToNextFrame();
      await vi.advanceTimersByTimeAsync(0);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(count() - before).toBeGreaterThan(0);
    expect(count() - before).toBeLessThanOrEqual(11);
    stop();
  } finally {
    vi.useRealTimers();
  }
});
