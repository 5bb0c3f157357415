import { CallError, type Backend } from "../backend/backend";
import { Question } from "../backend/question.svelte";
import type { ConnectionView, ServerRunsView, ServerView } from "../backend/types";

/** How long a person may pause while typing before it is asked for, in ms. */
const PAUSE = 250;

/** A live server, and what the person looks for on it. What was typed is kept while the window lives. */
export class ConnectStore {
  /** The servers that were connected to before. */
  readonly servers: Question<ServerView[]>;
  /** What the chosen workspace has. */
  readonly runs: Question<ServerRunsView>;
  address = $state("");
  project = $state("");
  /** The token; never kept here once the server has it. */
  token = $state("");
  keep = $state(true);
  /** The server that answered. */
  connection = $state.raw<ConnectionView | null>(null);
  workspace = $state("");
  search = $state("");
  /** The ids of the runs to import. */
  chosen = $state.raw<readonly string[]>([]);
  /** What is under way. */
  busy = $state<"connecting" | "importing" | null>(null);
  error = $state.raw<CallError | null>(null);

  readonly #backend: Backend;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.servers = new Question(() => backend.call("servers", {}));
    this.runs = new Question(() => {
      const at = this.connection;
      if (at === null || this.workspace === "") return null;
      const search = this.search.trim() === "" ? null : this.search.trim();
      return backend.call("serverRuns", { address: at.address, project: at.project, workspace: this.workspace, search });
    });
  }

  /** Takes a server that was connected to before. */
  take(server: ServerView): void {
    this.leave();
    this.address = server.address;
    this.project = server.project ?? "";
  }

  /** Asks the server what it has. */
  async connect(): Promise<void> {
    this.leave();
    this.busy = "connecting";
    try {
      const given = this.token.trim();
      const connection = await this.#backend.call("connect", {
        address: this.address.trim(),
        project: this.project.trim() || null,
        token: given === "" ? null : given,
        keep: this.keep,
      });
      this.token = "";
      this.connection = connection;
      this.address = connection.address;
      this.project = connection.project ?? "";
      const names = connection.workspaces.map((workspace) => workspace.name);
      this.enter(names.find((name) => name === this.workspace || name === "production") ?? names[0] ?? "");
    } catch (thrown) {
      this.error = CallError.from(thrown);
    } finally {
      this.busy = null;
    }
  }

  /** Lets go of the server, but not of what was typed. */
  leave(): void {
    this.connection = null;
    this.error = null;
    this.chosen = [];
    this.runs.restart();
  }

  /** Takes the server out of those known, and its token out of the keyring. */
  async forget(server: ServerView): Promise<void> {
    try {
      await this.#backend.call("forgetServer", { address: server.address, project: server.project });
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.servers.refresh();
  }

  /** Looks into a workspace. */
  enter(workspace: string): void {
    this.workspace = workspace;
    this.chosen = [];
    this.runs.restart();
  }

  /** Looks for what has this text in its name, once the person pauses. */
  find(text: string): void {
    this.search = text;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => { this.runs.restart({ keep: true }); }, PAUSE);
  }

  /** Chooses a run, or no longer. */
  toggle(run: string): void {
    const others = this.chosen.filter((other) => other !== run);
    this.chosen = others.length < this.chosen.length ? others : [...others, run];
  }

  /** Imports what was chosen. Returns whether it came in. */
  async import(): Promise<boolean> {
    const at = this.connection;
    if (at === null || this.chosen.length === 0) return false;
    this.busy = "importing";
    this.error = null;
    try {
      const runs = [...this.chosen];
      await this.#backend.call("importFromServer", { address: at.address, project: at.project, workspace: this.workspace, runs });
      this.chosen = [];
      return true;
    } catch (thrown) {
      const error = CallError.from(thrown);
      // The person knows: it was them.
      if (error.code !== "cancelled") this.error = error;
      return false;
    } finally {
      this.busy = null;
    }
  }

  /** Ends what is under way. */
  async cancel(): Promise<void> {
    if (this.busy !== null) await this.#backend.call("cancelImport", {});
  }
}
