//! Nodes and edges of a run's graph.

use hindcast_model::{
    Attempt, Dependency, Ended, EnvironmentId, Execution, ExecutionId, Outcome, Reference, Step,
    StepId, StepNumber, Target, Timestamp, TypedDependency, Value,
};
use serde::Serialize;
use ts_rs::TS;

use crate::State;
use crate::view::View;

/// A step as seen from an environment.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Which step.
    #[ts(type = "string")]
    pub step: StepId,
    /// Its number in the run.
    pub number: StepNumber,
    /// What it calls; none where only a reference to it is known.
    #[ts(type = "string | null")]
    pub target: Option<Target>,
    /// The visible attempts at it, by number.
    pub attempts: Vec<Attempt>,
    /// The newest of them.
    #[ts(type = "string | null")]
    pub newest: Option<ExecutionId>,
    /// What became of the newest.
    pub state: State,
    /// How the newest was finally resolved, where it shares another's result and that is known.
    pub resolved: Option<State>,
    /// The exception of the newest, without its module: `KeyError`.
    pub error: Option<String>,
    /// The environment of the newest.
    #[ts(type = "number | null")]
    pub environment: Option<EnvironmentId>,
    /// When the newest was asked for.
    #[ts(type = "number | null")]
    pub created_at: Option<Timestamp>,
    /// When its body started.
    #[ts(type = "number | null")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[ts(type = "number | null")]
    pub completed_at: Option<Timestamp>,
    /// Whether code or run declared it memoised.
    pub memoised: bool,
    /// Whether it answered, without running, a call of a shown attempt.
    pub pinned: bool,
}

impl Node {
    /// The step as seen in `view`.
    pub(crate) fn of(view: &View<'_>, number: StepNumber, step: &Step) -> Self {
        let mut node = Self::missing(view.run.step_id(number), Some(step.target()));
        node.memoised = step.is_memoised();
        node.attempts = Vec::with_capacity(1);
        let mut newest: Option<(Attempt, &Execution)> = None;
        for (&attempt, execution) in &step.executions {
            if view.environment(execution).is_none() {
                continue;
            }
            node.attempts.push(attempt);
            if newest.is_none_or(|(_, other)| other.created_at <= execution.created_at) {
                newest = Some((attempt, execution));
            }
        }
        if let Some((attempt, execution)) = newest {
            node.newest = Some(node.step.attempt(attempt));
            if let Some((environment, origin)) = view.environment(execution) {
                node.environment = Some(environment);
                node.state = State::of(view.run, execution, origin);
            }
            node.created_at = Some(execution.created_at);
            node.started_at = execution.assigned_at;
            node.completed_at = execution.completed_at;
            if let Some(outcome) = &execution.result {
                node.error = error(outcome);
                node.resolved = outcome.shared_with().and_then(|_| State::resolved(outcome));
            }
        }
        node
    }

    /// A step of which nothing but its id is here, or its target.
    pub(crate) fn missing(step: StepId, target: Option<Target>) -> Self {
        Self {
            number: step.number,
            step,
            target,
            attempts: Vec::new(),
            newest: None,
            state: State::Unknown,
            resolved: None,
            error: None,
            environment: None,
            created_at: None,
            started_at: None,
            completed_at: None,
            memoised: false,
            pinned: false,
        }
    }

    /// How long the newest took, in ms: from its start, or from when it was asked for where it never
    /// started, to its end.
    pub fn duration(&self) -> Option<u64> {
        let start = self.started_at.or(self.created_at)?;
        u64::try_from(self.completed_at?.0.checked_sub(start.0)?).ok()
    }

    /// Whether it ended, itself or through what it shares, in a way nobody wished for.
    pub fn is_failing(&self) -> bool {
        self.resolved.unwrap_or(self.state).is_failing()
    }
}

fn error(outcome: &Outcome) -> Option<String> {
    let Ended::Error { error, .. } = &outcome.ended else { return None };
    let (_, name) = error.kind.rsplit_once('.').unwrap_or(("", &error.kind));
    Some(name.to_owned())
}

/// Why one step points to another. All edges point from the one that asks to the one that answers,
/// so that a run as it really happens has no circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Edge {
    /// The attempt called it, and that made the step.
    Call {
        /// The attempt that called.
        attempt: Attempt,
    },
    /// The attempt called it, and was answered by an execution that existed.
    Memo {
        /// The attempt that called.
        attempt: Attempt,
        /// The attempt that answered.
        answer: Attempt,
    },
    /// The attempt consumed its result.
    Result {
        /// The attempt that consumed.
        attempt: Attempt,
    },
    /// A handle on it is among the arguments.
    Argument,
}

/// The executions whose results an execution consumed.
pub(crate) fn consumed(execution: &Execution) -> impl Iterator<Item = &ExecutionId> {
    execution.dependencies.values().filter_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => Some(&execution.execution_id),
        Dependency::Typed(_) | Dependency::Other(_) => None,
    })
}

/// The executions that a step's arguments are handles on.
pub(crate) fn handles(step: &Step) -> impl Iterator<Item = &ExecutionId> {
    step.arguments.iter().flat_map(Value::references).filter_map(|reference| match reference {
        Reference::Execution { execution_id, .. } => Some(execution_id),
        Reference::Fragment { .. }
        | Reference::Asset { .. }
        | Reference::Input { .. }
        | Reference::Other { .. } => None,
    })
}
