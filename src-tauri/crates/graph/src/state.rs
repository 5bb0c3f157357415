//! The state of a step, told from its newest execution.

use hindcast_model::{
    Dependency, Ended, Execution, Origin, Outcome, Resolved, Run, TypedDependency,
};
use serde::Serialize;
use ts_rs::TS;

use crate::resolved::{MOST_HOPS, final_outcome};

/// What became of an execution so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Asked for, not started.
    Queued,
    /// Its body runs.
    Running,
    /// Its body waits for another execution or for a person.
    Waiting,
    /// The call waits at the guard, or was refused there; no execution of it exists.
    Blocked,
    /// It returned.
    Succeeded,
    /// It raised.
    Failed,
    /// Its process ended without saying how.
    Crashed,
    /// It was cancelled.
    Cancelled,
    /// It ran longer than it may.
    TimedOut,
    /// The machine that ran it was lost.
    Abandoned,
    /// It stopped, to be continued by another attempt.
    Suspended,
    /// It returned null and runs again.
    Recurred,
    /// A later identical call took its place.
    Deferred,
    /// It shares an earlier execution's result.
    Cached,
    /// It became a run of its own.
    Spawned,
    /// It had no result when it was exported, so it never will have one here.
    Unfinished,
    /// No execution of it is here.
    Unknown,
}

impl State {
    /// Whether this is an end that nobody wished for.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Failed | Self::Crashed | Self::TimedOut | Self::Abandoned)
    }

    /// The state of an execution of `run`.
    pub fn of(run: &Run, execution: &Execution, origin: Origin) -> Self {
        match &execution.result {
            Some(outcome) => Self::of_outcome(outcome),
            None if origin == Origin::Imported => Self::Unfinished,
            None if execution.assigned_at.is_none() => Self::Queued,
            None if waits(run, execution) => Self::Waiting,
            None => Self::Running,
        }
    }

    /// The state an outcome leaves.
    pub fn of_outcome(outcome: &Outcome) -> Self {
        match &outcome.ended {
            Ended::Value(_) => Self::Succeeded,
            Ended::Error { .. } => Self::Failed,
            Ended::Abandoned { .. } => Self::Abandoned,
            Ended::Crashed { .. } => Self::Crashed,
            Ended::Cancelled => Self::Cancelled,
            Ended::Timeout { .. } => Self::TimedOut,
            Ended::Suspended { .. } => Self::Suspended,
            Ended::Recurred { .. } => Self::Recurred,
            Ended::Deferred(_) => Self::Deferred,
            Ended::Cached(_) => Self::Cached,
            Ended::Spawned(_) => Self::Spawned,
        }
    }

    /// How an outcome that points on was finally resolved, where the run says so.
    pub fn resolved(outcome: &Outcome) -> Option<Self> {
        let mut outcome = outcome;
        for _ in 0..MOST_HOPS {
            match &outcome.resolved {
                Resolved::Known(next) => outcome = next,
                Resolved::Absent | Resolved::Pending => break,
            }
        }
        let state = Self::of_outcome(outcome);
        let points_on =
            outcome.shared_with().is_some() || matches!(state, Self::Suspended | Self::Recurred);
        (!points_on).then_some(state)
    }
}

/// Whether a running execution waits: the server records what it waits for as a dependency first.
fn waits(run: &Run, execution: &Execution) -> bool {
    execution.dependencies.values().any(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => {
            let id = &execution.execution_id;
            run.execution(id).is_some() && final_outcome(run, id).is_none()
        }
        Dependency::Typed(TypedDependency::Input { status, .. }) => status.is_none(),
        Dependency::Typed(TypedDependency::Asset { .. }) | Dependency::Other(_) => false,
    })
}
