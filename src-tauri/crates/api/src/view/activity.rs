use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ArgumentView, CodeView, DebugView, EffectView, NodeState};

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
    /// How many calls of the last re-run were stopped at the guard, or wait there.
    pub stopped: u32,
    /// The last re-run: its chosen steps and where it happens. None before the first.
    pub rerun: Option<RerunStarted>,
    /// Executions that wait for a debugger or have one.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<DebugView>>")]
    pub debug: Vec<DebugView>,
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
    /// Would run, may not: waits at the guard.
    Blocked,
    /// Was stopped at the guard, with an error.
    Refused,
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
    pub arguments: Vec<ArgumentView>,
    /// When it began to wait, Unix ms.
    pub at: i64,
    /// The ancestor's call that comes closest.
    pub nearest: Option<GuardNearest>,
    /// What bodies of that function were seen to do outside of themselves before, the latest first.
    pub effects: Vec<EffectView>,
    /// Where the ancestor never called the function: what it may have called it before it was renamed,
    /// the likeliest first, each as `module:function`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub renamed_from: Vec<String>,
}

/// The ancestor's call that comes closest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GuardNearest {
    /// Its execution id.
    pub execution: String,
    /// Its result as Python would write it, shortened.
    pub result: String,
    /// What differs, argument by argument.
    pub differences: Vec<ArgumentDifferenceView>,
}

/// An argument that differs between two calls.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArgumentDifferenceView {
    /// Its position, from 0.
    pub index: u32,
    /// The parameter's name, where the project's code has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Where in it, as Python would write it: `['lines'][0]`; empty for the argument itself.
    pub path: String,
    /// What the ancestor sent, as Python would write it, shortened; none if nothing.
    pub ancestor: Option<String>,
    /// What the local call sends; none if nothing.
    pub local: Option<String>,
    /// Whether the memo key is over this argument.
    pub in_key: bool,
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
    /// How many are mocked.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub mocked: u32,
    /// Of how many only running will tell.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub unknown: u32,
    /// The local environment it would happen in; made where there is none.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub environment: String,
    /// Whether it will be locked, unless said otherwise: only pinned and pure steps run.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub locked: bool,
    /// Why it will, or will not, be locked, in words.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub locked_because: String,
    /// The code it would run and be held to; none where no trusted project is chosen.
    #[serde(default)]
    #[ts(optional)]
    pub code: Option<CodeView>,
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
    /// The execution that will answer it, where one will.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub execution: Option<String>,
    /// The mock that will answer it, where one will: its name.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub mock: Option<String>,
    /// Whether it takes what a person edited, as far as the values tell.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub edited: bool,
}

/// A re-run, or a run of one's own, that has begun.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RerunStarted {
    /// The environment it happens in.
    pub environment: String,
    /// The run.
    pub run: String,
    /// The chosen steps.
    pub steps: Vec<String>,
    /// Their new executions.
    pub executions: Vec<String>,
    /// The number of the re-run, by which its plan is kept; none for a run that began here.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub rerun: Option<u32>,
    /// Whether it is locked.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub locked: bool,
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
    /// What allowed it, in words: `chosen`, `allowed by the plan`, `allowed at the guard`, …
    pub allowed_by: String,
    /// SHA-256 of the encoded arguments, as 64 hex digits.
    pub arguments: String,
    /// The arguments that a person edited for it: by name, else `argument 2`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub edited: Vec<String>,
    /// The snapshot of the code it ran, as 64 hex digits, where one was taken.
    pub code: Option<String>,
    /// The policy of the command it belongs to: `memo`, `isolate`, `open`; none where that was not
    /// noted yet.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub policy: Option<String>,
}
