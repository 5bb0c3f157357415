//! Which executions of a run can be seen from an environment.

use std::collections::HashMap;

use hindcast_model::{
    Attempt, EnvironmentId, Environments, Execution, ExecutionId, Origin, Run, Step, StepNumber,
    WorkspaceId,
};

/// A run as seen from an environment: its own executions and its ancestors'.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    environment_of: HashMap<&'a WorkspaceId, (EnvironmentId, Origin)>,
}

impl<'a> View<'a> {
    pub(crate) fn new(
        run: &'a Run,
        environments: &'a Environments,
        viewpoint: EnvironmentId,
    ) -> Self {
        let mut environment_of = HashMap::new();
        for environment in environments.chain(viewpoint) {
            for workspace in &environment.workspaces {
                environment_of.entry(workspace).or_insert((environment.id, environment.origin));
            }
        }
        Self { run, environment_of }
    }

    /// The environment of an execution and where that comes from, if it is visible.
    pub(crate) fn environment(&self, execution: &Execution) -> Option<(EnvironmentId, Origin)> {
        self.environment_of.get(&execution.workspace_id).copied()
    }

    /// The visible attempts at a step, by number.
    pub(crate) fn attempts(
        &self,
        step: &'a Step,
    ) -> impl Iterator<Item = (Attempt, &'a Execution)> {
        step.executions
            .iter()
            .filter(|(_, execution)| self.environment(execution).is_some())
            .map(|(&attempt, execution)| (attempt, execution))
    }

    /// The newest visible attempt at a step. By time and not by number: an attempt imported after
    /// local ones were made may have got a later number.
    pub(crate) fn newest(&self, step: &'a Step) -> Option<(Attempt, &'a Execution)> {
        self.attempts(step).max_by_key(|(attempt, execution)| (execution.created_at, *attempt))
    }

    /// The step, if an attempt at it is visible.
    pub(crate) fn step(&self, number: StepNumber) -> Option<&'a Step> {
        self.run.steps.get(&number).filter(|step| self.attempts(step).next().is_some())
    }

    /// The visible steps, by number.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (StepNumber, &'a Step)> {
        self.run
            .steps
            .iter()
            .filter(|(_, step)| self.attempts(step).next().is_some())
            .map(|(&number, step)| (number, step))
    }

    /// The execution of that id, if it is in this run and visible.
    pub(crate) fn execution(&self, id: &ExecutionId) -> Option<&'a Execution> {
        self.run.execution(id).filter(|execution| self.environment(execution).is_some())
    }
}
