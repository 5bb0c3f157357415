//! What an execution was called with, and which of that a person edited.

use hindcast_model::record::StoredRun;
use hindcast_model::{ExecutionId, Value};

/// What an execution was called with: as edited for it, else its step's arguments.
pub(crate) fn taken<'a>(stored: &'a StoredRun, id: &ExecutionId) -> &'a [Value] {
    let edited = stored.edited_arguments.get(&(id.step.number, id.attempt));
    let step = stored.run.steps.get(&id.step.number);
    edited.map_or_else(|| step.map_or(&[][..], |step| &step.arguments), Vec::as_slice)
}

/// The positions, from 0, of the arguments that a person edited for an execution.
pub(crate) fn edited(stored: &StoredRun, id: &ExecutionId) -> Vec<usize> {
    let Some(given) = stored.edited_arguments.get(&(id.step.number, id.attempt)) else {
        return Vec::new();
    };
    let recorded = stored.run.steps.get(&id.step.number).map_or(&[][..], |step| &step.arguments);
    let recorded = |place: usize| recorded.get(place).map(Value::known);
    let places = given.iter().enumerate();
    places.filter(|(at, value)| recorded(*at) != Some(value.known())).map(|(at, _)| at).collect()
}

/// Arguments as a person calls them: by their parameters' names, else `argument 2`.
pub(crate) fn labels(named: &[String], places: &[usize]) -> Vec<String> {
    let label = |place: &usize| {
        named.get(*place).cloned().unwrap_or_else(|| format!("argument {}", place + 1))
    };
    places.iter().map(label).collect()
}
