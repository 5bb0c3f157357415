//! One step over the recorded arguments of all that are like it.

use hindcast_model::StepId;

use crate::api::Answered;
use crate::calls::{GetAlike, GetOutcomes};
use crate::outcomes::differences_first;
use crate::view::TryResult;
use crate::{Api, ApiError};

impl Answered for GetAlike {
    async fn answer(self, api: &Api) -> Result<Vec<String>, ApiError> {
        let id: StepId = self.step.parse()?;
        let loaded = api.loaded().clone();
        api.with_store(move |store| {
            let stored = loaded.run(store, &id.run)?.stored;
            let steps = &stored.run.steps;
            let target = steps.get(&id.number).ok_or_else(|| ApiError::not_found("step", &id))?;
            let target = target.target();
            let alike = steps.iter().filter(|(_, step)| step.target() == target);
            Ok(alike.map(|(number, _)| StepId::new(id.run.clone(), *number).to_string()).collect())
        })
        .await
    }
}

impl Answered for GetOutcomes {
    async fn answer(self, api: &Api) -> Result<Vec<TryResult>, ApiError> {
        let mut results = Vec::new();
        for execution in &self.executions {
            results.push(api.try_result(execution, &self.environment, &[]).await?);
        }
        differences_first(&mut results);
        Ok(results)
    }
}
