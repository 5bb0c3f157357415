import { connect, type Socket } from "node:net";

interface Message {
  type: string;
  event?: string;
  request_seq?: number;
  success?: boolean;
  body?: unknown;
}

/** What an editor is to a debugger: a client of the Debug Adapter Protocol. */
export class Editor {
  readonly #socket: Socket;
  readonly #heard: Message[] = [];
  #rest = Buffer.alloc(0);
  #next = 1;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => { this.#read(chunk); });
    // The debugger goes with the execution.
    socket.on("error", () => undefined);
  }

  /** Attaches to what waits on that port, with breakpoints in a file. */
  static async attach(port: number, file: string, lines: number[]): Promise<Editor> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opened = connect(port, "127.0.0.1", () => { resolve(opened); });
      opened.once("error", reject);
    });
    const editor = new Editor(socket);
    await editor.ask("initialize", { adapterID: "debugpy", pathFormat: "path" });
    const attached = editor.#send("attach", { justMyCode: true });
    await editor.event("initialized");
    await editor.ask("setBreakpoints", { source: { path: file }, breakpoints: lines.map((line) => ({ line })) });
    await editor.ask("configurationDone", {});
    await editor.#answer(attached);
    return editor;
  }

  /** Asks, and waits for the answer. */
  async ask(command: string, args: unknown): Promise<unknown> {
    return (await this.#answer(this.#send(command, args))).body;
  }

  /** Asks for what may end the execution before it is answered. */
  tell(command: string, args: unknown): void {
    this.#send(command, args);
  }

  /** Waits for an event. */
  async event(name: string): Promise<unknown> {
    return (await this.#hear((message) => message.event === name)).body;
  }

  #send(command: string, args: unknown): number {
    const seq = this.#next;
    this.#next += 1;
    const text = JSON.stringify({ seq, type: "request", command, arguments: args });
    this.#socket.write(`Content-Length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`);
    return seq;
  }

  #answer(seq: number): Promise<Message> {
    return this.#hear((message) => message.request_seq === seq);
  }

  async #hear(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const at = this.#heard.findIndex(wanted);
      const [found] = at < 0 ? [] : this.#heard.splice(at, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#rest.indexOf("\r\n\r\n");
      const length = Number((/Content-Length: (\d+)/).exec(this.#rest.subarray(0, Math.max(head, 0)).toString())?.[1]);
      if (head < 0 || this.#rest.length < head + 4 + length) break;
      this.#heard.push(JSON.parse(this.#rest.subarray(head + 4, head + 4 + length).toString()) as Message);
      this.#rest = this.#rest.subarray(head + 4 + length);
    }
    this.#wake();
  }
}
