//! What starts nothing, and can be answered before anything is written: a wait for what has ended
//! and was waited for before; a call that its memo key pins.
//!
//! Of a wait there is nothing to record. Of such a call there is one fact, that it was made; whoever
//! keeps the facts may keep that one a moment after the answer, as long as it keeps the order.

use hindcast_model::record::PinRule;
use hindcast_model::{Blobs, ExecutionId, Key, Params, Timestamp};

use crate::begin;
use crate::event::{Effect, Event};
use crate::message::{Handle, Message, Reply, Request, RequestId, Select, Submit};
use crate::orchestrator::Orchestrator;
use crate::resolve::Resolution;

impl Orchestrator {
    /// What an event comes to that starts nothing: a reply, and at most the record of a call before
    /// it. Handling the event would come to the same.
    ///
    /// # Errors
    /// The event itself, untouched, if it is any other.
    pub fn at_once(
        &mut self,
        now: Timestamp,
        event: Event,
        blobs: &dyn Blobs,
    ) -> Result<Vec<Effect>, Box<Event>> {
        let Event::Said { execution, message: Message::Request(request, what) } = event else {
            return Err(Box::new(event));
        };
        let what = match what {
            Request::Select(select) => match self.selected(&execution, request, &select) {
                Some(reply) => return Ok(vec![reply]),
                None => Request::Select(select),
            },
            Request::Submit(submit) => match self.pinned(&execution, request, &submit) {
                Some(Pinned { by, memo, key }) => {
                    let mut handling = self.handling(now, blobs);
                    if let Some(call) = handling.pending(&execution, *submit, Some(memo), Some(key))
                    {
                        handling.pin(&execution, request, &call, &by, PinRule::Key);
                    }
                    return Ok(handling.effects);
                }
                None => Request::Submit(submit),
            },
            other => other,
        };
        Err(Box::new(Event::Said { execution, message: Message::Request(request, what) }))
    }

    fn selected(
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
        self.has_read_all()?;
        let reply = Reply::Selected { winner: 0, status };
        Some(Effect::Reply { execution: execution.clone(), request, reply })
    }

    /// That nothing of what was looked at could not be read: else handling the event tells why, and
    /// nothing is answered.
    fn has_read_all(&self) -> Option<()> {
        self.world().failure().is_none().then_some(())
    }

    /// What a call's memo key pins it to, with nothing set by hand and no key that its SDK makes.
    fn pinned(&self, caller: &ExecutionId, request: RequestId, submit: &Submit) -> Option<Pinned> {
        self.live().speaks(caller)?;
        let running = self.live().get(caller)?;
        let set = !self.live().session(running.session)?.rules.by_hand.is_empty();
        if set || submit.given_keys.is_some() || running.asked.contains_key(&request) {
            return None;
        }
        let world = self.world();
        let memo = world.memo_of(caller, submit)?;
        let key = begin::keys(submit, Some(&memo)).ok()?.memo?;
        let by = world.memo_hit(caller.run(), &world.chain(running.environment), &memo, &key)?;
        self.has_read_all()?;
        Some(Pinned { by, memo, key })
    }
}

/// A call that its memo key pins.
struct Pinned {
    by: ExecutionId,
    memo: Params,
    key: Key,
}
