// Generated from the Rust types of the crate hindcast-api. Do not edit.
// Write it anew with: cargo run -p hindcast-api --example types

/** What is going on, and what went on lately. */
export type Activity = {
  /** Executions, newest first: those going on, and those of the last re-run. */
  items: Array<ActivityItem>,
  /** How many bodies run now. */
  running: number,
  /** How many calls of the last re-run were pinned. */
  pinned: number,
  /** How many bodies of the last re-run ran. */
  ran: number,
  /** How many calls of the last re-run were stopped at the guard, or wait there. */
  stopped: number,
  /** The last re-run: its chosen steps and where it happens. None before the first. */
  rerun: RerunStarted | null,
  /** Executions that wait for a debugger or have one. */
  debug?: Array<DebugView>, };

/** A call or execution in the activity list. */
export type ActivityItem = {
  /** The run. */
  run: string,
  /** The step, if the call has one. */
  step: string | null,
  /** The execution, if the call has one. */
  execution: string | null,
  /** The function. */
  target: string,
  /** What became of the call. */
  call: CallState,
  /** How its execution stands. */
  state: NodeState,
  /** In words: what it was pinned to, why it was stopped, how it ended. */
  note: string,
  /** When, Unix ms. */
  at: number,
  /** How long it took, in ms. */
  durationMs: number | null, };

/** A planned call and what became of it. */
export type ActualCall = {
  /** How deep below the chosen step, from 0. */
  depth: number,
  /** The function. */
  target: string,
  /** The step as planned; none for a call that was not planned. */
  step: string | null,
  /** What it was to be; none for a call that was not planned. */
  planned: CallState | null,
  /** What it was: `unreached` where the code did not make the call. */
  actual: CallState,
  /** Whether that is what was planned. */
  asPlanned: boolean,
  /** The execution that answered it, if one did. */
  execution: string | null,
  /** How that execution stands. */
  state: NodeState | null,
  /** Why, in words. */
  reason: string, };

/** A plan beside what really happened. */
export type ActualView = {
  /** The re-run's number. */
  rerun: number,
  /** The run. */
  run: string,
  /** The environment it happened in. */
  environment: string,
  /** When it was planned, Unix ms. */
  at: number,
  /** The executions that were asked for. */
  executions: Array<string>,
  /** The plan as it was shown before anything started. */
  plan: PlanView,
  /**
   * Planned calls and what became of them, in call order; calls that were not planned stand where
   * they were made.
   */
  calls: Array<ActualCall>,
  /** How many bodies ran that the plan did not list, each allowed at the guard or by a flag. */
  beyondPlan: number,
  /** Whether everything asked for has ended. */
  ended: boolean, };

/** A pair of calls. */
export type AlignedStep = {
  /** How deep in the call tree, from 0. */
  depth: number,
  /** The function called. */
  target: string,
  /** The ancestor's execution. */
  ancestor: string | null,
  /** The local execution. */
  local: string | null,
  /** How they compare. */
  divergence: Divergence,
  /** Whether the local execution was called with arguments that a person edited. */
  edited?: boolean,
  /** The difference in a line. */
  note: string,
  /** What differs between the two values, where both are values. */
  differences: Array<DifferenceLine>, };

/** Why a question was not answered. */
export type ApiError = {
  /** What kind of failure it is: what a program goes by. */
  code: ErrorCode,
  /** What went wrong, in a sentence that names the thing and the place. */
  message: string,
  /** What lies behind it, or what can be done, where there is more to say. */
  detail: string | null,
  /** What keeps the project's code from running, where it is that. */
  trouble: TroubleView | null, };

/** Something changed; the window asks again for what it shows. */
export type ApiEvent = { "kind": "overviewChanged" } | { "kind": "runChanged",
  /** Which run. */
  run: string, } | { "kind": "logsWritten",
  /** In which run. */
  run: string, } | { "kind": "activityChanged" } | { "kind": "progress" } & Progress | { "kind": "imported",
  /** What came in. */
  report: ImportReport, } | { "kind": "failed",
  /** Why. */
  error: ApiError, } | { "kind": "codeSaved",
  /** The run. */
  run: string,
  /** Which, below the project's folder. */
  files: Array<string>, } | { "kind": "watchChanged" } | { "kind": "rerunEnded",
  /** The run. */
  run: string,
  /** The steps. */
  steps: Array<string>,
  /** Whether every chosen step ended with a value. */
  succeeded: boolean,
  /** When they were chosen, Unix ms. */
  at: number, };

/** An argument that is edited for a re-run. */
export type ArgumentChoice = {
  /** Its number, from 1, or its parameter's name in the project's code. */
  argument: string,
  /** The value, as text. */
  value: string,
  /** How it is written; as a Python literal if none. */
  form?: TextForm, };

/** An argument that differs between two calls. */
export type ArgumentDifferenceView = {
  /** Its position, from 0. */
  index: number,
  /** The parameter's name, where the project's code has it. */
  name?: string,
  /** Where in it, as Python would write it: `['lines'][0]`; empty for the argument itself. */
  path: string,
  /** What the ancestor sent, as Python would write it, shortened; none if nothing. */
  ancestor: string | null,
  /** What the local call sends; none if nothing. */
  local: string | null,
  /** Whether the memo key is over this argument. */
  inKey: boolean, };

/** An argument. */
export type ArgumentView = {
  /** Its position, from 0. */
  index: number,
  /** The parameter's name, where known. */
  name: string | null,
  /** Whether the memo key is over it. */
  inKey: boolean,
  /** Its value. */
  value: ValueTree,
  /** What was recorded in its place, where a person edited it. */
  recorded?: ValueTree | null, };

/** A file of an asset. */
export type AssetFile = {
  /** Its path in the asset, as recorded: data, not a place on this machine. */
  path: string,
  /** Its size in bytes. */
  size: number,
  /** Its media type, where one was recorded. */
  mediaType: string | null,
  /** Whether its content is in the store. */
  here: boolean, };

/**
 * A file of an asset as far as it can be shown. What it is is told by its content, never by its
 * name or what was recorded of it.
 */
export type AssetPreview = { "kind": "text",
  /** At most 256 KiB of it. */
  text: string,
  /** Whether there is more. */
  cut: boolean, } | { "kind": "picture",
  /** A `data:` URL. */
  url: string, } | { "kind": "nothing",
  /** Why, in words. */
  reason: string, };

/** An asset that an execution persisted. */
export type AssetView = {
  /** Asset id: the same content has the same. */
  asset: string,
  /** The execution that persisted it. */
  execution: string,
  /** The environment that happened in. */
  environment: string,
  /** Its name, where it was given one. */
  name: string | null,
  /** How many files it has. */
  count: number,
  /** Their sizes together, in bytes. */
  size: number,
  /** The files, by path; fewer than it has where the export does not list them. */
  files: Array<AssetFile>, };

/** What writing assets did. */
export type AssetsReport = {
  /** The folder they were written below. */
  folder: string,
  /** The files written. */
  written: Array<WrittenFile>,
  /** Files that could not be written, because their content is not in the store. */
  missing: Array<MissingFile>,
  /** How many more files the assets have that the export does not list. */
  unlisted: number, };

/** An execution. */
export type AttemptView = {
  /** Execution id. */
  execution: string,
  /** Its number in the step. */
  attempt: number,
  /** The environment it happened in. */
  environment: string,
  /** Whether that is an imported one. */
  imported: boolean,
  /** How it stands. */
  state: NodeState,
  /** Why it exists: `called`, `re-run`, `retry`, `resumed`, `recurred`. */
  because: string | null,
  /** The arguments that a person edited for it: by name, else `argument 2`. */
  edited?: Array<string>,
  /** When it was asked for, Unix ms. */
  createdAt: number,
  /** When its body started, Unix ms. */
  startedAt: number | null,
  /** When it ended, Unix ms. */
  completedAt: number | null,
  /** How it ended, followed to where it points. */
  outcome: OutcomeView | null,
  /**
   * If it ended with an error that came out of what it called: the executions it came through, the
   * one that raised it last.
   */
  raised: Array<CallerView>, };

/** A part of some bytes, and what they are. */
export type BytesPage = {
  /** Which byte it begins at. */
  offset: number,
  /** How many bytes there are in all. */
  count: number,
  /** The bytes, two hexadecimal digits each. */
  hex: string,
  /** The whole as text or as a picture, where it is one; only with the first page. */
  shows: AssetPreview | null, };

/** What a call is, in a plan or after a run. */
export type CallState = "pinned" | "mocked" | "run" | "blocked" | "refused" | "new" | "unreached" | "unknown";

/** A call that an execution made. */
export type CallView = {
  /** The function called. */
  target: string,
  /** The execution that answered it, if one did. */
  execution: string | null,
  /** What the call was. */
  answer: CallState,
  /** Why, in words; empty for what the ancestor did. */
  reason: string,
  /** How that execution stands. */
  state: NodeState | null, };

/** Who called a step. */
export type CallerView = {
  /** Execution id. */
  execution: string,
  /** Its function; empty where the export does not show it. */
  target: string, };

/** Cancel an execution and what it called. */
export type Cancel = {
  /** Execution id. */
  execution: string, };

/**
 * Cancel every look, fetch and import under way; the store is left as it was. Also lets go of what
 * was looked at.
 */
export type CancelImport = Record<symbol, never>;

/** An exception that another one is chained to. */
export type ChainedView = {
  /** Whether the next one was raised from it; else while it was being handled. */
  direct: boolean,
  /** Its class. */
  class: string,
  /** Its message. */
  message: string,
  /** Outermost first; none if it was never raised. */
  frames: Array<FrameView>, };

/** Whether a text is a value, and if not, where it goes wrong. Keeps nothing. */
export type CheckValue = {
  /** The text. */
  text: string,
  /** How it is written. */
  form: TextForm,
  /** As in `mock`. */
  like: string | null, };

/**
 * Leave a step to the rules again: neither pinned nor unpinned nor mocked by hand. Its mocks stay,
 * unused.
 */
export type ClearPin = {
  /** Step id. */
  step: string,
  /** As in `pin`. */
  environment: string | null, };

/** The code that a re-run begun now would run. */
export type CodeView = {
  /** What names it, as 64 hex digits, as it stands in the ledger; none where it cannot be held. */
  snapshot: string | null,
  /** How many Python files it is. */
  files: number,
  /** How large they are together, in bytes. */
  bytes: number,
  /** Why it cannot be held: a file saved during the re-run is then seen by it. */
  reason: string | null, };

/** The ancestor's steps and the local ones side by side, first divergence first. */
export type Compare = {
  /** Run id. */
  run: string,
  /** Local environment name. */
  environment: string, };

/** A step's two executions side by side: everything of them that can differ. */
export type CompareStep = {
  /** Step id. */
  step: string,
  /** Local environment name. */
  environment: string,
  /** The ancestor's execution; the newest of the call's counterpart there if none. */
  ancestor: string | null,
  /** The local execution; the newest if none. */
  local: string | null, };

