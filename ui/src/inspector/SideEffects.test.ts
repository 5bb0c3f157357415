import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { FakeBackend } from "../backend/testing/fake";
import { shopAnswers, shopGuard, shopStep } from "../backend/testing/shop";
import type { EffectView, StepView } from "../backend/types";
import Window from "../shell/Window.svelte";

const mail: EffectView = {
  what: "connected to smtp.example.test:587", does: "connect to smtp.example.test:587", detail: "SMTP",
  place: { file: "shop/outside.py", line: 28, function: "send_mail" }, count: 3, refused: false, execution: "R6Lf:36:2",
};

async function shown(step: Partial<StepView>): Promise<{ text: string; backend: FakeBackend }> {
  const backend = new FakeBackend({ ...shopAnswers(), step: { ...shopStep, ...step } });
  render(Window, { props: { backend } });
  await fireEvent.click(await screen.findByTestId("step-R6Lf:36"));
  await screen.findByTestId("outcome-local");
  const text = screen.queryByTestId("side-effects")?.textContent ?? "";
  return { text: text.replace(/\s+/g, " ").trim(), backend };
}

describe("side effects seen", () => {
  test("are told with their line, which opens, and how often", async () => {
    const { text, backend } = await shown({ effects: [mail], memoCandidate: true });
    expect(text).toContain("connected to smtp.example.test:587 shop/outside.py:28 3 times SMTP");
    expect(screen.getByTestId("memo-candidate").textContent).toContain("memo=True");
    await fireEvent.click(screen.getByRole("button", { name: "shop/outside.py:28" }));
    expect(backend.askedFor("openInEditor")).toEqual([{ file: "shop/outside.py", line: 28 }]);
  });

  test("name the attempt that is not the newest", async () => {
    const { text } = await shown({ effects: [{ ...mail, execution: "R6Lf:36:1" }] });
    expect(text).toContain("R6Lf:36:1");
    expect(screen.queryByTestId("memo-candidate")).toBeNull();
  });

  test.each([
    ["watching", "None. This step could run anywhere."],
    ["absent", "Not watched"],
  ] as const)("that are none say what that means where it was %s", async (sentinel, words) => {
    expect((await shown({ effects: [], sentinel })).text).toContain(words);
  });

  test("are not ruled out while the body still runs", async () => {
    const local = shopStep.local && { ...shopStep.local, completedAt: null };
    const { text } = await shown({ effects: [], sentinel: "watching", local });
    expect(text).toContain("None so far.");
  });

  test("are not said to be unwatched before its Python has begun", async () => {
    const local = shopStep.local && { ...shopStep.local, completedAt: null };
    expect((await shown({ effects: [], sentinel: "absent", local })).text).toContain("None seen so far.");
  });

  test("are not spoken of where no body ran here", async () => {
    expect((await shown({ effects: [], sentinel: null })).text).toBe("");
  });

  test("of bodies like it stand on the guard's card", async () => {
    const backend = new FakeBackend({ ...shopAnswers(), guard: [shopGuard] });
    render(Window, { props: { backend } });
    await fireEvent.click(await screen.findByRole("tab", { name: /Guard/ }));
    const line = await screen.findByTestId("guard-effects");
    expect(line.textContent).toBe("Bodies like it connect to payments.example.test:443 (shop/outside.py:20).");
  });
});
