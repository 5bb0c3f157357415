import type { GraphNode } from "../backend/types";
import type { Session } from "../shell/session.svelte";

/** Sets something by hand and says why where it is refused. Whether it was set. */
export async function byHand(session: Session, sorry: string, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    session.toasts.fail(sorry, thrown);
    return false;
  }
}

/** Something that can be done by hand about a step. */
export interface StepDeed {
  label: string;
  /** What it does, in a sentence. */
  hint: string;
  act: () => void;
}

/** What can be done by hand about a step, as it is set now: the likeliest first. */
export function deedsFor(session: Session, step: string, target: string | null): StepDeed[] {
  const store = session.byHand;
  const set = store.of(step);
  const deeds: StepDeed[] = [];
  if (set?.state !== "pinned") {
    deeds.push({
      label: "Pin",
      hint: "Answer its call with what the ancestor recorded; it never runs",
      act: () => void byHand(session, `${step} was not pinned`, () => store.pin(step)),
    });
  }
  if (set?.state !== "unpinned") {
    deeds.push({
      label: "Unpin",
      hint: "Nothing recorded answers its call: it runs",
      act: () => void byHand(session, `${step} was not unpinned`, () => store.unpin(step)),
    });
  }
  deeds.push({
    label: set?.state === "mocked" ? "Edit the mock…" : "Mock…",
    hint: "Answer its call with a value of your own",
    act: () => { session.show({ kind: "mock", step }); },
  });
  for (const mock of set?.mocks ?? []) {
    if (mock.active) continue;
    deeds.push({
      label: `Use the mock ${mock.name}`,
      hint: "Answer its call with this value that is kept",
      act: () => void byHand(session, `${step} was not mocked`, () => store.useMock(step, mock.name)),
    });
  }
  if (set !== null && set.state !== "unused") {
    deeds.push({
      label: "Leave to the rules",
      hint: "Neither pinned nor unpinned nor mocked by hand",
      act: () => void byHand(session, `${step} was not left to the rules`, () => store.clear(step)),
    });
  }
  if (target !== null) {
    deeds.push({
      label: "Matching rule…",
      hint: `Which arguments count when a call of ${target} is looked up`,
      act: () => { session.show({ kind: "matching", target }); },
    });
  }
  return deeds;
}

/** A node's target with its module: `module:function`. */
export function targetOf(node: Pick<GraphNode, "module" | "target">): string {
  return `${node.module}:${node.target}`;
}

/** Saves all that is set by hand: beside the code, or to a file that the person chooses. */
export async function savePins(session: Session, beside: boolean): Promise<void> {
  const path = beside ? null : await session.backend.chooseSave("hindcast-pins.toml");
  if (!beside && path === null) return;
  await byHand(session, "Pins and mocks were not saved", async () => {
    session.toasts.say("ok", "Saved pins and mocks", [await session.byHand.save(path)]);
  });
}

/** Loads what is set by hand from beside the code, or from a file that the person chooses. */
export async function loadPins(session: Session, beside: boolean): Promise<void> {
  const path = beside ? null : (await session.backend.chooseFiles())[0] ?? null;
  if (!beside && path === null) return;
  await byHand(session, "Pins and mocks stay as they were", async () => {
    session.toasts.say("ok", "Loaded pins and mocks in place of those that were set", [await session.byHand.load(path)]);
  });
}
