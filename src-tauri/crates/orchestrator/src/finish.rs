//! How executions end: once each, and those who wait are told.

use hindcast_model::record::{Because, Record};
use hindcast_model::{
    Attempt, Ended, ExecutionId, Extra, Failure, Frame, Outcome, Resolved, Retries, StreamEnd,
    Timestamp, Value,
};

use crate::attempt::NewAttempt;
use crate::event::Effect;
use crate::handling::Handling;
use crate::live::Phase;
use crate::message::Handle;
use crate::resolve::Last;

/// What becomes of an execution's process when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// It is killed.
    Killed,
    /// It said its last word and goes by itself.
    Leaves,
}

/// The ways to end that are tried again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failed {
    Error { error: Failure, retryable: Option<bool> },
    Timeout,
}

impl Handling<'_> {
    /// An execution has ended. Nothing happens if it had before, or if it is not a local one.
    pub(crate) fn finish(&mut self, id: &ExecutionId, ended: Ended, process: Process) {
        let open = self.world.execution(id).filter(|execution| execution.result.is_none());
        if !open.is_some_and(|execution| self.world.is_local_execution(execution)) {
            return;
        }
        let outcome = self.outcome(ended);
        let execution = id.clone();
        let ended = outcome.ended.clone();
        self.record(Record::ExecutionFinished { execution, at: self.now, outcome });
        self.ended.push_back(Handle::Execution(id.clone()));
        // A body that goes on yielding does not go by itself.
        let goes_on = matches!(ended, Ended::Recurred { .. }) && self.live.streams.produces(id);
        let process = if goes_on { Process::Killed } else { process };
        self.end_streams(id, &ended);
        if self.live.streams.produces(id) {
            self.live.drain(id);
        } else if self.live.end(id) && process == Process::Killed {
            self.effects.push(Effect::Stop { execution: id.clone() });
        }
        self.pass_outcome_on(id);
    }

    fn outcome(&self, ended: Ended) -> Outcome {
        let mut outcome = Outcome::of(ended);
        if let Some(shared) = outcome.shared_with() {
            outcome.resolved = match self.world.outcome(&shared.execution_id) {
                Some(last) => Resolved::Known(Box::new(Outcome::of(last.ended.clone()))),
                None => Resolved::Pending,
            };
        }
        outcome
    }

    /// Keeps what an outcome that points on finally comes to, now or once it is known.
    pub(crate) fn pass_outcome_on(&mut self, id: &ExecutionId) {
        let known = self.world.execution(id);
        let local = known.filter(|execution| self.world.is_local_execution(execution));
        let Some(outcome) = local.and_then(|execution| execution.result.as_ref()) else { return };
        if matches!(outcome.resolved, Resolved::Known(_))
            || crate::resolve::next(id, outcome).is_none()
        {
            return;
        }
        match self.world.last(id) {
            Last::Open(at) => self.live.outcome_waits(id, Handle::Execution(at)),
            Last::Ended(last) => {
                let outcome = Outcome::of(last.ended.clone());
                self.record(Record::Resolved { execution: id.clone(), outcome });
            }
            Last::Never(_) | Last::Unknown(_) => {}
        }
    }

    /// A body returned.
    pub(crate) fn returned(&mut self, id: &ExecutionId, value: Value) {
        let step = self.world.step(&id.step);
        let recurs = step.is_some_and(|step| step.recurrent == Some(true)) && is_none(&value);
        if recurs {
            let delay = self.declared_delay(id);
            let next = self.go_on(id, Because::Recurred, Some(self.now.after(delay)), Vec::new());
            if let Some(next) = next {
                let ended = Ended::Recurred { successor: next.attempt };
                return self.finish(id, ended, Process::Leaves);
            }
        }
        self.finish(id, Ended::Value(value), Process::Leaves);
    }

    fn declared_delay(&self, id: &ExecutionId) -> u64 {
        let declared = self.world.run(id.run()).and_then(|run| run.declared.get(&id.step.number));
        declared.map_or(0, |declared| declared.delay)
    }

    /// A body failed: it is tried again if its step says so, else that was it.
    pub(crate) fn failed(&mut self, id: &ExecutionId, failed: Failed, process: Process) {
        let wanted = !matches!(failed, Failed::Error { retryable: Some(false), .. });
        let delay = if wanted { self.retry_delay(id) } else { None };
        let retry: Option<Attempt> = delay.and_then(|delay| {
            let next = self.go_on(id, Because::Retry, Some(self.now.after(delay)), Vec::new());
            next.map(|next| next.attempt)
        });
        let ended = match failed {
            Failed::Error { error, retryable } => Ended::Error { error, retry, retryable },
            Failed::Timeout => Ended::Timeout { retry },
        };
        self.finish(id, ended, process);
    }

    /// The next attempt of an execution under way here, with everything it was given.
    pub(crate) fn go_on(
        &mut self,
        id: &ExecutionId,
        because: Because,
        execute_after: Option<Timestamp>,
        after: Vec<Handle>,
    ) -> Option<ExecutionId> {
        let running = self.live.get(id)?;
        let new = NewAttempt {
            step: id.step.clone(),
            environment: running.environment,
            because,
            session: running.session,
            allowed: hindcast_model::record::Allowed::Continued,
            execute_after,
            after,
            edited: self.world.edited(id).map(<[Value]>::to_vec),
        };
        self.attempt(new)
    }

    /// How long to wait before an execution is tried again, in ms; none if it is not.
    fn retry_delay(&self, id: &ExecutionId) -> Option<u64> {
        let retries = self.world.step(&id.step)?.retries.as_ref()?;
        let (min, max) =
            (retries.backoff_min.unwrap_or_default(), retries.backoff_max.unwrap_or_default());
        let Retries { limit: Some(limit), .. } = *retries else {
            // The server draws a random number; ours is drawn from the id, so that the same
            // events have the same effects.
            let span = max.saturating_sub(min).saturating_add(1);
            return Some(min.saturating_add(crate::derive::number(id) % span));
        };
        let failed = self.failures_before(id);
        let over = u64::from(limit.saturating_sub(1).max(1));
        let more = u64::from(failed).saturating_mul(max.saturating_sub(min)) / over;
        (failed < limit).then(|| min.saturating_add(more))
    }

    /// How many of the latest attempts before this one failed, without one that did not between
    /// them.
    fn failures_before(&self, id: &ExecutionId) -> u32 {
        let Some(step) = self.world.step(&id.step) else { return 0 };
        let ended =
            step.executions.range(..id.attempt).rev().filter_map(|(_, execution)| {
                execution.result.as_ref().map(|outcome| &outcome.ended)
            });
        let failures = ended.take_while(|ended| {
            matches!(ended, Ended::Error { .. } | Ended::Abandoned { .. } | Ended::Timeout { .. })
        });
        u32::try_from(failures.count()).unwrap_or(u32::MAX)
    }

    /// An execution ran as long as it may.
    pub(crate) fn timed_out(&mut self, id: &ExecutionId) {
        self.stop_draining(id, &StreamEnd::Timeout);
        let Some((running, _)) = self.live.started(id) else { return };
        let environment = running.environment;
        self.failed(id, Failed::Timeout, Process::Killed);
        self.cancel_descendants(id, environment);
    }

    /// An execution's process is gone.
    pub(crate) fn exited(&mut self, id: &ExecutionId, reason: &str) {
        if self.live.started(id).is_some() {
            // The server says `EOF` and no more; callers may see that text, so it stays. Why stands
            // where Coflux puts a traceback it cannot read: in one frame without a place.
            let frame = Frame {
                file: String::new(),
                line: 0,
                name: Some(String::new()),
                code: Some(reason.to_owned()),
                extra: Extra::NONE,
            };
            let frames = if reason.is_empty() { Vec::new() } else { vec![frame] };
            let (kind, message) = ("internal".to_owned(), "EOF".to_owned());
            let error = Failure { kind, message, frames, extra: Extra::NONE };
            self.failed(id, Failed::Error { error, retryable: None }, Process::Leaves);
        }
        if self.live.is_draining(id) {
            self.live.end(id);
            self.close_all(id, &StreamEnd::Crashed);
        }
        if self.live.get(id).is_some_and(|running| running.phase == Phase::Leaving) {
            self.live.remove(id);
        }
    }
}

/// Whether a value is exactly Python's None.
fn is_none(value: &Value) -> bool {
    matches!(value, Value::Raw { data, references, .. } if data.is_null() && references.is_empty())
}
