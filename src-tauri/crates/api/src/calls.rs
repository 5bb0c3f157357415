//! Every question the shells can ask, with the type of its answer. The TypeScript interface `Calls`
//! is generated from this list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::choice::{
    ArgumentChoice, DebugChoice, DecisionKind, MatchingChoice, MissChoice, MockChoice,
    PolicyChoice, SaveForm, TextForm,
};
use crate::view::{
    Activity, ActualView, AssetPreview, AssetView, AssetsReport, BytesPage, CodeView, Comparison,
    ConnectionView, DebugpyView, DeleteTarget, DeletionView, EditText, EncodingView,
    ExaminationView, ExportReport, FacetsView, FileDrop, FoundView, GivenToken, GuardCard,
    ImportReport, InputView, LaunchView, LedgerView, LogPage, NodeState, ObjectPreview,
    OutcomesView, Overview, PinsFileView, PinsView, PlanView, ProjectSettings, ProjectView,
    PurgedView, RerunStarted, RestoredView, RunView, SearchView, ServerRunsView, ServerView,
    StepComparison, StepView, StreamPage, StreamView, TargetsView, TextPage, TreeView, ValueCheck,
    ValueMatches, ValuePage, ValueTree, WarmView, WatchView, WhyReport, WrittenFile,
};

/// A question with its answer.
pub trait Call: Serialize + for<'de> Deserialize<'de> + TS {
    /// Its name on the wire.
    const NAME: &'static str;
    /// What it is answered with.
    type Answer: Serialize + for<'de> Deserialize<'de> + TS;
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:literal $params:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? } -> $answer:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, Deserialize, TS)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $params { $($(#[$fdoc])* pub $field: $type,)* }

            impl Call for $params {
                const NAME: &'static str = $name;
                type Answer = $answer;
            }
        )*

        /// Hands every call's types to `visit`, in order: name, parameters, answer.
        pub fn each_call(visitor: &mut impl CallVisitor) {
            $(visitor.visit::<$params>();)*
        }
    };
}

/// Sees the type of every call.
pub trait CallVisitor {
    /// One call.
    fn visit<C: Call + 'static>(&mut self)
    where
        C::Answer: 'static;
}

