import { act, cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";

import { FakeBackend } from "../../backend/testing/fake";
import { shopAnswers, shopRun } from "../../backend/testing/shop";
import type { RunView } from "../../backend/types";
import Window from "../../shell/Window.svelte";

afterEach(() => { cleanup(); vi.useRealTimers(); });

test("a fold that takes its time says so where it is, until its steps are there", async () => {
  let answer: (view: RunView) => void = () => undefined;
  const backend = new FakeBackend(shopAnswers());
  const call = backend.call.bind(backend);
  const under = new Promise<RunView>((resolve) => { answer = resolve; });
  backend.call = ((name: never, params: { unfolded?: string[] }) =>
    (name === "run" && params.unfolded?.length ? under : call(name, params as never))) as never;
  render(Window, { backend });
  const fold = await screen.findByTestId("fold");
  vi.useFakeTimers();
  await fireEvent.click(fold);
  await act(() => vi.advanceTimersByTime(149));
  expect(screen.queryByTestId("unfolding")).toBeNull();
  await act(() => vi.advanceTimersByTime(1));
  expect(screen.getByTestId("unfolding").textContent).toContain("Reading…");
  await act(() => { answer({ ...shopRun, folds: [] }); });
  expect(screen.queryByTestId("unfolding")).toBeNull();
});
