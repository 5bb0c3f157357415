//! Every question the shells can ask, with the type of its answer. The TypeScript interface `Calls`
//! is generated from this list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::choice::{DecisionKind, MissChoice, PolicyChoice, TextForm};
use crate::view::{
    Activity, AssetPreview, AssetView, AssetsReport, Comparison, EncodingView, ExportReport,
    FileDrop, GuardCard, ImportReport, InputView, LedgerView, LogPage, Overview, PlanView,
    ProjectView, RerunStarted, RunView, StepView, TreeView, ValuePage,
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
        /// Absolute path of the file to write.
        path: String,
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
    } -> RunView;
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
        /// Lines after this cursor.
        after: Option<u32>,
    } -> LogPage;
    /// The ancestor's steps and the local ones side by side, first divergence first.
    "compare" Compare {
        /// Run id.
        run: String,
        /// Local environment name.
        environment: String,
    } -> Comparison;
    /// What a re-run would do.
    "plan" GetPlan {
        /// Step ids.
        steps: Vec<String>,
        /// Environment name; the run's local environment if none.
        environment: Option<String>,
        /// Which calls are pinned.
        policy: PolicyChoice,
    } -> PlanView;
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
        /// refused, with an exception at the line that tried. No sandbox: native code is not seen.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        locked: bool,
    } -> RerunStarted;
    /// Start a run here.
    "submit" Submit {
        /// `module:function` of a workflow or task.
        target: String,
        /// Arguments, each as JSON.
        arguments: Vec<String>,
        /// Environment name; `development` if none.
        environment: Option<String>,
    } -> RerunStarted;
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
        /// For `give`: the value, as JSON.
        value: Option<String>,
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
    /// Open a frame of a traceback in the editor.
    "openInEditor" OpenInEditor {
        /// The path as the traceback has it.
        file: String,
        /// The line, from 1.
        line: u32,
    } -> ();
}
