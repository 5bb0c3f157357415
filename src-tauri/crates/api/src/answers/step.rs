//! A step in full.

use std::path::Path;
use std::sync::Arc;

use hindcast_model::record::Call;
use hindcast_model::{
    Blobs, Ended, Environment, Execution, ExecutionId, Origin, Params, Step, StepId, Value,
    find_params,
};

use super::assets::assets;
use super::compare::compare;
use super::metrics::metrics;
use crate::api::Answered;
use crate::calls::GetStep;
use crate::command;
use crate::compare::Comparing;
use crate::edited::{edited, labels, taken};
use crate::effects::Effects;
use crate::handle::ValueHandle;
use crate::large::{Reading, shortened};
use crate::locals;
use crate::names::Names;
use crate::outcome::Shown;
use crate::raised::raised;
use crate::seen::Seen;
use crate::state::state;
use crate::view::{
    ArgumentView, AttemptView, CallState, CallView, CallerView, Divergence, ErrorView, OutcomeView,
    StepView, ValueTree, WhyView,
};
use crate::words;
use crate::{Api, ApiError};

impl Answered for GetStep {
    async fn answer(self, api: &Api) -> Result<StepView, ApiError> {
        let blobs = api.blobs().clone();
        let project = api.project_folder().await?;
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let id: StepId = self.step.parse()?;
            let seen = Seen::load(store, &loaded, &id.run, &self.environment)?;
            let step = seen.step(&id)?;
            let effects = Effects::load_step(store, &id)?;
            let project = project.as_deref();
            let names = Names::of(project);
            let reading = Reading::default();
            let parameters = names.known(&step.target());
            let seen = &seen;
            let subject =
                Subject { seen, id, step, effects, blobs: &blobs, project, reading, parameters };
            let mut view = subject.view();
            shorten(&mut view);
            names.step(&mut view);
            if let Some(local) = &mut view.local
                && let Some(outcome) = &mut local.outcome
            {
                locals::add_to_outcome(store, project, &local.execution, outcome)?;
            }
            let shown = [&view.ancestor, &view.local].into_iter().flatten();
            let shown =
                shown.map(|attempt| attempt.execution.parse()).collect::<Result<Vec<_>, _>>()?;
            view.metrics = metrics(store, seen, &shown)?;
            view.assets = assets(store, seen, &blobs, &shown)?;
            Ok(view)
        })
        .await
    }
}

/// A step with all that is needed to show it.
struct Subject<'a> {
    seen: &'a Seen,
    id: StepId,
    step: &'a Step,
    effects: Effects,
    blobs: &'a dyn Blobs,
    project: Option<&'a Path>,
    reading: Reading,
    /// The names of its parameters, as far as they are known.
    parameters: Arc<[String]>,
}

