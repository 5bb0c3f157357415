import type { PolicyChoice } from "../backend/types";

/** What a person can choose of which calls may run, in the order it is offered. */
export const POLICIES: { name: PolicyChoice; label: string; hint: string }[] = [
  { name: "memo", label: "Memo", hint: "Memoised and cached calls are pinned; other calls may run" },
  { name: "isolate", label: "Isolate", hint: "Only the chosen steps run; every other call is pinned" },
  { name: "open", label: "Open", hint: "Anything may run, for as long as this session lasts" },
];