/** An argument on both sides. */
export type ComparedArgument = {
  /** Its position, from 0. */
  index: number,
  /** Its parameter's name, where the chosen project's code has it. */
  name: string | null,
  /** Whether the memo key is over it. */
  inKey: boolean,
  /** Whether a person edited it for the local execution. */
  edited?: boolean,
  /**
   * The local value, or the ancestor's where there is none here, as Python would write it, in
   * short.
   */
  text: string,
  /** Where the two differ; empty if they do not. */
  differences: Array<DifferenceLine>, };

/** One of two executions. */
export type ComparedSide = {
  /** Execution id. */
  execution: string,
  /** The environment it happened in. */
  environment: string,
  /** How it stands. */
  state: NodeState,
  /** How it ended, in short. */
  outcome: string,
  /** The exception, if it ended with one. */
  error: ErrorView | null,
  /** How long it waited for its turn, in ms. */
  queuedMs: number | null,
  /** How long its body took, in ms. */
  durationMs: number | null,
  /** How many log lines it wrote. */
  logs: number, };

/** Two environments' steps of one run, aligned in call order. */
export type Comparison = {
  /** Run id. */
  run: string,
  /** The ancestor environment. */
  ancestor: string,
  /** The local environment. */
  environment: string,
  /** The pairs. */
  steps: Array<AlignedStep>,
  /** Index of the first divergence in `steps`. */
  firstDivergence: number | null, };

/**
 * Connect to a live Coflux server. The token is the one given, else that of the environment
 * variable `HINDCAST_TOKEN`, else that of the keyring.
 */
export type Connect = {
  /** Host, host:port, or http(s)://host:port. */
  address: string,
  /** The project, where the server has several. */
  project: string | null,
  /** The token, if a person gives it now. It is held as long as the process lives. */
  token: GivenToken | null,
  /** Whether to keep that token in the system's keyring. */
  keep: boolean, };

/** A server that answers. */
export type ConnectionView = {
  /** Its address, as it is spelled from now on. */
  address: string,
  /** The project. */
  project: string | null,
  /** Its workspaces. */
  workspaces: Array<ServerWorkspaceView>,
  /** Where the token came from. */
  token: TokenPlace,
  /** Whether the token that was given is in the keyring now. */
  kept: boolean,
  /** What a person should know: that the token travels in the clear, that it could not be kept. */
  notices: Array<string>, };

/** A value as text to copy. */
export type CopyValue = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it. */
  path: Array<number>,
  /** How it is written. */
  form: TextForm, };

/** How a re-run waits for a debugger. */
export type DebugChoice = {
  /** Whether the chosen steps themselves run without a debugger: only the named calls wait for one. */
  callsOnly?: boolean,
  /**
   * Targets (`module:function`) whose calls wait for a debugger as well, where they run below the
   * chosen steps: each execution on a port of its own.
   */
  calls?: Array<string>,
  /** The port on this machine, for the first chosen step; if none, 5678 if it is free, else any. */
  port?: number,
  /** Whether an execution that fails stops where it raised. */
  atRaise?: boolean,
  /**
   * Whether a copy of debugpy may be installed into the store's folder, where the project's Python
   * has none.
   */
  install?: boolean,
  /**
   * Whether the configuration that attaches VS Code is written into the project's
   * `.vscode/launch.json`; what else is there stays.
   */
  launch?: boolean, };

/** Whether a debugger is attached. */
export type DebugState = "waits" | "attached" | "detached";

/** An execution that waits for a debugger or has one, and how to attach one. */
export type DebugView = {
  /** The execution. */
  execution: string,
  /** The step. */
  step: string,
  /** How it stands. */
  state: DebugState,
  /** The address, on this machine only. */
  host: string,
  /** The port. */
  port: number,
  /** For VS Code: a configuration of `.vscode/launch.json`. */
  vscode: string,
  /** For `PyCharm`: what to fill in. */
  pycharm: string,
  /** For Neovim with nvim-dap: a line to run. */
  neovim: string, };

/** Whose debugpy a project's executions would use. */
export type DebugpyPlace = "project" | "copy" | "missing";

/** Where debugpy is, for a project. */
export type DebugpyView = {
  /** Whose it is. */
  place: DebugpyPlace,
  /** The folder of Hindcast's own copy, for this project's Python: where it is, or would be put. */
  folder: string,
  /** The command that would put it into the project's own environment instead. */
  mend: string, };

/** Answer the guard. */
export type Decide = {
  /** The caller that waits: execution id. */
  caller: string,
  /** Which of its calls. */
  ordinal: number,
  /** What shall happen. */
  decision: DecisionKind,
  /** For `pin`: the execution to pin to. */
  execution: string | null,
  /**
   * For `map`: what the ancestor called the target, `module:function`. It is kept, and can be
   * undone, as with `setRenamed`.
   */
  old?: string,
  /** For `give`: the value, as text. */
  value: string | null,
  /** How the value is written; as JSON if none. */
  form?: TextForm, };

/** A person's answer at the guard. */
export type DecisionKind = "pin" | "once" | "always" | "give" | "map" | "fail";

/** Delete a run or a local environment. It can be brought back until it is purged. */
export type Delete = {
  /** What. */
  what: DeleteTarget, };

/** What a person wants to be rid of. */
export type DeleteTarget = { "kind": "run", "name": string } | { "kind": "environment", "name": string };

/** What was deleted, or would be. */
export type DeletionView = {
  /** Its number, to bring it back by; none while nothing is deleted. */
  id: number | null,
  /** When, Unix ms. */
  at: number | null,
  /** What was asked for. */
  what: DeleteTarget,
  /** Runs that go as a whole: their ids. */
  runs: Array<string>,
  /** Environments that go: their names. */
  environments: Array<string>,
  /** How many steps go. */
  steps: number,
  /** How many executions go, imported and local. */
  executions: number,
  /** How many of them ran here. */
  localExecutions: number,
  /** How many log lines go. */
  logs: number, };

/** How a side of a difference came to be. */
export type DifferenceChange = "added" | "removed" | "changed" | "unreadable";

/** A difference between two values. */
export type DifferenceLine = {
  /** Where, as Python would write it: `['lines'][0]`. */
  path: string,
  /** How they differ there. */
  change: DifferenceChange,
  /** What the ancestor has there. */
  ancestor: string | null,
  /** What the local one has there. */
  local: string | null,
  /** Two texts too long to be written whole: how they differ, line by line. */
  text: Array<TextLineView>, };

/** How a step compares with the ancestor's. */
export type Divergence = "equal" | "differs" | "inputsDiffer" | "new" | "unreached" | "unfinished";

/** An attempt that was retried, resumed or recurred. */
export type EarlierAttempt = {
  /** Which. */
  attempt: number,
  /** How it stands. */
  state: NodeState,
  /** When it was asked for, Unix ms. */
  createdAt: number,
  /** When its body started, Unix ms. */
  startedAt: number | null,
  /** When it ended, Unix ms. */
  completedAt: number | null, };

/** What an edge stands for. */
export type EdgeKind = "call" | "data" | "memo";

/** A value as a text that a person can edit. */
export type EditText = {
  /** As Python would write it. What has no literal stands in `<…>`, and can be kept or left out. */
  text: string,
  /** Why it cannot be edited, where it cannot. */
  problem: string | null, };

/** Something a body did, or tried to do, outside of itself. */
export type EffectView = {
  /** What it did, in words: `connected to smtp.example.com:587`. */
  what: string,
  /** What a body like it does, in words: `connect to smtp.example.com:587`. */
  does: string,
  /** What more is known: `POST http://127.0.0.1:8099/charges`. */
  detail: string | null,
  /** The line of the project that did it; none where no such line was on the stack. */
  place: PlaceView | null,
  /** How often. */
  count: number,
  /** Whether it was refused. */
  refused: boolean,
  /** The execution that did it last. */
  execution: string, };

/**
 * How values are written in an environment. Both settings change memo keys: they should be as the
 * workers of production had them.
 */
export type EncodingView = {
  /** The environment. */
  environment: string,
  /** The longest JSON, in bytes, that stays in the value itself; anything longer becomes a blob. */
  blobThreshold: number,
  /** Whether numbers pass through a float64, as in Coflux's own worker. */
  numberRoundTrip: boolean,
  /** The threshold, if it is set for this environment; else it is as in its base. */
  ownBlobThreshold: number | null,
  /** What is set of numbers for this environment; else they are as in its base. */
  ownNumberRoundTrip: boolean | null, };

/** An environment. */
export type EnvironmentView = {
  /** Its name. */
  name: string,
  /** The name of its base. */
  base: string | null,
  /** Whether it was imported; otherwise it is local. */
  imported: boolean,
  /** How many runs have executions in it. */
  runs: number, };

/** What kind of failure it is. */
export type ErrorCode = "badRequest" | "notFound" | "badFile" | "noProject" | "untrusted" | "trouble" | "refused" | "noDebugpy" | "unauthorized" | "server" | "cancelled" | "internal";

/** An exception. */
export type ErrorView = {
  /** `KeyError`, or `module.Class` where it is not a builtin. */
  class: string,
  /** Its message. */
  message: string,
  /** Outermost first. */
  frames: Array<FrameView>,
  /**
   * The exceptions that it is chained to, the nearest first, where they were captured: in local
   * executions. Exports hold none.
   */
  chained?: Array<ChainedView>, };

/** What was found of a project. */
export type ExaminationView = {
  /** The project. */
  project: ProjectView,
  /** The interpreter that runs its steps, if it answered. */
  interpreter: string | null,
  /** The modules that were imported. */
  modules: Array<string>,
  /** What is wrong, the worst first. */
  troubles: Array<TroubleView>, };

/**
 * See whether the chosen project's code can run: its interpreter, the SDK, its modules. Imports
 * the modules, in a process of its own.
 */
export type ExamineProject = {
  /** These; none for all that use Coflux. */
  modules: Array<string>, };

/** Write a run with all that belongs to it as a bundle. */
export type Export = {
  /** Run id. */
  run: string,
  /** Further runs, by their ids. */
  also?: Array<string>,
  /** Absolute path of the file to write. */
  path: string,
  /** Patterns of what is replaced by placeholders of the same shape (`email`, `*token*`, `*@*`). */
  redact?: Array<string>, };

/**
 * Write the files of the assets that an execution persisted, each asset in a new folder named by
 * its id. Refused as a whole if a path would lead out of that folder; overwrites nothing.
 */
export type ExportAssets = {
  /** Execution id. */
  execution: string,
  /** Absolute path of the folder to write below; made where there is none. */
  folder: string, };

/** Write runs of a server as a bundle, without importing them. Progress comes as events. */
export type ExportFromServer = {
  /** The server's address. */
  address: string,
  /** The project. */
  project: string | null,
  /** The name of the workspace to see them from. */
  workspace: string,
  /** Run ids. */
  runs: Array<string>,
  /** Absolute path of the file to write. */
  path: string,
  /** Patterns of what is replaced by placeholders of the same shape. */
  redact?: Array<string>, };

