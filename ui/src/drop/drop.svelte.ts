import { CallError, type Backend, type DropEvent } from "../backend/backend";
import type { FileDropItem, FoundView, ImportReport, Progress } from "../backend/types";
import type { ProjectStore } from "../project/project.svelte";
import type { Toasts } from "../shell/toasts.svelte";

/** Files on their way in: held over the window, let go, read. */
export class DropStore {
  /** Whether files are held over the window. */
  over = $state(false);
  /** What they are; none while that is being found out. */
  items = $state.raw<readonly FileDropItem[] | null>(null);
  /** How many imports are under way. */
  importing = $state(0);
  /** How far the newest is. */
  progress = $state.raw<Progress | null>(null);
  /** What files hold, while the person chooses of it. */
  found = $state.raw<FoundView | null>(null);

  readonly #backend: Backend;
  readonly #toasts: Toasts;
  readonly #project: ProjectStore;
  #turn = 0;

  constructor(backend: Backend, toasts: Toasts, project: ProjectStore) {
    this.#backend = backend;
    this.#toasts = toasts;
    this.#project = project;
  }

  /** What the window reports of files above it. */
  hear(event: DropEvent): void {
    if (event.kind === "enter") void this.#enter(event.paths);
    else if (event.kind === "leave") this.#end();
    else void this.take(event.paths);
  }

  /** Lets the person choose files and takes them in. */
  async open(): Promise<void> {
    const paths = await this.#backend.chooseFiles();
    if (paths.length > 0) await this.take(paths);
  }

  /** Lets the person choose a folder and takes it in. */
  async openFolder(): Promise<void> {
    const path = await this.#backend.chooseFolder();
    if (path !== null) await this.take([path]);
  }

  /** Takes paths in: folders with code become the project, everything else is imported. */
  async take(paths: string[]): Promise<void> {
    this.#end();
    if (paths.length === 0) return;
    const items = await this.#inspect(paths);
    const project = items?.find((item) => item.project && !item.importable);
    if (project !== undefined) await this.#project.use(project.path);
    const rest = paths.filter((path) => path !== project?.path);
    if (rest.length > 0) await this.#import(rest);
  }

  async #enter(paths: string[]): Promise<void> {
    this.over = true;
    this.items = null;
    this.#turn += 1;
    const turn = this.#turn;
    if (paths.length === 0) return;
    const items = await this.#inspect(paths);
    if (turn === this.#turn) this.items = items;
  }

  #end(): void {
    this.#turn += 1;
    this.over = false;
    this.items = null;
  }

  async #inspect(paths: string[]): Promise<FileDropItem[] | null> {
    try {
      return (await this.#backend.call("inspectDrop", { paths })).items;
    } catch {
      // What they are is only a courtesy; the import itself tells what is wrong with them.
      return null;
    }
  }

  /** Looks what files hold. One run comes in at once; of several the person chooses. */
  async #import(paths: string[]): Promise<void> {
    await this.#going(async () => {
      const found = await this.#backend.call("look", { paths, environment: null });
      if (found.runs.length > 1) this.found = found;
      // What came in is told by the event that every import ends with.
      else await this.#backend.call("importLooked", { look: found.look, runs: null });
    });
  }

  /** Imports these of the runs that were found; all if none are named. */
  async choose(runs: string[] | null): Promise<void> {
    const found = this.found;
    this.found = null;
    if (found === null) return;
    await this.#going(() => this.#backend.call("importLooked", { look: found.look, runs }));
  }

  /** Imports nothing of what was found. */
  decline(): void {
    this.found = null;
    void this.cancel();
  }

  /** Ends every import under way. */
  async cancel(): Promise<void> {
    await this.#backend.call("cancelImport", {}).catch((thrown: unknown) => {
      this.#toasts.fail("The import could not be cancelled", thrown);
    });
  }

  async #going(work: () => Promise<unknown>): Promise<void> {
    this.importing += 1;
    try {
      await work();
    } catch (thrown) {
      if (CallError.from(thrown).code === "cancelled") this.#toasts.say("ok", "Cancelled: nothing was imported");
      else this.#toasts.fail("Nothing was imported", thrown);
    } finally {
      this.importing -= 1;
      if (this.importing === 0) this.progress = null;
    }
  }

  /** Says what an import did. */
  tell(report: ImportReport): void {
    const some = (runs: ImportReport["runs"]) => {
      const names = runs.map((run) => run.run).filter((name, at, all) => all.indexOf(name) === at);
      return `${names.slice(0, 4).join(", ")}${names.length > 4 ? ` and ${String(names.length - 4)} more` : ""}`;
    };
    const what = [
      some(report.runs.filter((run) => run.new || run.changed)),
      report.blobs > 0 ? `${String(report.blobs)} ${report.blobs === 1 ? "blob" : "blobs"}` : "",
      report.lines > 0 ? `${String(report.lines)} log or metric ${report.lines === 1 ? "line" : "lines"}` : "",
    ].filter(Boolean);
    const known = some(report.runs);
    const missing = report.runs.reduce((sum, run) => sum + run.missingValues, 0);
    const lines = [
      ...(missing > 0
        ? [`${missing === 1 ? "1 value is" : `${String(missing)} values are`} not in the files. Drop a folder of blobs, a bundle or a data directory to add ${missing === 1 ? "it" : "them"}.`]
        : []),
      ...report.findings.map((finding) => `${finding.place}: ${finding.message}`),
    ];
    const nothing = known === "" ? "Nothing new in there" : `Nothing new: ${known} was here already`;
    const found = what.length > 0 ? `Imported ${what.join(" and ")}` : nothing;
    const findings = report.findings.length;
    this.#toasts.say(
      lines.length > 0 ? "warn" : "ok",
      findings > 0 ? `${found}, with ${String(findings)} ${findings === 1 ? "finding" : "findings"}` : found,
      lines,
    );
  }
}
