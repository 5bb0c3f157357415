//! Forgetting what was deleted.

use hindcast_model::{ExecutionId, RunId, StepId};

use super::{Key, Recent};

/// What is still in the store.
pub(crate) trait Here {
    /// Whether the run is.
    fn run(&mut self, run: &RunId) -> bool;
    /// Whether the step is.
    fn step(&mut self, step: &StepId) -> bool;
    /// Whether the execution is.
    fn execution(&mut self, execution: &ExecutionId) -> bool;
}

impl Recent {
    /// Forgets what is not in the store any more.
    pub(crate) fn forget_deleted(&mut self, here: &mut dyn Here) {
        self.items.retain(|(key, item)| {
            let execution = item.execution.as_ref().and_then(|id| id.parse().ok());
            let place = match key {
                Key::Step(step) => here.step(step),
                Key::Call(caller, _) => here.execution(caller),
            };
            place && execution.is_none_or(|execution| here.execution(&execution))
        });
        let keys = self.items.iter().enumerate();
        self.places = keys.map(|(index, (key, _))| (key.clone(), index)).collect();
        self.started.retain(|execution, _| here.execution(execution));
        self.questions.retain(|(caller, _), _| here.execution(caller));
        self.inputs.retain(|input, _| here.run(&input.run));
        self.chosen.retain(|chosen| !chosen.told || here.run(&chosen.run));
        let gone = |id: &String| id.parse().is_ok_and(|execution| !here.execution(&execution));
        if self.rerun.as_ref().is_some_and(|rerun| rerun.executions.iter().any(gone)) {
            self.rerun = None;
        }
    }
}