/** What an export wrote. */
export type ExportReport = {
  /** The file. */
  path: string,
  /** Its size in bytes. */
  bytes: number,
  /** Runs in it: the run asked for, and those it spawned. */
  runs: Array<string>,
  /** Blobs in it. */
  blobs: number,
  /** Blobs that its values need and that were not to be had. */
  missingBlobs: number,
  /** What was replaced, by place, where patterns of it were given. */
  removed: Array<RemovedView>,
  /**
   * Blobs that could not be looked into and are in as they were (pickles, bytes, files of assets),
   * where patterns were given: their keys.
   */
  notLookedInto: Array<string>, };

/** How many steps are of a kind. */
export type FacetCount = {
  /** Which. */
  name: string,
  /** How many. */
  count: number, };

/** By what the steps of a run can be filtered. */
export type FacetsView = {
  /** The states that steps are in. */
  states: Array<StateCount>,
  /** The targets (`module:function`) called, those called most first. */
  targets: Array<FacetCount>,
  /** The environments that the shown attempts happened in. */
  environments: Array<FacetCount>,
  /** The groups that calls were made in, by name. */
  groups: Array<FacetCount>, };

/** A place in a file that Python cannot read. */
export type FaultView = {
  /** The file, below the project's folder. */
  file: string,
  /** What Python calls it, and says. */
  message: string,
  /** The line, from 1, if it is in one. */
  line: number | null,
  /** The line's text. */
  text: string | null, };

/** What dropped paths are. */
export type FileDrop = {
  /** Each path with what was recognised. */
  items: Array<FileDropItem>, };

/** A dropped path. */
export type FileDropItem = {
  /** The path. */
  path: string,
  /** Such as `run export R6Lf, 66 steps` or `not an export`. */
  what: string,
  /** Whether it can be imported. */
  importable: boolean,
  /** Whether it looks like a project folder. */
  project: boolean, };

/** The nodes of a value whose key or own text has a text in it. */
export type FindInValue = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it to search below: child indexes from the top. */
  path: Array<number>,
  /** The text, whatever the case of its letters. */
  text: string, };

/** Something odd but harmless. */
export type Finding = {
  /** The file, and the place in it. */
  place: string,
  /** What it is. */
  message: string, };

/** Take a server's token out of the keyring, and the server out of those known. */
export type ForgetServer = {
  /** Its address. */
  address: string,
  /** The project. */
  project: string | null, };

/** A run in files. */
export type FoundRunView = {
  /** Run id. */
  run: string,
  /** The module of its target. */
  module: string,
  /** The function of its target. */
  target: string,
  /** The environments it has executions in, by name where the files tell. */
  environments: Array<string>,
  /** When it was submitted, in Unix ms. */
  createdAt: number,
  /** Steps it has. */
  steps: number,
  /** Executions it has. */
  executions: number,
  /** The run that spawned it, if one did. */
  parentRun: string | null,
  /** Whether the store has it already; importing it adds what is new. */
  here: boolean, };

/** What files hold, before anything of it is imported. */
export type FoundView = {
  /** By which it can be imported, until something else is looked at. */
  look: number,
  /** Runs, in the order they were found; those that a run spawned after it. */
  runs: Array<FoundRunView>,
  /** Blobs. */
  blobs: number,
  /** Log lines. */
  logs: number,
  /** Metric points. */
  points: number,
  /** Odd but harmless things found. */
  findings: Array<Finding>, };

/** A line of a traceback. */
export type FrameView = {
  /** The path as recorded. */
  file: string,
  /** The same file in the project, relative to it, if it is there. */
  local: string | null,
  /** The line, from 1. */
  line: number,
  /** The function. */
  function: string,
  /** The line's text. */
  code: string,
  /** The local variables, where they were captured: in local executions. */
  locals?: Array<LocalView>,
  /** How many more there were. */
  moreLocals?: number, };

/** What is going on, and what went on lately. */
export type GetActivity = Record<symbol, never>;

/** A re-run's plan, as it was shown before anything started, beside what really happened. */
export type GetActual = {
  /**
   * The re-run: its number, one of the executions it asked for, or a run id for the last one of
   * that run; the last of all if none.
   */
  rerun: string | null, };

/**
 * The steps of a run that call the same target as one of them, that one included, and were
 * called where it was: beside a recorded step those that are recorded.
 */
export type GetAlike = {
  /** Step id. */
  step: string, };

/** One file of an asset, as far as it can be shown. */
export type GetAsset = {
  /** The execution that persisted the asset: its id. */
  execution: string,
  /** Asset id. */
  asset: string,
  /** The file's path in the asset. */
  path: string, };

/** The assets that an execution persisted. */
export type GetAssets = {
  /** Execution id. */
  execution: string, };

/** A part of some bytes in a value: `bytes`, or an object as it was pickled, which is not opened. */
export type GetBytes = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it: child indexes from the top. */
  path: Array<number>,
  /** The first byte wanted. */
  offset: number,
  /** How many, at most 8,192. */
  limit: number, };

/** The code that a re-run begun now would run, and be held to. */
export type GetCode = Record<symbol, never>;

/** Where debugpy is for the trusted project: asks its Python, and imports nothing. */
export type GetDebugpy = Record<symbol, never>;

/** What deleting a run or a local environment would take away. Deletes nothing. */
export type GetDeletion = {
  /** What. */
  what: DeleteTarget, };

/** What was deleted and not purged, newest first. */
export type GetDeletions = Record<symbol, never>;

/** A value as text to be edited and given to `mock`: Python's types are kept. */
export type GetEditText = {
  /** Which value, as its `ValueTree` says. */
  handle: string, };

/**
 * How values are written in each environment: what workers of production had set changes memo
 * keys.
 */
export type GetEncodings = Record<symbol, never>;

/** By what the steps of a run can be filtered. */
export type GetFacets = {
  /** Run id. */
  run: string,
  /** Environment name. */
  environment: string, };

/** Calls that wait at the guard. */
export type GetGuard = Record<symbol, never>;

/** Inputs that runs wait for. */
export type GetInputs = Record<symbol, never>;

/** Which bodies really ran. */
export type GetLedger = {
  /** Only this run's. */
  run: string | null, };

/** Log lines of a run, or of one step of it. */
export type GetLogs = {
  /** Run id. */
  run: string,
  /** Environment name. */
  environment: string,
  /** Only this step's. */
  step: string | null,
  /** Only lines that came to the store after this cursor. */
  after: number | null,
  /** At most so many, the newest; none for all. */
  limit?: number, };

/** What came of a re-run's chosen steps, each beside the ancestor; differences first. */
export type GetOutcomes = {
  /** The re-run, as in `actual`. */
  rerun: string | null,
  /** Whether each row says where its result differs. */
  differences?: boolean, };

/** Environments, runs, project: what the left side shows. */
export type GetOverview = Record<symbol, never>;

/**
 * What is set by hand: pins, mocks, matching rules, renamed targets. They hold in a run's local
 * environment, in every policy, and are part of the plan.
 */
export type GetPins = {
  /** Run id: the environment is the local one of this run. */
  run: string | null,
  /** Environment name; without it and without a run the only local environment there is. */
  environment: string | null, };

/** What a re-run would do. */
export type GetPlan = {
  /** Step ids. */
  steps: Array<string>,
  /** Environment name; the run's local environment if none. */
  environment: string | null,
  /** Which calls are pinned. */
  policy: PolicyChoice,
  /** What happens to a call that may not run and that nothing pins; it fails if none. */
  onMiss?: MissChoice,
  /** Targets (`module:function`) that may run whatever the ancestor did. */
  allow?: Array<string>,
  /** Values that answer the calls of steps in this re-run only. */
  mocks?: Array<MockChoice>,
  /** Arguments in place of the recorded ones; only with a single step. */
  arguments?: Array<ArgumentChoice>, };

/** How a project's steps are run, as a person set it. */
export type GetProjectSettings = {
  /** The project's folder: absolute path. */
  path: string, };

/** A run as seen from an environment, laid out. */
export type GetRun = {
  /** Run id. */
  run: string,
  /** Environment name. */
  environment: string,
  /** Folded fan-outs that shall be shown unfolded, by their ids. */
  unfolded: Array<string>,
  /** Steps that are shown whatever is folded, by number. */
  keep?: Array<number>,
  /** Whether everything is wanted: every step, nothing folded, without lines and frames. */
  whole?: boolean, };

/** What a workspace of a server has. */
export type GetServerRuns = {
  /** The server's address. */
  address: string,
  /** The project. */
  project: string | null,
  /** The workspace's name. */
  workspace: string,
  /** Only what has this text in its name, and the run of this id. */
  search: string | null, };

/** The servers that were connected to before. */
export type GetServers = Record<symbol, never>;

/** Read a setting of the window (theme, layout). */
export type GetSetting = {
  /** Its name. */
  key: string, };

/** A step in full, as seen from an environment. */
export type GetStep = {
  /** Step id. */
  step: string,
  /** Environment name. */
  environment: string, };

/** Items of a stream. */
export type GetStreamItems = {
  /** Stream id: `RUN:STEP_INDEX`. */
  stream: string,
  /** The place of the first item wanted, from 0. */
  offset: number,
  /** How many; at most 1000 are given. */
  limit: number, };

/** Streams that were produced here (SDK 0.12). */
export type GetStreams = {
  /** Run id. */
  run: string,
  /** Only this step's. */
  step: string | null, };

/**
 * The workflows and tasks of the trusted project, to choose what to submit from. Imports its
 * modules, each in a process of its own.
 */
export type GetTargets = {
  /**
   * Only of these modules, by name; none for those of `coflux.toml`, or, where that names none,
   * those whose text imports Coflux.
   */
  modules: Array<string>, };

/** A part of a long text in a value. */
export type GetText = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it: child indexes from the top. */
  path: Array<number>,
  /** The first character wanted. */
  offset: number,
  /** How many, at most 100,000. */
  limit: number, };

/** A value's tree, of one that was too large to be read along with what it belongs to. */
export type GetTop = {
  /** Which value, as its `ValueTree` says. */
  handle: string, };

/** Every call of a run as seen from an environment, as a list: callers before what they call. */
export type GetTree = {
  /** Run id. */
  run: string,
  /**
   * Environment name; none for the local environment that has executions of the run, else
   * the one it was imported into.
   */
  environment: string | null, };

/** More of a value: the children of one node of its tree. */
export type GetValue = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it: child indexes from the top. */
  path: Array<number>,
  /** The first child wanted. */
  offset: number,
  /** How many. */
  limit: number, };

/**
 * How the chosen project's warm Python is: what it imported before any execution, what it leaves
 * to each, and why. With `start` it is warmed first; that runs the project's Python, not its code.
 * How much runs at once and whether Pythons are warmed are the settings `slots` and `warm`.
 */
export type GetWarm = {
  /** Whether to warm it, and wait until it is. */
  start: boolean, };

