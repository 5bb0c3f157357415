import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";

import { CallError, type Backend } from "./backend";
import type { ApiEvent } from "./types";

/** Whether this page stands in the desktop's window. */
export function insideTauri(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

/** The core in the same process as the window. */
export function tauriBackend(): Backend {
  const subscribing: Promise<unknown>[] = [];
  const subscribed = <T>(one: Promise<T>) => {
    subscribing.push(one);
    return one;
  };
  return {
    async call(name, params) {
      try {
        return await invoke("call", { name, params });
      } catch (thrown) {
        throw CallError.from(thrown);
      }
    },
    onEvent(handler) {
      return unsubscribing(subscribed(listen<ApiEvent>("event", ({ payload }) => { handler(payload); })));
    },
    onDrop(handler) {
      return unsubscribing(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === "enter") handler({ kind: "enter", paths: payload.paths });
          else if (payload.type === "drop") handler({ kind: "drop", paths: payload.paths });
          else if (payload.type === "leave") handler({ kind: "leave" });
        }),
      );
    },
    onLink(handler) {
      return unsubscribing(subscribed(listen<string>("link", ({ payload }) => { handler(payload); })));
    },
    listens() {
      // Subscriptions take a moment; what is told before would be lost.
      void Promise.all(subscribing).then(() => invoke("listens"));
    },
    onReach() {
      // The core is in the same process.
      return () => undefined;
    },
    async registerLinks() {
      try {
        await invoke("register_links");
      } catch (thrown) {
        throw CallError.from(thrown);
      }
    },
    zoom(percent) {
      void invoke("zoom", { percent });
    },
    chooseSave(name) {
      return invoke("choose_save", { name });
    },
    chooseFiles() {
      return invoke("choose_files");
    },
    chooseFolder() {
      return invoke("choose_folder");
    },
  };
}

/** Tauri subscribes asynchronously; the window unsubscribes at once. */
function unsubscribing(subscribed: Promise<() => void>): () => void {
  return () => {
    void subscribed.then((unsubscribe) => { unsubscribe(); });
  };
}
