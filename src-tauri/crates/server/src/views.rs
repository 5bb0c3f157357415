//! One run out of several views of it. The server shows a run as seen from one workspace: with the
//! executions of that one and of the run's home.

use std::collections::BTreeSet;

use hindcast_model::{
    Dependency, Ended, Execution, ExecutionId, Outcome, Run, RunId, TypedDependency, WorkspaceId,
};

/// Adds what a further view of the same run shows. Of an execution that both show, the one that has
/// ended counts: it may have ended in between.
pub(crate) fn add(run: &mut Run, view: Run) {
    for (number, step) in view.steps {
        let Some(known) = run.steps.get_mut(&number) else {
            run.steps.insert(number, step);
            continue;
        };
        for execution in step.executions.into_values() {
            let attempt = execution.execution_id.attempt;
            let there = known.executions.get(&attempt);
            if there.is_none_or(|there| there.result.is_none() && execution.result.is_some()) {
                known.executions.insert(attempt, execution);
            }
        }
    }
    for (name, value) in view.extra {
        run.extra.entry(name).or_insert(value);
    }
}

/// The workspace a run began in.
pub(crate) fn home(run: &Run) -> Option<&WorkspaceId> {
    let (_, earliest) = run.root()?.executions.first_key_value()?;
    Some(&earliest.workspace_id)
}

/// Whether something in it points to an execution of the run that no view so far has shown.
pub(crate) fn dangles(run: &Run) -> bool {
    let missing = |id: &ExecutionId| *id.run() == run.id && run.execution(id).is_none();
    run.steps.values().any(|step| {
        step.parent_id.as_ref().is_some_and(missing)
            || step.executions.values().any(|execution| {
                let next = execution.result.as_ref().and_then(Outcome::successor);
                let next = next.map(|next| execution.execution_id.step.attempt(next));
                next.as_ref().is_some_and(missing)
                    || execution.children.iter().any(|child| missing(&child.execution_id()))
                    || consumed(execution).any(missing)
                    || shared(execution).is_some_and(missing)
            })
    })
}

fn consumed(execution: &Execution) -> impl Iterator<Item = &ExecutionId> {
    execution.dependencies.values().filter_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => Some(&execution.execution_id),
        Dependency::Typed(_) | Dependency::Other(_) => None,
    })
}

fn shared(execution: &Execution) -> Option<&ExecutionId> {
    Some(&execution.result.as_ref()?.shared_with()?.execution_id)
}

/// The runs it spawned.
pub(crate) fn spawned(run: &Run) -> BTreeSet<RunId> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let outcomes = executions.filter_map(|execution| execution.result.as_ref());
    let spawned = outcomes.filter_map(|outcome| match &outcome.ended {
        Ended::Spawned(other) => Some(other.execution_id.run().clone()),
        _ => None,
    });
    spawned.collect()
}
