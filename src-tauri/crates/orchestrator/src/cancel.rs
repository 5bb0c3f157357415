//! Cancelling an execution and everything it called.

use std::collections::BTreeSet;

use hindcast_model::record::InputResponse;
use hindcast_model::{Ended, EnvironmentId, ExecutionId, StreamEnd};

use crate::finish::Process;
use crate::handling::Handling;
use crate::message::{Handle, Reply, RequestId};

impl Handling<'_> {
    /// A person wants it.
    pub(crate) fn cancel_by_hand(&mut self, id: &ExecutionId) {
        let Some(execution) = self.world.execution(id) else {
            return self.reject(format!("there is no execution {id}"));
        };
        let local = self.world.is_local_execution(execution);
        match self.world.environment_of(&execution.workspace_id) {
            Some(environment) if local => self.cancel(id, environment),
            _ => self.reject(format!("{id} is imported: it is over")),
        }
    }

    /// User code wants it.
    pub(crate) fn cancel_asked(
        &mut self,
        id: &ExecutionId,
        request: RequestId,
        handles: &[Handle],
    ) {
        let Some(environment) = self.live.get(id).map(|running| running.environment) else {
            return;
        };
        for handle in handles {
            match handle {
                Handle::Execution(other) => self.cancel(other, environment),
                Handle::Input(input) => {
                    self.answer_input(input, InputResponse::Cancelled { at: self.now });
                }
                // Who produces it is to be cancelled.
                Handle::Stream(..) => {}
            }
        }
        // It may have cancelled itself.
        if self.live.speaks(id).is_some() {
            self.answer(id, request, Reply::Done);
        }
    }

    /// Cancels an execution, whatever goes on from it, and all it called in an environment.
    pub(crate) fn cancel(&mut self, id: &ExecutionId, environment: EnvironmentId) {
        self.cancel_all(vec![id.clone()], environment);
    }

    /// Cancels all that an execution called in an environment.
    pub(crate) fn cancel_descendants(&mut self, id: &ExecutionId, environment: EnvironmentId) {
        self.cancel_all(self.called_by(id), environment);
    }

    fn cancel_all(&mut self, mut todo: Vec<ExecutionId>, environment: EnvironmentId) {
        todo.reverse();
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            let Some(execution) = self.world.execution(&id) else { continue };
            let here = self.world.environment_of(&execution.workspace_id) == Some(environment);
            if !here || !seen.insert(id.clone()) {
                continue;
            }
            let mut next: Vec<ExecutionId> = self.goes_on_as(&id).into_iter().collect();
            self.finish(&id, Ended::Cancelled, Process::Killed);
            self.stop_draining(&id, &StreamEnd::Cancelled);
            next.extend(self.called_by(&id));
            todo.extend(next.into_iter().rev());
        }
    }

    /// The next attempt, or the run it became. Not what it shares with others.
    fn goes_on_as(&self, id: &ExecutionId) -> Option<ExecutionId> {
        let outcome = self.world.execution(id)?.result.as_ref()?;
        match &outcome.ended {
            Ended::Spawned(root) => Some(root.execution_id.clone()),
            _ => outcome.successor().map(|attempt| id.step.attempt(attempt)),
        }
    }

    /// Every attempt at the steps an execution made. What it only refers to is not its own.
    fn called_by(&self, id: &ExecutionId) -> Vec<ExecutionId> {
        let Some(run) = self.world.known(id.run()) else { return Vec::new() };
        let steps = run.by_parent.get(id).into_iter().flatten();
        let steps = steps.filter_map(|number| run.stored.run.steps.get(number));
        let executions = steps.flat_map(|step| step.executions.values());
        executions.map(|execution| execution.execution_id.clone()).collect()
    }
}
