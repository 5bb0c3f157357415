//! Re-runs: a person asks for new attempts at chosen steps.

use hindcast_model::record::{Allowed, Because};
use hindcast_model::{EnvironmentId, ExecutionId, StepId, Value};

use crate::attempt::NewAttempt;
use crate::event::Rules;
use crate::handling::Handling;

impl Handling<'_> {
    /// Runs these steps again: all of them, or none and a reason.
    pub(crate) fn rerun(
        &mut self,
        steps: &[StepId],
        environment: EnvironmentId,
        rules: Rules,
        edited: Option<&[Value]>,
    ) {
        if let Err(reason) = self.may_rerun(steps, environment, edited.is_some()) {
            return self.reject(reason);
        }
        let session = self.open_session(rules);
        for step in steps {
            self.cancel_active(step, environment);
            self.attempt(NewAttempt {
                step: step.clone(),
                environment,
                because: Because::Rerun,
                session,
                allowed: Allowed::Chosen,
                execute_after: None,
                after: Vec::new(),
                edited: edited.map(<[Value]>::to_vec),
            });
        }
        self.live.close_if_unused(session);
    }

    fn may_rerun(
        &self,
        steps: &[StepId],
        environment: EnvironmentId,
        edited: bool,
    ) -> Result<(), String> {
        self.may_run_in(environment)?;
        if edited && steps.len() != 1 {
            return Err("arguments can be edited for one step at a time".to_owned());
        }
        for (index, step) in steps.iter().enumerate() {
            if steps[..index].contains(step) {
                return Err(format!("{step} is chosen twice"));
            }
            let home = self.home(step)?;
            if !self.world.chain(environment).contains(&home) {
                let name = |id| self.environment_name(id);
                return Err(format!(
                    "{step} belongs to {}, and can be re-run there or in an environment based on \
                     it; {} is not",
                    name(home),
                    name(environment)
                ));
            }
        }
        Ok(())
    }

    /// Whether anything may run in an environment at all.
    pub(crate) fn may_run_in(&self, environment: EnvironmentId) -> Result<(), String> {
        match self.world.environments().get(environment) {
            None => Err(format!("there is no environment number {}", environment.0)),
            Some(known) if !self.world.is_local(environment) => Err(format!(
                "{} is imported: nothing runs there; choose an environment based on it",
                known.name
            )),
            Some(_) if self.workspace(environment).is_none() => {
                Err(format!("{} has no workspace id", self.environment_name(environment)))
            }
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn environment_name(&self, id: EnvironmentId) -> String {
        let known = self.world.environments().get(id);
        known.map_or_else(|| format!("environment {}", id.0), |known| known.name.to_string())
    }

    /// The environment a step belongs to: that of the execution that called it; for a root step,
    /// or where the export leaves that execution out, that of its first attempt.
    fn home(&self, id: &StepId) -> Result<EnvironmentId, String> {
        let step = self.world.step(id).ok_or_else(|| format!("there is no step {id}"))?;
        let parent = step.parent_id.as_ref().and_then(|parent| self.world.execution(parent));
        let first = || step.executions.values().next();
        let execution = parent.or_else(first);
        execution
            .and_then(|execution| self.world.environment_of(&execution.workspace_id))
            .ok_or_else(|| format!("nothing tells which environment {id} belongs to"))
    }

    /// Of one step, only one execution is active in an environment.
    fn cancel_active(&mut self, id: &StepId, environment: EnvironmentId) {
        let Some(step) = self.world.step(id) else { return };
        let active = step.executions.values().filter(|execution| {
            (execution.result.is_none() || self.live.is_draining(&execution.execution_id))
                && self.world.environment_of(&execution.workspace_id) == Some(environment)
        });
        let active: Vec<ExecutionId> =
            active.map(|execution| execution.execution_id.clone()).collect();
        for execution in active {
            self.cancel(&execution, environment);
        }
    }
}
