use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::DifferenceLine;

/// A run as seen from an environment, laid out for drawing. Lengths are CSS pixels.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// Run id.
    pub run: String,
    /// The environment it is seen from.
    pub environment: String,
    /// Its ancestor, whose outcomes it is compared with; none if this is an imported environment.
    pub ancestor: Option<String>,
    /// Nodes in call order.
    pub nodes: Vec<GraphNode>,
    /// Edges.
    pub edges: Vec<GraphEdge>,
    /// Frames around calls made in a group.
    pub groups: Vec<GraphGroup>,
    /// Fan-outs folded into one node.
    pub folds: Vec<GraphFold>,
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
    /// The node of the first call with equal inputs and another outcome, if there is one.
    pub first_divergence: Option<String>,
    /// What is odd about the run as recorded.
    pub findings: Vec<String>,
    /// The command that shows the same.
    pub command: String,
}

/// A call at its place: a step, or a call that has none yet because it waits at the guard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own on the node")]
pub struct GraphNode {
    /// Its place in the drawing. For a step under the call that made it, the step id; a step can
    /// have further places where it answered a call without running.
    pub id: String,
    /// Step id; none for a call that was stopped at the guard.
    pub step: Option<String>,
    /// The step's number; none where there is no step.
    pub number: Option<u32>,
    /// The place of its caller; none for the root.
    pub parent: Option<String>,
    /// The fold that it was unfolded from, or that others like it are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fold: Option<String>,
    /// The call that was stopped at the guard, where this is one.
    pub stopped: Option<StoppedCall>,
    /// The function it calls.
    pub target: String,
    /// The module of that.
    pub module: String,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// How the shown attempt stands.
    pub state: NodeState,
    /// The shown attempt; none where no execution is visible.
    pub attempt: Option<u32>,
    /// How many attempts are visible.
    pub attempts: u32,
    /// The environment of the shown attempt.
    pub environment: Option<String>,
    /// Whether it is declared memoised.
    pub memoised: bool,
    /// Whether it is unmemoised and was seen to do something outside of itself here.
    pub memo_candidate: bool,
    /// Whether it answered the call at this place without running.
    pub pinned: bool,
    /// Whether it was answered by a value a person gave.
    pub mocked: bool,
    /// Whether the shown attempt was called with arguments that a person edited.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub edited: bool,
    /// How it compares with the ancestor; none where there is nothing to compare.
    pub divergence: Option<Divergence>,
    /// What the node says in small: an error's class, a key argument.
    pub note: String,
    /// When the shown attempt was asked for, Unix ms; none where nothing was asked yet.
    pub created_at: Option<i64>,
    /// When its body started, Unix ms.
    pub started_at: Option<i64>,
    /// When it ended, Unix ms.
    pub completed_at: Option<i64>,
    /// How long the shown attempt took, in ms.
    pub duration_ms: Option<i64>,
    /// When its body can have waited for what it called, Unix ms; only where the whole was asked for.
    pub waits: Vec<(i64, i64)>,
    /// The attempts that the shown one goes on from, oldest first; only where the whole was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<EarlierAttempt>>")]
    pub earlier: Vec<EarlierAttempt>,
    /// How far it said it is, 0 to 1; none if it measures no progress.
    pub progress: Option<f64>,
}

/// An attempt that was retried, resumed or recurred.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EarlierAttempt {
    /// Which.
    pub attempt: u32,
    /// How it stands.
    pub state: NodeState,
    /// When it was asked for, Unix ms.
    pub created_at: i64,
    /// When its body started, Unix ms.
    pub started_at: Option<i64>,
    /// When it ended, Unix ms.
    pub completed_at: Option<i64>,
}

/// A call that was stopped at the guard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StoppedCall {
    /// The caller: execution id.
    pub caller: String,
    /// Which of its calls.
    pub ordinal: u32,
    /// Whether it was refused, or its caller ended without an answer; otherwise it waits for one.
    pub refused: bool,
}

/// Every call of a run, as a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeView {
    /// Run id.
    pub run: String,
    /// The environment it is seen from.
    pub environment: String,
    /// The calls, callers before what they call.
    pub lines: Vec<TreeLine>,
}

