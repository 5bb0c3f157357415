import type { ApiEvent, Calls, ErrorCode, TroubleView } from "./types";

/** The name of a question the core answers. */
export type CallName = keyof Calls;

/** What files held over the window, or let go there, do. Paths are absolute. */
export type DropEvent =
  { kind: "enter"; paths: string[] } | { kind: "drop"; paths: string[] } | { kind: "leave" };

/** The one seam between the window and the core. Everything else in here is drawing. */
export interface Backend {
  /** Asks the core; throws a `CallError`. */
  call<K extends CallName>(name: K, params: Calls[K]["params"]): Promise<Calls[K]["answer"]>;
  /** Hears what changed, until the returned function is called. */
  onEvent(handler: (event: ApiEvent) => void): () => void;
  /** Hears of files held over the window, until the returned function is called. */
  onDrop(handler: (event: DropEvent) => void): () => void;
  /** Hears of links (`hindcast://…`) that the person followed to here, until the returned function is called. */
  onLink(handler: (link: string) => void): () => void;
  /** Says that the window hears now: what was to be done when it opened is done, and told. */
  listens(): void;
  /** Hears whether the core can be asked, until the returned function is called. It can at first. */
  onReach(handler: (reachable: boolean) => void): () => void;
  /** Has the desktop open `hindcast://` links with this window; throws a `CallError`. */
  registerLinks(): Promise<void>;
  /** Makes everything on the page larger or smaller; 100 is as it was. */
  zoom(percent: number): void;
  /** Lets the person choose a file to write, beginning with that name; none if they changed their mind. */
  chooseSave(name: string): Promise<string | null>;
  /** Lets the person choose files; none if they changed their mind. */
  chooseFiles(): Promise<string[]>;
  /** Lets the person choose a folder; none if they changed their mind. */
  chooseFolder(): Promise<string | null>;
}

/** The core said no, or could not be asked. */
export class CallError extends Error {
  /** What went wrong, for programs: see `ApiError`. */
  readonly code: ErrorCode;
  /** More of it, one click away for the person. */
  readonly detail: string | null;
  /** What keeps the project's code from running, where it is that. */
  readonly trouble: TroubleView | null;

  constructor(code: ErrorCode, message: string, detail: string | null, trouble: TroubleView | null = null) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.detail = detail;
    this.trouble = trouble;
  }

  /** Whatever was thrown or sent in place of an answer, as a `CallError`. */
  static from(thrown: unknown): CallError {
    if (thrown instanceof CallError) return thrown;
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { code, message, detail, trouble } = thrown as Record<string, unknown>;
      return new CallError(
        typeof code === "string" ? (code as ErrorCode) : "internal",
        String(message),
        typeof detail === "string" ? detail : null,
        typeof trouble === "object" ? (trouble as TroubleView | null) : null,
      );
    }
    return new CallError("internal", String(thrown), null);
  }
}
