//! What the command line says.

pub(crate) mod edited;
pub(crate) mod incoming;
pub(crate) mod pins;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use self::edited::{Edited, Outcomes};
use self::incoming::{Export, Import, Runs, Servers};
use crate::commands::debug;
use crate::commands::delete::{Delete, Deleted};
use crate::commands::examine::Examine;
use crate::commands::search::Search;
use crate::commands::settings::Settings;
use crate::commands::value::Value;
use crate::commands::warm;

const AFTER: &str = "\
Exit status: 0 fine, 1 a step failed, 2 bad usage or input, 3 stopped at the guard.

--json output is stable: fields are added, never renamed or removed.
  import   {runs: [{run, environment, new, changed, steps, missingValues}], blobs, findings:
           [{place, message}], command}; with --list {look, runs: [{run, module, target,
           environments, createdAt, steps, executions, parentRun, here}], blobs, logs, points,
           findings}
  runs     {environments: [{name, base, imported, runs}], runs: [{id, target, module, environment,
           localEnvironments, state, steps, failed, createdAt, durationMs, missingValues,
           parentRun}]}; with --server {workflows: [{module, target, active}], runs: [{run, module,
           target, createdAt, here}]}, without --workspace [{name, base}]
  environments  [{name, base, imported, runs, blobThreshold, numberRoundTrip, ownBlobThreshold,
           ownNumberRoundTrip}]; set {environment, blobThreshold, numberRoundTrip,
           ownBlobThreshold, ownNumberRoundTrip}
  inspect  the export's own form, as `coflux runs inspect` prints it; of a step {step, environment,
           module, target, memoised, memoCandidate, sentinel, effects: [as rerun]}
  result   {execution, environment, target, state, succeeded, value, python, error: {class,
           message, frames}, otherwise}
  rerun    {environment, run, steps, executions, rerun, locked, calls: [{caller, ordinal, target, call, execution,
           reason, nearest, differences}], ended: [{execution, target, state, note, durationMs}],
           effects: [{what, does, detail, place: {file, line, function}, count, refused,
           execution}], results: [as result], outcomes (with --all-alike: [{step, target, execution, state,
           outcome, number, arguments, edited, durationMs, ancestor: {execution, outcome, divergence,
           result}}]), pinned, ran, stopped, succeeded}; submit the same, without outcomes; with
           --no-wait {environment, run, steps, executions}
  outcomes {rerun, run, environment, target, arguments, rows: [as outcomes of rerun], ended, command}
  debug    {debug: [{execution, step, state, host, port, vscode, pycharm, neovim}], launch: [{file,
           name, done}]}; with --debugpy or --install {place, folder, mend}; with --take-back {file,
           name, done}
  targets  {targets: [{target, module, name, kind, parameters: [{name, annotation, default}],
           memoised}], problems: [{module, message}]}
  project  {project, interpreter, modules: [name], troubles: [{kind, sentence, command, hinders, file,
           line, text}]}
  plan     {calls: [{depth, target, step, call, reason, execution, mock, edited}], pinned, run, blocked,
           mocked, unknown, environment, locked, lockedBecause, command}; with --of {rerun, run,
           environment, at, executions, plan, calls: [{depth, target, step, planned, actual,
           asPlanned, execution, state, reason}], beyondPlan, ended}
  pins     {environment, steps: [{step, target, state, execution, mock, result, problem, mocks:
           [{name, active, value}]}], rules: [{target, only, ignore, parts: [{parameter, path}]}],
           renamed: [{target, old}], undo, redo, file}; pin, unpin, mock, match and map the same;
           save {path, pins}
  diff     {run, ancestor, environment, steps: [{depth, target, ancestor, local, divergence, note,
           differences: [{path, ancestor, local}]}], firstDivergence}
  search   {run, environment, steps: [number], hits: [{step, target, place, excerpt}], command}
  value    --find {matches: [{path, place, excerpt}], more}; --preview {class, text, table: {rows,
           width, columns, types, head}, parts}; -o {path, size}
  why      {step, target, environment, execution, because, edited, calledBy, counterpart, why: [{caller,
           callerTarget, answer, reason, nearest, differences}], calls: [{ordinal, target, answer,
           rule, execution, reason, cause, mock, miss: {reason, words, nearest, nearestTarget,
           differences: [{index, path, ancestor, local, inKey}]}}]}
  ledger   {lines: [{execution, target, at, allowedBy, arguments, edited, code, policy}]}
  logs     {lines: [{execution, target, at, level, text, values}], cursor, earlier}
  assets   [{asset, execution, environment, name, count, size, files: [{path, size, mediaType,
           here}]}]; with -o {folder, written: [{path, size}], missing: [{asset, path}], unlisted}
  export   {path, bytes, runs, blobs, missingBlobs, removed: [{place, values}], notLookedInto}
  servers  [{address, project}]; login {address, project, workspaces: [{name, base}], token, kept,
           notices}
  delete   {id, at, what: {kind, name}, runs, environments, steps, executions, localExecutions,
           logs}; deleted list [as delete]; restore {deletion, renamed: [{from, to}]}; purge
           {deletions, blobs, bytes}
  settings {editor, theme, textSize, notifications, project, projectSettings: {python, adapter,
           variables: [{name, value}]}}
  streams  [{stream, execution, target, items, ended, error}]; of one [{place, python}]
  inputs   [{input, run, title, prompt, schema, initial, actions, at}]
