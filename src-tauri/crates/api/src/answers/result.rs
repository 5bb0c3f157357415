//! What came out of a step.

use std::path::Path;

use hindcast_model::{Blobs, Execution, ExecutionId, RunId, StepId};
use serde::Serialize;

use crate::json::plain_json;
use crate::large::Reading;
use crate::locals;
use crate::outcome::{Shown, follow, words};
use crate::seen::Seen;
use crate::state::state;
use crate::view::{ErrorView, NodeState, OutcomeView};
use crate::{Api, ApiError};

/// What came out of a step.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepResult {
    /// The execution asked for, or the step's newest.
    pub execution: String,
    /// The environment of that.
    pub environment: String,
    /// `module:function`.
    pub target: String,
    /// How it stands.
    pub state: NodeState,
    /// Whether it ended with a value, its retries and what it shares followed.
    pub succeeded: bool,
    /// The value as plain JSON; null where there is none.
    pub value: serde_json::Value,
    /// The value as Python would write it.
    pub python: Option<String>,
    /// The exception, if it ended with one.
    pub error: Option<ErrorView>,
    /// How it ended, if with neither.
    pub otherwise: Option<String>,
}

impl Api {
    /// What came out of `RUN`, `RUN:STEP` or `RUN:STEP:ATTEMPT`: of a run its first step, of a step
    /// its newest attempt that can be seen from the environment; see [`crate::calls::GetTree`] for
    /// what no environment means.
    ///
    /// # Errors
    /// If there is no such step or execution.
    pub async fn result(
        &self,
        id: &str,
        environment: Option<String>,
    ) -> Result<StepResult, ApiError> {
        let wanted = Wanted::parse(id)?;
        let blobs = self.blobs().clone();
        let project = self.project_folder().await?;
        let loaded = self.loaded().clone();
        self.read(move |store| {
            let seen = Seen::load_from(store, &loaded, wanted.run(), environment.as_deref())?;
            let execution = wanted.find(&seen)?;
            let mut result = report(&seen, execution, &blobs, project.as_deref());
            if let Some(error) = &mut result.error {
                locals::add(store, project.as_deref(), &execution.execution_id, error)?;
            }
            Ok(result)
        })
        .await
    }
}

/// What is asked for.
enum Wanted {
    Run(RunId),
    Step(StepId),
    Execution(ExecutionId),
}

impl Wanted {
    fn parse(id: &str) -> Result<Self, ApiError> {
        Ok(match id.matches(':').count() {
            0 => Self::Run(id.parse()?),
            1 => Self::Step(id.parse()?),
            _ => Self::Execution(id.parse()?),
        })
    }

    fn run(&self) -> &RunId {
        match self {
            Self::Run(run) => run,
            Self::Step(step) => &step.run,
            Self::Execution(execution) => execution.run(),
        }
    }

    fn find<'seen>(&self, seen: &'seen Seen) -> Result<&'seen Execution, ApiError> {
        let number = match self {
            Self::Run(run) => {
                let root = seen.run().root().ok_or_else(|| ApiError::not_found("step of", run))?;
                root.step_number
            }
            Self::Step(step) => seen.step(step)?.step_number,
            Self::Execution(id) => {
                let found = seen.run().execution(id);
                return found.ok_or_else(|| ApiError::not_found("execution", id));
            }
        };
        let newest = seen.attempts(number).pop().map(|(execution, _)| execution);
        newest.ok_or_else(|| {
            let step = seen.run().step_id(number);
            ApiError::not_found("execution that can be seen from here of", step)
        })
    }
}

fn report(
    seen: &Seen,
    execution: &Execution,
    blobs: &dyn Blobs,
    project: Option<&Path>,
) -> StepResult {
    let run = seen.run();
    let shown = Shown { run, blobs, project, reading: &Reading::default() };
    let followed = follow(run, execution).map(|followed| followed.outcome);
    let data = followed.and_then(|outcome| outcome.value()).map(|value| value.decode(blobs));
    let at = seen.environments.of_workspace(&execution.workspace_id);
    let step = run.steps.get(&execution.execution_id.step.number);
    let error = match shown.outcome(execution) {
        Some(OutcomeView::Error { error }) if data.is_none() => Some(error),
        _ => None,
    };
    let unfinished = "has not ended".to_owned();
    StepResult {
        execution: execution.execution_id.to_string(),
        environment: at.map(|at| at.name.to_string()).unwrap_or_default(),
        target: step.map(|step| step.target().to_string()).unwrap_or_default(),
        state: at.map_or(NodeState::Unknown, |at| state(run, execution, at.origin)),
        succeeded: data.is_some(),
        value: data.as_ref().map(plain_json).unwrap_or_default(),
        python: data.as_ref().map(|data| data.python(usize::MAX)),
        otherwise: (data.is_none() && error.is_none()).then(|| followed.map_or(unfinished, words)),
        error,
    }
}
