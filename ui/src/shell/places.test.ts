import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { Places, type Place } from "./places.svelte";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function at(step: string): Place {
  return {
    run: "R6Lf", environment: "production", mode: "graph", policy: "memo", unfolded: [],
    selected: [step], focus: step, place: step, camera: null, tab: "result",
  };
}

test("where one is is kept almost at once, and no oftener than it has to be while one moves on", () => {
  const backend = new FakeBackend();
  const places = new Places(backend);
  const kept = () => (JSON.parse(backend.settings.get("places") ?? "[]") as Place[])[0]?.focus;
  places.remember(at("R6Lf:1"));
  vi.advanceTimersByTime(100);
  expect(kept()).toBe("R6Lf:1");
  for (let step = 2; step <= 21; step += 1) {
    places.remember(at(`R6Lf:${String(step)}`));
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(1000);
  expect(kept()).toBe("R6Lf:21");
  expect(backend.askedFor("setSetting").length).toBeLessThanOrEqual(5);
});