/** The watch and its tries, if there is or was one. */
export type GetWatch = Record<symbol, never>;

/**
 * Why a step or an execution came out as it did: for each call, by which rule it was answered, by
 * which execution, and for a miss against what, which argument, and where in it.
 */
export type GetWhy = {
  /** Step or execution id. */
  id: string,
  /** Environment name; as in `tree` if none. */
  environment: string | null, };

/** A token on its way from a person to a server. It shows itself to nobody. */
export type GivenToken = string;

/** An edge. */
export type GraphEdge = {
  /** Node or fold id it starts at. */
  from: string,
  /** Node or fold id it ends at. */
  to: string,
  /** What it stands for. */
  kind: EdgeKind,
  /** The points of its line: x, y, x, y, ... */
  points: Array<number>, };

/** A fan-out of like steps folded into one node. */
export type GraphFold = {
  /** Its id; `GetRun` unfolds it. */
  id: string,
  /** What it says: `11 more like it`. */
  label: string,
  /** Left edge. */
  x: number,
  /** Top edge. */
  y: number,
  /** Width. */
  width: number,
  /** Height. */
  height: number,
  /** Its steps by state. */
  counts: Array<StateCount>,
  /** How many steps failed in it, those below its calls among them. */
  failing: number,
  /**
   * How many steps in it compare otherwise than the same with the ancestor's, those below its calls
   * among them.
   */
  differing: number,
  /** The calls folded away. */
  steps: number,
  /** The steps of these calls and of all below them: first and last numbers of stretches. */
  numbers: Array<[number, number]>,
  /** The place of the caller. */
  caller: string | null, };

/** A frame around calls made in a group. */
export type GraphGroup = {
  /** Its id. */
  id: string,
  /** Its name, with what it holds: `orders · 12 calls of fulfil_order`. */
  label: string,
  /** The place of the caller that made the group. */
  caller: string,
  /** Left edge. */
  x: number,
  /** Top edge. */
  y: number,
  /** Width. */
  width: number,
  /** Height. */
  height: number,
  /** Its calls by state. */
  counts: Array<StateCount>, };

/** A call at its place: a step, or a call that has none yet because it waits at the guard. */
export type GraphNode = {
  /**
   * Its place in the drawing. For a step under the call that made it, the step id; a step can
   * have further places where it answered a call without running.
   */
  id: string,
  /** Step id; none for a call that was stopped at the guard. */
  step: string | null,
  /** The step's number; none where there is no step. */
  number: number | null,
  /** The place of its caller; none for the root. */
  parent: string | null,
  /** The fold that it was unfolded from, or that others like it are in. */
  fold?: string,
  /** The call that was stopped at the guard, where this is one. */
  stopped: StoppedCall | null,
  /** The function it calls. */
  target: string,
  /** The module of that. */
  module: string,
  /** Left edge. */
  x: number,
  /** Top edge. */
  y: number,
  /** Width. */
  width: number,
  /** Height. */
  height: number,
  /** How the shown attempt stands. */
  state: NodeState,
  /** The shown attempt; none where no execution is visible. */
  attempt: number | null,
  /** How many attempts are visible. */
  attempts: number,
  /** The environment of the shown attempt. */
  environment: string | null,
  /** Whether it is declared memoised. */
  memoised: boolean,
  /** Whether it is unmemoised and was seen to do something outside of itself here. */
  memoCandidate: boolean,
  /** Whether it answered the call at this place without running. */
  pinned: boolean,
  /** Whether it was answered by a value a person gave. */
  mocked: boolean,
  /** Whether the shown attempt was called with arguments that a person edited. */
  edited?: boolean,
  /** How it compares with the ancestor; none where there is nothing to compare. */
  divergence: Divergence | null,
  /** What the node says in small: an error's class, a key argument. */
  note: string,
  /** When the shown attempt was asked for, Unix ms; none where nothing was asked yet. */
  createdAt: number | null,
  /** When its body started, Unix ms. */
  startedAt: number | null,
  /** When it ended, Unix ms. */
  completedAt: number | null,
  /** How long the shown attempt took, in ms. */
  durationMs: number | null,
  /** When its body can have waited for what it called, Unix ms; only where the whole was asked for. */
  waits: Array<[number, number]>,
  /** The attempts that the shown one goes on from, oldest first; only where the whole was asked for. */
  earlier?: Array<EarlierAttempt>,
  /** How far it said it is, 0 to 1; none if it measures no progress. */
  progress: number | null, };

/** A call that waits at the guard. */
export type GuardCard = {
  /** The run. */
  run: string,
  /** The caller: execution id. */
  caller: string,
  /** The caller's function. */
  callerTarget: string,
  /** Which of its calls. */
  ordinal: number,
  /** The function called. */
  target: string,
  /** Why nothing answers it, in a sentence. */
  reason: string,
  /** With what it was called. */
  arguments: Array<ArgumentView>,
  /** When it began to wait, Unix ms. */
  at: number,
  /** The ancestor's call that comes closest. */
  nearest: GuardNearest | null,
  /** What bodies of that function were seen to do outside of themselves before, the latest first. */
  effects: Array<EffectView>,
  /**
   * Where the ancestor never called the function: what it may have called it before it was renamed,
   * the likeliest first, each as `module:function`.
   */
  renamedFrom?: Array<string>, };

/** The ancestor's call that comes closest. */
export type GuardNearest = {
  /** Its execution id. */
  execution: string,
  /** Its result as Python would write it, shortened. */
  result: string,
  /** What differs, argument by argument. */
  differences: Array<ArgumentDifferenceView>, };

/** Import files and folders, as dropped or chosen. Progress comes as events. */
export type Import = {
  /** Absolute paths. */
  paths: Array<string>,
  /** Name for environments that the files do not name. */
  environment: string | null, };

/** Import runs from a server, with those they spawned. Progress comes as events. */
export type ImportFromServer = {
  /** The server's address. */
  address: string,
  /** The project. */
  project: string | null,
  /** The name of the workspace to see them from. */
  workspace: string,
  /** Run ids. */
  runs: Array<string>, };

/** Import what was looked at last. */
export type ImportLooked = {
  /** Which look. */
  look: number,
  /** The runs to import, by their ids; none for everything, blobs without runs included. */
  runs: Array<string> | null, };

/** What an import did. */
export type ImportReport = {
  /** Runs read in, one for each environment. */
  runs: Array<ImportedRun>,
  /** Blobs added. */
  blobs: number,
  /** Log lines and metric points added. */
  lines: number,
  /** Odd but harmless things found. */
  findings: Array<Finding>,
  /** The command that does the same. */
  command: string, };

/** A run read in. */
export type ImportedRun = {
  /** Run id. */
  run: string,
  /** The environment it was read into: the one the export was taken from. */
  environment: string,
  /** Whether the store did not know it before. */
  new: boolean,
  /** Whether more is known of it than before. */
  changed: boolean,
  /** Steps it has. */
  steps: number,
  /** Values whose blob is not in the store. */
  missingValues: number, };

/** Something a run asks a person for. */
export type InputView = {
  /** Input id. */
  input: string,
  /** The run that asks. */
  run: string,
  /** Its title. */
  title: string | null,
  /** The question, placeholders filled in. */
  prompt: string,
  /** The JSON Schema of the answer, as text. */
  schema: string | null,
  /** What the answer starts as, as JSON. */
  initial: string | null,
  /** Labels of the two buttons: respond, dismiss. */
  actions: Array<string> | null,
  /** When it was asked, Unix ms. */
  at: number, };

/** What dropped paths are, before anything is read in. */
export type InspectDrop = {
  /** Absolute paths. */
  paths: Array<string>, };

/**
 * Install a copy of debugpy from the package index into a folder of Hindcast's own, if there is
 * none. The project's own environment is not changed.
 */
export type InstallDebugpy = Record<symbol, never>;

/** What was done to a file. */
export type LaunchDone = "made" | "added" | "changed" | "unchanged" | "takenOut" | "removed" | "notThere";

/** What was done to a project's `.vscode/launch.json`. */
export type LaunchView = {
  /** The file. */
  file: string,
  /** What the configuration is called in it. */
  name: string,
  /** What was done. */
  done: LaunchDone, };

/** A body that ran. */
export type LedgerLine = {
  /** Execution id. */
  execution: string,
  /** `module:function`. */
  target: string,
  /** When, Unix ms. */
  at: number,
  /** What allowed it, in words: `chosen`, `allowed by the plan`, `allowed at the guard`, … */
  allowedBy: string,
  /** SHA-256 of the encoded arguments, as 64 hex digits. */
  arguments: string,
  /** The arguments that a person edited for it: by name, else `argument 2`. */
  edited?: Array<string>,
  /** The snapshot of the code it ran, as 64 hex digits, where one was taken. */
  code: string | null,
  /**
   * The policy of the command it belongs to: `memo`, `isolate`, `open`; none where that was not
   * noted yet.
   */
  policy?: string | null, };

/** Which bodies really ran. */
export type LedgerView = {
  /** Oldest first. */
  lines: Array<LedgerLine>, };

/** How serious a log line is. */
export type Level = "debug" | "stdout" | "info" | "stderr" | "warning" | "error";

/**
 * Set by hand what a file says, in place of everything that is set; one change, which can be
 * undone.
 */