/// A call in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeLine {
    /// Its place in the drawing.
    pub id: String,
    /// How deep in the call tree, from 0.
    pub depth: u32,
    /// Step id; none for a call that was stopped at the guard.
    pub step: Option<String>,
    /// The function it calls.
    pub target: String,
    /// How the shown attempt stands.
    pub state: NodeState,
    /// The shown attempt.
    pub attempt: Option<u32>,
    /// The environment of the shown attempt.
    pub environment: Option<String>,
    /// Whether it answered the call without running.
    pub pinned: bool,
    /// Whether it is declared memoised.
    pub memoised: bool,
    /// An error's class, a key argument.
    pub note: String,
    /// When the shown attempt was asked for, Unix ms.
    pub created_at: Option<i64>,
    /// How long the shown attempt took, in ms.
    pub duration_ms: Option<i64>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NodeState {
    /// Asked for, not started.
    Queued,
    /// Its body runs.
    Running,
    /// Its body waits for another execution or an input.
    Waiting,
    /// Its call waits at the guard, or was refused there.
    Blocked,
    /// Ended with a value.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Cancelled.
    Cancelled,
    /// Ran out of time.
    TimedOut,
    /// Its machine or process was lost.
    Abandoned,
    /// Suspended; another attempt goes on.
    Suspended,
    /// Became a run of its own.
    Spawned,
    /// Shares an earlier result.
    Cached,
    /// A later call took its place.
    Deferred,
    /// Its process ended without saying how.
    Crashed,
    /// Returned `None` and runs again; another attempt goes on.
    Recurred,
    /// Had no result when it was exported.
    Unfinished,
    /// Nothing of it is in the store.
    Unknown,
}

/// How a step compares with the ancestor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Divergence {
    /// Same inputs, same outcome.
    Equal,
    /// Same inputs, another outcome.
    Differs,
    /// Other inputs.
    InputsDiffer,
    /// The ancestor never made this call.
    New,
    /// The local run did not make this call.
    Unreached,
    /// Same inputs; one of the two has no outcome yet, or its value is not in the store.
    Unfinished,
}

/// An edge.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GraphEdge {
    /// Node or fold id it starts at.
    pub from: String,
    /// Node or fold id it ends at.
    pub to: String,
    /// What it stands for.
    pub kind: EdgeKind,
    /// The points of its line: x, y, x, y, ...
    pub points: Vec<f64>,
}

/// What an edge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EdgeKind {
    /// A call that made the step.
    Call,
    /// A result or handle that was consumed.
    Data,
    /// A call answered by an execution that existed.
    Memo,
}

/// A frame around calls made in a group.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GraphGroup {
    /// Its id.
    pub id: String,
    /// Its name, with what it holds: `orders · 12 calls of fulfil_order`.
    pub label: String,
    /// The place of the caller that made the group.
    pub caller: String,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Its calls by state.
    pub counts: Vec<StateCount>,
}

/// A fan-out of like steps folded into one node.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GraphFold {
    /// Its id; `GetRun` unfolds it.
    pub id: String,
    /// What it says: `11 more like it`.
    pub label: String,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Its steps by state.
    pub counts: Vec<StateCount>,
    /// How many steps failed in it, those below its calls among them.
    pub failing: u32,
    /// How many steps in it compare otherwise than the same with the ancestor's, those below its calls
    /// among them.
    pub differing: u32,
    /// The calls folded away.
    pub steps: u32,
    /// The steps of these calls and of all below them: first and last numbers of stretches.
    pub numbers: Vec<(u32, u32)>,
    /// The place of the caller.
    pub caller: Option<String>,
}

/// How many steps are in a state.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StateCount {
    /// The state.
    pub state: NodeState,
    /// How many.
    pub count: u32,
}

/// Two environments' steps of one run, aligned in call order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Run id.
    pub run: String,
    /// The ancestor environment.
    pub ancestor: String,
    /// The local environment.
    pub environment: String,
    /// The pairs.
    pub steps: Vec<AlignedStep>,
    /// Index of the first divergence in `steps`.
    pub first_divergence: Option<u32>,
}

/// A pair of calls.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlignedStep {
    /// How deep in the call tree, from 0.
    pub depth: u32,
    /// The function called.
    pub target: String,
    /// The ancestor's execution.
    pub ancestor: Option<String>,
    /// The local execution.
    pub local: Option<String>,
    /// How they compare.
    pub divergence: Divergence,
    /// Whether the local execution was called with arguments that a person edited.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub edited: bool,
    /// The difference in a line.
    pub note: String,
    /// What differs between the two values, where both are values.
    pub differences: Vec<DifferenceLine>,
}
