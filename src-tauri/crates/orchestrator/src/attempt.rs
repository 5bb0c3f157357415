//! New attempts at steps.

use hindcast_model::record::{Allowed, Because, NewExecution, Record};
use hindcast_model::{Ended, EnvironmentId, ExecutionId, StepId, Timestamp, Value, WorkspaceId};

use crate::event::TimerId;
use crate::finish::Process;
use crate::handling::Handling;
use crate::live::{DeferGroup, Phase, Running, SessionId};
use crate::message::Handle;

/// An attempt to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewAttempt {
    pub(crate) step: StepId,
    pub(crate) environment: EnvironmentId,
    pub(crate) because: Because,
    pub(crate) session: SessionId,
    pub(crate) allowed: Allowed,
    pub(crate) execute_after: Option<Timestamp>,
    /// What must be resolved before it starts.
    pub(crate) after: Vec<Handle>,
    pub(crate) edited: Option<Vec<Value>>,
}

impl Handling<'_> {
    /// Makes an attempt: its number follows that of every other, whichever the environment.
    /// None if its environment is not a local one.
    pub(crate) fn attempt(&mut self, new: NewAttempt) -> Option<ExecutionId> {
        let workspace = self.workspace(new.environment)?;
        let attempt = self.world.known(&new.step.run)?.next_attempt(new.step.number)?;
        let id = new.step.attempt(attempt);
        self.record(Record::ExecutionCreated(NewExecution {
            id: id.clone(),
            environment: new.environment,
            workspace,
            created_at: self.now,
            execute_after: new.execute_after,
            because: new.because.clone(),
            edited_arguments: new.edited.clone(),
        }));
        self.schedule(&id, new);
        Some(id)
    }

    pub(crate) fn workspace(&self, environment: EnvironmentId) -> Option<WorkspaceId> {
        let local = self.world.is_local(environment);
        let environment = self.world.environments().get(environment).filter(|_| local)?;
        environment.workspaces.first().cloned()
    }

    fn schedule(&mut self, id: &ExecutionId, new: NewAttempt) {
        let due = new.execute_after.unwrap_or(self.now);
        if due > self.now {
            self.arm(TimerId::Due(id.clone()), due);
        }
        let defer = self.defer_group(id, new.environment);
        let turn = self.live.next_turn(due, self.now);
        let running = Running {
            session: new.session,
            environment: new.environment,
            allowed: new.allowed,
            phase: Phase::Scheduled,
            turn,
            defer: defer.clone(),
            after: new.after,
            calls: 0,
            made: std::collections::BTreeMap::new(),
            stood_for: std::collections::BTreeMap::new(),
            asked: std::collections::BTreeMap::new(),
            held_by: Vec::new(),
        };
        self.live.schedule(id.clone(), running);
        if let Some(group) = defer {
            self.defer(&group);
        }
    }

    fn defer_group(&self, id: &ExecutionId, environment: EnvironmentId) -> Option<DeferGroup> {
        let declared = self.world.run(id.run())?.declared.get(&id.step.number)?;
        let key = declared.defer_key.clone()?;
        Some((self.world.step(&id.step)?.target(), environment, key))
    }

    /// Of the executions of a group that have not started, only the last will.
    fn defer(&mut self, group: &DeferGroup) {
        let (earlier, Some(last)) = self.live.superseded(group) else { return };
        for id in earlier {
            let shared = self.world.reference(&last);
            self.finish(&id, Ended::Deferred(shared), Process::Leaves);
        }
    }
}