impl Subject<'_> {
    fn view(&self) -> StepView {
        let attempts = self.seen.attempts(self.step.step_number);
        let local = self.seen.newest(self.step.step_number, Origin::Local);
        let counterpart = self.counterpart(local.map(|(execution, _)| execution));
        let ancestor = self
            .seen
            .newest(self.step.step_number, Origin::Imported)
            .or(counterpart.as_ref().map(|(execution, at, _)| (*execution, *at)));
        let newest = attempts.last().map(|(execution, _)| *execution);
        let both = ancestor.zip(local).map(|((ancestor, _), (local, _))| (ancestor, local));
        let comparing = Comparing { seen: self.seen, blobs: self.blobs };
        let compared = both.filter(|(ancestor, local)| comparing.is_quick(ancestor, local));
        // Arguments first, then what came out last: where not all can be read, this is.
        let arguments = self.arguments(local.map(|(execution, _)| execution));
        let mut views: Vec<AttemptView> =
            attempts.iter().rev().map(|(execution, at)| self.attempt(execution, at)).collect();
        views.reverse();
        let view = |(execution, at): (&Execution, &Environment)| {
            let id = execution.execution_id.to_string();
            let known = views.iter().find(|view| view.execution == id).cloned();
            known.unwrap_or_else(|| self.attempt(execution, at))
        };
        StepView {
            step: self.id.to_string(),
            number: self.step.step_number,
            environment: self.seen.viewpoint.name.to_string(),
            target: self.step.target.clone(),
            module: self.step.module.clone(),
            called_by: self.step.parent_id.as_ref().map(|caller| self.caller(caller)),
            memoised: self.step.is_memoised(),
            arguments,
            ancestor: ancestor.map(view),
            local: local.map(view),
            divergence: counterpart
                .map(|(_, _, divergence)| divergence)
                .or_else(|| {
                    compared.and_then(|(ancestor, local)| comparing.outcomes(ancestor, local))
                })
                .or_else(|| self.known(local?.0)),
            differences: compared
                .map(|(ancestor, local)| comparing.lines(ancestor, local))
                .unwrap_or_default(),
            attempts: views.clone(),
            calls: newest.map(|execution| self.calls(execution)).unwrap_or_default(),
            why: self.why(),
            effects: self.effects.of_step(self.seen, self.step.step_number),
            sentinel: self.effects.sentinel(self.seen, self.step.step_number),
            memo_candidate: self
                .effects
                .memo_candidates(self.seen)
                .contains(&self.step.step_number),
            // Read from the store, once it is known which executions are shown.
            metrics: Vec::new(),
            assets: Vec::new(),
            command: command::rerun(&[self.id.to_string()], self.local_name(), self.project),
        }
    }

    /// The ancestor's execution that a step made only here is to be compared with: a caller that
    /// runs again makes its unmemoised calls as steps of their own.
    fn counterpart(
        &self,
        local: Option<&Execution>,
    ) -> Option<(&Execution, &Environment, Divergence)> {
        let local = &local?.execution_id;
        if self.seen.newest(self.step.step_number, Origin::Imported).is_some() {
            return None;
        }
        let compared = compare(self.seen, self.blobs)?;
        let call = compared.calls.iter().find(|call| call.local.as_ref() == Some(local))?;
        let ancestor = self.seen.run().execution(call.ancestor.as_ref()?)?;
        Some((ancestor, self.seen.environment(ancestor)?, call.divergence.into()))
    }

    fn caller(&self, caller: &ExecutionId) -> CallerView {
        let target = self.seen.target(caller).unwrap_or_default().to_owned();
        CallerView { execution: caller.to_string(), target }
    }

    fn local_name(&self) -> Option<&str> {
        let viewpoint = &self.seen.viewpoint;
        (viewpoint.origin == Origin::Local).then(|| viewpoint.name.as_str())
    }

    /// What the newest local execution was called with, where a person edited that; else what the
    /// step was.
    fn arguments(&self, local: Option<&Execution>) -> Vec<ArgumentView> {
        let id = local.map(|local| &local.execution_id);
        let edited = id.map(|id| edited(&self.seen.stored, id)).unwrap_or_default();
        let taken = id.map_or(&self.step.arguments[..], |id| taken(&self.seen.stored, id));
        let params = self.memo_params();
        let arguments = taken.iter().enumerate();
        arguments
            .map(|(index, value)| {
                let recorded = ValueHandle::Argument { step: self.id.clone(), index };
                let Some(id) = id.filter(|_| edited.contains(&index)) else {
                    return argument(index, self.tree(&recorded, value), params.as_ref());
                };
                let handle = ValueHandle::Edited { execution: id.clone(), index };
                let before = self.step.arguments.get(index);
                ArgumentView {
                    recorded: before.map(|value| self.tree(&recorded, value)),
                    ..argument(index, self.tree(&handle, value), params.as_ref())
                }
            })
            .collect()
    }

    fn tree(&self, handle: &ValueHandle, value: &Value) -> ValueTree {
        self.reading.tree(handle, value, self.blobs)
    }

    /// How a local execution compares, where the whole run was compared already.
    fn known(&self, local: &Execution) -> Option<Divergence> {
        let compared = self.seen.view.compared.get()?.as_ref()?;
        let id = Some(&local.execution_id);
        let call = compared.calls.iter().find(|call| call.local.as_ref() == id)?;
        Some(call.divergence.into())
    }

    fn memo_params(&self) -> Option<Params> {
        let key = self.step.memo_key.as_ref()?;
        let declared = self.seen.stored.declared.get(&self.step.step_number);
        let declared = declared.and_then(|declared| declared.memo.clone());
        declared.or_else(|| find_params(key, &self.step.target(), &self.step.arguments))
    }

    fn attempt(&self, execution: &Execution, environment: &Environment) -> AttemptView {
        let run = self.seen.run();
        let (blobs, project, reading) = (self.blobs, self.project, &self.reading);
        let shown = Shown { run, blobs, project, reading };
        AttemptView {
            execution: execution.execution_id.to_string(),
            attempt: execution.execution_id.attempt,
            environment: environment.name.to_string(),
            imported: environment.origin == Origin::Imported,
            state: state(run, execution, environment.origin),
            because: Some(self.because(execution).to_owned()),
            edited: labels(&self.parameters, &edited(&self.seen.stored, &execution.execution_id)),
            created_at: execution.created_at.0,
            started_at: execution.assigned_at.map(|at| at.0),
            completed_at: execution.completed_at.map(|at| at.0),
            outcome: shown.outcome(execution),
            raised: raised(run, execution)
                .into_iter()
                .map(|one| self.caller(&one.execution_id))
                .collect(),
        }
    }

    /// Why an attempt exists, told from the attempts before it: one that no attempt names as its
    /// successor was asked for by a person.
    fn because(&self, execution: &Execution) -> &'static str {
        because(self.step, execution)
    }

    /// What an execution called: as answered, where it ran here; else as its export shows it.
    fn calls(&self, execution: &Execution) -> Vec<CallView> {
        let caller = &execution.execution_id;
        let own: Vec<&Call> = self.seen.calls.iter().filter(|one| one.caller == *caller).collect();
        if !own.is_empty() {
            return own.into_iter().map(|call| self.answered(call)).collect();
        }
        let children = execution.children.iter().map(|child| {
            let id = child.execution_id();
            let step = self.seen.run().steps.get(&child.step_id.number);
            let made = step.is_some_and(|step| step.parent_id.as_ref() == Some(caller));
            CallView {
                target: self.seen.target(&id).unwrap_or_default().to_owned(),
                answer: if made { CallState::Run } else { CallState::Pinned },
                reason: String::new(),
                state: self.state_of(&id),
                execution: Some(id.to_string()),
            }
        });
        children.collect()
    }

    fn answered(&self, call: &Call) -> CallView {
        let execution = words::answered_by(&call.answer);
        CallView {
            target: call.target.name.to_string(),
            execution: execution.map(ToString::to_string),
            answer: words::call_state(&call.answer),
            reason: words::reason(&call.answer),
            state: execution.and_then(|id| self.state_of(id)),
        }
    }

    fn state_of(&self, id: &ExecutionId) -> Option<crate::view::NodeState> {
        let execution = self.seen.run().execution(id)?;
        let environment = self.seen.environment(execution)?;
        Some(state(self.seen.run(), execution, environment.origin))
    }

    /// The calls that led to this step, and why each was answered by it.
    fn why(&self) -> Vec<WhyView> {
        let calls = self.seen.calls.iter().filter(|call| {
            let caller = self.seen.run().execution(&call.caller);
            words::answered_by(&call.answer).is_some_and(|id| id.step == self.id)
                && caller.is_some_and(|caller| self.seen.environment(caller).is_some())
        });
        calls.map(|call| why(call, self.seen)).collect()
    }
}

