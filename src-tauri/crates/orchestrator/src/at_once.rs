//! What starts nothing, and can be answered before anything is written: a wait for what has ended
//! and was waited for before; a call that its memo key pins.
//!
//! Of a wait there is nothing to record. Of such a call there is one fact, that it was made; whoever
//! keeps the facts may keep that one a moment after the answer, as long as it keeps the order.

use hindcast_model::{Blobs, ExecutionId, Params, Timestamp};

use crate::begin;
use crate::event::{Effect, Event};
use crate::message::{Handle, Message, Reply, Request, RequestId, Select, Submit};
use crate::orchestrator::Orchestrator;
use crate::resolve::Resolution;
use crate::world::KnownRun;

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
        let Event::Said { execution, message: Message::Request(request, what) } = &event else {
            return Err(Box::new(event));
        };
        match what {
            Request::Select(select) => match self.selected(execution, *request, select) {
                Some(reply) => Ok(vec![reply]),
                None => Err(Box::new(event)),
            },
            Request::Submit(submit) if self.pins(execution, *request, submit) => {
                let mut handling = self.handling(now, blobs);
                handling.event(event);
                Ok(handling.effects)
            }
            _ => Err(Box::new(event)),
        }
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
        let reply = Reply::Selected { winner: 0, status };
        Some(Effect::Reply { execution: execution.clone(), request, reply })
    }

    /// Whether a call's memo key pins it, with nothing set by hand and no key that its SDK makes.
    fn pins(&self, caller: &ExecutionId, request: RequestId, submit: &Submit) -> bool {
        let (Some(_), Some(running)) = (self.live().speaks(caller), self.live().get(caller)) else {
            return false;
        };
        let session = self.live().session(running.session);
        let by_hand = session.is_none_or(|session| !session.rules.by_hand.is_empty());
        if by_hand || submit.given_keys.is_some() || running.asked.contains_key(&request) {
            return false;
        }
        let world = self.world();
        let by_run = || world.known(caller.run()).is_some_and(KnownRun::memoises_all);
        let all = || by_run().then_some(&Params::All);
        let Some(params) = submit.memo.as_ref().or_else(all) else { return false };
        let Ok(begin::Keys { memo: Some(key), .. }) = begin::keys(submit, Some(params)) else {
            return false;
        };
        let chain = world.chain(running.environment);
        world.memo_hit(caller.run(), &chain, params, &key).is_some()
    }
}
