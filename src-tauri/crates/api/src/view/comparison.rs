use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlignedStep, DifferenceLine, Divergence, ErrorView, NodeState};

/// A step's two executions side by side.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepComparison {
    /// Step id, as asked for.
    pub step: String,
    /// The function it calls.
    pub target: String,
    /// The ancestor's execution.
    pub ancestor: ComparedSide,
    /// The local execution.
    pub local: ComparedSide,
    /// How they compare.
    pub divergence: Divergence,
    /// The arguments in order.
    pub arguments: Vec<ComparedArgument>,
    /// Where the two results differ; empty if they do not, or if one is none.
    pub result: Vec<DifferenceLine>,
    /// How the two errors differ, message and traceback; empty if they do not, or if none is one.
    pub error: Vec<TextLineView>,
    /// How the log lines differ, without their times; empty if they do not.
    pub logs: Vec<TextLineView>,
    /// What the two called, side by side.
    pub calls: Vec<AlignedStep>,
    /// The command that shows the same.
    pub command: String,
}

/// One of two executions.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComparedSide {
    /// Execution id.
    pub execution: String,
    /// The environment it happened in.
    pub environment: String,
    /// How it stands.
    pub state: NodeState,
    /// How it ended, in short.
    pub outcome: String,
    /// The exception, if it ended with one.
    pub error: Option<ErrorView>,
    /// How long it waited for its turn, in ms.
    pub queued_ms: Option<i64>,
    /// How long its body took, in ms.
    pub duration_ms: Option<i64>,
    /// How many log lines it wrote.
    pub logs: u32,
}

/// An argument on both sides.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComparedArgument {
    /// Its position, from 0.
    pub index: u32,
    /// Its parameter's name, where the chosen project's code has it.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the memo key is over it.
    pub in_key: bool,
    /// Whether a person edited it for the local execution.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub edited: bool,
    /// The local value, or the ancestor's where there is none here, as Python would write it, in
    /// short.
    pub text: String,
    /// Where the two differ; empty if they do not.
    pub differences: Vec<DifferenceLine>,
}

/// How a side of a difference came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DifferenceChange {
    /// Only the local value has it.
    Added,
    /// Only the ancestor has it.
    Removed,
    /// Both have it, and it is not the same.
    Changed,
    /// One side is missing or broken, so that nobody can say.
    Unreadable,
}

/// A line of two texts side by side.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextLineView {
    /// Which of the two has it.
    pub change: TextChangeView,
    /// How many lines are left out here, where some are.
    pub left_out: u32,
    /// The line in parts.
    pub parts: Vec<TextPartView>,
}

/// Which of two texts has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TextChangeView {
    /// Both.
    Same,
    /// Only the ancestor's.
    Removed,
    /// Only the local one.
    Added,
    /// Lines that both have are left out here.
    LeftOut,
}

/// A part of a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextPartView {
    /// What it says.
    pub text: String,
    /// Whether it is what differs in a line that the other text has otherwise.
    pub changed: bool,
}
