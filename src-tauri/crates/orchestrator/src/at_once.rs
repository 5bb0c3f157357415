//! Waits that change nothing: what is waited for has ended, and was waited for before. There is
//! nothing to record, so they can be answered without a write.

use hindcast_model::ExecutionId;

use crate::event::{Effect, Event};
use crate::message::{Handle, Message, Reply, Request, RequestId, Select};
use crate::orchestrator::Orchestrator;
use crate::resolve::Resolution;

impl Orchestrator {
    /// The answer to a wait that changes nothing; none for any other event. Handling the event would
    /// come to the same.
    pub fn at_once(&self, event: &Event) -> Option<Effect> {
        let Event::Said { execution, message } = event else { return None };
        let Message::Request(request, Request::Select(select)) = message else { return None };
        self.selected_at_once(execution, *request, select)
    }

    fn selected_at_once(
        &self,
        execution: &ExecutionId,
        request: RequestId,
        select: &Select,
    ) -> Option<Effect> {
        // Of several, one that has not ended might be cancelled.
        let [handle @ Handle::Execution(other)] = select.handles.as_slice() else { return None };
        self.live().speaks(execution)?;
        let waits = self.live().get(execution)?.asked.contains_key(&request);
        let known = self.world().execution(execution)?;
        if waits || !known.dependencies.contains_key(&other.to_string()) {
            return None;
        }
        let Resolution::Ended(status) = self.world().resolve(handle) else { return None };
        let reply = Reply::Selected { winner: 0, status };
        Some(Effect::Reply { execution: execution.clone(), request, reply })
    }
}
