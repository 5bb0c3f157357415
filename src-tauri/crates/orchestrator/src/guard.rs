//! The guard: what a call may do. A call that nothing pins and that may not run stops here, before
//! its body starts.

use hindcast_model::record::{Allowed, Answer, ArgumentDifference, Miss, MissReason, PinRule};
use hindcast_model::{ExecutionId, Value};

use crate::begin;
use crate::event::{Decision, Effect, OnMiss, Policy, Question};
use crate::handling::Handling;
use crate::live::{PendingCall, Wait};
use crate::message::{Handle, RequestId};
use crate::values::Compared;

/// What a call may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// It is answered by this execution.
    Pinned(ExecutionId, PinRule),
    /// It runs.
    Runs(Allowed, Option<Miss>),
    /// It makes a step that shares this execution's result; nothing runs.
    Shares(ExecutionId),
    /// That depends on the value of these, which is not there yet.
    DependsOn(Vec<Handle>),
    /// That depends on what the code declares, which is not known yet.
    Undeclared,
    /// It may not run, and nothing answers it.
    Missed(Miss),
    /// It is answered by this value, which a person gave under this name.
    Mocked(Value, String),
    /// It fails whatever the rules say of calls that miss: what a person set for it cannot be used,
    /// for this reason.
    Refused(Miss, String),
}