export type LoadPins = {
  /** As in `savePins`. */
  path: string | null,
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** A local variable of a frame. */
export type LocalView = {
  /** Its name. */
  name: string,
  /** Its value, as Python's `repr` cut short had it. */
  text: string, };

/** A log line. */
export type LogLine = {
  /** Execution id. */
  execution: string,
  /** The function that wrote it. */
  target: string,
  /** When, Unix ms. */
  at: number,
  /** How serious. */
  level: Level,
  /** The text, placeholders filled in. */
  text: string,
  /** Values that no placeholder shows, as Python would write them: name, value. */
  values: Array<[string, string]>, };

/** Log lines. */
export type LogPage = {
  /** The lines, oldest first. */
  lines: Array<LogLine>,
  /** What to ask on from, for lines that come later. */
  cursor: number,
  /** How many lines before these were left out, as more were there than were asked for. */
  earlier: number, };

/** What files and folders hold, before anything of it is imported. Progress comes as events. */
export type Look = {
  /** Absolute paths. */
  paths: Array<string>,
  /** Name for environments that the files do not name. */
  environment: string | null, };

/** How calls of a target are matched, in place of its memo key. */
export type MatchingChoice = {
  /** The positions of the only parameters that count, from 0; none for all. */
  only: Array<number> | null,
  /** The positions of parameters that do not count. */
  ignore: Array<number>,
  /** Parameters of which only a part counts. */
  parts: Array<PartView>, };

/** How calls of a target are matched, in place of its memo key. */
export type MatchingView = {
  /** `module:function`. */
  target: string,
  /** The positions of the only parameters that count, from 0; none for all. */
  only: Array<number> | null,
  /** The positions of parameters that do not count. */
  ignore: Array<number>,
  /** Parameters of which only a part counts. */
  parts: Array<PartView>, };

/** A metric of a step: how it is drawn, and what was measured. */
export type MetricView = {
  /** Its name. */
  key: string,
  /** The group of metrics it was put into: those share their horizontal axis. */
  group: string | null,
  /** Unit of the horizontal axis, where the group names one. */
  groupUnits: string | null,
  /** Lower bound of the horizontal axis. */
  groupLower: number | null,
  /** Upper bound of the horizontal axis. */
  groupUpper: number | null,
  /** The scale it is drawn on. */
  scale: string | null,
  /** Unit of its values. */
  units: string | null,
  /** Lower bound of its values. */
  lower: number | null,
  /** Upper bound of its values. */
  upper: number | null,
  /** Whether it is the execution's progress bar. */
  progress: boolean,
  /** What each execution measured, the ancestor's first. */
  series: Array<SeriesView>, };

/** What happens to a call that may not run and that nothing pins. */
export type MissChoice = "ask" | "fail" | "run" | "pin";

/** Why no execution answers a call. */
export type MissView = {
  /**
   * Why: `neverCalled`, `argumentsDiffer`, `notAValue`, `becameRun`, `neverFinished`, `valueMissing`,
   * `memoDiffers`, `pinBroken`.
   */
  reason: string,
  /** The same in words. */
  words: string,
  /** The ancestor's call that comes closest: its execution id. */
  nearest: string | null,
  /** What that calls: `module:function`. */
  nearestTarget: string | null,
  /** What differs from it, argument by argument, inside the values. */
  differences: Array<ArgumentDifferenceView>, };

/** A file whose content is not in the store. */
export type MissingFile = {
  /** Asset id. */
  asset: string,
  /** The file's path in it. */
  path: string, };

/** A value that answers the call of a step in one re-run. */
export type MockChoice = {
  /** Step id. */
  step: string,
  /** The value as text. */
  value: string,
  /** How it is written; as JSON if none. */
  form?: TextForm, };

/** A value that a step can be mocked with. */
export type MockView = {
  /** Its name. */
  name: string,
  /** Whether it is in use. */
  active: boolean,
  /** The value. */
  value: ValueTree, };

/** A module that could not be asked what it declares. */
export type ModuleProblem = {
  /** The module. */
  module: string,
  /** Why, for a person. */
  message: string, };

/** How a step stands. */
export type NodeState = "queued" | "running" | "waiting" | "blocked" | "succeeded" | "failed" | "cancelled" | "timedOut" | "abandoned" | "suspended" | "spawned" | "cached" | "deferred" | "crashed" | "recurred" | "unfinished" | "unknown";

/** What a throw-away Python of the project says of an object. */
export type ObjectPreview = {
  /** Its class, `module.Class`. */
  class: string,
  /** Its `repr`, shortened. */
  text: string,
  /** Its rows, if it is a data frame or something like one. */
  table: TablePreview | null,
  /** Its attributes or items: name and `repr`, shortened. */
  parts: Array<[string, string]>, };

/** Open a frame of a traceback in the editor. */
export type OpenInEditor = {
  /** The path as the traceback has it. */
  file: string,
  /** The line, from 1. */
  line: number, };

/** What came of one chosen step. */
export type OutcomeRow = {
  /** Step id. */
  step: string,
  /** Its number in the run. */
  number: number,
  /** `module:function`. */
  target: string,
  /** The execution, the last attempt if there were several. */
  execution: string,
  /** How it stands. */
  state: NodeState,
  /** What it was called with, in short: the arguments in which the rows differ, in order. */
  arguments: Array<string>,
  /** The arguments that a person edited for it: by name, else `argument 2`. */
  edited: Array<string>,
  /** How it ended, in short; empty while it has not. */
  outcome: string,
  /** Beside the ancestor, if that has the step. */
  ancestor: TryDifference | null,
  /** How long its body took, in ms. */
  durationMs: number | null, };

/** How an execution ended. */
export type OutcomeView = { "kind": "value",
  /** Which. */
  value: ValueTree, } | { "kind": "error",
  /** Which. */
  error: ErrorView, } | { "kind": "other",
  /** In words: `cancelled`, `timed out`, `spawned RbCd`. */
  text: string, };

/** What came of a re-run: a row for each step that was chosen. */
export type OutcomesView = {
  /** The re-run's number. */
  rerun: number,
  /** The run. */
  run: string,
  /** The environment it happened in. */
  environment: string,
  /** `module:function`, where all rows are of one. */
  target: string | null,
  /** The arguments in which the rows differ from each other: by name, else `argument 2`. */
  arguments: Array<string>,
  /** The rows, differences first. */
  rows: Array<OutcomeRow>,
  /** Whether all of them have ended. */
  ended: boolean,
  /** The command that shows the same. */
  command: string, };

/** What the left side shows. */
export type Overview = {
  /** Every environment, bases before what stands on them. */
  environments: Array<EnvironmentView>,
  /** Every run, newest first. */
  runs: Array<RunSummary>,
  /** The project folder, if one is chosen. */
  project: ProjectView | null,
  /** Paths of projects chosen before. */
  recentProjects: Array<string>,
  /** Hindcast's version. */
  version: string, };

/** A parameter of a target. */
export type ParameterView = {
  /** Its name. */
  name: string,
  /** Its type, as Python text. */
  annotation: string | null,
  /** What it is if it is left out, as JSON; none if it has to be given. */
  default: string | null, };

/** A part of a parameter. */
export type PartView = {
  /** The parameter's position, from 0. */
  parameter: number,
  /** Where in it, as Python would write it: `['order']['id']`, `[0].price`. */
  path: string, };

/** What is set for a step. */
export type PinState = "pinned" | "unpinned" | "mocked" | "unused";

/** What is set for a step. */
export type PinView = {
  /**
   * Step id. Its pin is about the call that made it, whichever number that gets when edited code
   * makes it again.
   */
  step: string,
  /** `module:function`; empty where the store does not hold the step. */
  target: string,
  /** What is set. */
  state: PinState,
  /** For `pinned`: the execution it is pinned to. */
  execution: string | null,
  /** For `mocked`: the name of the mock in use. */
  mock: string | null,
  /**
   * The value or error it answers with, as Python would write it, shortened; empty where it
   * runs.
   */
  result: string,
  /** Why it cannot be used, where it cannot: part of the value is missing or damaged. */
  problem: string | null,
  /** Every mock it has, by name. */
  mocks: Array<MockView>, };

/** What was saved to, or loaded from, a file. */
export type PinsFileView = {
  /** The file. */
  path: string,
  /** What is set now. */
  pins: PinsView, };

/** What a person set by hand in a local environment. */
export type PinsView = {
  /** The environment. */
  environment: string,
  /** Pins and mocks, by step. */
  steps: Array<PinView>,
  /** Matching rules, by target. */
  rules: Array<MatchingView>,
  /** Targets that were renamed. */
  renamed: Array<RenamedView>,
  /** What undoing would take back, in words; none if there is nothing. */
  undo: string | null,
  /** What redoing would do again, in words; none if there is nothing. */
  redo: string | null,
  /**
   * The file beside the code that it is saved to and loaded from, absolute; none while no project
   * is chosen.
   */
  file: string | null, };

/** A line of code. */
export type PlaceView = {
  /** The file, relative to the project where it is in there. */
  file: string,
  /** The line, from 1. */
  line: number,
  /** The function. */
  function: string, };

/** A call in a plan. */
export type PlanCall = {
  /** How deep below the chosen step, from 0. */
  depth: number,
  /** The function. */
  target: string,
  /** The step, where the ancestor made one. */
  step: string | null,
  /** What it will be. */
  call: CallState,
  /** Why, in words. */
  reason: string,
  /** The execution that will answer it, where one will. */
  execution?: string | null,
  /** The mock that will answer it, where one will: its name. */
  mock?: string | null,
  /** Whether it takes what a person edited, as far as the values tell. */
  edited?: boolean, };

/** What a re-run would do. */
export type PlanView = {
  /** The calls, in call order. */
  calls: Array<PlanCall>,
  /** How many are pinned. */
  pinned: number,
  /** How many would run. */
  run: number,
  /** How many would stop. */
  blocked: number,
  /** How many are mocked. */
  mocked?: number,
  /** Of how many only running will tell. */
  unknown?: number,
  /** The local environment it would happen in; made where there is none. */
  environment?: string,
  /** Whether it will be locked, unless said otherwise: only pinned and pure steps run. */
  locked?: boolean,
  /** Why it will, or will not, be locked, in words. */
  lockedBecause?: string,
  /** The code it would run and be held to; none where no trusted project is chosen. */
  code?: CodeView,
  /** The command that does it. */
  command: string, };

/** Which calls of a re-run are pinned. */
export type PolicyChoice = "memo" | "isolate" | "open";

/** A module that was imported before any fork. */
export type PreloadedView = {
  /** Its dotted name. */
  name: string,
  /** How long importing it took, in ms. */
  ms: number,
  /** How many modules came with it. */
  modules: number, };

/**
 * What an object is that was pickled, or a data frame: a throw-away Python of the trusted project
 * loads it, locked, and says.
 */
export type PreviewValue = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it: child indexes from the top. */
  path: Array<number>, };

/** How far something is. */
export type Progress = {
  /** What is being done. */
  what: string,
  /** How much is done. */
  done: number,
  /** Of how much; none if not known. */
  total: number | null, };

/** How a project's steps are run, as a person set it; kept per folder. */
export type ProjectSettings = {
  /** The Python with the Coflux SDK; none for the one that Coflux's own worker would find. */
  python: string | null,
  /**
   * The command that speaks the SDK's protocol, in place of `python -m coflux`; words are split
   * as a shell would.
   */
  adapter: string | null,
  /** Environment variables for the steps, over those of the project's `.env`. */
  variables: Array<Variable>, };

/** The project folder. */
export type ProjectView = {
  /** Absolute path. */
  path: string,
  /** Its last part. */
  name: string,
  /** Whether a person trusted it. */
  trusted: boolean,
  /** The command that runs steps, if one was found. */
  adapter: Array<string> | null,
  /** By what it was found, in words that follow "found by". */
  foundBy: string | null,
  /** What keeps its code from running, as far as that is seen without running anything. */
  trouble: TroubleView | null,
  /** `3.11`, once seen. */
  python: string | null,
  /** The SDK's version, once seen. */
  coflux: string | null,
  /** Whether that is one before 0.9, which had no protocol: it is run by a bridge. */
  byBridge: boolean, };

/** Remove what was deleted for good, with the blobs that nothing else refers to. */
export type Purge = {
  /** Its number; none for everything deleted. */
  deletion: number | null, };

/** What a purge removed for good. */
export type PurgedView = {
  /** How many deletions cannot be undone any more. */
  deletions: number,
  /** How many blobs went, as nothing else refers to them. */
  blobs: number,
  /** How many bytes these had. */
  bytes: number, };

