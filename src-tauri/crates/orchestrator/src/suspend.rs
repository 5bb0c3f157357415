//! Suspension: an execution stops, and another attempt begins anew later.

use hindcast_model::record::Because;
use hindcast_model::{Ended, ExecutionId, Timestamp};

use crate::finish::Process;
use crate::handling::Handling;
use crate::message::{Handle, Reply, RequestId};

impl Handling<'_> {
    /// User code asked for it.
    pub(crate) fn suspend_asked(
        &mut self,
        id: &ExecutionId,
        request: RequestId,
        execute_after: Option<Timestamp>,
    ) {
        self.answer(id, request, Reply::Done);
        self.suspend(id, execute_after, Vec::new());
    }

    /// Stops an execution; its next attempt starts at that time, after these are resolved.
    pub(crate) fn suspend(
        &mut self,
        id: &ExecutionId,
        execute_after: Option<Timestamp>,
        after: Vec<Handle>,
    ) {
        if let Some(next) = self.go_on(id, Because::Resumed, execute_after, after) {
            self.finish(id, Ended::Suspended { successor: next.attempt }, Process::Killed);
        }
    }
}