impl Handling<'_> {
    /// What a call may do, when nothing is set by hand for it.
    pub(crate) fn judge_by_rules(&mut self, caller: &ExecutionId, call: &PendingCall) -> Verdict {
        let Some(running) = self.live.get(caller) else {
            return Verdict::Missed(Miss { reason: MissReason::NeverCalled, nearest: None });
        };
        let chain = self.world.chain(running.environment);
        if let (Some(params), Some(key)) = (&call.memo, &call.memo_key)
            && let Some(hit) = self.world.memo_hit(caller.run(), &chain, params, key)
        {
            return Verdict::Pinned(hit, PinRule::Key);
        }
        if !self.world.has_ancestor(caller.run(), running.environment) {
            return Verdict::Runs(Allowed::FreshRun, None);
        }
        if let Some(params) = &call.memo {
            let runs = self.looked_up_in(caller, &chain);
            let compared = |run| Compared {
                run,
                chain: &chain,
                target: &call.submit.target,
                arguments: &call.submit.arguments,
                params,
            };
            for run in &runs {
                if let Some((same, cause)) = self.same_values(compared(run)) {
                    let own = run == caller.run();
                    let rule =
                        if own { self.by_values(call, &same, cause) } else { PinRule::ChildRun };
                    return Verdict::Pinned(same, rule);
                }
            }
            if self.to_ask(caller, runs.iter().map(compared), true) {
                return Verdict::Undeclared;
            }
            let unknown = runs.iter().flat_map(|run| self.unknown_yet(compared(run)));
            let unknown: Vec<Handle> = unknown.collect();
            if !unknown.is_empty() {
                return Verdict::DependsOn(unknown);
            }
        }
        self.judge_unpinned(caller, call)
    }

    pub(crate) fn judge_unpinned(&mut self, caller: &ExecutionId, call: &PendingCall) -> Verdict {
        let policy = self.policy(caller);
        if policy == Policy::Isolate {
            if let Some(same) = self.same_call(caller, call) {
                return Verdict::Pinned(same, PinRule::Isolate);
            }
            if self.same_call_turns_on_defaults(caller, call) {
                return Verdict::Undeclared;
            }
        }
        match self.allowed(caller, call) {
            Some(allowed) => {
                let miss = call.memo.as_ref().map(|_| self.miss(caller, call));
                Verdict::Runs(allowed, miss)
            }
            None => match self.cached_for(caller, call) {
                Some(shared) => Verdict::Shares(shared),
                None => Verdict::Missed(self.miss(caller, call)),
            },
        }
    }

    pub(crate) fn policy(&self, caller: &ExecutionId) -> Policy {
        let session = self.live.get(caller).and_then(|running| self.live.session(running.session));
        session.map_or(Policy::Memo, |session| session.rules.policy)
    }

    /// What allows a call that nothing pins, if anything does.
    fn allowed(&self, caller: &ExecutionId, call: &PendingCall) -> Option<Allowed> {
        let running = self.live.get(caller)?;
        let session = self.live.session(running.session)?;
        let target = &call.submit.target;
        if session.rules.policy == Policy::Open || session.rules.allow.contains(target) {
            return Some(Allowed::Flag);
        }
        if session.always.contains(target) {
            return Some(Allowed::Guard);
        }
        let chain = self.world.chain(running.environment);
        let unmemoised = call.memo.is_none() && session.rules.policy == Policy::Memo;
        (unmemoised && self.world.ran_unmemoised(&chain, target)).then_some(Allowed::Plan)
    }

    /// The execution in the cache that answers a call that may not run, now: later it may not.
    fn cached_for(&self, caller: &ExecutionId, call: &PendingCall) -> Option<ExecutionId> {
        let environment = self.live.get(caller)?.environment;
        let cache = call.submit.cache.as_ref().filter(|_| call.submit.delay == 0)?;
        let key = begin::keys(&call.submit, None).ok()?.cache?;
        self.find_cached(&key, cache, environment, None)
    }

    /// A call missed and may not run: what then, the rules say.
    pub(crate) fn missed(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: PendingCall,
        miss: Miss,
    ) {
        let session = self.live.get(caller).and_then(|running| self.live.session(running.session));
        match session.map_or(OnMiss::Fail, |session| session.rules.on_miss) {
            OnMiss::Fail => self.refuse(caller, request, &call, miss),
            OnMiss::Run => self.run_call(caller, request, &call, Allowed::Flag, Some(miss)),
            OnMiss::Pin => match self.nearest_with_value(&miss) {
                Some(nearest) => {
                    let rule = PinRule::Nearest(Box::new(miss));
                    self.pin(caller, request, &call, &nearest, rule);
                }
                None => self.refuse(caller, request, &call, miss),
            },
            OnMiss::Ask => self.ask(caller, request, call, miss),
        }
    }

    fn nearest_with_value(&self, miss: &Miss) -> Option<ExecutionId> {
        let nearest = miss.nearest.as_ref()?.execution.clone();
        let whole = self.world.value(&nearest).is_some() && self.not_whole(&nearest).is_none();
        whole.then_some(nearest)
    }

    fn ask(&mut self, caller: &ExecutionId, request: RequestId, call: PendingCall, miss: Miss) {
        self.record_call(caller, &call, Answer::Blocked { miss: miss.clone() });
        self.effects.push(Effect::Ask(Question {
            caller: caller.clone(),
            ordinal: call.ordinal,
            target: call.submit.target.clone(),
            arguments: call.submit.arguments.clone(),
            miss: miss.clone(),
        }));
        self.live.ask(caller, request, Wait::Decision(Box::new(call), miss));
    }

    /// A person decides about a call that waits.
    pub(crate) fn decide(&mut self, caller: &ExecutionId, ordinal: u32, decision: Decision) {
        let Some(request) = self.live.undecided(caller, ordinal) else {
            return self.reject(format!("no call {ordinal} of {caller} waits for a decision here"));
        };
        let asked = self.live.get(caller).and_then(|running| running.asked.get(&request));
        let Some(Wait::Decision(call, miss)) = asked.map(|asked| asked.what.clone()) else {
            return;
        };
        let call = *call;
        match decision {
            Decision::Pin(execution) => match self.may_pin(caller, &call, &execution) {
                Ok(()) => {
                    let rule = PinRule::Nearest(Box::new(miss));
                    self.pin(caller, request, &call, &execution, rule);
                }
                Err(reason) => self.reject(reason),
            },
            Decision::RunOnce => self.run_call(caller, request, &call, Allowed::Guard, Some(miss)),
            Decision::RunAlways => {
                let target = call.submit.target.clone();
                self.run_call(caller, request, &call, Allowed::Guard, Some(miss));
                self.allow_from_now_on(caller, &target);
            }
            Decision::Give(value) => self.mock(caller, request, &call, value, None),
            Decision::Map(old) => self.decide_renamed(caller, &call, old),
            Decision::Fail => self.refuse(caller, request, &call, miss),
        }
    }

    fn may_pin(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        pinned: &ExecutionId,
    ) -> Result<(), String> {
        let Some(running) = self.live.get(caller) else {
            return Err(format!("{caller} has ended"));
        };
        let chain = self.world.chain(running.environment);
        let runs = self.looked_up_in(caller, &chain);
        let Some(execution) = self.world.execution(pinned) else {
            return Err(format!("there is no execution {pinned}"));
        };
        if !runs.contains(pinned.run()) || !self.world.sees(&chain, execution) {
            return Err(format!("{pinned} is not seen from {caller}"));
        }
        let target = &call.submit.target;
        let by_hand = self.by_hand(caller);
        let known = self.world.step(&pinned.step).map(hindcast_model::Step::target);
        if known.is_none_or(|known| known != *target && known != *by_hand.old_name(target)) {
            return Err(format!("{pinned} is no call of {target}"));
        }
        if let Some(why) = self.not_whole(pinned) {
            return Err(format!("{pinned} cannot be pinned: {why}"));
        }
        let ends = execution.result.is_some() || self.world.is_local_execution(execution);
        if ends { Ok(()) } else { Err(format!("{pinned} has no result and never will have")) }
    }

    /// Also answers the session's other calls of a target that already wait.
    fn allow_from_now_on(&mut self, caller: &ExecutionId, target: &hindcast_model::Target) {
        let Some(session) = self.live.get(caller).map(|running| running.session) else { return };
        self.live.allow_always(session, target.clone());
        let questions: Vec<Question> = self.live.questions().collect();
        for question in questions.into_iter().filter(|question| question.target == *target) {
            let other = self.live.get(&question.caller).map(|running| running.session);
            if other == Some(session) {
                self.decide(&question.caller, question.ordinal, Decision::RunOnce);
            }
        }
    }

    /// The call fails: user code gets an exception that says why.
    fn refuse(&mut self, caller: &ExecutionId, request: RequestId, call: &PendingCall, miss: Miss) {
        let message = explain(call, &miss);
        self.record_call(caller, call, Answer::Refused { miss });
        self.fail_request(caller, request, "guard", message);
    }
}

