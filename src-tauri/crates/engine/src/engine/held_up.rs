//! Whose time does not count while a debugger holds an execution up.

use std::collections::BTreeSet;

use hindcast_model::{Debugger, DebuggerState, ExecutionId, StepId};

use super::Engine;
use super::clock::Clock;

impl Engine {
    /// An execution waits for a debugger, or one was attached or detached. While there is one, or is to
    /// be one, neither it nor what waits for it is timed out: none of them can help it. (While it waits,
    /// its own time has not begun.)
    pub(super) fn debugger(&mut self, execution: &ExecutionId, debugger: Debugger) {
        match debugger.state {
            DebuggerState::Waits | DebuggerState::Attached => {
                let steps = self.with_callers(&execution.step);
                self.clock.hold_up(execution, steps, Clock::now());
            }
            DebuggerState::Detached => self.clock.let_go(execution, Clock::now()),
        }
    }

    /// A step, and the steps of the executions that called it, up to the first.
    fn with_callers(&self, step: &StepId) -> BTreeSet<StepId> {
        let world = self.orchestrator.as_ref().map(hindcast_orchestrator::Orchestrator::world);
        let caller = |step: &StepId| {
            let world = world?;
            let made_by = world.step(step).and_then(|known| known.parent_id.as_ref());
            let spawned_by = || Some(&world.run(&step.run)?.run.parent.as_ref()?.execution_id);
            Some(made_by.or_else(spawned_by)?.step.clone())
        };
        let mut steps = BTreeSet::new();
        let mut next = Some(step.clone());
        // An export may say anything of who called whom.
        while let Some(step) = next.filter(|step| !steps.contains(step)) {
            next = caller(&step);
            steps.insert(step);
        }
        steps
    }
}