Times are Unix milliseconds.";

/// Run steps of a production run again, here, with everything memoised pinned to what production
/// recorded.
///
/// Without a command, opens the window, and imports the given paths in it.
#[derive(Debug, Parser)]
#[command(name = "hindcast", version, after_long_help = AFTER, subcommand_precedence_over_arg = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Exports, bundles or folders to import in the window; or a link to go to, as the window
    /// copies it (`hindcast://RUN[:STEP]`).
    pub(crate) paths: Vec<PathBuf>,
    /// The store's folder [default: the platform's data folder].
    #[arg(long, global = true, env = "HINDCAST_STORE", value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import exports, bundles, data directories, or folders of them; or runs of a live server.
    Import(Import),
    /// List environments and runs, here or on a live server.
    Runs(Runs),
    /// Log in to live servers.
    Servers(Servers),
    /// List environments, or set how their workers write values.
    Environments(Environments),
    /// Show a run as a tree, with --json in the export's own form; or a step, with what it was seen to
    /// do outside of itself.
    Inspect(Inspect),
    /// Show what came out of a run, step or execution.
    Result(Outcome),
    /// Find steps by what is in them: arguments, results, errors, logs.
    Search(Search),
    /// Show an argument or a result, find a text in it, look at an object, write it to a file.
    Value(Box<Value>),
    /// Say what a re-run would do. Starts nothing.
    Plan(Plan),
    /// Run steps again, here.
    Rerun(Rerun),
    /// Show what came of a re-run's chosen steps, each beside the ancestor, differences first.
    Outcomes(Outcomes),
    /// Pin a step: its call is answered by an execution, memoised or not, and never runs.
    Pin(pins::Pin),
    /// Unpin a step: nothing recorded answers its call, it runs.
    Unpin(pins::Unpin),
    /// Mock a step: its call is answered by a value of yours.
    Mock(pins::Mock),
    /// List, save, load, undo what is set by hand: pins, mocks, matching rules, renamed targets.
    Pins(pins::Pins),
    /// Say how calls of a target are matched, in place of its memo key.
    Match(pins::Match),
    /// Say what a renamed target was called when the ancestor ran.
    Map(pins::Map),
    /// Start a run, here.
    Submit(Submit),
    /// List the workflows and tasks of a project. Imports its modules.
    Targets(Targets),
    /// List what waits for a debugger, with what attaches one; install a copy of debugpy.
    Debug(debug::Debug),
    /// Warm a project's Python, and show what it imports before any execution and what it leaves.
    Warm(warm::Warm),
    /// See whether a project's code can run: its interpreter, the SDK, its modules; and say what would
    /// mend it. Imports its modules.
    Project(Examine),
    /// Cancel an execution and what it called, whoever started it.
    Cancel(Cancel),
    /// Show what came out differently here.
    Diff(Diff),
    /// Say why a step ran or was pinned, and each call of an execution.
    Why(Why),
    /// List the bodies that really ran here.
    Ledger(Ledger),
    /// Show log lines.
    Logs(Logs),
    /// List the assets an execution persisted, or write their files.
    Assets(Assets),
    /// List the streams that were produced here, or print the items of one.
    Streams(Streams),
    /// List or answer what runs ask for.
    Inputs(Inputs),
    /// Write a run, with all that belongs to it, as a bundle.
    Export(Export),
    /// Delete a run, or a local environment. Asks first; it can be brought back until it is purged.
    Delete(Delete),
    /// List what was deleted, bring it back, or remove it for good.
    Deleted(Deleted),
    /// Show or set the editor, the theme, and how the project's steps are run.
    Settings(Settings),
}

