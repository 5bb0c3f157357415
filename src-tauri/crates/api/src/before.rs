//! The attempts at a step that led to one of them: those that were retried, resumed or recurred.

use hindcast_model::{Execution, Outcome, Step};

/// The attempts that an execution of the step goes on from, the one right before it first.
pub(crate) fn before<'a>(step: &'a Step, execution: &'a Execution) -> Vec<&'a Execution> {
    let mut found: Vec<&Execution> = Vec::new();
    let mut attempt = execution.execution_id.attempt;
    let leads = |other: &&Execution, attempt| {
        other.result.as_ref().and_then(Outcome::successor) == Some(attempt)
            && other.workspace_id == execution.workspace_id
    };
    // Of an export that names them in a circle each is told once.
    while let Some(one) = step.executions.values().find(|other| leads(other, attempt))
        && found.len() < step.executions.len()
        && one.execution_id != execution.execution_id
    {
        attempt = one.execution_id.attempt;
        found.push(one);
    }
    found
}
