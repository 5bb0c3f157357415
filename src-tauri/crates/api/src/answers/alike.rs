//! Steps that are like one another, to be run each over its recorded arguments.

use std::collections::BTreeSet;

use hindcast_model::{EnvironmentId, Environments, Origin, Run, Step, StepId, StepNumber};

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

/// The steps of a run that call the target of this one, itself among them, and happened where it did:
/// beside a recorded step those that are recorded, not what was made of them here.
pub(crate) fn alike(run: &Run, environments: &Environments, number: StepNumber) -> Vec<StepNumber> {
    let Some(chosen) = run.steps.get(&number) else { return Vec::new() };
    let own = home(chosen, environments);
    let is_alike = |step: &Step| {
        step.target() == chosen.target() && !home(step, environments).is_disjoint(&own)
    };
    let alike = run.steps.iter().filter(|(other, step)| **other == number || is_alike(step));
    alike.map(|(number, _)| *number).collect()
}

/// Where a step happened: the imported environments, if it is recorded, else the local ones.
fn home(step: &Step, environments: &Environments) -> BTreeSet<EnvironmentId> {
    let of = |origin: Origin| {
        let executions = step.executions.values();
        let at = executions.filter_map(|one| environments.of_workspace(&one.workspace_id));
        at.filter(|one| one.origin == origin).map(|one| one.id).collect::<BTreeSet<_>>()
    };
    let imported = of(Origin::Imported);
    if imported.is_empty() { of(Origin::Local) } else { imported }
}
