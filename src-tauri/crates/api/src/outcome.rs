//! How an execution ended, as the views say it.

use std::path::Path;

use hindcast_model::{Ended, Execution, ExecutionId, Failure, Outcome, Resolved, Run};

use crate::frame::local_file;
use crate::handle::ValueHandle;
use crate::large::Reading;
use crate::view::{ErrorView, FrameView, OutcomeView};

/// More hops than any real chain of attempts and shared results has.
const MOST_HOPS: usize = 1000;

/// An outcome, and the execution whose own it is.
#[derive(Debug, Clone)]
pub(crate) struct Followed<'run> {
    pub(crate) outcome: &'run Outcome,
    /// None where the outcome is only known from the execution that shares it.
    pub(crate) execution: Option<ExecutionId>,
}

/// Where an execution's outcome points on, within its run, how that ended; else its own. None while
/// it has not ended.
pub(crate) fn follow<'run>(run: &'run Run, execution: &'run Execution) -> Option<Followed<'run>> {
    let outcome = execution.result.as_ref()?;
    let mut followed = Followed { outcome, execution: Some(execution.execution_id.clone()) };
    for _ in 0..MOST_HOPS {
        let id = followed.execution.as_ref();
        let next = match (followed.outcome.successor(), followed.outcome.shared_with(), id) {
            (Some(attempt), _, Some(id)) => Some(id.step.attempt(attempt)),
            (None, Some(other), _) => Some(other.execution_id.clone()),
            _ => None,
        };
        let own = next.as_ref().and_then(|id| run.execution(id)?.result.as_ref());
        followed = match (own, &followed.outcome.resolved) {
            (Some(outcome), _) => Followed { outcome, execution: next },
            (None, Resolved::Known(outcome)) => Followed { outcome, execution: None },
            (None, _) => break,
        };
    }
    Some(followed)
}

/// What is needed to show an outcome.
pub(crate) struct Shown<'a> {
    pub(crate) run: &'a Run,
    pub(crate) blobs: &'a dyn hindcast_model::Blobs,
    pub(crate) project: Option<&'a Path>,
    pub(crate) reading: &'a Reading,
}

impl Shown<'_> {
    /// How an execution ended. What it shares is shown in its place, where it is here.
    pub(crate) fn outcome(&self, execution: &Execution) -> Option<OutcomeView> {
        let own = execution.result.as_ref()?;
        if let Ended::Error { error, .. } = &own.ended {
            return Some(OutcomeView::Error { error: self.error(error) });
        }
        let followed = follow(self.run, execution)?;
        let id = followed.execution.unwrap_or_else(|| execution.execution_id.clone());
        Some(match &followed.outcome.ended {
            Ended::Value(value) => {
                let handle = ValueHandle::Result(id);
                OutcomeView::Value { value: self.reading.tree(&handle, value, self.blobs) }
            }
            Ended::Error { error, .. } => OutcomeView::Error { error: self.error(error) },
            _ => OutcomeView::Other { text: words(own) },
        })
    }

    /// An exception.
    pub(crate) fn error(&self, failure: &Failure) -> ErrorView {
        let frames = failure.frames.iter().map(|frame| FrameView {
            file: frame.file.clone(),
            local: self.project.and_then(|project| local_file(project, &frame.file)),
            line: frame.line,
            function: frame.name.clone().unwrap_or_default(),
            code: frame.code.clone().unwrap_or_default(),
            locals: Vec::new(),
            more_locals: 0,
        });
        ErrorView {
            class: class(&failure.kind).to_owned(),
            message: failure.message.clone(),
            frames: frames.collect(),
            chained: Vec::new(),
        }
    }
}

/// An exception's class as people write it: builtins without their module.
pub(crate) fn class(kind: &str) -> &str {
    kind.strip_prefix("builtins.").unwrap_or(kind)
}

/// An outcome in a few words.
pub(crate) fn words(outcome: &Outcome) -> String {
    match &outcome.ended {
        Ended::Value(_) => "a value".to_owned(),
        Ended::Error { error, .. } => format!("{}: {}", class(&error.kind), error.message),
        Ended::Abandoned { .. } => "abandoned: what ran it was lost".to_owned(),
        Ended::Crashed { .. } => "its process ended without saying how".to_owned(),
        Ended::Cancelled => "cancelled".to_owned(),
        Ended::Timeout { .. } => "timed out".to_owned(),
        Ended::Suspended { successor } => format!("suspended; attempt {successor} goes on"),
        Ended::Recurred { successor } => format!("recurred; attempt {successor} goes on"),
        Ended::Deferred(other) => format!("deferred to {}", other.execution_id),
        Ended::Cached(other) => format!("cached: shares the result of {}", other.execution_id),
        Ended::Spawned(other) => format!("spawned {}", other.execution_id.run()),
    }
}
