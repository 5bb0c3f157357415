//! A step's two executions side by side: everything of them that can differ.

use std::path::Path;

use hindcast_graph::{ComparedCall, Comparison};
use hindcast_model::{
    DifferenceKind, Execution, ExecutionId, Origin, Params, Run, RunId, StepId, StepNumber,
    TextChange, TextLine, Value, difference_with, find_params, text_difference,
};
use hindcast_store::{BlobStore, Store};

use super::compare::{aligned, compare, compare_step};
use super::logs::lines;
use super::step::shorten_error;
use crate::api::Answered;
use crate::calls::CompareStep;
use crate::compare::Comparing;
use crate::edited::{edited, taken};
use crate::large::Reading;
use crate::names::Names;
use crate::outcome::{Shown, follow, words};
use crate::seen::Seen;
use crate::state::state;
use crate::view::{
    AlignedStep, ComparedArgument, ComparedSide, DifferenceChange, DifferenceLine, Divergence,
    ErrorView, LogLine, OutcomeView, StepComparison, TextChangeView, TextLineView, TextPartView,
};
use crate::{Api, ApiError, ErrorCode, command};

/// How long a value is written in short, in characters.
const SHORT: usize = 120;

impl Answered for CompareStep {
    async fn answer(self, api: &Api) -> Result<StepComparison, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        let project = api.project_folder().await?;
        api.read(move |store| {
            let id: StepId = self.step.parse()?;
            let seen = Seen::load(store, &loaded, &id.run, &self.environment)?;
            seen.step(&id)?;
            let own = own(&seen, id.number);
            let alone = own.and_then(|_| compare_step(&seen, &blobs, id.number));
            let compared = match own {
                Some(_) => alone.as_ref(),
                None => compare(&seen, &blobs),
            };
            let compared = compared.ok_or_else(|| {
                let message = format!(
                    "{} is imported: there is nothing below it to compare with",
                    self.environment
                );
                ApiError::new(ErrorCode::BadRequest, message)
            })?;
            let (ancestor, local) = self.pair(&id, &seen, own, compared)?;
            let project = project.as_deref();
            Pair { seen: &seen, blobs: &blobs, project, compared, ancestor, local }.view(store, &id)
        })
        .await
    }
}

impl CompareStep {
    /// The two executions: those asked for; else the step's own newest on each side, as it is shown;
    /// else, for a step that was made on one side only, those that the comparison of the run sets side
    /// by side.
    fn pair<'a>(
        &self,
        id: &StepId,
        seen: &'a Seen,
        own: Option<(&ExecutionId, &ExecutionId)>,
        compared: &Comparison,
    ) -> Result<(&'a Execution, &'a Execution), ApiError> {
        let (own_ancestor, own_local) = own.unzip();
        let found = compared.calls.iter().find(|call| {
            let of_step =
                |one: &Option<ExecutionId>| one.as_ref().is_some_and(|one| one.step == *id);
            of_step(&call.local) || of_step(&call.ancestor)
        });
        let side = |wanted: &Option<String>, own: Option<&ExecutionId>, place: &str| {
            let wanted = wanted.as_deref().map(str::parse::<ExecutionId>).transpose()?;
            let wanted = wanted.or_else(|| own.cloned()).ok_or_else(|| {
                let message = format!("{id} has no execution in {place} to compare");
                ApiError::new(ErrorCode::NotFound, message)
            })?;
            let execution =
                seen.run().execution(&wanted).filter(|one| seen.environment(one).is_some());
            execution.ok_or_else(|| ApiError::not_found("execution", &wanted))
        };
        let name = seen.ancestor().map(|one| one.name.to_string()).unwrap_or_default();
        let ancestor = own_ancestor.or_else(|| found.and_then(|call| call.ancestor.as_ref()));
        let local = own_local.or_else(|| found.and_then(|call| call.local.as_ref()));
        let ancestor = side(&self.ancestor, ancestor, &name)?;
        let local = side(&self.local, local, &self.environment)?;
        Ok((ancestor, local))
    }
}

/// A step's own newest execution in the ancestor and here, if it has one in each.
fn own(seen: &Seen, step: StepNumber) -> Option<(&ExecutionId, &ExecutionId)> {
    let newest = |origin| seen.newest(step, origin).map(|(one, _)| &one.execution_id);
    newest(Origin::Imported).zip(newest(Origin::Local))
}

struct Pair<'a> {
    seen: &'a Seen,
    blobs: &'a BlobStore,
    project: Option<&'a Path>,
    compared: &'a Comparison,
    ancestor: &'a Execution,
    local: &'a Execution,
}

