//! Steps that are like one another, to be run each over its recorded arguments.

use hindcast_model::{EnvironmentId, Environments, Run, Step, StepId, StepNumber};

use crate::api::Answered;
use crate::calls::GetAlike;
use crate::{Api, ApiError};

impl Answered for GetAlike {
    async fn answer(self, api: &Api) -> Result<Vec<String>, ApiError> {
        let id: StepId = self.step.parse()?;
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let stored = loaded.run(store, &id.run)?.stored;
            let run = &stored.run;
            if !run.steps.contains_key(&id.number) {
                return Err(ApiError::not_found("step", &id));
            }
            let alike = alike(run, &store.environments()?, id.number);
            Ok(alike.into_iter().map(|number| run.step_id(number).to_string()).collect())
        })
        .await
    }
}

/// The steps of a run that call the target of this one, itself among them, and were called where it
/// was: beside a recorded step those that are recorded, not what was made of them here.
pub(crate) fn alike(run: &Run, environments: &Environments, number: StepNumber) -> Vec<StepNumber> {
    let Some(chosen) = run.steps.get(&number) else { return Vec::new() };
    let own = home(chosen, environments);
    let alike = run
        .steps
        .iter()
        .filter(|(_, step)| step.target() == chosen.target() && home(step, environments) == own);
    alike.map(|(number, _)| *number).collect()
}

/// Where a step was called: the environment of its oldest execution.
fn home(step: &Step, environments: &Environments) -> Option<EnvironmentId> {
    let oldest = step.executions.iter().min_by_key(|(attempt, one)| (one.created_at, *attempt));
    Some(environments.of_workspace(&oldest?.1.workspace_id)?.id)
}
