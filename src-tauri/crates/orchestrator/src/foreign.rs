//! What other processes on the same store do, and what a process that is gone left behind.

use hindcast_model::record::Record;
use hindcast_model::{Ended, ExecutionId, StreamEnd};

use crate::event::Effect;
use crate::finish::Process;
use crate::handling::Handling;
use crate::message::Handle;

impl Handling<'_> {
    /// Another process recorded something. Nothing of its own is ever started here; what it ended
    /// of ours is stopped.
    pub(crate) fn foreign(&mut self, record: &Record) {
        self.world.apply(record);
        match record {
            Record::ExecutionFinished { execution, .. } => {
                if self.live.end(execution) {
                    self.effects.push(Effect::Stop { execution: execution.clone() });
                }
                self.ended.push_back(Handle::Execution(execution.clone()));
            }
            Record::StreamAppended { stream, .. } | Record::StreamClosed { stream, .. } => {
                self.stream_grew(stream);
            }
            Record::InputAnswered { input, .. } => {
                self.ended.push_back(Handle::Input(input.clone()));
            }
            _ => {}
        }
    }

    /// Executions whose process is gone, with the one that ran it: what they did not finish, nobody
    /// will.
    pub(crate) fn abandon(&mut self, executions: &[ExecutionId]) {
        for execution in executions {
            if self.live.get(execution).is_none() {
                self.finish(execution, Ended::Abandoned { retry: None }, Process::Leaves);
                self.close_all(execution, &StreamEnd::Abandoned);
                for pointing in self.pointing_to(execution) {
                    self.pass_outcome_on(&pointing);
                }
            }
        }
    }

    /// Executions that may have ended by pointing to this one: the attempts before it, and the call
    /// that became its run. Nobody here waits to hear how they finally end.
    fn pointing_to(&self, id: &ExecutionId) -> Vec<ExecutionId> {
        let step = self.world.step(&id.step);
        let before = step.into_iter().flat_map(|step| step.executions.range(..id.attempt));
        let mut pointing: Vec<ExecutionId> =
            before.map(|(attempt, _)| id.step.attempt(*attempt)).collect();
        let run = self.world.run(id.run());
        let parent = run.and_then(|run| run.run.parent.as_ref()).filter(|_| id.step.number == 1);
        pointing.extend(parent.map(|parent| parent.execution_id.clone()));
        pointing
    }
}