/// Whether to print JSON.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `hindcast environments`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Environments {
    #[command(subcommand)]
    pub(crate) command: Option<EnvironmentsCommand>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What to do with environments.
#[derive(Debug, Subcommand)]
pub(crate) enum EnvironmentsCommand {
    /// List them, with how values are written in each.
    List(Json),
    /// Set how values are written in one: as the workers of production had it set, for both settings
    /// change memo keys. What is not set is as in its base.
    Set(SetEnvironment),
}

/// `hindcast environments set`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct SetEnvironment {
    /// Environment name.
    pub(crate) environment: String,
    /// The longest JSON, in bytes, that stays in the value itself: `blobs.threshold` of the workers'
    /// configuration. `base` for as in its base [Coflux's own: 100].
    #[arg(long, value_name = "BYTES|base", group = "what")]
    pub(crate) blob_threshold: Option<String>,
    /// Whether numbers pass through a float64, so that 1.0 becomes 1 and large integers are rounded,
    /// as in Coflux's own worker.
    #[arg(long, value_enum, group = "what")]
    pub(crate) number_round_trip: Option<OnOff>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// On, off, or as in the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    /// They do.
    On,
    /// They stay as sent.
    Off,
    /// As in its base.
    Base,
}

/// `hindcast inspect`
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// Run or step id.
    #[arg(value_name = "RUN[:STEP]")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// From which environment.
#[derive(Debug, Args)]
pub(crate) struct From {
    /// The environment it is seen from [default: the local one that has executions of the run, else
    /// the one it was imported into].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

/// `hindcast result`
#[derive(Debug, Args)]
pub(crate) struct Outcome {
    /// Run, step or execution id.
    #[arg(value_name = "RUN[:STEP[:ATTEMPT]]")]
    pub(crate) id: String,
    /// Show the local variables of each frame of an error that happened here. (With --json they are
    /// always there.)
    #[arg(long)]
    pub(crate) locals: bool,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Step ids.
    #[arg(required_unless_present = "of", value_name = "STEP")]
    pub(crate) steps: Vec<String>,
    /// Show a re-run's plan beside what really happened: its number, an execution it asked for, or a
    /// run for its last one; `last` for the last of all.
    #[arg(long, value_name = "RERUN", conflicts_with_all = ["steps", "environment", "policy",
          "on_miss", "allow", "mock", "mock_python", "argument", "argument_json", "all_alike"])]
    pub(crate) of: Option<String>,
    /// The local environment [default: the one that stands on the run's own].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
    #[arg(long, value_enum, default_value_t)]
    pub(crate) policy: Policy,
    /// What happens to a call that may not run and that nothing pins.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_miss: OnMiss,
    /// A target (module:function) that may run whatever the ancestor did.
    #[arg(long, value_name = "TARGET")]
    pub(crate) allow: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
    #[command(flatten)]
    pub(crate) mocks: Mocks,
    #[command(flatten)]
    pub(crate) edited: Edited,
    /// Plan all steps of the run that call the same target as the given one.
    #[arg(long)]
    pub(crate) all_alike: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// Values that answer the calls of steps, in one re-run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Mocks {
    /// Answer the call of a step with this value, in this re-run only.
    #[arg(long, value_name = "STEP=JSON")]
    pub(crate) mock: Vec<String>,
    /// The same, the value as a Python literal.
    #[arg(long, value_name = "STEP=TEXT")]
    pub(crate) mock_python: Vec<String>,
}

