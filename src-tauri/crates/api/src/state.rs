//! How an execution stands, in the words of the views.

use hindcast_graph::State;
use hindcast_model::{Execution, Origin, Run};

use crate::view::NodeState;

/// How an execution of `run` stands.
pub(crate) fn state(run: &Run, execution: &Execution, origin: Origin) -> NodeState {
    State::of(run, execution, origin).into()
}

impl From<State> for NodeState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running => Self::Running,
            State::Waiting => Self::Waiting,
            State::Blocked => Self::Blocked,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Crashed => Self::Crashed,
            State::Cancelled => Self::Cancelled,
            State::TimedOut => Self::TimedOut,
            State::Abandoned => Self::Abandoned,
            State::Suspended => Self::Suspended,
            State::Recurred => Self::Recurred,
            State::Deferred => Self::Deferred,
            State::Cached => Self::Cached,
            State::Spawned => Self::Spawned,
            State::Unfinished => Self::Unfinished,
            State::Unknown => Self::Unknown,
        }
    }
}

impl NodeState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Abandoned => "abandoned",
            Self::Suspended => "suspended",
            Self::Spawned => "spawned",
            Self::Cached => "cached",
            Self::Deferred => "deferred",
            Self::Crashed => "crashed",
            Self::Recurred => "recurred",
            Self::Unfinished => "unfinished",
            Self::Unknown => "unknown",
        }
    }
}
