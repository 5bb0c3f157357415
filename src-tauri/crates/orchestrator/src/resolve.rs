//! How an execution ended once every retry, resumption and sharing is followed.

use std::collections::BTreeSet;

use hindcast_model::record::InputResponse;
use hindcast_model::{
    Ended, Execution, ExecutionId, InputId, Json, Outcome, Reference, Resolved, StreamId, Value,
};

use crate::message::{Handle, Status};
use crate::world::World;

/// What an execution or an input comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resolution {
    /// It waits for this.
    Pending(Handle),
    /// It ended so.
    Ended(Status),
    /// It never will: it had no result when it was exported.
    Never(ExecutionId),
    /// It, or what it points on to, is not in the store.
    Unknown(Handle),
}

impl World {
    /// What a handle comes to.
    pub(crate) fn resolve(&self, handle: &Handle) -> Resolution {
        match handle {
            Handle::Execution(id) => match self.last(id) {
                Last::Open(id) => Resolution::Pending(Handle::Execution(id)),
                Last::Never(id) => Resolution::Never(id),
                Last::Unknown(id) => Resolution::Unknown(Handle::Execution(id)),
                Last::Ended(outcome) => Resolution::Ended(status(outcome)),
            },
            Handle::Input(id) => self.resolve_input(id),
            Handle::Stream(id, sequence) => self.resolve_item(id, *sequence),
        }
    }

    /// That it is there, or that none will be: which, and the item itself, comes on its own way.
    fn resolve_item(&self, id: &StreamId, sequence: u64) -> Resolution {
        let handle = || Handle::Stream(id.clone(), sequence);
        let there = Value::raw(Json::null(), Vec::new());
        match self.stream(id) {
            None => Resolution::Unknown(handle()),
            Some(known) if known.end.is_some() || sequence < known.length => {
                Resolution::Ended(Status::Ok(there))
            }
            Some(_) => Resolution::Pending(handle()),
        }
    }

    fn resolve_input(&self, id: &InputId) -> Resolution {
        let handle = || Handle::Input(id.clone());
        match self.input(id).map(|input| &input.response) {
            None => Resolution::Unknown(handle()),
            Some(None) => Resolution::Pending(handle()),
            Some(Some(response)) => Resolution::Ended(answered(response)),
        }
    }

    /// The outcome an execution finally has, if it has one already.
    pub fn outcome(&self, id: &ExecutionId) -> Option<&Outcome> {
        match self.last(id) {
            Last::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// The value an execution finally has, if it has one already.
    pub(crate) fn value(&self, id: &ExecutionId) -> Option<&Value> {
        self.outcome(id).and_then(Outcome::value)
    }

    /// Follows retries, resumptions and sharing from an execution as far as they go.
    pub(crate) fn last(&self, id: &ExecutionId) -> Last<'_> {
        let mut seen = BTreeSet::new();
        let mut at = id.clone();
        let mut known_elsewhere: Option<&Outcome> = None;
        while seen.insert(at.clone()) {
            let Some(execution) = self.execution(&at) else { break };
            let Some(outcome) = &execution.result else {
                return self.unfinished(execution, known_elsewhere);
            };
            if let Resolved::Known(resolved) = &outcome.resolved {
                known_elsewhere = Some(resolved);
            }
            match next(&at, outcome) {
                Some(next) => at = next,
                None => return Last::Ended(outcome),
            }
        }
        known_elsewhere.map_or(Last::Unknown(at), Last::Ended)
    }

    fn unfinished<'a>(&self, execution: &Execution, elsewhere: Option<&'a Outcome>) -> Last<'a> {
        let id = execution.execution_id.clone();
        match elsewhere {
            _ if self.is_local_execution(execution) => Last::Open(id),
            Some(outcome) => Last::Ended(outcome),
            None => Last::Never(id),
        }
    }

    /// Everything that arguments refer to, also through the values of finished executions.
    pub(crate) fn referred(&self, arguments: &[&Value]) -> Vec<Handle> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo: Vec<&Value> = arguments.iter().rev().copied().collect();
        while let Some(value) = todo.pop() {
            for reference in value.references() {
                let Reference::Execution { execution_id, .. } = reference else { continue };
                if seen.insert(execution_id.clone()) {
                    found.push(Handle::Execution(execution_id.clone()));
                    todo.extend(self.value(execution_id));
                }
            }
        }
        found
    }
}

/// Where an execution's chain of attempts and sharing ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Last<'a> {
    /// At one that has no outcome yet, here.
    Open(ExecutionId),
    /// At one that had none when it was exported.
    Never(ExecutionId),
    /// At one that is not in the store.
    Unknown(ExecutionId),
    /// At this outcome.
    Ended(&'a Outcome),
}

/// The execution that goes on where an outcome points on.
pub(crate) fn next(id: &ExecutionId, outcome: &Outcome) -> Option<ExecutionId> {
    let successor = outcome.successor().map(|attempt| id.step.attempt(attempt));
    successor.or_else(|| outcome.shared_with().map(|shared| shared.execution_id.clone()))
}

fn status(outcome: &Outcome) -> Status {
    match &outcome.ended {
        Ended::Value(value) => Status::Ok(value.clone()),
        Ended::Error { error, .. } => Status::Error(error.clone()),
        Ended::Cancelled => Status::Cancelled,
        Ended::Timeout { .. } => Status::Timeout,
        Ended::Crashed { .. } => Status::Crashed,
        // The others point on; where their end is not known, the machine that knew it is lost.
        Ended::Abandoned { .. }
        | Ended::Suspended { .. }
        | Ended::Recurred { .. }
        | Ended::Deferred(_)
        | Ended::Cached(_)
        | Ended::Spawned(_) => Status::Abandoned,
    }
}

fn answered(response: &InputResponse) -> Status {
    match response {
        InputResponse::Value { value, .. } => Status::Ok(Value::raw(value.clone(), Vec::new())),
        InputResponse::Dismissed { .. } => Status::Dismissed,
        InputResponse::Cancelled { .. } => Status::Cancelled,
    }
}
