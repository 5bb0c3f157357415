use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    ArgumentDifferenceView, AssetView, CallState, DifferenceChange, Divergence, EffectView,
    MetricView, NodeState, Sentinel, TextLineView, ValueTree,
};

/// A step in full, as seen from an environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// Step id.
    pub step: String,
    /// Its number in the run.
    pub number: u32,
    /// The environment it is seen from.
    pub environment: String,
    /// The function it calls.
    pub target: String,
    /// The module of that.
    pub module: String,
    /// Who called it; none for a root step.
    pub called_by: Option<CallerView>,
    /// Whether it is declared memoised.
    pub memoised: bool,
    /// What it was called with.
    pub arguments: Vec<ArgumentView>,
    /// The ancestor's newest outcome.
    pub ancestor: Option<AttemptView>,
    /// The newest local outcome.
    pub local: Option<AttemptView>,
    /// How the two compare.
    pub divergence: Option<Divergence>,
    /// What differs between them, line by line.
    pub differences: Vec<DifferenceLine>,
    /// Every visible attempt, oldest first.
    pub attempts: Vec<AttemptView>,
    /// What its newest visible execution called.
    pub calls: Vec<CallView>,
    /// Why it ran, or was pinned, for each call that led to it.
    pub why: Vec<WhyView>,
    /// What its bodies were seen to do outside of themselves here, in the order it was first seen.
    pub effects: Vec<EffectView>,
    /// Whether that was watched for when its newest body ran here; none if none ran here.
    pub sentinel: Option<Sentinel>,
    /// Whether it is unmemoised and was seen to do something outside of itself.
    pub memo_candidate: bool,
    /// What the two executions measured, by metric.
    pub metrics: Vec<MetricView>,
    /// The assets that the two executions persisted, the ancestor's first.
    pub assets: Vec<AssetView>,
    /// The command that runs it again.
    pub command: String,
}

/// Who called a step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CallerView {
    /// Execution id.
    pub execution: String,
    /// Its function; empty where the export does not show it.
    pub target: String,
}

/// An argument.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArgumentView {
    /// Its position, from 0.
    pub index: u32,
    /// The parameter's name, where known.
    pub name: Option<String>,
    /// Whether the memo key is over it.
    pub in_key: bool,
    /// Its value.
    pub value: ValueTree,
    /// What was recorded in its place, where a person edited it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub recorded: Option<ValueTree>,
}

/// An execution.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// Execution id.
    pub execution: String,
    /// Its number in the step.
    pub attempt: u32,
    /// The environment it happened in.
    pub environment: String,
    /// Whether that is an imported one.
    pub imported: bool,
    /// How it stands.
    pub state: NodeState,
    /// Why it exists: `called`, `re-run`, `retry`, `resumed`, `recurred`.
    pub because: Option<String>,
    /// The arguments that a person edited for it: by name, else `argument 2`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub edited: Vec<String>,
    /// When it was asked for, Unix ms.
    pub created_at: i64,
    /// When its body started, Unix ms.
    pub started_at: Option<i64>,
    /// When it ended, Unix ms.
    pub completed_at: Option<i64>,
    /// How it ended, followed to where it points.
    pub outcome: Option<OutcomeView>,
    /// If it ended with an error that came out of what it called: the executions it came through, the
    /// one that raised it last.
    pub raised: Vec<CallerView>,
}

/// How an execution ended.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum OutcomeView {
    /// With a value.
    Value {
        /// Which.
        value: ValueTree,
    },
    /// With an error.
    Error {
        /// Which.
        error: ErrorView,
    },
    /// Otherwise.
    Other {
        /// In words: `cancelled`, `timed out`, `spawned RbCd`.
        text: String,
    },
}

/// An exception.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// `KeyError`, or `module.Class` where it is not a builtin.
    pub class: String,
    /// Its message.
    pub message: String,
    /// Outermost first.
    pub frames: Vec<FrameView>,
    /// The exceptions that it is chained to, the nearest first, where they were captured: in local
    /// executions. Exports hold none.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<ChainedView>>")]
    pub chained: Vec<ChainedView>,
}

/// An exception that another one is chained to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChainedView {
    /// Whether the next one was raised from it; else while it was being handled.
    pub direct: bool,
    /// Its class.
    pub class: String,
    /// Its message.
    pub message: String,
    /// Outermost first; none if it was never raised.
    pub frames: Vec<FrameView>,
}

/// A line of a traceback.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FrameView {
    /// The path as recorded.
    pub file: String,
    /// The same file in the project, relative to it, if it is there.
    pub local: Option<String>,
    /// The line, from 1.
    pub line: u32,
    /// The function.
    pub function: String,
    /// The line's text.
    pub code: String,
    /// The local variables, where they were captured: in local executions.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<LocalView>>")]
    pub locals: Vec<LocalView>,
    /// How many more there were.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub more_locals: u32,
}

/// A local variable of a frame.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LocalView {
    /// Its name.
    pub name: String,
    /// Its value, as Python's `repr` cut short had it.
    pub text: String,
}

/// A difference between two values.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceLine {
    /// Where, as Python would write it: `['lines'][0]`.
    pub path: String,
    /// How they differ there.
    pub change: DifferenceChange,
    /// What the ancestor has there.
    pub ancestor: Option<String>,
    /// What the local one has there.
    pub local: Option<String>,
    /// Two texts too long to be written whole: how they differ, line by line.
    pub text: Vec<TextLineView>,
}

/// A call that an execution made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// The function called.
    pub target: String,
    /// The execution that answered it, if one did.
    pub execution: Option<String>,
    /// What the call was.
    pub answer: CallState,
    /// Why, in words; empty for what the ancestor did.
    pub reason: String,
    /// How that execution stands.
    pub state: Option<NodeState>,
}

/// Why a call to this step was answered as it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhyView {
    /// The caller: execution id.
    pub caller: String,
    /// The caller's function.
    pub caller_target: String,
    /// What the call was.
    pub answer: CallState,
    /// Why, in words.
    pub reason: String,
    /// For a miss: the nearest ancestor call's execution id.
    pub nearest: Option<String>,
    /// For a miss: what differs from it.
    pub differences: Vec<ArgumentDifferenceView>,
}

/// Log lines.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// What to ask on from, for lines that come later.
    pub cursor: u32,
    /// How many lines before these were left out, as more were there than were asked for.
    pub earlier: u32,
}

/// How serious a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// For whoever looks closely.
    Debug,
    /// A line printed.
    Stdout,
    /// Worth knowing.
    Info,
    /// A line printed to stderr.
    Stderr,
    /// May be a mistake.
    Warning,
    /// Is one.
    Error,
}

/// A log line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Execution id.
    pub execution: String,
    /// The function that wrote it.
    pub target: String,
    /// When, Unix ms.
    pub at: i64,
    /// How serious.
    pub level: Level,
    /// The text, placeholders filled in.
    pub text: String,
    /// Values that no placeholder shows, as Python would write them: name, value.
    pub values: Vec<(String, String)>,
}
