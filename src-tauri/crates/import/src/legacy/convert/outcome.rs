//! How old executions ended, in today's form.

use std::collections::BTreeSet;

use hindcast_model::{Attempt, Ended, Outcome, Resolved};

use super::Conversion;
use crate::ImportError;
use crate::legacy::form::{Era, OldOutcome, OldRef};

impl Conversion<'_> {
    pub(super) fn outcome(
        &mut self,
        place: &str,
        here: &OldRef,
        old: &OldOutcome,
    ) -> Result<Outcome, ImportError> {
        let ended = self.ended(place, here, old)?;
        let resolved = match (&old.execution, &old.result) {
            (None, _) => Resolved::Absent,
            (Some(_), Some(result)) => {
                let there = old.execution.as_ref().unwrap_or(here);
                Resolved::Known(Box::new(self.outcome(place, there, result)?))
            }
            (Some(shared), None) => self.resolved(place, shared)?,
        };
        Ok(Outcome { resolved, ..Outcome::of(ended) })
    }

    fn ended(
        &mut self,
        place: &str,
        here: &OldRef,
        old: &OldOutcome,
    ) -> Result<Ended, ImportError> {
        let retry = self.next_attempt(here, old);
        let kind = old.kind.as_str();
        let missing =
            |this: &Self, what: &str| this.wrong(place, format!("a {kind} without its {what}"));
        let shared = |this: &Self| match &old.execution {
            Some(shared) if shared.attempt > 0 => Ok(this.ids.numbers_ref(shared)),
            _ => Err(missing(this, "execution")),
        };
        Ok(match kind {
            "value" => {
                let value = old.value.as_ref().ok_or_else(|| missing(self, "value"))?;
                Ended::Value(self.value(place, value)?)
            }
            "error" => {
                let error = old.error.clone().ok_or_else(|| missing(self, "error"))?;
                Ended::Error { error, retry, retryable: None }
            }
            "abandoned" => Ended::Abandoned { retry },
            "cancelled" => Ended::Cancelled,
            "suspended" => {
                Ended::Suspended { successor: retry.unwrap_or(here.attempt.saturating_add(1)) }
            }
            "deferred" => Ended::Deferred(shared(self)?),
            "cached" => Ended::Cached(shared(self)?),
            "spawned" => Ended::Spawned(shared(self)?),
            kind => {
                let reason = format!("a result of type {kind:?}, which we do not know");
                return Err(self.wrong(place, reason));
            }
        })
    }

    fn next_attempt(&self, here: &OldRef, old: &OldOutcome) -> Option<Attempt> {
        let by_integer = || {
            let integer = old.retry_id.as_ref()?.integer()?;
            let view = self
                .views
                .get(&here.run_id)?
                .iter()
                .find_map(|view| view.steps.get(&here.step_id))?;
            let known =
                view.executions.iter().find(|(_, one)| one.execution_id.integer() == Some(integer));
            known.map(|(attempt, _)| *attempt)
        };
        old.retry.or_else(by_integer).or_else(|| {
            // Retried in an environment that is not shown.
            old.retry_id.as_ref().map(|_| here.attempt.saturating_add(1))
        })
    }

    /// How an execution that others share finally ended, as far as it is here.
    pub(super) fn resolved(
        &mut self,
        place: &str,
        shared: &OldRef,
    ) -> Result<Resolved, ImportError> {
        let views = self.views;
        let mut passed = BTreeSet::new();
        let mut at = shared.clone();
        loop {
            if !passed.insert((at.run_id.clone(), at.step_id.clone(), at.attempt)) {
                return Err(self.wrong(place, "results that go round in a circle"));
            }
            let known = views
                .get(&at.run_id)
                .into_iter()
                .flatten()
                .find_map(|view| view.steps.get(&at.step_id)?.executions.get(&at.attempt));
            let Some(execution) = known else {
                let by_topic = self.old.form.era >= Era::V6;
                return Ok(if by_topic { Resolved::Pending } else { Resolved::Absent });
            };
            let Some(outcome) = &execution.result else { return Ok(Resolved::Pending) };
            if let Some(attempt) = self.next_attempt(&at, outcome) {
                at.attempt = attempt;
            } else if let Some(next) = &outcome.execution {
                if let Some(result) = &outcome.result {
                    return Ok(Resolved::Known(Box::new(self.outcome(place, next, result)?)));
                }
                at = next.clone();
            } else {
                self.repeat(place, outcome.value.as_ref())?;
                let ended = self.ended(place, &at, outcome)?;
                return Ok(Resolved::Known(Box::new(Outcome::of(ended))));
            }
        }
    }
}
