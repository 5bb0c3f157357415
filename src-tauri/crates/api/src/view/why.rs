use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ArgumentDifferenceView, CallState, CallerView, WhyView};

/// Why everything about a step or an execution came out of which call.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhyReport {
    /// The step.
    pub step: String,
    /// `module:function`.
    pub target: String,
    /// The environment it is seen from.
    pub environment: String,
    /// The execution whose calls are explained: the one asked for, else the newest local one; none
    /// where the step has neither.
    pub execution: Option<String>,
    /// Why that execution exists: `called`, `re-run`, `retry`, `resumed`, `recurred`.
    pub because: Option<String>,
    /// The arguments that a person edited for it: by name, else `argument 2`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub edited: Vec<String>,
    /// Who called the step; none for a root step.
    pub called_by: Option<CallerView>,
    /// The ancestor's execution of the same call, with which it is compared.
    pub counterpart: Option<String>,
    /// The calls that led to this step, and why each was answered by it.
    pub why: Vec<WhyView>,
    /// The calls that the execution made, in order.
    pub calls: Vec<WhyCall>,
}

/// Why a call of an execution was answered as it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhyCall {
    /// The how-manieth call of the execution, from 0.
    pub ordinal: u32,
    /// `module:function`.
    pub target: String,
    /// What the call was.
    pub answer: CallState,
    /// The rule that decided.
    pub rule: RuleName,
    /// The execution that answered it, if one did.
    pub execution: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// For a pin by equal values: why the memo keys differ, in words.
    pub cause: Option<String>,
    /// For a mock: its name, where it has one.
    pub mock: Option<String>,
    /// For a miss: why no execution answers it.
    pub miss: Option<MissView>,
}

/// Why no execution answers a call.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MissView {
    /// Why: `neverCalled`, `argumentsDiffer`, `notAValue`, `becameRun`, `neverFinished`, `valueMissing`,
    /// `memoDiffers`, `pinBroken`.
    pub reason: String,
    /// The same in words.
    pub words: String,
    /// The ancestor's call that comes closest: its execution id.
    pub nearest: Option<String>,
    /// What that calls: `module:function`.
    pub nearest_target: Option<String>,
    /// What differs from it, argument by argument, inside the values.
    pub differences: Vec<ArgumentDifferenceView>,
}

/// The rule that decided about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RuleName {
    /// Pinned: the same memo key, Coflux's own rule.
    MemoKey,
    /// Pinned: another key, but the same values.
    SameValues,
    /// Pinned: it was called in a run that an ancestor's workflow became, and this is the same call.
    ChildRun,
    /// Pinned: the same by a matching rule that a person set for the target.
    Matching,
    /// Pinned, or mocked, because a person said so for this step.
    ByHand,
    /// Pinned: the policy *isolate*.
    Isolate,
    /// Pinned to the nearest call of the ancestor, by an answer at the guard or a flag.
    Nearest,
    /// Mocked at the guard, or by a flag.
    Given,
    /// Ran: a person chose it.
    Chosen,
    /// Ran: not memoised, and the ancestor ran its target too.
    Plan,
    /// Ran: a person unpinned it.
    Unpinned,
    /// Ran: allowed by a flag or the policy *open*.
    Flag,
    /// Ran: allowed at the guard.
    Guard,
    /// Ran: the run began here.
    FreshRun,
    /// Stopped, or waits: nothing answers it, and it may not run.
    Miss,
}
