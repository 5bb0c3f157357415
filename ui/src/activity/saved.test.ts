import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers } from "../backend/testing/shop";
import Window from "../shell/Window.svelte";

test("files saved during a re-run are told of until the next one takes them", async () => {
  const rerun = { environment: "development", run: "R6Lf", steps: ["R6Lf:36"], executions: ["R6Lf:36:3"] };
  const backend = new FakeBackend({ ...shopAnswers(), guard: [], rerun });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  backend.emit({ kind: "codeSaved", run: "RPX9", files: ["shop/other.py"] });
  backend.emit({ kind: "codeSaved", run: "R6Lf", files: ["shop/workflows.py"] });
  backend.emit({ kind: "codeSaved", run: "R6Lf", files: ["shop/workflows.py", "shop/vat.py"] });
  // What another run goes on with is that run's matter.
  backend.emit({ kind: "codeSaved", run: "RPX9", files: ["shop/other.py"] });
  const told = await screen.findByTestId("saved");
  await waitFor(() => { expect(told.textContent).toContain("saved since: workflows.py, vat.py"); });
  await fireEvent.click(screen.getByTestId("rerun"));
  await waitFor(() => { expect(screen.queryByTestId("saved")).toBeNull(); });
});
