use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CallState, NodeState, PlanView};

/// A plan beside what really happened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ActualView {
    /// The re-run's number.
    pub rerun: u32,
    /// The run.
    pub run: String,
    /// The environment it happened in.
    pub environment: String,
    /// When it was planned, Unix ms.
    pub at: i64,
    /// The executions that were asked for.
    pub executions: Vec<String>,
    /// The plan as it was shown before anything started.
    pub plan: PlanView,
    /// Planned calls and what became of them, in call order; calls that were not planned stand where
    /// they were made.
    pub calls: Vec<ActualCall>,
    /// How many bodies ran that the plan did not list, each allowed at the guard or by a flag.
    pub beyond_plan: u32,
    /// Whether everything asked for has ended.
    pub ended: bool,
}

/// A planned call and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ActualCall {
    /// How deep below the chosen step, from 0.
    pub depth: u32,
    /// The function.
    pub target: String,
    /// The step as planned; none for a call that was not planned.
    pub step: Option<String>,
    /// What it was to be; none for a call that was not planned.
    pub planned: Option<CallState>,
    /// What it was: `unreached` where the code did not make the call.
    pub actual: CallState,
    /// Whether that is what was planned.
    pub as_planned: bool,
    /// The execution that answered it, if one did.
    pub execution: Option<String>,
    /// How that execution stands.
    pub state: Option<NodeState>,
    /// Why, in words.
    pub reason: String,
}
