//! What a person set by hand: pins, mocks, matching rules, renamed targets. It goes before the rules,
//! whatever the policy.
//!
//! A pin is about a recorded call. It holds for the call made here that stands for that one: the same
//! memoised call; else a call with the same values of the same caller; else, where that caller calls
//! the target only once, its first call of it, whatever its arguments.

use std::collections::BTreeSet;
use std::sync::Arc;

use hindcast_model::record::{KeyDiffers, PinRule};
use hindcast_model::{
    AnswerByHand, ByHand, EnvironmentId, ExecutionId, MatchingRule, Params, Step, StepId, Target,
    Timestamp, Value, key_differs,
};

use crate::begin;
use crate::guard::Verdict;
use crate::handling::Handling;
use crate::live::{PendingCall, Wait};
use crate::message::{Handle, RequestId, Submit};
use crate::resolve::Resolution;
use crate::whole::{UNPINNED, broken};

/// What is known of the setting that holds for a call.
enum Found {
    /// None does.
    None,
    /// The one of this step.
    Step(StepId),
    /// That depends on the value of these.
    DependsOn(Vec<Handle>),
}

impl Handling<'_> {
    /// What a call may do.
    pub(crate) fn judge(&mut self, caller: &ExecutionId, call: &PendingCall) -> Verdict {
        let by_hand = self.by_hand(caller);
        if by_hand.is_empty() {
            return self.judge_by_rules(caller, call);
        }
        match self.setting_for(caller, call, &by_hand) {
            Found::DependsOn(handles) => return Verdict::DependsOn(handles),
            Found::Step(step) => {
                let answer = by_hand.steps.get(&step).and_then(|setting| setting.answer.clone());
                if let Some(answer) = answer {
                    return self.judge_set(caller, call, &by_hand, &step, &answer);
                }
            }
            Found::None => {}
        }
        self.judge_named(caller, call, &by_hand)
    }

    /// What a person set by hand for everything that a command started.
    pub(crate) fn by_hand(&self, caller: &ExecutionId) -> Arc<ByHand> {
        let running = self.live.get(caller);
        let session = running.and_then(|running| self.live.session(running.session));
        session.map(|session| Arc::clone(&session.rules.by_hand)).unwrap_or_default()
    }

    fn judge_set(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        by_hand: &ByHand,
        step: &StepId,
        answer: &AnswerByHand,
    ) -> Verdict {
        match answer {
            AnswerByHand::Pin(execution) => {
                let why = match self.world.execution(execution) {
                    Some(_) => self.not_whole(execution),
                    None => Some(format!("there is no execution {execution}")),
                };
                match why {
                    None => Verdict::Pinned(execution.clone(), PinRule::Hand),
                    Some(why) => Verdict::Refused(broken(Some(execution)), why),
                }
            }
            AnswerByHand::Mock(name) => {
                if let Some(again) = self.made_in_session(caller, call) {
                    return Verdict::Pinned(again, PinRule::Key);
                }
                let value = by_hand.steps.get(step).and_then(|setting| setting.mocks.get(name));
                match value {
                    None => Verdict::Refused(broken(None), format!("there is no mock {name}")),
                    Some(value) => match self.value_not_whole(value) {
                        None => Verdict::Mocked(value.clone(), name.clone()),
                        Some(why) => Verdict::Refused(broken(None), why),
                    },
                }
            }
            AnswerByHand::Unpinned => match self.made_in_session(caller, call) {
                Some(again) => Verdict::Pinned(again, PinRule::Key),
                None => Verdict::Runs(UNPINNED, None),
            },
        }
    }

    /// Of a memoised call, the execution that the same call made since its command began: within
    /// one re-run, it is one call still.
    fn made_in_session(&self, caller: &ExecutionId, call: &PendingCall) -> Option<ExecutionId> {
        let running = self.live.get(caller)?;
        let began: Timestamp = self.live.session(running.session)?.began;
        let chain = self.world.chain(running.environment);
        let (params, key) = (call.memo.as_ref()?, call.memo_key.as_ref()?);
        let hit = self.world.memo_hit(caller.run(), &chain, params, key)?;
        let execution = self.world.execution(&hit)?;
        let here = self.world.is_local_execution(execution) && execution.created_at >= began;
        // What a person chose to run again answers its own calls as well.
        here.then_some(hit)
    }

    /// The step whose setting holds for a call.
    fn setting_for(&mut self, caller: &ExecutionId, call: &PendingCall, by_hand: &ByHand) -> Found {
        let Some(running) = self.live.get(caller) else { return Found::None };
        let chain = self.world.chain(running.environment);
        let target = &call.submit.target;
        let old = by_hand.old_name(target).clone();
        let set: Vec<StepId> = by_hand
            .steps
            .iter()
            .filter(|(id, setting)| {
                let own = self.world.step(id).map(Step::target);
                let about = own.is_some_and(|own| own == *target || own == old);
                setting.answer.is_some() && about
            })
            .map(|(id, _)| id.clone())
            .collect();
        if set.is_empty() {
            return Found::None;
        }
        let runs = self.looked_up_in(caller, &chain);
        let set: Vec<StepId> = set.into_iter().filter(|id| runs.contains(&id.run)).collect();
        if let Some(step) = set.iter().find(|id| self.same_memo_key(id, call, &old)) {
            return Found::Step(step.clone());
        }
        let parent = self.stands_for(&caller.step, &chain, by_hand);
        if let Some(step) = self.only_call(&set, &parent, caller, call, &chain, by_hand) {
            return Found::Step(step);
        }
        let pending = self.pending_in(&call.submit.arguments.iter().collect::<Vec<_>>());
        if !pending.is_empty() && !set.is_empty() {
            return Found::DependsOn(pending);
        }
        let found = self.same_call_set(&set, &parent, caller, call, &chain, by_hand);
        found.map_or(Found::None, Found::Step)
    }

    /// Whether a call is the same memoised call as a step's.
    fn same_memo_key(&self, id: &StepId, call: &PendingCall, old: &Target) -> bool {
        let Some(params) = &call.memo else { return false };
        let submit = Submit { target: old.clone(), ..call.submit.clone() };
        let as_old = begin::keys(&submit, call.memo.as_ref()).ok().and_then(|keys| keys.memo);
        let own = call.memo_key.as_ref().into_iter();
        own.chain(as_old.as_ref()).any(|key| {
            let mut same = self.world.with_memo_key(&id.run, params, key);
            same.any(|step| step.step_number == id.number)
        })
    }

    /// The step that is set, and is the only call of its target that the call's own caller made when
    /// it was recorded, where this is the first made here.
    fn only_call(
        &mut self,
        set: &[StepId],
        parent: &StepId,
        caller: &ExecutionId,
        call: &PendingCall,
        chain: &BTreeSet<EnvironmentId>,
        by_hand: &ByHand,
    ) -> Option<StepId> {
        if call.nth > 0 {
            return None;
        }
        for id in set {
            let Some(made_by) = self.world.step(id).and_then(|step| step.parent_id.clone()) else {
                continue;
            };
            let other = self.stands_for(&made_by.step, chain, by_hand);
            if other != *parent && made_by.step != caller.step {
                continue;
            }
            let alone = if other == made_by.step {
                self.recorded_calls(&other, &call.submit.target, chain, by_hand).len() <= 1
            } else {
                let known = self.world.known(&id.run)?;
                let calls = known.by_parent.get(&made_by).into_iter().flatten();
                let of_target = calls.filter(|number| {
                    let step = known.stored.run.steps.get(number);
                    step.is_some_and(|step| step.target() == call.submit.target)
                });
                of_target.count() <= 1
            };
            if alone {
                return Some(id.clone());
            }
        }
        None
    }

    /// The step that is set for a call with these values: of the same caller, each for one call, in
    /// the order they were recorded; else of any, where the caller's own recorded calls are others.
    fn same_call_set(
        &mut self,
        set: &[StepId],
        parent: &StepId,
        caller: &ExecutionId,
        call: &PendingCall,
        chain: &BTreeSet<EnvironmentId>,
        by_hand: &ByHand,
    ) -> Option<StepId> {
        let (target, arguments) = (&call.submit.target, &call.submit.arguments);
        let recorded = self.recorded_calls(parent, target, chain, by_hand);
        let alike = self.same_among(&parent.run, &recorded, target, arguments);
        let alike: Vec<StepId> =
            alike.into_iter().map(|number| StepId::new(parent.run.clone(), number)).collect();
        if !alike.is_empty() {
            let running = self.live.get_mut(caller)?;
            let free = |id: &&StepId| {
                running.stood_for.get(*id).is_none_or(|ordinal| *ordinal == call.ordinal)
            };
            let own = alike.iter().find(free).or(alike.last()).cloned()?;
            running.stood_for.entry(own.clone()).or_insert(call.ordinal);
            return set.contains(&own).then_some(own);
        }
        set.iter().find(|id| self.has_values(id, target, arguments)).cloned()
    }

    fn has_values(&self, id: &StepId, target: &Target, arguments: &[Value]) -> bool {
        let Some(step) = self.world.step(id) else { return false };
        self.world.knowing(target, self.blobs, |known| {
            key_differs(&step.arguments, arguments, &Params::All, known).is_some()
        })
    }

    /// Handles in values that are still open here.
    fn pending_in(&self, values: &[&Value]) -> Vec<Handle> {
        let handles = self.world.referred(values);
        let pending = handles.iter().filter_map(|handle| match self.world.resolve(handle) {
            Resolution::Pending(at) => Some(at),
            _ => None,
        });
        pending.collect()
    }

    /// What a call may do for which nothing is set: first as a call of what its target was called
    /// before, if it was renamed.
    fn judge_named(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        by_hand: &ByHand,
    ) -> Verdict {
        let target = &call.submit.target;
        let old = by_hand.old_name(target);
        if old == target {
            return self.judge_matching(caller, call, by_hand);
        }
        let submit = Submit { target: old.clone(), ..call.submit.clone() };
        let Ok(keys) = begin::keys(&submit, call.memo.as_ref()) else {
            return self.judge_matching(caller, call, by_hand);
        };
        let as_old = PendingCall { submit, memo_key: keys.memo, ..call.clone() };
        let as_old = self.judge_matching(caller, &as_old, by_hand);
        match as_old {
            // It could be the caller itself, or wait for it.
            Verdict::Pinned(execution, PinRule::Key | PinRule::Values(_))
                if self.world.outcome(&execution).is_none() =>
            {
                self.judge_matching(caller, call, by_hand)
            }
            Verdict::Pinned(execution, PinRule::Key | PinRule::Values(_)) => {
                Verdict::Pinned(execution, PinRule::Values(KeyDiffers::Renamed))
            }
            Verdict::Pinned(..) | Verdict::DependsOn(_) | Verdict::Undeclared => as_old,
            // Under its new name it may be known as well, or allowed.
            _ => match self.judge_matching(caller, call, by_hand) {
                Verdict::Missed(_) => as_old,
                verdict => verdict,
            },
        }
    }

    /// As the rules say; where the target has a matching rule, that stands in for its memo key.
    fn judge_matching(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        by_hand: &ByHand,
    ) -> Verdict {
        let Some(rule) = by_hand.rule(&call.submit.target) else {
            return self.judge_by_rules(caller, call);
        };
        let Some(running) = self.live.get(caller) else {
            return self.judge_by_rules(caller, call);
        };
        let environment = running.environment;
        let chain = self.world.chain(environment);
        if let (Some(params), Some(key)) = (&call.memo, &call.memo_key)
            && let Some(hit) = self.world.memo_hit(caller.run(), &chain, params, key)
        {
            return Verdict::Pinned(hit, PinRule::Key);
        }
        if !self.world.has_ancestor(caller.run(), environment) {
            return self.judge_by_rules(caller, call);
        }
        let arguments = &call.submit.arguments;
        let counted = arguments.iter().enumerate().filter(|(index, _)| rule.covers(*index));
        let pending = self.pending_in(&counted.map(|(_, value)| value).collect::<Vec<_>>());
        if !pending.is_empty() {
            return Verdict::DependsOn(pending);
        }
        let runs = self.looked_up_in(caller, &chain);
        for run in &runs {
            let found = self.prints.matching(
                self.world,
                self.blobs,
                (run, &call.submit.target),
                rule,
                arguments,
            );
            let run = self.world.run(run);
            let steps = found.iter().filter_map(|number| run?.run.steps.get(number));
            let seen = self.world.seen(&chain, steps);
            let usable = seen.filter(|(_, execution)| self.world.answers(execution));
            let newest = usable.max_by_key(|(_, one)| (one.created_at, one.execution_id.clone()));
            if let Some((_, execution)) = newest {
                return Verdict::Pinned(execution.execution_id.clone(), PinRule::Rule);
            }
        }
        // As one that is memoised by what the rule compares: it runs only where it is allowed.
        let ruled = PendingCall { memo: Some(params_of(rule, arguments)), ..call.clone() };
        self.judge_unpinned(caller, &ruled)
    }

    /// A person says what a call's target was called before: every call of it in the session that
    /// waits is judged anew.
    pub(crate) fn decide_renamed(&mut self, caller: &ExecutionId, call: &PendingCall, old: Target) {
        let target = call.submit.target.clone();
        let Some(running) = self.live.get(caller) else { return };
        let (session, environment) = (running.session, running.environment);
        let chain = self.world.chain(environment);
        let mut runs = self.looked_up_in(caller, &chain);
        runs.retain(|run| !self.world.calls_of(run, &old).is_empty());
        if old == target || runs.is_empty() {
            return self.reject(format!("the ancestor has no call of {old} in this run"));
        }
        if let Some(session) = self.live.session_mut(session) {
            Arc::make_mut(&mut session.rules.by_hand).renamed.insert(target.clone(), old);
        }
        for (caller, request, call) in self.waiting_calls(session, &target) {
            self.consider(&caller, request, call);
        }
    }

    /// Calls of a target that wait at the guard in a session.
    fn waiting_calls(
        &self,
        session: crate::live::SessionId,
        target: &Target,
    ) -> Vec<(ExecutionId, RequestId, PendingCall)> {
        let mut waiting = Vec::new();
        for id in self.live.ids() {
            let Some(running) = self.live.get(id).filter(|one| one.session == session) else {
                continue;
            };
            for (request, asked) in &running.asked {
                if let Wait::Decision(call, _) = &asked.what
                    && call.submit.target == *target
                {
                    waiting.push((id.clone(), *request, (**call).clone()));
                }
            }
        }
        waiting
    }
}

fn params_of(rule: &MatchingRule, arguments: &[Value]) -> Params {
    rule.params(arguments.len())
}
