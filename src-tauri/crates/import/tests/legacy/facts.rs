//! What a topic and a database both hold of an old run.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{Child, Execution, ExecutionId, Run, Step};

/// What both forms hold of a run, as one view shows it: what the view does not show is left out, and
/// children are in no order, which cold topics do not keep.
pub(crate) fn common(run: &Run, view: &Run) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (number, step) in run.steps.iter().filter(|(number, _)| view.steps.contains_key(*number)) {
        let Step { module, target, parent_id, arguments, created_at, recurrent, .. } = step;
        let facts =
            (module, target, parent_id, arguments, created_at, recurrent, step.is_memoised());
        let old = step.old().unwrap().step_id;
        all.insert(run.step_id(*number).to_string(), format!("{old} {facts:?}"));
        let seen = view.steps[number].executions.keys().collect::<BTreeSet<_>>();
        for (_, execution) in step.executions.iter().filter(|(attempt, _)| seen.contains(attempt)) {
            let end = view.execution(&execution.execution_id).unwrap().completed_at;
            all.insert(execution.execution_id.to_string(), facts_of(execution, end.is_some()));
        }
    }
    all
}

fn facts_of(execution: &Execution, ended: bool) -> String {
    let children: BTreeSet<ExecutionId> =
        execution.children.iter().map(Child::execution_id).collect();
    let ended = ended.then_some((&execution.result, execution.completed_at));
    let rest = (
        execution.old_id(),
        &execution.workspace_id,
        execution.created_at,
        execution.assigned_at,
        execution.execute_after.as_ref().and_then(serde_json::Number::as_f64),
        &execution.assets,
        &execution.dependencies,
    );
    format!("{rest:?} {children:?} {ended:?}")
}
