use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{NodeState, TryDifference};

/// What came of a re-run: a row for each step that was chosen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutcomesView {
    /// The re-run's number.
    pub rerun: u32,
    /// The run.
    pub run: String,
    /// The environment it happened in.
    pub environment: String,
    /// `module:function`, where all rows are of one.
    pub target: Option<String>,
    /// The arguments in which the rows differ from each other: by name, else `argument 2`.
    pub arguments: Vec<String>,
    /// The rows, differences first.
    pub rows: Vec<OutcomeRow>,
    /// Whether all of them have ended.
    pub ended: bool,
    /// The command that shows the same.
    pub command: String,
}

/// What came of one chosen step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeRow {
    /// Step id.
    pub step: String,
    /// Its number in the run.
    pub number: u32,
    /// `module:function`.
    pub target: String,
    /// The execution, the last attempt if there were several.
    pub execution: String,
    /// How it stands.
    pub state: NodeState,
    /// What it was called with, in short: the arguments in which the rows differ, in order.
    pub arguments: Vec<String>,
    /// The arguments that a person edited for it: by name, else `argument 2`.
    pub edited: Vec<String>,
    /// How it ended, in short; empty while it has not.
    pub outcome: String,
    /// Beside the ancestor, if that has the step.
    pub ancestor: Option<TryDifference>,
    /// How long its body took, in ms.
    #[ts(type = "number | null")]
    pub duration_ms: Option<i64>,
}
