//! States as words and signs.

use hindcast_api::view::{CallState, Divergence, NodeState};

/// A state in a word.
pub(crate) fn state(state: NodeState) -> &'static str {
    match state {
        NodeState::Queued => "queued",
        NodeState::Running => "running",
        NodeState::Waiting => "waiting",
        NodeState::Blocked => "stopped",
        NodeState::Succeeded => "succeeded",
        NodeState::Failed => "failed",
        NodeState::Cancelled => "cancelled",
        NodeState::TimedOut => "timed out",
        NodeState::Abandoned => "abandoned",
        NodeState::Suspended => "suspended",
        NodeState::Spawned => "spawned",
        NodeState::Cached => "cached",
        NodeState::Deferred => "deferred",
        NodeState::Crashed => "crashed",
        NodeState::Recurred => "recurred",
        NodeState::Unfinished => "unfinished",
        NodeState::Unknown => "unknown",
    }
}

/// An argument by its parameter's name, else `argument 2`.
pub(crate) fn argument(name: Option<&str>, index: u32) -> String {
    name.map_or_else(|| format!("argument {}", index + 1), ToOwned::to_owned)
}

/// A state in a sign.
pub(crate) fn sign(state: NodeState) -> &'static str {
    match state {
        NodeState::Succeeded => "✓",
        NodeState::Failed | NodeState::Crashed => "✗",
        NodeState::TimedOut | NodeState::Abandoned | NodeState::Cancelled => "⊘",
        NodeState::Blocked => "△",
        NodeState::Running => "▶",
        NodeState::Queued | NodeState::Waiting | NodeState::Unfinished => "○",
        NodeState::Suspended | NodeState::Recurred | NodeState::Deferred => "↻",
        NodeState::Spawned | NodeState::Cached => "⇢",
        NodeState::Unknown => "?",
    }
}

/// What a call was, in a word.
pub(crate) fn call(call: CallState) -> &'static str {
    match call {
        CallState::Pinned => "pinned",
        CallState::Mocked => "mocked",
        CallState::Run => "run",
        CallState::Blocked => "blocked",
        CallState::Refused => "stopped",
        CallState::New => "new",
        CallState::Unreached => "unreached",
        CallState::Unknown => "unknown",
    }
}

/// How a step compares, in a word or two.
pub(crate) fn divergence(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::Equal => "same",
        Divergence::Differs => "differs",
        Divergence::InputsDiffer => "other inputs",
        Divergence::New => "new",
        Divergence::Unreached => "unreached",
        Divergence::Unfinished => "unfinished",
    }
}

/// `1 step`, `2 steps`.
pub(crate) fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// How an exception led to the next one, as Python has it.
pub(crate) fn chained(direct: bool) -> &'static str {
    if direct {
        "The above exception was the direct cause of the following exception"
    } else {
        "During handling of the above exception, another exception occurred"
    }
}