impl Pair<'_> {
    fn view(&self, store: &Store, id: &StepId) -> Result<StepComparison, ApiError> {
        let run: &RunId = &self.seen.run().id;
        let entries = store.logs(run, None)?;
        let logs =
            |execution: &Execution| lines(self.seen, &entries, &execution.execution_id, self.blobs);
        let (ancestor_logs, local_logs) = (logs(self.ancestor), logs(self.local));
        let ancestor = self.side(self.ancestor, ancestor_logs.len());
        let local = self.side(self.local, local_logs.len());
        let error = match (&ancestor.error, &local.error) {
            (None, None) => Vec::new(),
            (ancestor, local) => {
                text_difference(&traceback(ancestor.as_ref()), &traceback(local.as_ref()))
            }
        };
        let comparing = Comparing { seen: self.seen, blobs: self.blobs };
        let call = self.compared.calls.iter().find(|call| self.is(call));
        let divergence = match call {
            Some(call) => call.divergence.into(),
            None => comparing.outcomes(self.ancestor, self.local).unwrap_or(Divergence::Unfinished),
        };
        Ok(StepComparison {
            step: id.to_string(),
            target: self.seen.target(&self.local.execution_id).unwrap_or_default().to_owned(),
            ancestor,
            local,
            divergence,
            arguments: self.arguments(),
            result: comparing.lines(self.ancestor, self.local),
            error: error.into_iter().map(Into::into).collect(),
            logs: text_difference(&written(&ancestor_logs), &written(&local_logs))
                .into_iter()
                .map(Into::into)
                .collect(),
            calls: self.calls(),
            command: command::diff(&id.to_string(), self.seen.viewpoint.name.as_str()),
        })
    }

    fn is(&self, call: &ComparedCall) -> bool {
        call.ancestor.as_ref() == Some(&self.ancestor.execution_id)
            && call.local.as_ref() == Some(&self.local.execution_id)
    }

    fn side(&self, execution: &Execution, logs: usize) -> ComparedSide {
        let run: &Run = self.seen.run();
        let environment = self.seen.environment(execution);
        let (blobs, project, reading) = (self.blobs, self.project, &Reading::default());
        let shown = Shown { run, blobs, project, reading };
        let error = match shown.outcome(execution) {
            Some(OutcomeView::Error { mut error }) => {
                shorten_error(&mut error);
                Some(error)
            }
            _ => None,
        };
        let followed = follow(run, execution).map(|followed| followed.outcome);
        let outcome = match followed.map(|outcome| (outcome, outcome.value())) {
            None => "has not ended".to_owned(),
            Some((_, Some(value))) => value.decode(self.blobs).python(SHORT),
            Some((outcome, None)) => words(outcome),
        };
        let started = execution.assigned_at.map(|at| at.0);
        let asked = asked(execution);
        ComparedSide {
            execution: execution.execution_id.to_string(),
            environment: environment.map(|one| one.name.to_string()).unwrap_or_default(),
            state: environment
                .map_or(crate::view::NodeState::Unknown, |one| state(run, execution, one.origin)),
            outcome,
            error,
            queued_ms: started.map(|at| (at - asked).max(0)),
            duration_ms: started.zip(execution.completed_at).map(|(from, to)| (to.0 - from).max(0)),
            logs: u32::try_from(logs).unwrap_or(u32::MAX),
        }
    }

    fn arguments(&self) -> Vec<ComparedArgument> {
        let side = |one: &Execution| taken(&self.seen.stored, &one.execution_id);
        let (ancestor, local) = (side(self.ancestor), side(self.local));
        let edited = edited(&self.seen.stored, &self.local.execution_id);
        let comparing = Comparing { seen: self.seen, blobs: self.blobs };
        let params = self.params(self.local).or_else(|| self.params(self.ancestor));
        let count = ancestor.len().max(local.len());
        let one = |index: usize| {
            let decode = |values: &[Value]| values.get(index).map(|value| value.decode(self.blobs));
            let (from, to) = (decode(ancestor), decode(local));
            let text =
                to.as_ref().or(from.as_ref()).map(|data| data.python(SHORT)).unwrap_or_default();
            ComparedArgument {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                name: None,
                in_key: crate::words::in_key(params.as_ref(), index),
                edited: edited.contains(&index),
                text,
                differences: comparing.between(from.as_ref(), to.as_ref()),
            }
        };
        let mut views: Vec<ComparedArgument> = (0..count).map(one).collect();
        if let Some(step) = self.seen.run().steps.get(&self.local.execution_id.step.number) {
            Names::of(self.project).compared(&step.target(), &mut views);
        }
        views
    }

    fn params(&self, execution: &Execution) -> Option<Params> {
        let number = execution.execution_id.step.number;
        let step = self.seen.run().steps.get(&number)?;
        let key = step.memo_key.as_ref()?;
        let declared = self.seen.stored.declared.get(&number);
        let declared = declared.and_then(|declared| declared.memo.clone());
        declared.or_else(|| find_params(key, &step.target(), &step.arguments))
    }

    /// What the two called: the calls right below theirs, as the run's comparison has them.
    fn calls(&self) -> Vec<AlignedStep> {
        let calls = &self.compared.calls;
        let Some(at) = calls.iter().position(|call| self.is(call)) else { return Vec::new() };
        let depth = calls.get(at).map_or(0, |call| call.depth);
        let below = calls.iter().skip(at + 1).take_while(|call| call.depth > depth);
        let direct = below.filter(|call| call.depth == depth + 1);
        let names = Names::of(self.project);
        direct.map(|call| aligned(self.seen, self.blobs, &names, call)).collect()
    }
}