/// Which code runs, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct Project {
    /// The folder with the Python code. Naming it says that its code may run [default: the folder
    /// chosen and trusted in the window].
    #[arg(long = "project", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The Python with the Coflux SDK [default: found as Coflux's own worker finds it].
    #[arg(long, value_name = "PATH", conflicts_with = "adapter")]
    pub(crate) python: Option<PathBuf>,
    /// The command that speaks the SDK's protocol, in place of `python -m coflux`.
    #[arg(long, value_name = "CMD")]
    pub(crate) adapter: Option<String>,
    /// An environment variable for the steps.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// How many bodies run at once; those that wait for others do not count [default: as set, else as
    /// many as Coflux's own worker: 4 more than there are cores, at most 32].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) slots: Option<u16>,
}

/// `hindcast rerun`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Rerun {
    /// Step ids.
    #[arg(required = true, value_name = "STEP")]
    pub(crate) steps: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
    /// The local environment; made where there is none [default: development].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Which calls are pinned.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) policy: Policy,
    /// What happens to a call that may not run and that nothing pins.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_miss: OnMiss,
    /// A target (module:function) that may run whatever the ancestor did.
    #[arg(long, value_name = "TARGET")]
    pub(crate) allow: Vec<String>,
    /// Refuse what bodies do outside of themselves: connections, programs, files outside the scratch
    /// folder, databases. The line that tries gets an exception. This sees what Python code does, as
    /// Python's audit hooks tell it; it is no sandbox: native code does what it likes. Needs a plain
    /// `python -m coflux`.
    #[arg(long, conflicts_with = "unlocked")]
    pub(crate) locked: bool,
    /// Refuse nothing of that. Without either, a re-run is locked where the plan says that only pinned
    /// and pure steps run: such as were watched here before and seen to do nothing of the kind.
    #[arg(long)]
    pub(crate) unlocked: bool,
    #[command(flatten)]
    pub(crate) mocks: Mocks,
    /// Say what was started, and let it go on in the background.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Run the steps again whenever code is saved that they can reach, until Ctrl+C: what is under way
    /// is cancelled, and each try is set beside the one before and the ancestor. With --json, each
    /// state of a try is a line.
    #[arg(long, conflicts_with = "no_wait")]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) debug: Debugger,
    #[command(flatten)]
    pub(crate) edited: Edited,
    /// Run all steps of the run that call the same target as the given one, each over its recorded
    /// arguments; then show what came of each beside the ancestor, differences first.
    #[arg(long, conflicts_with_all = ["watch", "no_wait", "debugged"])]
    pub(crate) all_alike: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// A debugger.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("debugged").multiple(true)))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Debugger {
    /// Run the steps under debugpy, each waiting on 127.0.0.1 until a debugger has attached. Says how
    /// to attach one. While one is attached, neither the step nor what called it is timed out.
    #[arg(long, group = "debugged", conflicts_with_all = ["no_wait", "watch"])]
    pub(crate) debug: bool,
    /// Have calls of this target wait for a debugger, where they run below the steps: each execution
    /// on a port of its own. What else the steps call runs without a debugger, and so do the steps
    /// themselves without --debug.
    #[arg(long, value_name = "TARGET", group = "debugged", conflicts_with_all = ["no_wait", "watch"])]
    pub(crate) debug_call: Vec<String>,
    /// Stop where a step raises what it fails with.
    #[arg(long, requires = "debug")]
    pub(crate) at_raise: bool,
    /// The port [default: 5678 if it is free, else any].
    #[arg(long, value_name = "PORT", requires = "debug")]
    pub(crate) debug_port: Option<u16>,
    /// Where the project's Python has no debugpy, install a copy into the store's folder.
    #[arg(long, requires = "debug")]
    pub(crate) install_debugpy: bool,
    /// Write the configuration that attaches VS Code into the project's .vscode/launch.json; what else
    /// is there stays.
    #[arg(long, requires = "debug")]
    pub(crate) launch_json: bool,
}

