//! Suspension: an execution stops, and another attempt begins anew later.

use hindcast_model::record::Because;
use hindcast_model::{Ended, ExecutionId, StreamEnd, StreamId, Timestamp};

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
        stream_wait: Option<(StreamId, u64)>,
    ) {
        self.answer(id, request, Reply::Done);
        let after = stream_wait.map(|(stream, sequence)| Handle::Stream(stream, sequence));
        self.suspend(id, execute_after, after.into_iter().collect());
    }

    /// Stops an execution; its next attempt starts at that time, after these are resolved.
    pub(crate) fn suspend(
        &mut self,
        id: &ExecutionId,
        execute_after: Option<Timestamp>,
        after: Vec<Handle>,
    ) {
        let Some(next) = self.go_on(id, Because::Resumed, execute_after, after) else { return };
        if self.live.is_draining(id) {
            // A stream's body suspended, after the outcome was known: that stands.
            self.hand_over(id, &next);
            self.stop_draining(id, &StreamEnd::Abandoned);
        } else {
            self.finish(id, Ended::Suspended { successor: next.attempt }, Process::Killed);
        }
    }
}
