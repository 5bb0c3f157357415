//! What targets' parameters default to. The code is asked for it once a call turns on it: one side
//! sends an argument that the other leaves out.

use hindcast_model::{Data, ExecutionId, Target};

use crate::event::{Effect, InquiryId, Rules};
use crate::handling::Handling;
use crate::live::{PendingCall, SessionId, Wait};
use crate::message::RequestId;
use crate::values::Compared;
use crate::world::World;

impl World {
    /// Whether a call can be the same as an earlier one only if what one of both leaves out is sent
    /// by the other as it is by default.
    fn turns_on_defaults(&self, call: Compared<'_>, memoised: bool) -> bool {
        self.seen_calls(call).any(|(step, _)| {
            let (there, here) = (step.arguments.len(), call.arguments.len());
            let mut apart = there.min(here)..there.max(here);
            (step.is_memoised() || !memoised) && apart.any(|index| call.params.covers(index))
        })
    }
}

impl Handling<'_> {
    /// Whether the code is to be asked before it is known if one of these calls is the same.
    pub(crate) fn to_ask<'c>(
        &self,
        caller: &ExecutionId,
        mut calls: impl Iterator<Item = Compared<'c>>,
        memoised: bool,
    ) -> bool {
        let Some(running) = self.live.get(caller) else { return false };
        let answered = |target: &Target| self.live.is_answered(running.session, &target.module);
        calls.any(|call| !answered(call.target) && self.world.turns_on_defaults(call, memoised))
    }

    /// A session begins: its code may be another than that of those before it.
    pub(crate) fn open_session(&mut self, rules: Rules) -> SessionId {
        if self.live.has_no_session() && self.world.forget_defaults() {
            self.prints.clear();
        }
        if self.live.has_no_session() {
            self.world.mocks_since = Some(self.now);
        }
        self.live.open_session(rules, self.now)
    }

    /// Has a call wait until its module's code has said what it declares.
    pub(crate) fn inquire(&mut self, caller: &ExecutionId, request: RequestId, call: PendingCall) {
        let Some(session) = self.live.get(caller).map(|running| running.session) else { return };
        let module = call.submit.target.module.to_string();
        self.live.ask(caller, request, Wait::Declared(Box::new(call)));
        if let Some(inquiry) = self.live.inquire(session, &module) {
            let run = caller.run().clone();
            self.effects.push(Effect::Inquire { inquiry, run, module });
        }
    }

    /// The code has said, or cannot say, what it declares.
    pub(crate) fn declared(
        &mut self,
        inquiry: InquiryId,
        defaults: Vec<(Target, Vec<Option<Data>>)>,
    ) {
        let Some((session, module)) = self.live.answered(inquiry) else { return };
        for (target, defaults) in defaults {
            if self.world.defaults(&target) != defaults {
                self.world.note_defaults(target, defaults);
                self.prints.clear();
            }
        }
        for (caller, request, call) in self.waiting_for(session, &module) {
            self.live.forget_request(&caller, request);
            self.consider(&caller, request, call);
        }
    }

    fn waiting_for(
        &self,
        session: SessionId,
        module: &str,
    ) -> Vec<(ExecutionId, RequestId, PendingCall)> {
        let waiting = self.live.undeclared(session);
        let about = waiting.filter(|(_, _, call)| &*call.submit.target.module == module);
        about.map(|(caller, request, call)| (caller.clone(), request, call.clone())).collect()
    }
}
