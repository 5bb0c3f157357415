//! A run as seen from an environment: what every answer about a run starts from.

use std::sync::Arc;

use hindcast_model::record::{Call, StoredRun};
use hindcast_model::{
    Attempt, Environment, EnvironmentName, Environments, Execution, ExecutionId, Origin, Run,
    RunId, Step, StepId, StepNumber,
};
use hindcast_store::Store;

use crate::ApiError;
use crate::loaded::{Loaded, LoadedRun};
use crate::views::View;

/// A run as seen from an environment.
pub(crate) struct Seen {
    /// The run, with every execution of every environment.
    pub(crate) stored: Arc<StoredRun>,
    /// Every environment of the store.
    pub(crate) environments: Environments,
    /// The environment it is seen from.
    pub(crate) viewpoint: Environment,
    /// The calls that local executions of the run made.
    pub(crate) calls: Arc<Vec<Call>>,
    /// What is made of all that.
    pub(crate) view: Arc<View>,
}

impl Seen {
    /// The run of that id from the environment of that name.
    pub(crate) fn load(
        store: &Store,
        loaded: &Loaded,
        run: &RunId,
        environment: &str,
    ) -> Result<Self, ApiError> {
        let LoadedRun { stored, calls, views, .. } = loaded.run(store, run)?;
        let environments = store.environments()?;
        let viewpoint = named(&environments, environment)?.clone();
        let view = views.of(&environments, viewpoint.id);
        Ok(Self { stored, environments, viewpoint, calls, view })
    }

    /// The run from the environment of that name; without a name, from the local environment that
    /// has executions of it, else from the one it was imported into.
    pub(crate) fn load_from(
        store: &Store,
        loaded: &Loaded,
        run: &RunId,
        environment: Option<&str>,
    ) -> Result<Self, ApiError> {
        if let Some(name) = environment {
            return Self::load(store, loaded, run, name);
        }
        let stored = loaded.run(store, run)?.stored;
        let environments = store.environments()?;
        let executions = stored.run.steps.values().flat_map(|step| step.executions.values());
        let seen = executions.filter_map(|one| environments.of_workspace(&one.workspace_id));
        let nearest = seen.max_by_key(|environment| {
            (environment.origin == Origin::Local, environments.chain(environment.id).len())
        });
        let name = nearest.map(|environment| environment.name.to_string());
        Self::load(
            store,
            loaded,
            run,
            &name.ok_or_else(|| ApiError::not_found("execution of", run))?,
        )
    }

    /// The run itself.
    pub(crate) fn run(&self) -> &Run {
        &self.stored.run
    }

    /// The nearest imported environment below the viewpoint; none if that is imported itself.
    pub(crate) fn ancestor(&self) -> Option<&Environment> {
        if self.viewpoint.origin == Origin::Imported {
            return None;
        }
        let chain = self.environments.chain(self.viewpoint.id);
        chain.into_iter().find(|environment| environment.origin == Origin::Imported)
    }

    /// The environment of an execution, if it can be seen from here.
    pub(crate) fn environment(&self, execution: &Execution) -> Option<&Environment> {
        let environment = self.environments.of_workspace(&execution.workspace_id)?;
        let visible = self.environments.sees(self.viewpoint.id, &execution.workspace_id);
        visible.then_some(environment)
    }

    /// The step of that id.
    pub(crate) fn step(&self, id: &StepId) -> Result<&Step, ApiError> {
        let step = (id.run == self.run().id).then(|| self.run().steps.get(&id.number)).flatten();
        step.ok_or_else(|| ApiError::not_found("step", id))
    }

    /// The visible attempts at a step, oldest first.
    pub(crate) fn attempts(&self, step: StepNumber) -> Vec<(&Execution, &Environment)> {
        let Some(step) = self.run().steps.get(&step) else { return Vec::new() };
        let executions = step.executions.values();
        let mut attempts: Vec<_> = executions
            .filter_map(|execution| Some((execution, self.environment(execution)?)))
            .collect();
        attempts.sort_by_key(|(execution, _)| (execution.created_at, attempt(execution)));
        attempts
    }

    /// The newest visible attempt at a step, of local or of imported environments only.
    pub(crate) fn newest(
        &self,
        step: StepNumber,
        origin: Origin,
    ) -> Option<(&Execution, &Environment)> {
        let mut attempts = self.attempts(step);
        attempts.retain(|(_, environment)| environment.origin == origin);
        attempts.pop()
    }

    /// What the execution of that id is called.
    pub(crate) fn target(&self, execution: &ExecutionId) -> Option<&str> {
        let here = execution.step.run == self.run().id;
        let step = here.then(|| self.run().steps.get(&execution.step.number)).flatten()?;
        Some(&step.target)
    }
}

fn attempt(execution: &Execution) -> Attempt {
    execution.execution_id.attempt
}

/// The environment of that name.
pub(crate) fn named<'a>(
    environments: &'a Environments,
    name: &str,
) -> Result<&'a Environment, ApiError> {
    let parsed: EnvironmentName = name.parse()?;
    environments.named(&parsed).ok_or_else(|| ApiError::not_found("environment", name))
}
