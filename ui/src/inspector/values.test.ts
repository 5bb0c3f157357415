import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";

import { FakeBackend, type Answers } from "../backend/testing/fake";
import { leaf, shopAnswers, shopStep } from "../backend/testing/shop";
import type { ValueTree } from "../backend/types";
import Window from "../shell/Window.svelte";

/** A container of which only the first children came along. */
function container(kind: ValueTree["kind"], count: number, children: ValueTree[], text = ""): ValueTree {
  return { ...leaf(kind, text, null, "result/R6Lf:36:1"), count, children };
}

/** Opens the window on a step whose result is that value. */
async function shown(value: ValueTree, answers: Answers = {}): Promise<{ backend: FakeBackend; result: HTMLElement }> {
  const [attempt] = shopStep.attempts;
  const ancestor = attempt && { ...attempt, state: "succeeded" as const, outcome: { kind: "value" as const, value } };
  const backend = new FakeBackend({ ...shopAnswers(), step: { ...shopStep, ancestor: ancestor ?? null, local: null, divergence: null }, ...answers });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  return { backend, result: await screen.findByTestId("outcome-ancestor") };
}

test("of a large value only what is looked at is asked for, page by page", async () => {
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => leaf("int", String(from + index), String(from + index)));
  const { backend, result } = await shown(container("list", 1000, []), {
    value: ({ offset, limit }) => ({ offset, count: 1000, children: numbers(offset, offset + limit) }),
  });
  expect(backend.askedFor("value")).toEqual([]);
  await fireEvent.click(within(result).getByRole("button", { name: /1000 items/ }));
  expect(await within(result).findByText("99", { selector: ".said" })).toBeTruthy();
  await fireEvent.click(within(result).getByText("Show 100 more of 1000"));
  expect(await within(result).findByText("199", { selector: ".said" })).toBeTruthy();
  expect(backend.askedFor("value").map(({ offset, limit }) => [offset, limit])).toEqual([[0, 100], [100, 100]]);
});

test("a value is searched, and what is found unfolds where it stands", async () => {
  const { backend, result } = await shown(container("dict", 1, [{ ...container("list", 500, []), label: "'lines'", handle: null }]), {
    findInValue: { matches: [{ path: [0, 7], place: "['lines'][7]", excerpt: "'CH'" }], more: false },
    value: { offset: 7, count: 500, children: [leaf("str", "'CH'", "7")] },
  });
  await fireEvent.click(within(result).getByTitle(/^Find in/));
  await fireEvent.input(within(result).getByLabelText("Find in the value"), { target: { value: "CH" } });
  await fireEvent.click(await within(result).findByText("['lines'][7]"));
  await waitFor(() => {
    expect(backend.askedFor("value")).toEqual([{ handle: "result/R6Lf:36:1", path: [0], offset: 7, limit: 1 }]);
  });
});

test("a value is copied as Python or JSON, and saved where the person says", async () => {
  // Asked for while the button is pressed, not once the core has answered: the web view would refuse it then.
  const write = vi.spyOn(navigator.clipboard, "write").mockResolvedValue();
  const { backend, result } = await shown(leaf("decimal", "Decimal('97.72')", null, "result/R6Lf:36:1"), {
    copyValue: ({ form }) => (form === "json" ? '"97.72"' : "Decimal('97.72')"),
    saveValue: { path: "/x/out/result.json", size: 7 },
  });
  const tools = within(result);
  for (const [form, text] of [["Python", "Decimal('97.72')"], ["JSON", '"97.72"']] as const) {
    write.mockClear();
    tools.getByRole("button", { name: `Copy the result of R6Lf:36:1 as ${form}` }).click();
    const [items] = write.mock.calls[0] ?? [];
    const copied = await items?.[0]?.getType("text/plain");
    expect(await copied?.text()).toBe(text);
  }
  backend.folder = "/x/out";
  await fireEvent.click(tools.getByRole("button", { name: /^Save/ }));
  await fireEvent.click(tools.getByText("JSON"));
  await waitFor(() => {
    expect(backend.askedFor("saveValue")).toEqual([{ handle: "result/R6Lf:36:1", path: [], form: "json", folder: "/x/out" }]);
  });
  write.mockRestore();
});

test("a long text is read to its end, whatever its letters", async () => {
  const text = "🦉".repeat(30_000);
  const { backend, result } = await shown({ ...leaf("str", "'🦉…'", null, "result/R6Lf:36:1"), size: 30_000 }, {
    text: ({ offset, limit }) => ({ offset, count: 30_000, text: [...text].slice(offset, offset + limit).join("") }),
  });
  await fireEvent.click(within(result).getByText("Show all 30,000 characters"));
  await fireEvent.click(await within(result).findByText("Show more of 30,000 characters"));
  await waitFor(() => { expect(within(result).getByLabelText("The text").textContent).toHaveLength(text.length); });
  expect(backend.askedFor("text").map(({ offset }) => offset)).toEqual([0, 20_000]);
  expect(within(result).queryByText(/^Show more/)).toBeNull();
});

test("bytes are a picture where they are one, and always hexadecimal", async () => {
  const url = "data:image/gif;base64,R0lGODlh";
  const { result } = await shown({ ...leaf("bytes", "b'GIF89a'", null, "result/R6Lf:36:1"), size: 6 }, {
    bytes: { offset: 0, count: 6, hex: "474946383961", shows: { kind: "picture", url } },
  });
  await fireEvent.click(within(result).getByText("Look at the bytes"));
  expect((await within(result).findByRole("img")).getAttribute("src")).toBe(url);
  await fireEvent.click(within(result).getByText("hex"));
  expect(within(result).getByLabelText("The bytes in hexadecimal").textContent).toContain("47 49 46 38 39 61");
});

test("a pickle is named, and opened by the project's Python only when asked", async () => {
  const { backend, result } = await shown({ ...leaf("pickle", "pandas.DataFrame, 1.2 kB", null, "result/R6Lf:36:1"), size: 1200 }, {
    preview: {
      class: "pandas.core.frame.DataFrame", text: "", parts: [],
      table: { columns: ["<b>x</b>"], types: ["int64"], head: [["1"]], rows: 9, width: 1 },
    },
  });
  expect(result.textContent).toContain("pandas.DataFrame, 1.2 kB");
  expect(backend.askedFor("preview")).toEqual([]);
  await fireEvent.click(within(result).getByText(/^Look at it with the project/));
  const table = await within(result).findByRole("table");
  expect(table.textContent).toContain("<b>x</b>");
  expect(table.querySelector("b")).toBeNull();
  expect(result.textContent).toContain("9 rows, 1 column");
});
