import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { CallError } from "../backend/backend";
import { FakeBackend, type Answers } from "../backend/testing/fake";
import { shopAnswers } from "../backend/testing/shop";
import type { FoundRunView } from "../backend/types";
import Window from "../shell/Window.svelte";

const connection = {
  address: "https://coflux.example.com",
  project: "shop",
  workspaces: [{ name: "development", base: "production" }, { name: "production", base: null }],
  token: "given",
  kept: false,
  notices: ["the token is not kept: no keyring"],
} as const;
const listed = {
  workflows: [],
  runs: [
    { run: "R6Lf", module: "shop.workflows", target: "fulfil_orders", createdAt: 1, here: true },
    { run: "RPX9", module: "shop.workflows", target: "fulfil_orders", createdAt: 2, here: false },
  ],
};
const report = { runs: [], blobs: 0, lines: 0, findings: [], command: "" };

function open(answers: Answers): FakeBackend {
  const backend = new FakeBackend({ ...shopAnswers(), servers: [], cancelImport: () => null, ...answers });
  render(Window, { props: { backend } });
  return backend;
}

async function connect(): Promise<void> {
  await fireEvent.click(await screen.findByTestId("open-server"));
  await fireEvent.input(screen.getByTestId("server-address"), { target: { value: "coflux.example.com" } });
  await fireEvent.input(screen.getByTestId("server-token"), { target: { value: "cflx_1" } });
  await fireEvent.submit(document.getElementById("connect") as HTMLFormElement);
}

test("a server is connected to, searched, and imported from", async () => {
  const backend = open({
    connect: { ...connection, workspaces: [...connection.workspaces], notices: [...connection.notices] },
    serverRuns: listed,
    importFromServer: report,
  });
  await connect();
  await fireEvent.click(await screen.findByTestId("server-run-RPX9"));
  expect(backend.askedFor("connect")).toEqual([{ address: "coflux.example.com", project: null, token: "cflx_1", keep: true }]);
  expect(backend.askedFor("serverRuns")[0]).toEqual({
    address: connection.address, project: "shop", workspace: "production", search: null,
  });
  expect(screen.getByText(/the token is not kept/)).toBeTruthy();
  await fireEvent.input(screen.getByTestId("server-search"), { target: { value: " orders " } });
  await waitFor(() => { expect(backend.askedFor("serverRuns").at(-1)?.search).toBe("orders"); });
  await fireEvent.click(screen.getByTestId("server-import"));
  await waitFor(() => {
    expect(backend.askedFor("importFromServer")).toEqual([
      { address: connection.address, project: "shop", workspace: "production", runs: ["RPX9"] },
    ]);
  });
  await waitFor(() => { expect(screen.queryByTestId("connect-dialog")).toBeNull(); });
  // The token went to the server, and nowhere else.
  const others = backend.asked.filter((one) => one.name !== "connect");
  expect(JSON.stringify(others) + JSON.stringify([...backend.settings])).not.toContain("cflx_1");
});

test("a server that wants another token says so, and the token can be typed again", async () => {
  open({ connect: () => { throw new CallError("unauthorized", "the server does not accept the token", null); } });
  await connect();
  expect((await screen.findByTestId("connect-error")).textContent).toContain("does not accept the token");
  expect(screen.getByTestId("server-token").getAttribute("aria-invalid")).toBe("true");
});

test("a server that cannot be reached is told in words, with what the machine says one click away", async () => {
  const raw = "http://localhost:7777/topics/workspaces: io: Connection refused (os error 111)";
  open({ connect: () => { throw new CallError("server", "nothing listens there", raw); } });
  await connect();
  const told = await screen.findByTestId("connect-error");
  expect(told.querySelector("p")?.textContent).toBe("nothing listens there");
  expect(told.querySelector("details:not([open])")?.textContent).toContain(raw);
});

function foundRun(run: string, parentRun: string | null = null): FoundRunView {
  return { run, module: "m", target: `target_${run}`, environments: ["production"], createdAt: 1, steps: 2, executions: 2, parentRun, here: false };
}

const several = {
  look: 7,
  runs: [foundRun("R1"), foundRun("R2", "R1"), foundRun("R3")],
  blobs: 5, logs: 1, points: 0,
  findings: [{ place: "a.json", message: "odd" }],
};

test("of several runs in files the person chooses; a run goes with those it spawned", async () => {
  const backend = open({ inspectDrop: { items: [] }, look: several, importLooked: report });
  backend.drop({ kind: "drop", paths: ["/x"] });
  expect((await screen.findByTestId("found-sheet")).textContent).toContain("5 blobs, 1 log line");
  expect(backend.askedFor("importLooked")).toEqual([]);
  await fireEvent.click(screen.getByTestId("found-R1"));
  expect(screen.getByTestId("import-chosen").textContent).toContain("Import 1 run");
  await fireEvent.click(screen.getByTestId("import-chosen"));
  await waitFor(() => { expect(backend.askedFor("importLooked")).toEqual([{ look: 7, runs: ["R3"] }]); });
});

test("an import that goes on can be cancelled, which is no failure", async () => {
  let stop: () => void = () => undefined;
  const backend = open({ inspectDrop: { items: [] }, cancelImport: () => { stop(); return null; } });
  const under = new Promise<never>((_, reject) => { stop = () => { reject(new CallError("cancelled", "cancelled", null)); }; });
  const call = backend.call.bind(backend);
  backend.call = ((name: never, params: never) => (name === "look" ? under : call(name, params)));
  backend.drop({ kind: "drop", paths: ["/x"] });
  await fireEvent.click(await screen.findByTestId("cancel-import"));
  expect((await screen.findByTestId("toast")).textContent).toContain("Cancelled: nothing was imported");
  expect(screen.queryByRole("alert")).toBeNull();
});
