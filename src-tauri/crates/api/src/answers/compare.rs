//! The ancestor's steps and the local ones side by side.

use hindcast_graph::{ComparedCall, Comparison as Compared, Divergence as Diverges, Sides};
use hindcast_model::{Blobs, ExecutionId, RunId, StepNumber, Value};

use crate::api::Answered;
use crate::calls::Compare;
use crate::compare::Comparing;
use crate::edited::{edited, labels, taken};
use crate::names::Names;
use crate::outcome::{follow, words};
use crate::seen::Seen;
use crate::view::{AlignedStep, Comparison, DifferenceLine, Divergence};
use crate::{Api, ApiError, ErrorCode};

impl Answered for Compare {
    async fn answer(self, api: &Api) -> Result<Comparison, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        let names = Names::of(api.project_folder().await?.as_deref());
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let seen = Seen::load(store, &loaded, &run, &self.environment)?;
            let Some(compared) = compare(&seen, &blobs) else {
                let message = format!(
                    "{} is imported: there is nothing below it to compare with",
                    self.environment
                );
                return Err(ApiError::new(ErrorCode::BadRequest, message));
            };
            let ancestor = seen.ancestor().map(|ancestor| ancestor.name.to_string());
            let lines = compared.calls.iter().map(|call| aligned(&seen, &blobs, &names, call));
            Ok(Comparison {
                run: self.run,
                ancestor: ancestor.unwrap_or_default(),
                environment: self.environment,
                steps: lines.collect(),
                first_divergence: compared.first_divergence,
            })
        })
        .await
    }
}

/// The run's calls here and in the ancestor, aligned; none where there is no ancestor.
pub(crate) fn compare<'seen>(seen: &'seen Seen, blobs: &dyn Blobs) -> Option<&'seen Compared> {
    let made = || Some(Compared::of(&sides(seen, blobs)?));
    seen.view.compared.get_or_init(made).as_ref()
}

/// A step that ran on both sides, and what it called, aligned; none where there is no ancestor.
pub(crate) fn compare_step(seen: &Seen, blobs: &dyn Blobs, step: StepNumber) -> Option<Compared> {
    Some(Compared::of_step(&sides(seen, blobs)?, step))
}

fn sides<'a>(seen: &'a Seen, blobs: &'a dyn Blobs) -> Option<Sides<'a>> {
    Some(Sides {
        run: seen.run(),
        environments: &seen.environments,
        ancestor: seen.ancestor()?.id,
        local: seen.viewpoint.id,
        blobs,
        calls: &seen.calls,
        edited_arguments: &seen.stored.edited_arguments,
    })
}

/// A pair of calls as a view.
pub(crate) fn aligned(
    seen: &Seen,
    blobs: &dyn Blobs,
    names: &Names,
    call: &ComparedCall,
) -> AlignedStep {
    AlignedStep {
        depth: call.depth,
        target: call.target.as_ref().map(|target| target.name.to_string()).unwrap_or_default(),
        ancestor: call.ancestor.as_ref().map(ToString::to_string),
        local: call.local.as_ref().map(ToString::to_string),
        divergence: call.divergence.into(),
        edited: call.local.as_ref().is_some_and(|id| !edited(&seen.stored, id).is_empty()),
        note: note(seen, blobs, names, call),
        differences: differences(seen, blobs, call),
    }
}

/// The difference in a line.
fn note(seen: &Seen, blobs: &dyn Blobs, names: &Names, call: &ComparedCall) -> String {
    match call.divergence {
        Diverges::Differs | Diverges::Unfinished => {
            let ancestor = ended(seen, blobs, call.ancestor.as_ref());
            format!("{ancestor} → {}", ended(seen, blobs, call.local.as_ref()))
        }
        Diverges::Equal if call.ancestor == call.local => "pinned".to_owned(),
        Diverges::New | Diverges::InputsDiffer if call.local.is_none() => {
            "stopped at the guard".to_owned()
        }
        Diverges::InputsDiffer => inputs(seen, blobs, names, call),
        Diverges::Equal | Diverges::New | Diverges::Unreached => String::new(),
    }
}

/// The first argument that is another: `country: 'CH' → 'DE'`; nothing where that cannot be told.
fn inputs(seen: &Seen, blobs: &dyn Blobs, names: &Names, call: &ComparedCall) -> String {
    let (Some(ancestor), Some(local)) = (&call.ancestor, &call.local) else {
        return String::new();
    };
    let (from, to) = (taken(&seen.stored, ancestor), taken(&seen.stored, local));
    let comparing = Comparing { seen, blobs };
    let mut lines = (0..from.len().max(to.len())).filter_map(|index| {
        if from.get(index).map(Value::known) == to.get(index).map(Value::known) {
            return None;
        }
        let decode = |values: &[Value]| values.get(index).map(|value| value.decode(blobs));
        let lines = comparing.between(decode(from).as_ref(), decode(to).as_ref());
        lines.into_iter().next().map(|line| (index, line))
    });
    let told = |(index, line): (usize, DifferenceLine)| {
        let parameters = call.target.as_ref().map(|target| names.known(target)).unwrap_or_default();
        let label = labels(&parameters, &[index]).pop().unwrap_or_default();
        let place = format!("{label}{}", line.path);
        match (line.ancestor, line.local) {
            (Some(ancestor), Some(local)) => format!("{place}: {ancestor} → {local}"),
            (Some(ancestor), None) => format!("{place}: no longer {ancestor}"),
            (None, Some(local)) => format!("{place}: also {local}"),
            (None, None) => place,
        }
    };
    lines.next().map(told).unwrap_or_default()
}

fn ended(seen: &Seen, blobs: &dyn Blobs, id: Option<&ExecutionId>) -> String {
    const LONGEST: usize = 80;
    let execution = id.and_then(|id| seen.run().execution(id));
    let Some(followed) = execution.and_then(|execution| follow(seen.run(), execution)) else {
        return "no outcome".to_owned();
    };
    match followed.outcome.value() {
        Some(value) => value.decode(blobs).python(LONGEST),
        None => words(followed.outcome),
    }
}

fn differences(seen: &Seen, blobs: &dyn Blobs, call: &ComparedCall) -> Vec<DifferenceLine> {
    let find = |id: &Option<ExecutionId>| seen.run().execution(id.as_ref()?);
    match (call.divergence, find(&call.ancestor), find(&call.local)) {
        (Diverges::Differs, Some(ancestor), Some(local)) => {
            Comparing { seen, blobs }.lines(ancestor, local)
        }
        _ => Vec::new(),
    }
}

impl From<Diverges> for Divergence {
    fn from(divergence: Diverges) -> Self {
        match divergence {
            Diverges::Equal => Self::Equal,
            Diverges::Differs => Self::Differs,
            Diverges::InputsDiffer => Self::InputsDiffer,
            Diverges::New => Self::New,
            Diverges::Unreached => Self::Unreached,
            Diverges::Unfinished => Self::Unfinished,
        }
    }
}
