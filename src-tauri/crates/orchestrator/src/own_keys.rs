//! Keys that old SDKs make themselves, maybe by a function of their user: how a call is found by
//! them, and how those of recorded calls come to be known where their export does not hold them.
//!
//! The SDK that makes a call is asked for the keys of the recorded calls of the same target: it has
//! the function, and it decodes their arguments as it would its own. It is asked once; what it says
//! is kept.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::record::{KeyDiffers, PinRule, Record};
use hindcast_model::{ExecutionId, Key, OwnKeys, Step, StepId};

use crate::handling::Handling;
use crate::live::PendingCall;
use crate::message::{Handle, Reply, RequestId, Status, Submit, WantedCall};
use crate::resolve::Resolution;
use crate::world::{KnownRun, World};

/// How many recorded calls an SDK is asked about at once.
const MOST: usize = 2_000;

impl World {
    /// Takes in the keys of a recorded call, as the project's code made them.
    pub(crate) fn note_own_keys(&mut self, step: &StepId, keys: OwnKeys) {
        if let Some(known) = self.known_mut(&step.run) {
            known.note_own_keys(step.number, keys);
        }
    }

    fn own_keys(&self, id: &StepId) -> Option<&OwnKeys> {
        self.known(&id.run)?.own_keys.get(&id.number)
    }

    /// The memo key of a recorded call whose export does not hold it.
    pub(crate) fn is_own_memo_key(&self, id: &StepId, step: &Step, key: &Key) -> bool {
        let made = self.own_keys(id).and_then(|keys| keys.memo.as_ref());
        made == Some(key) || step.key_over_all().as_ref() == Some(key)
    }

    /// The same for the cache.
    pub(crate) fn is_own_cache_key(&self, id: &StepId, key: &Key) -> bool {
        self.own_keys(id).and_then(|keys| keys.cache.as_ref()) == Some(key)
    }
}

impl KnownRun {
    /// All keys that a step can be found by in its run, and in the cache, beside those it holds.
    pub(crate) fn own_keys_of(&self, step: &Step) -> (Vec<Key>, Option<Key>) {
        let made = self.own_keys.get(&step.step_number);
        let memo = made.and_then(|keys| keys.memo.clone()).into_iter();
        let over_all = step.memo_key.is_none().then(|| step.key_over_all()).flatten();
        (memo.chain(over_all).collect(), made.and_then(|keys| keys.cache.clone()))
    }
}

impl Handling<'_> {
    /// A call whose SDK makes the keys, once all keys are known that it could be found by; none if
    /// the SDK is asked for them first, and will call again.
    pub(crate) fn knowing_keys(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        mut submit: Submit,
    ) -> Option<Submit> {
        let Some(given) = &mut submit.given_keys else { return Some(submit) };
        if let Some(recorded) = given.recorded.take() {
            let asked = recorded.into_iter().filter(|(id, _)| self.has_unknown_keys(id));
            let keys: Vec<_> = asked.collect();
            if !keys.is_empty() {
                self.record(Record::OwnKeysMade(keys));
            }
            return Some(submit);
        }
        let wanted = self.wanted(caller, &submit);
        if wanted.is_empty() {
            return Some(submit);
        }
        let calls: Vec<WantedCall> = wanted.iter().filter_map(|id| self.call_of(id)).collect();
        let results = self.results_for(&calls);
        self.answer(caller, request, Reply::KeysWanted { calls, results });
        None
    }

    /// The rule by which a call is answered by an execution of the same values. Servers of 0.4 to 0.8
    /// made keys another way: there, what is encoded alike has the same key.
    pub(crate) fn by_values(
        &self,
        call: &PendingCall,
        same: &ExecutionId,
        cause: KeyDiffers,
    ) -> PinRule {
        if cause != KeyDiffers::Unknown {
            return PinRule::Values(cause);
        }
        let is_old = || self.world.step(&same.step).is_some_and(|step| step.old().is_some());
        match &call.submit.given_keys {
            Some(given) if given.by_function => PinRule::Values(KeyDiffers::Function),
            None if is_old() => PinRule::Key,
            _ => PinRule::Values(cause),
        }
    }

    /// Whether a recorded call's export does not hold its keys, and they were not made yet.
    fn has_unknown_keys(&self, id: &StepId) -> bool {
        let known = self.world.own_keys(id).is_some();
        // A step of the same run that was made here has its keys.
        let is_old = self.world.step(id).is_some_and(|step| step.old().is_some());
        let run = self.world.run(&id.run);
        !known && is_old && run.is_some_and(|stored| stored.run.lacks_keys())
    }

    /// The recorded calls whose keys decide how a call is answered.
    fn wanted(&self, caller: &ExecutionId, submit: &Submit) -> Vec<StepId> {
        let Some(environment) = self.live.get(caller).map(|running| running.environment) else {
            return Vec::new();
        };
        let chain = self.world.chain(environment);
        let Some(given) = &submit.given_keys else { return Vec::new() };
        let mut wanted = BTreeSet::new();
        let params = &hindcast_model::Params::All;
        // Where it is no function, the key over all arguments is known anyway.
        if let (Some(key), true) = (&given.memo, given.by_function)
            && self.world.memo_hit(caller.run(), &chain, params, key).is_none()
        {
            let calls = self.world.calls_of(caller.run(), &submit.target).iter();
            wanted.extend(calls.map(|number| StepId::new(caller.run().clone(), *number)));
        }
        if let (Some(key), Some(cache)) = (&given.cache, &submit.cache)
            && self.find_cached(key, cache, environment, None).is_none()
        {
            wanted.extend(self.world.all_calls_of(&submit.target));
        }
        let usable = |id: &StepId| {
            let step = self.world.step(id);
            let executions = step.into_iter().flat_map(|step| step.executions.values());
            self.has_unknown_keys(id)
                && executions
                    .clone()
                    .any(|known| self.world.sees(&chain, known) && self.world.answers(known))
        };
        wanted.into_iter().filter(usable).take(MOST).collect()
    }

    fn call_of(&self, id: &StepId) -> Option<WantedCall> {
        let arguments = self.world.step(id)?.arguments.clone();
        Some(WantedCall { step: id.clone(), arguments })
    }

    /// What the handles in these calls lead to, as far as it was recorded: a function may look.
    fn results_for(&self, calls: &[WantedCall]) -> BTreeMap<ExecutionId, Status> {
        let mut results = BTreeMap::new();
        let values: Vec<_> = calls.iter().flat_map(|call| &call.arguments).collect();
        for handle in self.world.referred(&values) {
            let Resolution::Ended(status) = self.world.resolve(&handle) else { continue };
            if let Handle::Execution(id) = handle {
                results.insert(id, status);
            }
        }
        results
    }
}
