import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { FakeBackend, type Answers } from "../backend/testing/fake";
import { shopAnswers, shopStep } from "../backend/testing/shop";
import type { AssetView, MetricView, StepView } from "../backend/types";
import Window from "../shell/Window.svelte";

const production = { execution: "R6Lf:36:1", environment: "production", imported: true, count: 2, smallest: 0.25, largest: 1, last: 0.25, points: [[0, 1], [1, 0.25]] as [number, number][] };
const loss: MetricView = {
  key: "loss", group: "training", groupUnits: "epoch", groupLower: null, groupUpper: null, scale: null, units: null, lower: null, upper: null, progress: false,
  series: [production, { ...production, execution: "R6Lf:36:2", environment: "development", imported: false, last: 0.5, smallest: 0.5, points: [[0, 1], [1, 0.5]] }],
};
const parts: AssetView = {
  asset: "A373", execution: "R6Lf:36:1", environment: "production", name: "parts", count: 3, size: 832,
  files: [
    { path: "index.html", size: 30, mediaType: "text/html", here: true },
    { path: "gone.png", size: 802, mediaType: null, here: false },
  ],
};

async function open(step: Partial<StepView>, tab: string, answers: Answers = {}): Promise<FakeBackend> {
  const backend = new FakeBackend({ ...shopAnswers(), step: { ...shopStep, ...step }, ...answers });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await fireEvent.click(await screen.findByRole("tab", { name: new RegExp(tab) }));
  return backend;
}

test("a step that recorded neither has neither tab", async () => {
  await open({}, "Result");
  expect(screen.queryByRole("tab", { name: /Metrics|Assets/ })).toBeNull();
});

test("a metric of both environments is one plot with two lines, told in words too", async () => {
  await open({ metrics: [loss] }, "Metrics");
  const plot = screen.getByRole("img", { name: /^loss\./ });
  expect(plot.querySelectorAll("path")).toHaveLength(2);
  expect(plot.getAttribute("aria-label")).toBe(
    "loss. production: 2 points from 0.25 to 1, last 0.25; development: 2 points from 0.5 to 1, last 0.5.",
  );
  expect(screen.getByTestId("metric-loss").textContent).toContain("1 epoch");
});

describe("assets", () => {
  test("show a file as text, whatever the text says", async () => {
    const html = "<img src=x onerror=alert(1)>";
    const backend = await open({ assets: [parts] }, "Assets", { asset: { kind: "text", text: html, cut: true } });
    await fireEvent.click(screen.getByText("index.html"));
    const preview = await screen.findByTestId("asset-preview");
    await within(preview).findByText(html);
    expect(preview.querySelector("img")).toBeNull();
    expect(preview.textContent).toContain("Only its beginning is shown");
    expect(backend.askedFor("asset")).toEqual([{ execution: "R6Lf:36:1", asset: "A373", path: "index.html" }]);
    expect(screen.getByTestId("asset-A373").textContent).toMatch(/not in the store.*1 file the export does not list/s);
  });

  test("are written to the folder chosen, and what is missing is said", async () => {
    const report = { folder: "/x/out", written: [{ path: "/x/out/A373/index.html", size: 30 }], missing: [{ asset: "A373", path: "gone.png" }], unlisted: 0 };
    const backend = await open({ assets: [parts] }, "Assets", { exportAssets: report });
    backend.folder = "/x/out";
    await fireEvent.click(screen.getByText("Write to a folder…"));
    await waitFor(() => { expect(backend.askedFor("exportAssets")).toEqual([{ execution: "R6Lf:36:1", folder: "/x/out" }]); });
    const toast = await screen.findByTestId("toast");
    expect(toast.textContent).toMatch(/1 file written below \/x\/out.*gone.png of A373 is not in the store/s);
  });
});
