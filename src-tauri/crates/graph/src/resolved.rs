//! How an execution finally ended.

use hindcast_model::{Blobs, Data, Ended, ExecutionId, Outcome, Resolved, Run};

/// More hops than any real chain of attempts and shared results has.
pub(crate) const MOST_HOPS: usize = 1000;

/// What an execution's outcome leads to: through later attempts at the step and through the
/// executions it shares its result with. None while that is not known.
pub(crate) fn final_outcome<'a>(run: &'a Run, id: &ExecutionId) -> Option<&'a Outcome> {
    let mut outcome = run.execution(id)?.result.as_ref()?;
    let mut step = id.step.clone();
    for _ in 0..MOST_HOPS {
        if let Resolved::Known(next) = &outcome.resolved {
            outcome = next;
            continue;
        }
        let next = match (outcome.successor(), outcome.shared_with()) {
            (Some(attempt), _) => step.attempt(attempt),
            (None, Some(other)) => other.execution_id.clone(),
            (None, None) => return Some(outcome),
        };
        outcome = run.execution(&next)?.result.as_ref()?;
        step = next.step;
    }
    None
}

/// The value an execution finally produced, decoded.
pub(crate) fn produced(run: &Run, id: &ExecutionId, blobs: &dyn Blobs) -> Option<Data> {
    match &final_outcome(run, id)?.ended {
        Ended::Value(value) => Some(value.decode(blobs)),
        _ => None,
    }
}