/// Why a call may not run, for a person.
fn explain(call: &PendingCall, miss: &Miss) -> String {
    let target = &call.submit.target;
    let why = match miss.reason {
        MissReason::NeverCalled => "the ancestor never called it in this run",
        MissReason::ArgumentsDiffer => "the ancestor never called it with these arguments",
        MissReason::NotAValue => "the ancestor's same call gave no value",
        MissReason::BecameRun => {
            "the ancestor's same call became a run of its own, which answers no other call"
        }
        MissReason::NeverFinished => "the ancestor's same call had no result when it was exported",
        MissReason::ValueMissing => "a value needed to compare it is not in the store",
        MissReason::PinBroken => "what was set for it by hand cannot be used",
        MissReason::MemoDiffers => "of it and the ancestor's same call, only one is memoised",
    };
    let nearest = miss.nearest.as_ref().map(|nearest| {
        let differences: Vec<String> = nearest.differences.iter().map(differs).collect();
        match differences.as_slice() {
            [] => format!("; nearest call: {}", nearest.execution),
            _ => format!("; nearest call: {}, where {}", nearest.execution, differences.join(", ")),
        }
    });
    format!("{target} was not run: {why}{}", nearest.unwrap_or_default())
}

fn differs(difference: &ArgumentDifference) -> String {
    let nothing = || "nothing".to_owned();
    let place = format!("argument {}{}", difference.index, difference.path);
    let ancestor = difference.ancestor.clone().unwrap_or_else(nothing);
    let local = difference.local.clone().unwrap_or_else(nothing);
    format!("{place} was {ancestor} and is {local} here")
}
