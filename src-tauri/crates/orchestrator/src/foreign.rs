//! What other processes on the same store do, and what a process that is gone left behind.

use hindcast_model::record::Record;
use hindcast_model::{Ended, ExecutionId};

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
                self.pass_outcome_on(execution);
            }
        }
    }
}