calls! {
    /// Environments, runs, project: what the left side shows.
    "overview" GetOverview {} -> Overview;
    /// Import files and folders, as dropped or chosen. Progress comes as events.
    "import" Import {
        /// Absolute paths.
        paths: Vec<String>,
        /// Name for environments that the files do not name.
        environment: Option<String>,
    } -> ImportReport;
    /// Write a run with all that belongs to it as a bundle.
    "export" Export {
        /// Run id.
        run: String,
        /// Further runs, by their ids.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        also: Vec<String>,
        /// Absolute path of the file to write.
        path: String,
        /// Patterns of what is replaced by placeholders of the same shape (`email`, `*token*`, `*@*`).
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        redact: Vec<String>,
    } -> ExportReport;
    /// What files and folders hold, before anything of it is imported. Progress comes as events.
    "look" Look {
        /// Absolute paths.
        paths: Vec<String>,
        /// Name for environments that the files do not name.
        environment: Option<String>,
    } -> FoundView;
    /// Import what was looked at last.
    "importLooked" ImportLooked {
        /// Which look.
        look: u32,
        /// The runs to import, by their ids; none for everything, blobs without runs included.
        runs: Option<Vec<String>>,
    } -> ImportReport;
    /// Cancel every look, fetch and import under way; the store is left as it was. Also lets go of what
    /// was looked at.
    "cancelImport" CancelImport {} -> ();
    /// The servers that were connected to before.
    "servers" GetServers {} -> Vec<ServerView>;
    /// Connect to a live Coflux server. The token is the one given, else that of the environment
    /// variable `HINDCAST_TOKEN`, else that of the keyring.
    "connect" Connect {
        /// Host, host:port, or http(s)://host:port.
        address: String,
        /// The project, where the server has several.
        project: Option<String>,
        /// The token, if a person gives it now. It is held as long as the process lives.
        token: Option<GivenToken>,
        /// Whether to keep that token in the system's keyring.
        keep: bool,
    } -> ConnectionView;
    /// Take a server's token out of the keyring, and the server out of those known.
    "forgetServer" ForgetServer {
        /// Its address.
        address: String,
        /// The project.
        project: Option<String>,
    } -> ();
    /// What a workspace of a server has.
    "serverRuns" GetServerRuns {
        /// The server's address.
        address: String,
        /// The project.
        project: Option<String>,
        /// The workspace's name.
        workspace: String,
        /// Only what has this text in its name, and the run of this id.
        search: Option<String>,
    } -> ServerRunsView;
    /// Import runs from a server, with those they spawned. Progress comes as events.
    "importFromServer" ImportFromServer {
        /// The server's address.
        address: String,
        /// The project.
        project: Option<String>,
        /// The name of the workspace to see them from.
        workspace: String,
        /// Run ids.
        runs: Vec<String>,
    } -> ImportReport;
    /// Write runs of a server as a bundle, without importing them. Progress comes as events.
    "exportFromServer" ExportFromServer {
        /// The server's address.
        address: String,
        /// The project.
        project: Option<String>,
        /// The name of the workspace to see them from.
        workspace: String,
        /// Run ids.
        runs: Vec<String>,
        /// Absolute path of the file to write.
        path: String,
        /// Patterns of what is replaced by placeholders of the same shape.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        redact: Vec<String>,
    } -> ExportReport;
    /// What dropped paths are, before anything is read in.
    "inspectDrop" InspectDrop {
        /// Absolute paths.
        paths: Vec<String>,
    } -> FileDrop;
    /// A run as seen from an environment, laid out.
    "run" GetRun {
        /// Run id.
        run: String,
        /// Environment name.
        environment: String,
        /// Folded fan-outs that shall be shown unfolded, by their ids.
        unfolded: Vec<String>,
        /// Steps that are shown whatever is folded, by number.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<u32>>")]
        keep: Vec<u32>,
        /// Whether everything is wanted: every step, nothing folded, without lines and frames.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        whole: bool,
    } -> RunView;
    /// The steps of a run that hold every word of a text, in their target, id, state, arguments, result,
    /// error or logs, and that the filters let through; an empty filter lets all through.
    "search" Search {
        /// Run id.
        run: String,
        /// Environment name.
        environment: String,
        /// Words, whatever the case of their letters; what is in double quotes is one word.
        text: String,
        /// Only steps in one of these states.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<NodeState>>")]
        states: Vec<NodeState>,
        /// Only calls of one of these targets (`module:function`).
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        targets: Vec<String>,
        /// Only steps whose shown attempt happened in one of these environments.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        environments: Vec<String>,
        /// Only calls made in a group of one of these names.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        groups: Vec<String>,
    } -> SearchView;
    /// By what the steps of a run can be filtered.
    "facets" GetFacets {
        /// Run id.
        run: String,
        /// Environment name.
        environment: String,
    } -> FacetsView;
    /// Every call of a run as seen from an environment, as a list: callers before what they call.
    "tree" GetTree {
        /// Run id.
        run: String,
        /// Environment name; none for the local environment that has executions of the run, else
        /// the one it was imported into.
        environment: Option<String>,
    } -> TreeView;
    /// A step in full, as seen from an environment.
    "step" GetStep {
        /// Step id.
        step: String,
        /// Environment name.
        environment: String,
    } -> StepView;
    /// A value's tree, of one that was too large to be read along with what it belongs to.
    "top" GetTop {
        /// Which value, as its `ValueTree` says.
        handle: String,
    } -> ValueTree;
    /// More of a value: the children of one node of its tree.
    "value" GetValue {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it: child indexes from the top.
        path: Vec<u32>,
        /// The first child wanted.
        offset: u32,
        /// How many.
        limit: u32,
    } -> ValuePage;
    /// A part of a long text in a value.
    "text" GetText {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it: child indexes from the top.
        path: Vec<u32>,
        /// The first character wanted.
        offset: u32,
        /// How many, at most 100,000.
        limit: u32,
    } -> TextPage;
    /// A part of some bytes in a value: `bytes`, or an object as it was pickled, which is not opened.
    "bytes" GetBytes {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it: child indexes from the top.
        path: Vec<u32>,
        /// The first byte wanted.
        offset: u32,
        /// How many, at most 8,192.
        limit: u32,
    } -> BytesPage;
    /// The nodes of a value whose key or own text has a text in it.
    "findInValue" FindInValue {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it to search below: child indexes from the top.
        path: Vec<u32>,
        /// The text, whatever the case of its letters.
        text: String,
    } -> ValueMatches;
    /// What an object is that was pickled, or a data frame: a throw-away Python of the trusted project
    /// loads it, locked, and says.
    "preview" PreviewValue {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it: child indexes from the top.
        path: Vec<u32>,
    } -> ObjectPreview;
    /// Write a value, or a node of it, to a new file.
    "saveValue" SaveValue {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it: child indexes from the top.
        path: Vec<u32>,
        /// How it is written.
        form: SaveForm,
        /// Absolute path of the folder to write into; made where there is none.
        folder: String,
    } -> WrittenFile;
    /// A value as text to copy.
    "copyValue" CopyValue {
        /// Which value, as its `ValueTree` says.
        handle: String,
        /// Which node of it.
        path: Vec<u32>,
        /// How it is written.
        form: TextForm,
    } -> String;
    /// The assets that an execution persisted.
    "assets" GetAssets {
        /// Execution id.
        execution: String,
    } -> Vec<AssetView>;
    /// One file of an asset, as far as it can be shown.
    "asset" GetAsset {
        /// The execution that persisted the asset: its id.
        execution: String,
        /// Asset id.
        asset: String,
        /// The file's path in the asset.
        path: String,
    } -> AssetPreview;
    /// Write the files of the assets that an execution persisted, each asset in a new folder named by
    /// its id. Refused as a whole if a path would lead out of that folder; overwrites nothing.
    "exportAssets" ExportAssets {
        /// Execution id.
        execution: String,
        /// Absolute path of the folder to write below; made where there is none.
        folder: String,
    } -> AssetsReport;
    /// Log lines of a run, or of one step of it.
    "logs" GetLogs {
        /// Run id.
        run: String,
        /// Environment name.
        environment: String,
        /// Only this step's.
        step: Option<String>,
        /// Only lines that came to the store after this cursor.
        after: Option<u32>,
        /// At most so many, the newest; none for all.
        #[serde(default)]
        #[ts(optional)]
        limit: Option<u32>,
    } -> LogPage;
    /// The ancestor's steps and the local ones side by side, first divergence first.
    "compare" Compare {
        /// Run id.
        run: String,
        /// Local environment name.
        environment: String,
    } -> Comparison;
    /// A step's two executions side by side: everything of them that can differ.
    "compareStep" CompareStep {
        /// Step id.
        step: String,
        /// Local environment name.
        environment: String,
        /// The ancestor's execution; the newest of the call's counterpart there if none.
        ancestor: Option<String>,
        /// The local execution; the newest if none.
        local: Option<String>,
    } -> StepComparison;
    /// What is set by hand: pins, mocks, matching rules, renamed targets. They hold in a run's local
    /// environment, in every policy, and are part of the plan.
    "pins" GetPins {
        /// Run id: the environment is the local one of this run.
        run: Option<String>,
        /// Environment name; without it and without a run the only local environment there is.
        environment: Option<String>,
    } -> PinsView;
    /// Pin a step: its call is answered by an execution, memoised or not, and never runs. Refused if
    /// any byte of the value is missing or damaged.
    "pin" SetPin {
        /// Step id.
        step: String,
        /// The execution, of this step or another call of the same target in the run; the newest of
        /// the ancestor with a value if none.
        execution: Option<String>,
        /// Environment name; the run's local environment, made where there is none, if none.
        environment: Option<String>,
    } -> PinsView;
    /// Unpin a step: nothing recorded answers its call, it runs.
    "unpin" Unpin {
        /// Step id.
        step: String,
        /// As in `pin`.
        environment: Option<String>,
    } -> PinsView;
    /// Leave a step to the rules again: neither pinned nor unpinned nor mocked by hand. Its mocks stay,
    /// unused.
    "clearPin" ClearPin {
        /// Step id.
        step: String,
        /// As in `pin`.
        environment: Option<String>,
    } -> PinsView;
    /// Mock a step: keep a value under a name, and answer its call with it from now on.
    "mock" SetMock {
        /// Step id.
        step: String,
        /// The mock's name, `mock` if none; one of this name is overwritten.
        name: Option<String>,
        /// The value as text.
        value: String,
        /// How it is written.
        form: TextForm,
        /// The value that was edited, as its `ValueTree` says; the mock in use or the newest result if
        /// none. What has no literal (`<execution R1:2:1>`) is taken from it.
        like: Option<String>,
        /// As in `pin`.
        environment: Option<String>,
    } -> PinsView;
    /// Answer a step's call with a mock that is kept.
    "useMock" UseMock {
        /// Step id.
        step: String,
        /// The mock's name.
        name: String,
        /// As in `pin`.
        environment: Option<String>,
    } -> PinsView;
    /// Remove a mock. If it is in use, the step is left to the rules again.
    "removeMock" RemoveMock {
        /// Step id.
        step: String,
        /// The mock's name.
        name: String,
        /// As in `pin`.
        environment: Option<String>,
    } -> PinsView;
    /// Set how calls of a target are matched, in place of its memo key; or remove the rule.
    "setMatching" SetMatching {
        /// `module:function`.
        target: String,
        /// The rule; none to remove it.
        rule: Option<MatchingChoice>,
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsView;
    /// Say what a renamed target was called when the ancestor ran; or take that back.
    "setRenamed" SetRenamed {
        /// What the code calls it now: `module:function`.
        target: String,
        /// What the ancestor called it; none to take it back.
        old: Option<String>,
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsView;
    /// Take back the last change of what is set by hand.
    "undoPins" UndoPins {
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsView;
    /// Make the change again that was taken back last.
    "redoPins" RedoPins {
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsView;
    /// Save what is set by hand to a text file beside the code.
    "savePins" SavePins {
        /// Absolute path; `hindcast-pins.toml` in the project's folder if none.
        path: Option<String>,
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsFileView;
    /// Set by hand what a file says, in place of everything that is set; one change, which can be
    /// undone.
    "loadPins" LoadPins {
        /// As in `savePins`.
        path: Option<String>,
        /// As in `pins`.
        run: Option<String>,
        /// As in `pins`.
        environment: Option<String>,
    } -> PinsFileView;
    /// Whether a text is a value, and if not, where it goes wrong. Keeps nothing.
    "checkValue" CheckValue {
        /// The text.
        text: String,
        /// How it is written.
        form: TextForm,
        /// As in `mock`.
        like: Option<String>,
    } -> ValueCheck;
    /// A value as text to be edited and given to `mock`: Python's types are kept.
    "editText" GetEditText {
        /// Which value, as its `ValueTree` says.
        handle: String,
    } -> EditText;
    /// What a re-run would do.
    "plan" GetPlan {
        /// Step ids.
        steps: Vec<String>,
        /// Environment name; the run's local environment if none.
        environment: Option<String>,
        /// Which calls are pinned.
        policy: PolicyChoice,
        /// What happens to a call that may not run and that nothing pins; it fails if none.
        #[serde(default)]
        #[ts(optional)]
        on_miss: Option<MissChoice>,
        /// Targets (`module:function`) that may run whatever the ancestor did.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<String>>")]
        allow: Vec<String>,
        /// Values that answer the calls of steps in this re-run only.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<MockChoice>>")]
        mocks: Vec<MockChoice>,
        /// Arguments in place of the recorded ones; only with a single step.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<ArgumentChoice>>")]
        arguments: Vec<ArgumentChoice>,
    } -> PlanView;
    /// A re-run's plan, as it was shown before anything started, beside what really happened.
    "actual" GetActual {
        /// The re-run: its number, one of the executions it asked for, or a run id for the last one of
        /// that run; the last of all if none.
        rerun: Option<String>,
    } -> ActualView;
    /// Why a step or an execution came out as it did: for each call, by which rule it was answered, by
    /// which execution, and for a miss against what, which argument, and where in it.
    "why" GetWhy {
        /// Step or execution id.
        id: String,
        /// Environment name; as in `tree` if none.
        environment: Option<String>,
    } -> WhyReport;
    /// Run steps again.
    "rerun" Rerun {
        /// Step ids.
        steps: Vec<String>,
        /// Environment name; the run's local environment, made where there is none, if none.
        environment: Option<String>,
        /// Which calls are pinned.
        policy: PolicyChoice,
        /// What happens to a call that may not run and that nothing pins.
        on_miss: MissChoice,
        /// Targets (`module:function`) that may run whatever the ancestor did.
        allow: Vec<String>,
        /// Whether what bodies do outside of themselves (connections, programs, files, databases) is
        /// refused, with an exception at the line that tried. No sandbox: native code is not seen. If
        /// none: where the plan says that only pinned and pure steps run.
        #[serde(default)]
        #[ts(optional)]
        locked: Option<bool>,
        /// Values that answer the calls of steps in this re-run only.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<MockChoice>>")]
        mocks: Vec<MockChoice>,
        /// Arguments in place of the recorded ones; only with a single step.
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<ArgumentChoice>>")]
        arguments: Vec<ArgumentChoice>,
        /// Whether, and how, the chosen steps' executions wait for a debugger before they run.
        #[serde(default)]
        #[ts(optional)]
        debug: Option<DebugChoice>,
    } -> RerunStarted;
    /// Where debugpy is for the trusted project: asks its Python, and imports nothing.
    "debugpy" GetDebugpy {} -> DebugpyView;
    /// Install a copy of debugpy from the package index into a folder of Hindcast's own, if there is
    /// none. The project's own environment is not changed.
    "installDebugpy" InstallDebugpy {} -> DebugpyView;
    /// Write the configuration that attaches VS Code to an execution that waits for a debugger into the
    /// project's `.vscode/launch.json`. What else is there stays, comments included.
    "writeLaunch" WriteLaunch {
        /// Execution id.
        execution: String,
    } -> LaunchView;
    /// Take a configuration that was written so out of the project's `.vscode/launch.json` again.
    "takeBackLaunch" TakeBackLaunch {
        /// What it is called there.
        name: String,
    } -> LaunchView;
    /// The steps of a run that call the same target as one of them, that one included, and were
    /// called where it was: beside a recorded step those that are recorded.
    "alike" GetAlike {
        /// Step id.
        step: String,
    } -> Vec<String>;
    /// What came of a re-run's chosen steps, each beside the ancestor; differences first.
    "outcomes" GetOutcomes {
        /// The re-run, as in `actual`.
        rerun: Option<String>,
        /// Whether each row says where its result differs.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        differences: bool,
    } -> OutcomesView;
    /// Run steps again now, and again whenever code is saved that they can reach. What is under way then
    /// is cancelled. There is one watch at a time; `watchChanged` tells of every try.
    "watch" Watch {
        /// What is run each time.
        rerun: Rerun,
    } -> WatchView;
    /// End the watch. What is under way goes on; the tries stay.
    "unwatch" Unwatch {} -> ();
    /// The watch and its tries, if there is or was one.
    "watching" GetWatch {} -> Option<WatchView>;
    /// Start a run here.
    "submit" Submit {
        /// `module:function` of a workflow or task.
        target: String,
        /// Arguments, each as text.
        arguments: Vec<String>,
        /// Environment name; `development` if none.
        environment: Option<String>,
        /// How the arguments are written; as JSON if none.
        #[serde(default)]
        #[ts(optional)]
        form: Option<TextForm>,
    } -> RerunStarted;
    /// The workflows and tasks of the trusted project, to choose what to submit from. Imports its
    /// modules, each in a process of its own.
    "targets" GetTargets {
        /// Only of these modules, by name; none for those of `coflux.toml`, or, where that names none,
        /// those whose text imports Coflux.
        modules: Vec<String>,
    } -> TargetsView;
    /// Cancel an execution and what it called.
    "cancel" Cancel {
        /// Execution id.
        execution: String,
    } -> ();
    /// What is going on, and what went on lately.
    "activity" GetActivity {} -> Activity;
    /// Calls that wait at the guard.
    "guard" GetGuard {} -> Vec<GuardCard>;
    /// Answer the guard.
    "decide" Decide {
        /// The caller that waits: execution id.
        caller: String,
        /// Which of its calls.
        ordinal: u32,
        /// What shall happen.
        decision: DecisionKind,
        /// For `pin`: the execution to pin to.
        execution: Option<String>,
        /// For `map`: what the ancestor called the target, `module:function`. It is kept, and can be
        /// undone, as with `setRenamed`.
        #[serde(default)]
        #[ts(optional)]
        old: Option<String>,
        /// For `give`: the value, as text.
        value: Option<String>,
        /// How the value is written; as JSON if none.
        #[serde(default)]
        #[ts(optional)]
        form: Option<TextForm>,
    } -> ();
    /// Inputs that runs wait for.
    "inputs" GetInputs {} -> Vec<InputView>;
    /// Answer an input.
    "respond" Respond {
        /// Input id.
        input: String,
        /// The answer, as JSON; none to dismiss the question.
        value: Option<String>,
    } -> ();
    /// Streams that were produced here (SDK 0.12).
    "streams" GetStreams {
        /// Run id.
        run: String,
        /// Only this step's.
        step: Option<String>,
    } -> Vec<StreamView>;
    /// Items of a stream.
    "streamItems" GetStreamItems {
        /// Stream id: `RUN:STEP_INDEX`.
        stream: String,
        /// The place of the first item wanted, from 0.
        offset: u32,
        /// How many; at most 1000 are given.
        limit: u32,
    } -> StreamPage;
    /// Which bodies really ran.
    "ledger" GetLedger {
        /// Only this run's.
        run: Option<String>,
    } -> LedgerView;
    /// Choose the project folder. Starts nothing.
    "setProject" SetProject {
        /// Absolute path.
        path: String,
    } -> ProjectView;
    /// Trust the chosen project folder: its code may run from now on.
    "trustProject" TrustProject {
        /// Absolute path, as shown to the person who trusts it.
        path: String,
    } -> ProjectView;
    /// How values are written in each environment: what workers of production had set changes memo
    /// keys.
    "encodings" GetEncodings {} -> Vec<EncodingView>;
    /// Set how values are written in an environment, be it imported or local. Values that are there
    /// already stay as they are.
    "setEncoding" SetEncoding {
        /// Environment name.
        environment: String,
        /// The longest JSON, in bytes, that stays in the value itself; none for as in its base, or
        /// 100 where it has none.
        blob_threshold: Option<u32>,
        /// Whether numbers pass through a float64; none for as in its base, or yes where it has none.
        number_round_trip: Option<bool>,
    } -> EncodingView;
    /// What deleting a run or a local environment would take away. Deletes nothing.
    "deletion" GetDeletion {
        /// What.
        what: DeleteTarget,
    } -> DeletionView;
    /// Delete a run or a local environment. It can be brought back until it is purged.
    "delete" Delete {
        /// What.
        what: DeleteTarget,
    } -> DeletionView;
    /// What was deleted and not purged, newest first.
    "deletions" GetDeletions {} -> Vec<DeletionView>;
    /// Bring back what was deleted.
    "restore" Restore {
        /// Its number.
        deletion: i64,
    } -> RestoredView;
    /// Remove what was deleted for good, with the blobs that nothing else refers to.
    "purge" Purge {
        /// Its number; none for everything deleted.
        deletion: Option<i64>,
    } -> PurgedView;
    /// See whether the chosen project's code can run: its interpreter, the SDK, its modules. Imports
    /// the modules, in a process of its own.
    "examineProject" ExamineProject {
        /// These; none for all that use Coflux.
        modules: Vec<String>,
    } -> ExaminationView;
    /// Take back that a project folder is trusted: its code may not run any more.
    "untrustProject" UntrustProject {
        /// Absolute path.
        path: String,
    } -> ProjectView;
    /// How a project's steps are run, as a person set it.
    "projectSettings" GetProjectSettings {
        /// The project's folder: absolute path.
        path: String,
    } -> ProjectSettings;
    /// Set how a project's steps are run: interpreter, command, environment variables. Starts nothing.
    "setProjectSettings" SetProjectSettings {
        /// The project's folder: absolute path.
        path: String,
        /// All of it.
        settings: ProjectSettings,
    } -> ProjectView;
    /// Read a setting of the window (theme, layout).
    "getSetting" GetSetting {
        /// Its name.
        key: String,
    } -> Option<String>;
    /// Keep a setting of the window.
    "setSetting" SetSetting {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    } -> ();
    /// How the chosen project's warm Python is: what it imported before any execution, what it leaves
    /// to each, and why. With `start` it is warmed first; that runs the project's Python, not its code.
    /// How much runs at once and whether Pythons are warmed are the settings `slots` and `warm`.
    "warm" GetWarm {
        /// Whether to warm it, and wait until it is.
        start: bool,
    } -> WarmView;
    /// The code that a re-run begun now would run, and be held to.
    "code" GetCode {} -> CodeView;
    /// Open a frame of a traceback in the editor.
    "openInEditor" OpenInEditor {
        /// The path as the traceback has it.
        file: String,
        /// The line, from 1.
        line: u32,
    } -> ();
}
