//! Why no execution answers a call, and which call of the ancestor comes closest.

use hindcast_model::record::{ArgumentDifference, Miss, MissReason, Nearest};
use hindcast_model::{
    Data, Ended, Execution, ExecutionId, Known, Params, Step, Value, argument_differences, distance,
};

use crate::handling::Handling;
use crate::live::PendingCall;
use crate::values::Compared;

/// How many of the ancestor's calls are compared place by place: those that share the most
/// arguments, newest first.
const LOOKED_AT: usize = 100;

impl Handling<'_> {
    /// Why nothing answers a call.
    pub(crate) fn miss(&mut self, caller: &ExecutionId, call: &PendingCall) -> Miss {
        let Some(running) = self.live.get(caller) else {
            return Miss { reason: MissReason::NeverCalled, nearest: None };
        };
        let chain = self.world.chain(running.environment);
        let params = call.memo.as_ref().unwrap_or(&Params::All);
        let runs = self.looked_up_in(caller, &chain);
        let compared = |run| Compared {
            run,
            chain: &chain,
            target: &call.submit.target,
            arguments: &call.submit.arguments,
            params,
        };
        let mut shared = Vec::new();
        for run in &runs {
            shared.push(self.prints.shared(self.world, self.blobs, compared(run)));
        }
        let mut calls: Vec<_> = Vec::new();
        for (run, shared) in runs.iter().zip(&shared) {
            let seen = self.world.seen_calls(compared(run));
            let recorded = seen.filter(|(_, known)| !self.world.is_local_execution(known));
            calls.extend(recorded.map(|(step, execution)| {
                (shared.get(&step.step_number).copied().unwrap_or_default(), step, execution)
            }));
        }
        calls.sort_by_key(|(shared, _, execution)| {
            (*shared, execution.created_at, &execution.execution_id)
        });
        let calls = calls.into_iter().map(|(_, step, execution)| (step, execution));
        let compared = compared(caller.run());
        self.world.knowing(compared.target, self.blobs, |known| {
            let likeliest = calls.rev().take(LOOKED_AT);
            let nearest = likeliest.min_by_key(|(step, execution)| {
                let apart = distance(&step.arguments, compared.arguments, params, known);
                // Among equals one with a value, so that there is something to pin.
                (apart, execution.result.as_ref().and_then(|outcome| outcome.value()).is_none())
            });
            nearest.map_or(Miss { reason: MissReason::NeverCalled, nearest: None }, |nearest| {
                describe(nearest, compared, call.memo.is_some(), known)
            })
        })
    }
}

fn describe(
    (step, execution): (&Step, &Execution),
    call: Compared<'_>,
    memoised: bool,
    known: &Known<'_>,
) -> Miss {
    let differences = argument_differences(&step.arguments, call.arguments, call.params, known);
    let reason = if differences.iter().any(|difference| difference.in_key) {
        let missing = |difference: &ArgumentDifference| {
            is_missing(step.arguments.get(difference.index), known)
                || is_missing(call.arguments.get(difference.index), known)
        };
        if differences.iter().filter(|difference| difference.in_key).all(missing) {
            MissReason::ValueMissing
        } else {
            MissReason::ArgumentsDiffer
        }
    } else {
        match &execution.result {
            None => MissReason::NeverFinished,
            Some(outcome) if matches!(outcome.ended, Ended::Spawned(_)) => MissReason::BecameRun,
            Some(outcome) if outcome.value().is_none() => MissReason::NotAValue,
            Some(_) if step.is_memoised() != memoised => MissReason::MemoDiffers,
            // The same arguments, memoised alike, and a value: then something in it is not here.
            Some(_) => MissReason::ValueMissing,
        }
    };
    let execution = execution.execution_id.clone();
    Miss { reason, nearest: Some(Nearest { execution, differences }) }
}

fn is_missing(value: Option<&Value>, known: &Known<'_>) -> bool {
    value.is_some_and(|value| matches!(value.decode(known.blobs), Data::Missing { .. }))
}
