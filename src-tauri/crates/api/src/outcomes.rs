//! What came of executions, each beside others of its step.

use crate::calls::CompareStep;
use crate::view::{StepComparison, TryDifference, TryResult};
use crate::{Api, ApiError};

impl Api {
    /// What came of an execution; beside the one of `before` that is of the same step, if there is one,
    /// and beside the ancestor.
    pub(crate) async fn try_result(
        &self,
        execution: &str,
        environment: &str,
        before: &[String],
    ) -> Result<TryResult, ApiError> {
        let result = self.result(execution, Some(environment.to_owned())).await?;
        let step = execution.rsplit_once(':').map_or(execution, |(step, _)| step);
        let of_step = |other: &&String| other.rsplit_once(':').is_some_and(|(one, _)| one == step);
        let previous = before.iter().find(of_step).cloned();
        let beside = async |other: Option<String>| {
            let asked = CompareStep {
                step: step.to_owned(),
                environment: environment.to_owned(),
                ancestor: other,
                local: Some(execution.to_owned()),
            };
            // Where there is nothing to set it beside, it stands alone.
            self.ask(asked).await.ok().map(TryDifference::from)
        };
        let outcome = result.python.or_else(|| {
            let error = result.error.as_ref();
            error.map(|error| format!("{}: {}", error.class, error.message)).or(result.otherwise)
        });
        Ok(TryResult {
            step: step.to_owned(),
            target: result.target,
            execution: execution.to_owned(),
            state: result.state,
            outcome: outcome.unwrap_or_default(),
            previous: match previous {
                Some(previous) => beside(Some(previous)).await,
                None => None,
            },
            ancestor: beside(None).await,
        })
    }
}

impl From<StepComparison> for TryDifference {
    fn from(compared: StepComparison) -> Self {
        Self {
            execution: compared.ancestor.execution,
            outcome: compared.ancestor.outcome,
            divergence: compared.divergence,
            result: compared.result,
        }
    }
}
