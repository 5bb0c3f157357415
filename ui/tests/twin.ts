import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** The checkout's top folder. */
const ROOT = resolve(import.meta.dirname, "../..");

/** Cargo's target folder. */
export const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");

/** A file or folder of the fixtures. */
export function fixture(path: string): string {
  return join(ROOT, "fixtures", path);
}

/** The real core behind a local address, with a store of its own. */
export class Twin {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly address: string;
  /** Its own folder; gone when it ends. */
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, folder: string, address: string) {
    this.#process = process;
    this.folder = folder;
    this.address = address;
  }

  /** Starts one on an empty store; with `project`, on a trusted copy of the demo's project. */
  static async start({ project = false } = {}): Promise<Twin> {
    const folder = mkdtempSync(join(tmpdir(), "hindcast-chromium-"));
    const program = process.env.HINDCAST_TWIN_PROGRAM ?? join(TARGET, "debug/hindcast-twin");
    const ui = process.env.HINDCAST_TWIN_UI ?? join(ROOT, "ui/dist");
    const words = ["--port", "0", "--store", join(folder, "store"), "--ui", ui];
    if (project) words.push("--project", shopProject(folder), "--trust-project");
    const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise<string>((resolved, failed) => {
      const said: string[] = [];
      child.on("error", failed);
      child.on("exit", (code) => { failed(new Error(`${program} ended with ${String(code)}: ${said.join("\n")}`)); });
      createInterface(child.stderr).on("line", (line) => {
        said.push(line);
        if (line.startsWith("http://127.0.0.1:")) resolved(line);
      });
    });
    return new Twin(child, folder, address);
  }

  /** Where the copy of the demo's project stands. */
  get project(): string {
    return join(this.folder, "shop");
  }

  /** Gives the project's code what production lacked: a VAT rate for CH. */
  addVatRate(): void {
    cpSync(fixture("shop/development/workflows.py"), join(this.project, "shop/workflows.py"));
  }

  /** Asks the core as the window does. */
  async call(name: string, params: unknown): Promise<unknown> {
    const answer = await fetch(`${this.address}/call/${name}`, { method: "POST", body: JSON.stringify(params) });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Its process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Ends it, and takes its folder away. */
  async stop(): Promise<void> {
    const ended = new Promise((resolved) => { this.#process.once("exit", resolved); });
    this.#process.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The folder with debugpy that projects can be given. */
export function debugpy(): string {
  return process.env.HINDCAST_TEST_DEBUGPY ?? join(TARGET, "python/debugpy");
}

/** The shop's code with the real SDK, and payment and mail where nothing listens. */
function shopProject(folder: string): string {
  const project = join(folder, "shop");
  mkdirSync(project);
  cpSync(fixture("shop/shop"), join(project, "shop"), { recursive: true });
  const named = process.env.HINDCAST_TEST_PYTHON_0_12;
  const environment = named ? dirname(dirname(named)) : join(TARGET, "python/coflux-0.12.0");
  symlinkSync(environment, join(project, ".venv"));
  const outside = ["SHOP_PAYMENTS_URL=http://127.0.0.1:9/charges", "SHOP_SMTP_HOST=127.0.0.1", "SHOP_SMTP_PORT=9"];
  writeFileSync(join(project, ".env"), `${outside.join("\n")}\n`);
  return project;
}