/** Make the change again that was taken back last. */
export type RedoPins = {
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** Remove a mock. If it is in use, the step is left to the rules again. */
export type RemoveMock = {
  /** Step id. */
  step: string,
  /** The mock's name. */
  name: string,
  /** As in `pin`. */
  environment: string | null, };

/** A place in a run where values were replaced. */
export type RemovedView = {
  /** Such as `R6Lf:2 argument 0`. */
  place: string,
  /** How many values were replaced there. */
  values: number, };

/** An environment that came back under another name. */
export type RenamedEnvironment = {
  /** Its name before. */
  from: string,
  /** Its name now. */
  to: string, };

/** A target that was renamed. */
export type RenamedView = {
  /** What the code calls it now: `module:function`. */
  target: string,
  /** What the ancestor called it. */
  old: string, };

/** Run steps again. */
export type Rerun = {
  /** Step ids. */
  steps: Array<string>,
  /** Environment name; the run's local environment, made where there is none, if none. */
  environment: string | null,
  /** Which calls are pinned. */
  policy: PolicyChoice,
  /** What happens to a call that may not run and that nothing pins. */
  onMiss: MissChoice,
  /** Targets (`module:function`) that may run whatever the ancestor did. */
  allow: Array<string>,
  /**
   * Whether what bodies do outside of themselves (connections, programs, files, databases) is
   * refused, with an exception at the line that tried. No sandbox: native code is not seen. If
   * none: where the plan says that only pinned and pure steps run.
   */
  locked?: boolean,
  /** Values that answer the calls of steps in this re-run only. */
  mocks?: Array<MockChoice>,
  /** Arguments in place of the recorded ones; only with a single step. */
  arguments?: Array<ArgumentChoice>,
  /** Whether, and how, the chosen steps' executions wait for a debugger before they run. */
  debug?: DebugChoice, };

/** A re-run, or a run of one's own, that has begun. */
export type RerunStarted = {
  /** The environment it happens in. */
  environment: string,
  /** The run. */
  run: string,
  /** The chosen steps. */
  steps: Array<string>,
  /** Their new executions. */
  executions: Array<string>,
  /** The number of the re-run, by which its plan is kept; none for a run that began here. */
  rerun?: number | null,
  /** Whether it is locked. */
  locked?: boolean, };

/** Answer an input. */
export type Respond = {
  /** Input id. */
  input: string,
  /** The answer, as JSON; none to dismiss the question. */
  value: string | null, };

/** Bring back what was deleted. */
export type Restore = {
  /** Its number. */
  deletion: number, };

/** What came back. */
export type RestoredView = {
  /** What had been deleted. */
  deletion: DeletionView,
  /** Environments that came back under another name, as theirs was taken meanwhile. */
  renamed: Array<RenamedEnvironment>, };

/** The rule that decided about a call. */
export type RuleName = "memoKey" | "sameValues" | "childRun" | "matching" | "byHand" | "isolate" | "nearest" | "given" | "chosen" | "plan" | "unpinned" | "flag" | "guard" | "freshRun" | "miss";

/** A run in the list. */
export type RunSummary = {
  /** Run id. */
  id: string,
  /** The root step's function. */
  target: string,
  /** The root step's module. */
  module: string,
  /** The environment it was imported into or begun in. */
  environment: string,
  /** The local environments that have executions of it. */
  localEnvironments: Array<string>,
  /** How its root step ended there. */
  state: NodeState,
  /** How many steps it has. */
  steps: number,
  /** How many of them failed. */
  failed: number,
  /** When it was submitted, Unix ms. */
  createdAt: number,
  /** How long its root took, in ms. */
  durationMs: number | null,
  /** How many of its values are not in the store. */
  missingValues: number,
  /** The run whose execution spawned it. */
  parentRun: string | null, };

/** A run as seen from an environment, laid out for drawing. Lengths are CSS pixels. */
export type RunView = {
  /** Run id. */
  run: string,
  /** The environment it is seen from. */
  environment: string,
  /** Its ancestor, whose outcomes it is compared with; none if this is an imported environment. */
  ancestor: string | null,
  /** Nodes in call order. */
  nodes: Array<GraphNode>,
  /** Edges. */
  edges: Array<GraphEdge>,
  /** Frames around calls made in a group. */
  groups: Array<GraphGroup>,
  /** Fan-outs folded into one node. */
  folds: Array<GraphFold>,
  /** Width of the whole. */
  width: number,
  /** Height of the whole. */
  height: number,
  /** The node of the first call with equal inputs and another outcome, if there is one. */
  firstDivergence: string | null,
  /** What is odd about the run as recorded. */
  findings: Array<string>,
  /** The command that shows the same. */
  command: string, };

/** How a value is written to a file. */
export type SaveForm = "python" | "json" | "raw";

/** Save what is set by hand to a text file beside the code. */
export type SavePins = {
  /** Absolute path; `hindcast-pins.toml` in the project's folder if none. */
  path: string | null,
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** Write a value, or a node of it, to a new file. */
export type SaveValue = {
  /** Which value, as its `ValueTree` says. */
  handle: string,
  /** Which node of it: child indexes from the top. */
  path: Array<number>,
  /** How it is written. */
  form: SaveForm,
  /** Absolute path of the folder to write into; made where there is none. */
  folder: string, };

/**
 * The steps of a run that hold every word of a text, in their target, id, state, arguments, result,
 * error or logs, and that the filters let through; an empty filter lets all through.
 */
export type Search = {
  /** Run id. */
  run: string,
  /** Environment name. */
  environment: string,
  /** Words, whatever the case of their letters; what is in double quotes is one word. */
  text: string,
  /** Only steps in one of these states. */
  states?: Array<NodeState>,
  /** Only calls of one of these targets (`module:function`). */
  targets?: Array<string>,
  /** Only steps whose shown attempt happened in one of these environments. */
  environments?: Array<string>,
  /** Only calls made in a group of one of these names. */
  groups?: Array<string>, };

/** Where a text was found. */
export type SearchHit = {
  /** Step id. */
  step: string,
  /** The function it calls. */
  target: string,
  /** In what of it: `target`, `id`, `argument country` (or `argument 2` where no name is known), `result`, `error`, `log`, … */
  place: string,
  /** What stands around the text there. */
  excerpt: string, };

/** The steps that a search found. */
export type SearchView = {
  /** Run id. */
  run: string,
  /** The environment it is seen from. */
  environment: string,
  /** The numbers of all steps found, in call order. */
  steps: Array<number>,
  /** Where the text was found in the first of them; empty where none was searched for. */
  hits: Array<SearchHit>,
  /** The command that finds the same. */
  command: string, };

/** Whether what a body did outside of itself was seen. */
export type Sentinel = "watching" | "locked" | "absent";

/** What an execution measured of a metric. */
export type SeriesView = {
  /** Execution id. */
  execution: string,
  /** The environment it happened in. */
  environment: string,
  /** Whether that is an imported one. */
  imported: boolean,
  /** How many points were measured; infinite ones are not among them. */
  count: number,
  /** The smallest value of all. */
  smallest: number,
  /** The largest value of all. */
  largest: number,
  /** The value measured last. */
  last: number,
  /**
   * Moments and values in the order they were measured: all of them, or for many the smallest and
   * the largest of each stretch.
   */
  points: Array<[number, number]>, };

/** A run of a server. */
export type ServerRunView = {
  /** Run id. */
  run: string,
  /** The module of its target. */
  module: string,
  /** The function of its target. */
  target: string,
  /** When it was submitted, in Unix ms, where the server tells. */
  createdAt: number | null,
  /** Whether the store has it already. */
  here: boolean, };

/** What a workspace of a server has. */
export type ServerRunsView = {
  /** Its workflows. */
  workflows: Array<ServerWorkflowView>,
  /**
   * Runs, newest first. Of each workflow, a server tells the newest fifty; any other can be found
   * by its id.
   */
  runs: Array<ServerRunView>, };

/** A server that was connected to before. */
export type ServerView = {
  /** Its address. */
  address: string,
  /** The project, where the server has several. */
  project: string | null, };

/** A workflow of a server. */
export type ServerWorkflowView = {
  /** The module of its target. */
  module: string,
  /** The function of its target. */
  target: string,
  /** How many of its runs go on at the moment. */
  active: number, };

/** A workspace of a server. */
export type ServerWorkspaceView = {
  /** Its name. */
  name: string,
  /** The name of the one whose results it inherits. */
  base: string | null, };

/**
 * Set how values are written in an environment, be it imported or local. Values that are there
 * already stay as they are.
 */
export type SetEncoding = {
  /** Environment name. */
  environment: string,
  /**
   * The longest JSON, in bytes, that stays in the value itself; none for as in its base, or
   * 100 where it has none.
   */
  blobThreshold: number | null,
  /** Whether numbers pass through a float64; none for as in its base, or yes where it has none. */
  numberRoundTrip: boolean | null, };

/** Set how calls of a target are matched, in place of its memo key; or remove the rule. */
export type SetMatching = {
  /** `module:function`. */
  target: string,
  /** The rule; none to remove it. */
  rule: MatchingChoice | null,
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** Mock a step: keep a value under a name, and answer its call with it from now on. */
export type SetMock = {
  /** Step id. */
  step: string,
  /** The mock's name, `mock` if none; one of this name is overwritten. */
  name: string | null,
  /** The value as text. */
  value: string,
  /** How it is written. */
  form: TextForm,
  /**
   * The value that was edited, as its `ValueTree` says; the mock in use or the newest result if
   * none. What has no literal (`<execution R1:2:1>`) is taken from it.
   */
  like: string | null,
  /** As in `pin`. */
  environment: string | null, };

/**
 * Pin a step: its call is answered by an execution, memoised or not, and never runs. Refused if
 * any byte of the value is missing or damaged.
 */
export type SetPin = {
  /** Step id. */
  step: string,
  /**
   * The execution, of this step or another call of the same target in the run; the newest of
   * the ancestor with a value if none.
   */
  execution: string | null,
  /** Environment name; the run's local environment, made where there is none, if none. */
  environment: string | null, };

/** Choose the project folder. Starts nothing. */
export type SetProject = {
  /** Absolute path. */
  path: string, };

/** Set how a project's steps are run: interpreter, command, environment variables. Starts nothing. */
export type SetProjectSettings = {
  /** The project's folder: absolute path. */
  path: string,
  /** All of it. */
  settings: ProjectSettings, };

/** Say what a renamed target was called when the ancestor ran; or take that back. */
export type SetRenamed = {
  /** What the code calls it now: `module:function`. */
  target: string,
  /** What the ancestor called it; none to take it back. */
  old: string | null,
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** Keep a setting of the window. */
export type SetSetting = {
  /** Its name. */
  key: string,
  /** Its value. */
  value: string, };

/** How many steps are in a state. */
export type StateCount = {
  /** The state. */
  state: NodeState,
  /** How many. */
  count: number, };

/** A step's two executions side by side. */
export type StepComparison = {
  /** Step id, as asked for. */
  step: string,
  /** The function it calls. */
  target: string,
  /** The ancestor's execution. */
  ancestor: ComparedSide,
  /** The local execution. */
  local: ComparedSide,
  /** How they compare. */
  divergence: Divergence,
  /** The arguments in order. */
  arguments: Array<ComparedArgument>,
  /** Where the two results differ; empty if they do not, or if one is none. */
  result: Array<DifferenceLine>,
  /** How the two errors differ, message and traceback; empty if they do not, or if none is one. */
  error: Array<TextLineView>,
  /** How the log lines differ, without their times; empty if they do not. */
  logs: Array<TextLineView>,
  /** What the two called, side by side. */
  calls: Array<AlignedStep>,
  /** The command that shows the same. */
  command: string, };

/** A step in full, as seen from an environment. */
export type StepView = {
  /** Step id. */
  step: string,
  /** Its number in the run. */
  number: number,
  /** The environment it is seen from. */
  environment: string,
  /** The function it calls. */
  target: string,
  /** The module of that. */
  module: string,
  /** Who called it; none for a root step. */
  calledBy: CallerView | null,
  /** Whether it is declared memoised. */
  memoised: boolean,
  /** What it was called with. */
  arguments: Array<ArgumentView>,
  /** The ancestor's newest outcome. */
  ancestor: AttemptView | null,
  /** The newest local outcome. */
  local: AttemptView | null,
  /** How the two compare. */
  divergence: Divergence | null,
  /** What differs between them, line by line. */
  differences: Array<DifferenceLine>,
  /** Every visible attempt, oldest first. */
  attempts: Array<AttemptView>,
  /** What its newest visible execution called. */
  calls: Array<CallView>,
  /** Why it ran, or was pinned, for each call that led to it. */
  why: Array<WhyView>,
  /** What its bodies were seen to do outside of themselves here, in the order it was first seen. */
  effects: Array<EffectView>,
  /** Whether that was watched for when its newest body ran here; none if none ran here. */
  sentinel: Sentinel | null,
  /** Whether it is unmemoised and was seen to do something outside of itself. */
  memoCandidate: boolean,
  /** What the two executions measured, by metric. */
  metrics: Array<MetricView>,
  /** The assets that the two executions persisted, the ancestor's first. */
  assets: Array<AssetView>,
  /** The command that runs it again. */
  command: string, };

/** A call that was stopped at the guard. */
export type StoppedCall = {
  /** The caller: execution id. */
  caller: string,
  /** Which of its calls. */
  ordinal: number,
  /** Whether it was refused, or its caller ended without an answer; otherwise it waits for one. */
  refused: boolean, };

/** An item of a stream. */
export type StreamItem = {
  /** Its place, from 0. */
  place: number,
  /** It as Python would write it, shortened. */
  python: string, };

/** Items of a stream. */
export type StreamPage = {
  /** The items, in order. */
  items: Array<StreamItem>,
  /** How many the stream has in all. */
  total: number, };

/** A stream that was produced here (SDK 0.12). */
export type StreamView = {
  /** Its id: `RUN:STEP_INDEX`. */
  stream: string,
  /** The execution that produced it, the latest where one went on after another. */
  execution: string,
  /** That execution's function. */
  target: string,
  /** How many items it has. */
  items: number,
  /**
   * How it ended: `complete`, `errored`, `cancelled`, `abandoned`, `crashed`, `timeout` or
   * `recurred`; none while it goes on.
   */
  ended: string | null,
  /** What its body raised, if it did: class and message. */
  error: string | null, };

/** Start a run here. */
export type Submit = {
  /** `module:function` of a workflow or task. */
  target: string,
  /** Arguments, each as text. */
  arguments: Array<string>,
  /** Environment name; `development` if none. */
  environment: string | null,
  /** How the arguments are written; as JSON if none. */
  form?: TextForm, };

/** The first rows of a table. */
export type TablePreview = {
  /** How many rows it has in all. */
  rows: number,
  /** How many columns it has in all. */
  width: number,
  /** The names of the columns, the index first where it has one. */
  columns: Array<string>,
  /** What the columns hold. */
  types: Array<string>,
  /** The first rows. */
  head: Array<Array<string>>, };

/** Take a configuration that was written so out of the project's `.vscode/launch.json` again. */
export type TakeBackLaunch = {
  /** What it is called there. */
  name: string, };

/** Task or workflow. */
export type TargetKindView = "workflow" | "task";

/** A workflow or task. */
export type TargetView = {
  /** `module:function`, as `submit` takes it. */
  target: string,
  /** Its module. */
  module: string,
  /** Its function. */
  name: string,
  /** Task or workflow. */
  kind: TargetKindView,
  /** Its parameters, in order. */
  parameters: Array<ParameterView>,
  /** Whether calls of it are memoised; of a workflow, whether every task in its run is. */
  memoised: boolean, };

/** What a project's code declares. */
export type TargetsView = {
  /** Its workflows and tasks; of each module workflows first. */
  targets: Array<TargetView>,
  /** Modules that could not be asked, and why. */
  problems: Array<ModuleProblem>, };

/** Which of two texts has a line. */
export type TextChangeView = "same" | "removed" | "added" | "leftOut";

/** How a value is written as text. */
export type TextForm = "python" | "json";

/** A line of two texts side by side. */
export type TextLineView = {
  /** Which of the two has it. */
  change: TextChangeView,
  /** How many lines are left out here, where some are. */
  leftOut: number,
  /** The line in parts. */
  parts: Array<TextPartView>, };

/** A part of a long text. */
export type TextPage = {
  /** Which character it begins at. */
  offset: number,
  /** How many characters there are in all. */
  count: number,
  /** The text. */
  text: string, };

/** A part of a line. */
export type TextPartView = {
  /** What it says. */
  text: string,
  /** Whether it is what differs in a line that the other text has otherwise. */
  changed: boolean, };

/** Where a token came from. */
export type TokenPlace = "given" | "environment" | "keyring" | "nowhere";

/** A call in a list. */
export type TreeLine = {
  /** Its place in the drawing. */
  id: string,
  /** How deep in the call tree, from 0. */
  depth: number,
  /** Step id; none for a call that was stopped at the guard. */
  step: string | null,
  /** The function it calls. */
  target: string,
  /** How the shown attempt stands. */
  state: NodeState,
  /** The shown attempt. */
  attempt: number | null,
  /** The environment of the shown attempt. */
  environment: string | null,
  /** Whether it answered the call without running. */
  pinned: boolean,
  /** Whether it is declared memoised. */
  memoised: boolean,
  /** An error's class, a key argument. */
  note: string,
  /** When the shown attempt was asked for, Unix ms. */
  createdAt: number | null,
  /** How long the shown attempt took, in ms. */
  durationMs: number | null, };

/** Every call of a run, as a list. */
export type TreeView = {
  /** Run id. */
  run: string,
  /** The environment it is seen from. */
  environment: string,
  /** The calls, callers before what they call. */
  lines: Array<TreeLine>, };

/** What kind of trouble it is. */
export type TroubleKind = "folderGone" | "configuration" | "noInterpreter" | "interpreterGone" | "notExecutable" | "notPython" | "crashes" | "silent" | "commandGone" | "pythonTooOld" | "noSdk" | "sdkShadowed" | "sdkUnknown" | "sdkTooOld" | "sdkNewer" | "syntax" | "missingPackage" | "missingModule" | "missingVariable" | "importFails" | "importEnds" | "noTarget";

/** Something that keeps a project's code from running. */
export type TroubleView = {
  /** What kind of trouble it is: what a program goes by. */
  kind: TroubleKind,
  /** What is wrong, in one sentence that names the thing and the place. */
  sentence: string,
  /** The command that would mend it, for a shell, if there is one. */
  command: string | null,
  /** Whether nothing can run because of it. Else it is only as well to know. */
  hinders: boolean,
  /** The file it is in, below the project's folder where it is in that. */
  file: string | null,
  /** The line in it, from 1. */
  line: number | null,
  /** That line's text, where Python cannot read it. */
  text: string | null, };

/** Trust the chosen project folder: its code may run from now on. */
export type TrustProject = {
  /** Absolute path, as shown to the person who trusts it. */
  path: string, };

/** A try beside another execution of its step. */
export type TryDifference = {
  /** The other execution: its id. */
  execution: string,
  /** How that ended, in short. */
  outcome: string,
  /** How they compare. */
  divergence: Divergence,
  /** Where the two results differ; empty if they do not, or if one is none. */
  result: Array<DifferenceLine>, };

/** What came of a chosen step. */
export type TryResult = {
  /** Step id. */
  step: string,
  /** `module:function`. */
  target: string,
  /** Execution id. */
  execution: string,
  /** How it stands. */
  state: NodeState,
  /** How it ended, in short. */
  outcome: string,
  /** Beside the try before that ended, if there is one. */
  previous: TryDifference | null,
  /** Beside the ancestor, if it has the step. */
  ancestor: TryDifference | null, };

/** How a try stands. */
export type TryState = "running" | "succeeded" | "failed" | "faulty" | "refused" | "overtaken";

/** One try: what a save led to. */
export type TryView = {
  /** From 1. */
  number: number,
  /** When it began, in ms since 1970. */
  at: number,
  /** The files that were saved, below the project's folder; none for the first. */
  saved: Array<string>,
  /** How it stands. */
  state: TryState,
  /** What was started, if something was. */
  started: RerunStarted | null,
  /** What Python cannot read; then nothing was started. */
  faults: Array<FaultView>,
  /** Why nothing was started, if for another reason. */
  message: string | null,
  /** What keeps the code from running, where that is why it was refused. */
  trouble: TroubleView | null,
  /** What came of each chosen step. */
  results: Array<TryResult>,
  /** How long it took from the save (as it was noticed) to the results, in ms. */
  tookMs: number | null, };

/** Take back the last change of what is set by hand. */
export type UndoPins = {
  /** As in `pins`. */
  run: string | null,
  /** As in `pins`. */
  environment: string | null, };

/** Unpin a step: nothing recorded answers its call, it runs. */
export type Unpin = {
  /** Step id. */
  step: string,
  /** As in `pin`. */
  environment: string | null, };

/** Take back that a project folder is trusted: its code may not run any more. */
export type UntrustProject = {
  /** Absolute path. */
  path: string, };

/** End the watch. What is under way goes on; the tries stay. */
export type Unwatch = Record<symbol, never>;

/** Answer a step's call with a mock that is kept. */
export type UseMock = {
  /** Step id. */
  step: string,
  /** The mock's name. */
  name: string,
  /** As in `pin`. */
  environment: string | null, };

/** What a text that a person types as a value comes to. */
export type ValueCheck = { "kind": "value",
  /** As Python would write it. */
  text: string, } | { "kind": "wrong",
  /** What is wrong. */
  message: string,
  /** The line, from 1. */
  line: number,
  /** The column in characters, from 1. */
  column: number, };

/** What a value is, in Python's terms. */
export type ValueKind = "none" | "bool" | "int" | "float" | "str" | "bytes" | "list" | "tuple" | "dict" | "set" | "decimal" | "datetime" | "date" | "time" | "timedelta" | "uuid" | "model" | "pickle" | "execution" | "asset" | "input" | "stream" | "missing" | "broken" | "unread";

/** A node of a value that a text was found in. */
export type ValueMatch = {
  /** Which node: child indexes from the top. */
  path: Array<number>,
  /** The same as Python would write it after the value's name: `['lines'][0].price`. */
  place: string,
  /** What stands there, around the text. */
  excerpt: string, };

/** What a search in a value found. */
export type ValueMatches = {
  /** The first of them, in order. */
  matches: Array<ValueMatch>,
  /** Whether there are more. */
  more: boolean, };

/** Some children of a node. */
export type ValuePage = {
  /** The first child's index. */
  offset: number,
  /** How many there are in all. */
  count: number,
  /** The children. */
  children: Array<ValueTree>, };

/** A value as a tree of nodes in Python's own terms, cut where it is large. */
export type ValueTree = {
  /** What `GetValue` takes to show more of the same value; set on the top node only. */
  handle: string | null,
  /** What it is. */
  kind: ValueKind,
  /** The key or index in the parent, as Python would write it. */
  label: string | null,
  /** The value as Python would write it, shortened; empty for a container that holds anything. */
  text: string,
  /** Of a text: how many characters. Of bytes, a pickle or a missing value: how many bytes. */
  size: number | null,
  /** How many children it has in all. */
  count: number,
  /** Its first children; more come with `GetValue`. */
  children: Array<ValueTree>, };

/** An environment variable. */
export type Variable = {
  /** Its name. */
  name: string,
  /** Its value. */
  value: string, };

/** How a warm Python is. */
export type WarmStateView = "off" | "cold" | "starting" | "ready" | "failed";

/**
 * A project's warm Python: it has imported what the project's executions imported before, and each
 * execution is a fork of it.
 */
export type WarmView = {
  /** The project's folder. */
  project: string,
  /** The command whose Python it is. */
  command: string,
  /** How it is. */
  state: WarmStateView,
  /** Why there is none, where there is none. */
  reason: string | null,
  /** Its process id, if it runs. */
  pid: number | null,
  /** Memory it has, in bytes. */
  memory: number,
  /** How many executions were forked from it. */
  forks: number,
  /** How many of them are alive. */
  alive: number,
  /** What it has imported, in order. */
  preloaded: Array<PreloadedView>,
  /** What it leaves for each execution to import, with the reason. */
  left: { [key in string]: string },
  /** How many were replaced since this process began. */
  replaced: number,
  /** Why the last one was replaced, or could not be used. */
  problem: string | null, };

/**
 * Run steps again now, and again whenever code is saved that they can reach. What is under way then
 * is cancelled. There is one watch at a time; `watchChanged` tells of every try.
 */
export type Watch = {
  /** What is run each time. */
  rerun: Rerun, };

/** Chosen steps that run again at every save. */
export type WatchView = {
  /** The run. */
  run: string,
  /** The steps. */
  steps: Array<string>,
  /** Whether it goes on. One that ended says why in its last try, or a person ended it. */
  active: boolean,
  /** Its tries, oldest first. Their executions are kept in the store whatever becomes of this. */
  tries: Array<TryView>, };

/** Why a call of an execution was answered as it was. */
export type WhyCall = {
  /** The how-manieth call of the execution, from 0. */
  ordinal: number,
  /** `module:function`. */
  target: string,
  /** What the call was. */
  answer: CallState,
  /** The rule that decided. */
  rule: RuleName,
  /** The execution that answered it, if one did. */
  execution: string | null,
  /** Why, in words. */
  reason: string,
  /** For a pin by equal values: why the memo keys differ, in words. */
  cause: string | null,
  /** For a mock: its name, where it has one. */
  mock: string | null,
  /** For a miss: why no execution answers it. */
  miss: MissView | null, };

/** Why everything about a step or an execution came out of which call. */
export type WhyReport = {
  /** The step. */
  step: string,
  /** `module:function`. */
  target: string,
  /** The environment it is seen from. */
  environment: string,
  /**
   * The execution whose calls are explained: the one asked for, else the newest local one; none
   * where the step has neither.
   */
  execution: string | null,
  /** Why that execution exists: `called`, `re-run`, `retry`, `resumed`, `recurred`. */
  because: string | null,
  /** The arguments that a person edited for it: by name, else `argument 2`. */
  edited?: Array<string>,
  /** Who called the step; none for a root step. */
  calledBy: CallerView | null,
  /** The ancestor's execution of the same call, with which it is compared. */
  counterpart: string | null,
  /** The calls that led to this step, and why each was answered by it. */
  why: Array<WhyView>,
  /** The calls that the execution made, in order. */
  calls: Array<WhyCall>, };

/** Why a call to this step was answered as it was. */
export type WhyView = {
  /** The caller: execution id. */
  caller: string,
  /** The caller's function. */
  callerTarget: string,
  /** What the call was. */
  answer: CallState,
  /** Why, in words. */
  reason: string,
  /** For a miss: the nearest ancestor call's execution id. */
  nearest: string | null,
  /** For a miss: what differs from it. */
  differences: Array<ArgumentDifferenceView>, };

/**
 * Write the configuration that attaches VS Code to an execution that waits for a debugger into the
 * project's `.vscode/launch.json`. What else is there stays, comments included.
 */
export type WriteLaunch = {
  /** Execution id. */
  execution: string, };

/** A file that was written. */
export type WrittenFile = {
  /** Where: absolute path. */
  path: string,
  /** How many bytes. */
  size: number, };

/** Every question, with the types of its parameters and its answer. */
export interface Calls {
  overview: { params: GetOverview; answer: Overview };
  import: { params: Import; answer: ImportReport };
  export: { params: Export; answer: ExportReport };
  look: { params: Look; answer: FoundView };
  importLooked: { params: ImportLooked; answer: ImportReport };
  cancelImport: { params: CancelImport; answer: null };
  servers: { params: GetServers; answer: Array<ServerView> };
  connect: { params: Connect; answer: ConnectionView };
  forgetServer: { params: ForgetServer; answer: null };
  serverRuns: { params: GetServerRuns; answer: ServerRunsView };
  importFromServer: { params: ImportFromServer; answer: ImportReport };
  exportFromServer: { params: ExportFromServer; answer: ExportReport };
  inspectDrop: { params: InspectDrop; answer: FileDrop };
  run: { params: GetRun; answer: RunView };
  search: { params: Search; answer: SearchView };
  facets: { params: GetFacets; answer: FacetsView };
  tree: { params: GetTree; answer: TreeView };
  step: { params: GetStep; answer: StepView };
  top: { params: GetTop; answer: ValueTree };
  value: { params: GetValue; answer: ValuePage };
  text: { params: GetText; answer: TextPage };
  bytes: { params: GetBytes; answer: BytesPage };
  findInValue: { params: FindInValue; answer: ValueMatches };
  preview: { params: PreviewValue; answer: ObjectPreview };
  saveValue: { params: SaveValue; answer: WrittenFile };
  copyValue: { params: CopyValue; answer: string };
  assets: { params: GetAssets; answer: Array<AssetView> };
  asset: { params: GetAsset; answer: AssetPreview };
  exportAssets: { params: ExportAssets; answer: AssetsReport };
  logs: { params: GetLogs; answer: LogPage };
  compare: { params: Compare; answer: Comparison };
  compareStep: { params: CompareStep; answer: StepComparison };
  pins: { params: GetPins; answer: PinsView };
  pin: { params: SetPin; answer: PinsView };
  unpin: { params: Unpin; answer: PinsView };
  clearPin: { params: ClearPin; answer: PinsView };
  mock: { params: SetMock; answer: PinsView };
  useMock: { params: UseMock; answer: PinsView };
  removeMock: { params: RemoveMock; answer: PinsView };
  setMatching: { params: SetMatching; answer: PinsView };
  setRenamed: { params: SetRenamed; answer: PinsView };
  undoPins: { params: UndoPins; answer: PinsView };
  redoPins: { params: RedoPins; answer: PinsView };
  savePins: { params: SavePins; answer: PinsFileView };
  loadPins: { params: LoadPins; answer: PinsFileView };
  checkValue: { params: CheckValue; answer: ValueCheck };
  editText: { params: GetEditText; answer: EditText };
  plan: { params: GetPlan; answer: PlanView };
  actual: { params: GetActual; answer: ActualView };
  why: { params: GetWhy; answer: WhyReport };
  rerun: { params: Rerun; answer: RerunStarted };
  debugpy: { params: GetDebugpy; answer: DebugpyView };
  installDebugpy: { params: InstallDebugpy; answer: DebugpyView };
  writeLaunch: { params: WriteLaunch; answer: LaunchView };
  takeBackLaunch: { params: TakeBackLaunch; answer: LaunchView };
  alike: { params: GetAlike; answer: Array<string> };
  outcomes: { params: GetOutcomes; answer: OutcomesView };
  watch: { params: Watch; answer: WatchView };
  unwatch: { params: Unwatch; answer: null };
  watching: { params: GetWatch; answer: WatchView | null };
  submit: { params: Submit; answer: RerunStarted };
  targets: { params: GetTargets; answer: TargetsView };
  cancel: { params: Cancel; answer: null };
  activity: { params: GetActivity; answer: Activity };
  guard: { params: GetGuard; answer: Array<GuardCard> };
  decide: { params: Decide; answer: null };
  inputs: { params: GetInputs; answer: Array<InputView> };
  respond: { params: Respond; answer: null };
  streams: { params: GetStreams; answer: Array<StreamView> };
  streamItems: { params: GetStreamItems; answer: StreamPage };
  ledger: { params: GetLedger; answer: LedgerView };
  setProject: { params: SetProject; answer: ProjectView };
  trustProject: { params: TrustProject; answer: ProjectView };
  encodings: { params: GetEncodings; answer: Array<EncodingView> };
  setEncoding: { params: SetEncoding; answer: EncodingView };
  deletion: { params: GetDeletion; answer: DeletionView };
  delete: { params: Delete; answer: DeletionView };
  deletions: { params: GetDeletions; answer: Array<DeletionView> };
  restore: { params: Restore; answer: RestoredView };
  purge: { params: Purge; answer: PurgedView };
  examineProject: { params: ExamineProject; answer: ExaminationView };
  untrustProject: { params: UntrustProject; answer: ProjectView };
  projectSettings: { params: GetProjectSettings; answer: ProjectSettings };
  setProjectSettings: { params: SetProjectSettings; answer: ProjectView };
  getSetting: { params: GetSetting; answer: string | null };
  setSetting: { params: SetSetting; answer: null };
  warm: { params: GetWarm; answer: WarmView };
  code: { params: GetCode; answer: CodeView };
  openInEditor: { params: OpenInEditor; answer: null };
}
