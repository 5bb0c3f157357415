use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DifferenceLine, NodeState, ValueTree};

/// What is going on, and what went on lately.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// Executions, newest first: those going on, and those of the last re-run.
    pub items: Vec<ActivityItem>,
    /// How many bodies run now.
    pub running: u32,
    /// How many calls of the last re-run were pinned.
    pub pinned: u32,
    /// How many bodies of the last re-run ran.
    pub ran: u32,
    /// How many calls of the last re-run were stopped at the guard.
    pub stopped: u32,
}

/// A call or execution in the activity list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ActivityItem {
    /// The run.
    pub run: String,
    /// The step, if the call has one.
    pub step: Option<String>,
    /// The execution, if the call has one.
    pub execution: Option<String>,
    /// The function.
    pub target: String,
    /// What became of the call.
    pub call: CallState,
    /// How its execution stands.
    pub state: NodeState,
    /// In words: what it was pinned to, why it was stopped, how it ended.
    pub note: String,
    /// When, Unix ms.
    pub at: i64,
    /// How long it took, in ms.
    pub duration_ms: Option<i64>,
}

/// What a call is, in a plan or after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CallState {
    /// The ancestor's value.
    Pinned,
    /// A person's value.
    Mocked,
    /// Chosen, or allowed below a chosen step.
    Run,
    /// Would run, may not.
    Blocked,
    /// The edited code calls it, the ancestor never did.
    New,
    /// The ancestor did it, the edited code did not call it.
    Unreached,
    /// Only running will tell.
    Unknown,
}

/// A call that waits at the guard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GuardCard {
    /// The run.
    pub run: String,
    /// The caller: execution id.
    pub caller: String,
    /// The caller's function.
    pub caller_target: String,
    /// Which of its calls.
    pub ordinal: u32,
    /// The function called.
    pub target: String,
    /// Why nothing answers it, in a sentence.
    pub reason: String,
    /// With what it was called.
    pub arguments: Vec<ValueTree>,
    /// The ancestor's call that comes closest.
    pub nearest: Option<GuardNearest>,
}

/// The ancestor's call that comes closest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GuardNearest {
    /// Its execution id.
    pub execution: String,
    /// Its result as Python would write it, shortened.
    pub result: String,
    /// What differs.
    pub differences: Vec<DifferenceLine>,
}

/// What a re-run would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The calls, in call order.
    pub calls: Vec<PlanCall>,
    /// How many are pinned.
    pub pinned: u32,
    /// How many would run.
    pub run: u32,
    /// How many would stop.
    pub blocked: u32,
    /// The command that does it.
    pub command: String,
}

/// A call in a plan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanCall {
    /// How deep below the chosen step, from 0.
    pub depth: u32,
    /// The function.
    pub target: String,
    /// The step, where the ancestor made one.
    pub step: Option<String>,
    /// What it will be.
    pub call: CallState,
    /// Why, in words.
    pub reason: String,
}

/// A re-run that has begun.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RerunStarted {
    /// The environment it happens in.
    pub environment: String,
    /// The new executions of the chosen steps.
    pub executions: Vec<String>,
}

/// Which bodies really ran.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LedgerView {
    /// Oldest first.
    pub lines: Vec<LedgerLine>,
}

/// A body that ran.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LedgerLine {
    /// Execution id.
    pub execution: String,
    /// `module:function`.
    pub target: String,
    /// When, Unix ms.
    pub at: i64,
    /// What allowed it: `chosen`, `plan`, `flag`, `guard`, `fresh run`, `continued`.
    pub allowed_by: String,
    /// SHA-256 of the arguments.
    pub arguments: String,
}