/// Which calls are pinned.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Policy {
    /// Memoised and cached calls, as in Coflux.
    #[default]
    Memo,
    /// Every call but the chosen steps.
    Isolate,
    /// None that need not be: anything may run.
    Open,
}

/// What happens to a call that may not run and that nothing pins.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum OnMiss {
    /// It fails, and so does its caller.
    #[default]
    Fail,
    /// It runs.
    Run,
    /// It is pinned to the nearest call of the ancestor.
    Pin,
}

/// `hindcast submit`
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// `module:function`.
    pub(crate) target: String,
    /// Arguments, each as JSON.
    #[arg(value_name = "ARG", allow_negative_numbers = true)]
    pub(crate) arguments: Vec<String>,
    /// Arguments are Python literals, such as Decimal('1.50') or {'a', 'b'}, in place of JSON.
    #[arg(long)]
    pub(crate) literals: bool,
    #[command(flatten)]
    pub(crate) project: Project,
    /// The local environment; made where there is none [default: development].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Say what was started, and let it go on in the background.
    #[arg(long)]
    pub(crate) no_wait: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast targets`
#[derive(Debug, Args)]
pub(crate) struct Targets {
    /// Modules, by name [default: those of `worker.modules` in coflux.toml; else those whose text
    /// imports coflux].
    #[arg(value_name = "MODULE")]
    pub(crate) modules: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast cancel`
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// Execution id.
    pub(crate) execution: String,
}

/// `hindcast diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Run or step id.
    #[arg(value_name = "RUN[:STEP]")]
    pub(crate) id: String,
    /// The local environment [default: the one that has executions of the run].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast why`
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Step or execution id.
    #[arg(value_name = "RUN:STEP[:ATTEMPT]")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast ledger`
#[derive(Debug, Args)]
pub(crate) struct Ledger {
    /// Only this run's.
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast logs`
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Run or step id.
    #[arg(value_name = "RUN[:STEP]")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast assets`
#[derive(Debug, Args)]
pub(crate) struct Assets {
    /// Execution id.
    pub(crate) execution: String,
    /// Write the files below this folder, each asset in a new folder named by its id. Nothing that
    /// is there already is touched, and a file whose path would lead out is refused.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast streams`
#[derive(Debug, Args)]
pub(crate) struct Streams {
    /// Run or step id, to list streams; a stream's id, to print its items.
    #[arg(value_name = "RUN[:STEP[_INDEX]]")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast inputs`
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    #[command(subcommand)]
    pub(crate) command: InputsCommand,
}

/// What to do with inputs.
#[derive(Debug, Subcommand)]
pub(crate) enum InputsCommand {
    /// List inputs that runs wait for.
    List(Json),
    /// Answer one.
    Respond {
        /// Input id.
        input: String,
        /// The answer, as JSON.
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Say that it will not be answered.
    Dismiss {
        /// Input id.
        input: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Arguments {
        Arguments::try_parse_from(line.split(' ')).unwrap()
    }

    #[test]
    fn the_store_may_be_named_before_or_after_the_command() {
        for line in ["hindcast --store here runs --json", "hindcast runs --json --store here"] {
            let arguments = read(line);
            assert!(matches!(arguments.command, Some(Command::Runs(_))), "{line}");
            assert_eq!(arguments.store, Some(PathBuf::from("here")), "{line}");
        }
    }

    #[test]
    fn paths_alone_are_for_the_window() {
        let arguments = read("hindcast --store here a.json b.hindcast");
        assert!(arguments.command.is_none());
        assert_eq!(arguments.paths.len(), 2);
    }

    #[test]
    fn the_commands_are_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_after_a_targets_arguments_are_still_options() {
        let arguments = read("hindcast submit app:main -5 [1] --project code");
        let Some(Command::Submit(submit)) = arguments.command else { panic!("a submit") };
        assert_eq!(submit.arguments, ["-5", "[1]"]);
        assert_eq!(submit.project.folder, Some(PathBuf::from("code")));
    }
}