impl Comparing<'_> {
    /// Where two values differ; either may not be there.
    pub(crate) fn between(
        &self,
        ancestor: Option<&hindcast_model::Data>,
        local: Option<&hindcast_model::Data>,
    ) -> Vec<DifferenceLine> {
        let whole = |change, ancestor: Option<String>, local: Option<String>| DifferenceLine {
            path: String::new(),
            change,
            ancestor,
            local,
            text: Vec::new(),
        };
        match (ancestor, local) {
            (None, None) => Vec::new(),
            (Some(from), None) => {
                vec![whole(DifferenceChange::Removed, Some(from.python(SHORT)), None)]
            }
            (None, Some(to)) => vec![whole(DifferenceChange::Added, None, Some(to.python(SHORT)))],
            (Some(from), Some(to)) => {
                let handles = |id: &ExecutionId| self.value_of(id);
                let known = hindcast_model::Known {
                    handles: &handles,
                    ..hindcast_model::Known::only(self.blobs)
                };
                difference_with(from, to, &known).into_iter().map(Into::into).collect()
            }
        }
    }
}

impl From<hindcast_model::Difference> for DifferenceLine {
    fn from(difference: hindcast_model::Difference) -> Self {
        Self {
            path: difference.path,
            change: match difference.kind {
                DifferenceKind::Added => DifferenceChange::Added,
                DifferenceKind::Removed => DifferenceChange::Removed,
                DifferenceKind::Changed => DifferenceChange::Changed,
                DifferenceKind::Unreadable => DifferenceChange::Unreadable,
            },
            ancestor: difference.ancestor,
            local: difference.local,
            text: difference.text.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<TextLine> for TextLineView {
    fn from(line: TextLine) -> Self {
        let (change, left_out) = match line.change {
            TextChange::Same => (TextChangeView::Same, 0),
            TextChange::Removed => (TextChangeView::Removed, 0),
            TextChange::Added => (TextChangeView::Added, 0),
            TextChange::LeftOut(count) => {
                (TextChangeView::LeftOut, u32::try_from(count).unwrap_or(u32::MAX))
            }
        };
        let parts = line.parts.into_iter();
        let parts = parts.map(|part| TextPartView { text: part.text, changed: part.changed });
        Self { change, left_out, parts: parts.collect() }
    }
}

/// From when on an execution could have run, Unix ms.
fn asked(execution: &Execution) -> i64 {
    let after = execution.execute_after.as_ref().and_then(serde_json::Number::as_f64);
    #[expect(clippy::cast_possible_truncation, reason = "a float cast to an integer saturates")]
    let after = after.map_or(i64::MIN, |after| after as i64);
    execution.created_at.0.max(after)
}

/// An exception as Python prints it; nothing for none. Files of the project by their place in it, so
/// that the same line on two machines is the same.
fn traceback(error: Option<&ErrorView>) -> String {
    let Some(error) = error else { return String::new() };
    let frames = error.frames.iter().map(|frame| {
        let file = frame.local.as_ref().unwrap_or(&frame.file);
        format!("{file}:{} in {}\n    {}\n", frame.line, frame.function, frame.code)
    });
    let frames: String = frames.collect();
    format!("{frames}{}: {}", error.class, error.message)
}

/// Log lines as one text, without what differs from run to run by nature: times and ids.
fn written(lines: &[LogLine]) -> String {
    let line = |line: &LogLine| {
        let values = line.values.iter().map(|(name, value)| format!(" {name}={value}"));
        let level = format!("{:?}", line.level).to_lowercase();
        format!("{level:<8}{}{}\n", line.text, values.collect::<String>())
    };
    lines.iter().map(line).collect()
}
