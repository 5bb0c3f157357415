use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::TroubleView;

use super::{DifferenceLine, Divergence, NodeState, RerunStarted};

/// Chosen steps that run again at every save.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WatchView {
    /// The run.
    pub run: String,
    /// The steps.
    pub steps: Vec<String>,
    /// Whether it goes on. One that ended says why in its last try, or a person ended it.
    pub active: bool,
    /// Its tries, oldest first. Their executions are kept in the store whatever becomes of this.
    pub tries: Vec<TryView>,
}

/// One try: what a save led to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TryView {
    /// From 1.
    pub number: u32,
    /// When it began, in ms since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// The files that were saved, below the project's folder; none for the first.
    pub saved: Vec<String>,
    /// How it stands.
    pub state: TryState,
    /// What was started, if something was.
    pub started: Option<RerunStarted>,
    /// What Python cannot read; then nothing was started.
    pub faults: Vec<FaultView>,
    /// Why nothing was started, if for another reason.
    pub message: Option<String>,
    /// What keeps the code from running, where that is why it was refused.
    pub trouble: Option<TroubleView>,
    /// What came of each chosen step.
    pub results: Vec<TryResult>,
    /// How long it took from the save (as it was noticed) to the results, in ms.
    #[ts(type = "number | null")]
    pub took_ms: Option<i64>,
}

/// How a try stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TryState {
    /// It goes on.
    Running,
    /// Every chosen step ended with a value.
    Succeeded,
    /// A chosen step ended otherwise.
    Failed,
    /// Python cannot read the code.
    Faulty,
    /// The re-run was refused.
    Refused,
    /// A later save cancelled it.
    Overtaken,
}

/// A place in a file that Python cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FaultView {
    /// The file, below the project's folder.
    pub file: String,
    /// What Python calls it, and says.
    pub message: String,
    /// The line, from 1, if it is in one.
    pub line: Option<u32>,
    /// The line's text.
    pub text: Option<String>,
}

/// What came of a chosen step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TryResult {
    /// Step id.
    pub step: String,
    /// `module:function`.
    pub target: String,
    /// Execution id.
    pub execution: String,
    /// How it stands.
    pub state: NodeState,
    /// How it ended, in short.
    pub outcome: String,
    /// Beside the try before that ended, if there is one.
    pub previous: Option<TryDifference>,
    /// Beside the ancestor, if it has the step.
    pub ancestor: Option<TryDifference>,
}

/// A try beside another execution of its step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TryDifference {
    /// The other execution: its id.
    pub execution: String,
    /// How that ended, in short.
    pub outcome: String,
    /// How they compare.
    pub divergence: Divergence,
    /// Where the two results differ; empty if they do not, or if one is none.
    pub result: Vec<DifferenceLine>,
}
