import { CallError, type Backend, type DropEvent } from "./backend";
import type { ApiEvent } from "./types";

/**
 * The core behind the local HTTP twin: for development and for tests in a plain browser.
 * `base` is where the twin listens; empty for the page's own origin.
 */
export function httpBackend(base = ""): Backend {
  return {
    async call(name, params) {
      const response = await fetch(`${base}/call/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(params),
      }).catch((thrown: unknown) => {
        throw new CallError("internal", "Hindcast’s core does not answer", String(thrown));
      });
      const body: unknown = await response.json();
      if (!response.ok) throw CallError.from(body);
      return body as never;
    },
    onEvent(handler) {
      const source = new EventSource(`${base}/events`);
      source.onmessage = (message) => {
        handler(JSON.parse(String(message.data)) as ApiEvent);
      };
      return () => {
        source.close();
      };
    },
    onDrop: pageDrops,
    onLink(handler) {
      const follow = () => {
        const link = decodeURIComponent(location.hash.slice(1));
        if (link.startsWith("hindcast:")) handler(link);
      };
      follow();
      window.addEventListener("hashchange", follow);
      return () => { window.removeEventListener("hashchange", follow); };
    },
    listens() {
      // Nothing waits: a browser is told by its address where to go.
    },
    onReach(handler) {
      const source = new EventSource(`${base}/events`);
      source.onopen = () => { handler(true); };
      source.onerror = () => { handler(false); };
      return () => { source.close(); };
    },
    registerLinks() {
      return Promise.reject(new CallError("refused", "only the desktop's window can open links", null));
    },
    zoom(percent) {
      // A browser has its own zoom; this is the size of text alone.
      document.documentElement.style.fontSize = percent === 100 ? "" : `${String(0.8125 * percent)}%`;
    },
    chooseSave(name) {
      return Promise.resolve(window.prompt("File to write", name));
    },
    chooseFiles() {
      const answer = window.prompt("Paths to open, one space between them");
      return Promise.resolve(answer ? answer.split(/\s+/).filter(Boolean) : []);
    },
    chooseFolder() {
      return Promise.resolve(window.prompt("Folder"));
    },
  };
}

/** A browser hides the paths of dropped files, but hands on `file:` addresses given as text. */
function pageDrops(handler: (event: DropEvent) => void): () => void {
  const pathsOf = (event: DragEvent) =>
    (event.dataTransfer?.getData("text/uri-list") ?? "")
      .split(/\r?\n/)
      .filter((line) => line.startsWith("file://"))
      .map((line) => decodeURIComponent(new URL(line).pathname));
  const over = (event: DragEvent) => {
    event.preventDefault();
  };
  const enter = (event: DragEvent) => {
    event.preventDefault();
    if (event.relatedTarget === null) handler({ kind: "enter", paths: pathsOf(event) });
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) handler({ kind: "leave" });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    handler({ kind: "drop", paths: pathsOf(event) });
  };
  document.addEventListener("dragover", over);
  document.addEventListener("dragenter", enter);
  document.addEventListener("dragleave", leave);
  document.addEventListener("drop", drop);
  return () => {
    document.removeEventListener("dragover", over);
    document.removeEventListener("dragenter", enter);
    document.removeEventListener("dragleave", leave);
    document.removeEventListener("drop", drop);
  };
}
