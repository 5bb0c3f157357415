//! Why a step or an execution came out as it did, call by call.

use hindcast_model::record::{Allowed, Answer, Call, Miss, MissReason, PinRule};
use hindcast_model::{ExecutionId, Origin, Run, StepId};

use super::compare::compare;
use super::step::{because, why};
use crate::api::Answered;
use crate::calls::GetWhy;
use crate::edited::{edited, labels};
use crate::names::Names;
use crate::planned::FLAG;
use crate::seen::Seen;
use crate::view::{CallState, CallerView, MissView, RuleName, WhyCall, WhyReport};
use crate::words;
use crate::{Api, ApiError};

impl Answered for GetWhy {
    async fn answer(self, api: &Api) -> Result<WhyReport, ApiError> {
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        let project = api.project_folder().await?;
        api.read(move |store| {
            let (step, asked) = parse(&self.id)?;
            let seen = Seen::load_from(store, &loaded, &step.run, self.environment.as_deref())?;
            let known = seen.step(&step)?;
            if let Some(asked) = &asked
                && seen.run().execution(asked).is_none()
            {
                return Err(ApiError::not_found("execution", asked));
            }
            let newest = || seen.newest(step.number, Origin::Local).map(|(one, _)| one);
            let execution = match &asked {
                Some(asked) => seen.run().execution(asked),
                None => newest(),
            };
            let id = execution.map(|execution| execution.execution_id.clone());
            let counterpart = compare(&seen, &blobs).and_then(|compared| {
                let call = compared.calls.iter().find(|call| call.local == id)?;
                call.ancestor.clone().filter(|_| id.is_some())
            });
            let led_here = seen.calls.iter().filter(|call| {
                words::answered_by(&call.answer).is_some_and(|answered| match &asked {
                    Some(asked) => answered == asked,
                    None => answered.step == step,
                })
            });
            let own = seen.calls.iter().filter(|call| Some(&call.caller) == id.as_ref());
            let names = Names::of(project.as_deref());
            let mut report = WhyReport {
                step: step.to_string(),
                target: known.target().to_string(),
                environment: seen.viewpoint.name.to_string(),
                because: execution.map(|execution| because(known, execution).to_owned()),
                edited: id.as_ref().map_or_else(Vec::new, |id| {
                    let places = edited(&seen.stored, id);
                    labels(&names.known(&known.target()), &places)
                }),
                called_by: known.parent_id.as_ref().map(|caller| CallerView {
                    execution: caller.to_string(),
                    target: seen.target(caller).unwrap_or_default().to_owned(),
                }),
                counterpart: counterpart.map(|id| id.to_string()),
                why: led_here.map(|call| why(call, &seen)).collect(),
                calls: own.map(|call| explained(call, seen.run())).collect(),
                execution: id.map(|id| id.to_string()),
            };
            names.report(&mut report);
            Ok(report)
        })
        .await
    }
}

/// A step, or an execution and its step.
fn parse(id: &str) -> Result<(StepId, Option<ExecutionId>), ApiError> {
    if let Ok(execution) = id.parse::<ExecutionId>() {
        return Ok((execution.step.clone(), Some(execution)));
    }
    Ok((id.parse()?, None))
}

fn explained(call: &Call, run: &Run) -> WhyCall {
    let answer = &call.answer;
    let caller = run.execution(&call.caller);
    let (state, reason) = match answer {
        // Nobody waits for a decision any more.
        Answer::Blocked { miss } if caller.is_none_or(|caller| caller.result.is_some()) => {
            (CallState::Refused, words::left_open(miss))
        }
        _ => (words::call_state(answer), words::reason(answer)),
    };
    WhyCall {
        ordinal: call.ordinal,
        target: call.target.to_string(),
        answer: state,
        rule: rule(answer),
        execution: words::answered_by(answer).map(ToString::to_string),
        reason,
        cause: match answer {
            Answer::Pinned { rule: PinRule::Values(cause), .. } => {
                Some(words::key_differs(*cause).to_owned())
            }
            _ => None,
        },
        mock: match answer {
            Answer::Mocked { name, .. } => name.clone(),
            _ => None,
        },
        miss: words::miss(answer).map(|miss| miss_view(miss, run)),
    }
}

/// A miss as a view.
fn miss_view(miss: &Miss, run: &Run) -> MissView {
    let nearest = miss.nearest.as_ref().map(|nearest| &nearest.execution);
    let target = |id: &ExecutionId| {
        let here = (id.step.run == run.id).then(|| run.steps.get(&id.step.number)).flatten();
        here.map(|step| step.target().to_string())
    };
    MissView {
        reason: reason_name(miss.reason).to_owned(),
        words: words::miss_reason(miss.reason).to_owned(),
        nearest: nearest.map(ToString::to_string),
        nearest_target: nearest.and_then(target),
        differences: words::differences(miss),
    }
}

fn reason_name(reason: MissReason) -> &'static str {
    match reason {
        MissReason::NeverCalled => "neverCalled",
        MissReason::ArgumentsDiffer => "argumentsDiffer",
        MissReason::NotAValue => "notAValue",
        MissReason::BecameRun => "becameRun",
        MissReason::NeverFinished => "neverFinished",
        MissReason::ValueMissing => "valueMissing",
        MissReason::MemoDiffers => "memoDiffers",
        MissReason::PinBroken => "pinBroken",
    }
}

/// The rule that decided about a call.
pub(crate) fn rule(answer: &Answer) -> RuleName {
    match answer {
        Answer::Pinned { rule, .. } => match rule {
            PinRule::Key => RuleName::MemoKey,
            PinRule::Values(_) => RuleName::SameValues,
            PinRule::ChildRun => RuleName::ChildRun,
            PinRule::Rule => RuleName::Matching,
            PinRule::Hand => RuleName::ByHand,
            PinRule::Isolate => RuleName::Isolate,
            PinRule::Nearest(_) => RuleName::Nearest,
        },
        Answer::Mocked { name: Some(name), .. } if name != FLAG => RuleName::ByHand,
        Answer::Mocked { .. } => RuleName::Given,
        Answer::Run { allowed, .. } => match allowed {
            Allowed::Chosen | Allowed::Continued => RuleName::Chosen,
            Allowed::Plan => RuleName::Plan,
            Allowed::Hand => RuleName::Unpinned,
            Allowed::Flag => RuleName::Flag,
            Allowed::Guard => RuleName::Guard,
            Allowed::FreshRun => RuleName::FreshRun,
        },
        Answer::Blocked { .. } | Answer::Refused { .. } => RuleName::Miss,
    }
}