/// Why an attempt at a step exists.
pub(crate) fn because(step: &Step, execution: &Execution) -> &'static str {
    let attempt = execution.execution_id.attempt;
    let before = step.executions.values().find(|other| {
        let outcome = other.result.as_ref();
        outcome.and_then(hindcast_model::Outcome::successor) == Some(attempt)
    });
    match before.and_then(|before| before.result.as_ref()).map(|outcome| &outcome.ended) {
        Some(Ended::Suspended { .. }) => "resumed",
        Some(Ended::Recurred { .. }) => "recurred",
        Some(_) => "retry",
        None if attempt == 1 => "called",
        None => "re-run",
    }
}

/// Why a call was answered as it was.
pub(crate) fn why(call: &Call, seen: &Seen) -> WhyView {
    let miss = words::miss(&call.answer);
    WhyView {
        caller: call.caller.to_string(),
        caller_target: seen.target(&call.caller).unwrap_or_default().to_owned(),
        answer: words::call_state(&call.answer),
        reason: words::reason(&call.answer),
        nearest: miss.and_then(|miss| miss.nearest.as_ref()).map(|one| one.execution.to_string()),
        differences: miss.map(words::differences).unwrap_or_default(),
    }
}

/// An argument as a view.
pub(crate) fn argument(index: usize, value: ValueTree, params: Option<&Params>) -> ArgumentView {
    ArgumentView {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        name: None,
        in_key: words::in_key(params, index),
        value,
        recorded: None,
    }
}

/// Cuts texts that are longer than anybody reads.
fn shorten(view: &mut StepView) {
    let attempts = view.attempts.iter_mut().chain(&mut view.ancestor).chain(&mut view.local);
    for attempt in attempts {
        if let Some(OutcomeView::Error { error }) = &mut attempt.outcome {
            shorten_error(error);
        }
    }
}

/// Cuts what is longer than anybody reads of an exception.
pub(crate) fn shorten_error(error: &mut ErrorView) {
    error.message = shortened(&error.message);
    for chained in &mut error.chained {
        chained.message = shortened(&chained.message);
    }
    let chained = error.chained.iter_mut().flat_map(|one| &mut one.frames);
    for frame in error.frames.iter_mut().chain(chained) {
        frame.code = shortened(&frame.code);
    }
}
