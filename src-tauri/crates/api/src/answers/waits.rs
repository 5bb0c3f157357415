//! When a body waited for what it called.

use hindcast_model::{Dependency, Execution, ExecutionId, Run, TypedDependency};

use crate::outcome::follow;

/// How many stretches are told of one execution; further ones are told with the last.
const MOST: usize = 50;

/// The stretches of an execution's time in which something whose result it took was under way, in
/// Unix ms, ascending. That is the longest it can have waited: nothing records when it began to.
pub(crate) fn waits(run: &Run, execution: &Execution) -> Vec<(i64, i64)> {
    let Some(started) = execution.assigned_at.map(|at| at.0) else { return Vec::new() };
    let ended = execution.completed_at.map_or(i64::MAX, |at| at.0);
    let taken = execution.dependencies.values().filter_map(taken);
    let mut stretches: Vec<(i64, i64)> = taken
        .filter_map(|id| under_way(run, id))
        .map(|(from, to)| (from.max(started), to.min(ended)))
        .filter(|(from, to)| from < to)
        .collect();
    stretches.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, to) in stretches {
        let full = joined.len() == MOST;
        match joined.last_mut() {
            Some((_, last)) if full || from <= *last => *last = (*last).max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// The execution whose result was taken.
fn taken(dependency: &Dependency) -> Option<&ExecutionId> {
    match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => Some(&execution.execution_id),
        _ => None,
    }
}

/// From when to when an execution was under way, its retries followed; without an end if it still is.
fn under_way(run: &Run, id: &ExecutionId) -> Option<(i64, i64)> {
    let execution = run.execution(id)?;
    let last = follow(run, execution).and_then(|followed| run.execution(&followed.execution?));
    let ended = last.unwrap_or(execution).completed_at.map_or(i64::MAX, |at| at.0);
    Some((execution.created_at.0, ended))
}
