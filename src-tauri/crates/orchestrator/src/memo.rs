//! The memo rule, Coflux's own: in one run, over an environment and its ancestors, the newest
//! execution with this key that has a value or is under way here.

use std::collections::BTreeSet;

use hindcast_model::{
    EnvironmentId, ExecutionId, Key, Params, RunId, Step, StepId, find_params, memo_key,
};

use crate::message::Submit;
use crate::world::{KnownRun, World};

impl World {
    /// Over which parameters a call is memoised: as its code declares it, else over all where its run
    /// memoises every task.
    pub(crate) fn memo_of(&self, caller: &ExecutionId, submit: &Submit) -> Option<Params> {
        let by_run = || self.known(caller.run()).is_some_and(KnownRun::memoises_all);
        submit.memo.clone().or_else(|| by_run().then_some(Params::All))
    }

    /// The execution that a memoised call refers to, by its key.
    pub(crate) fn memo_hit(
        &self,
        run: &RunId,
        chain: &BTreeSet<EnvironmentId>,
        params: &Params,
        key: &Key,
    ) -> Option<ExecutionId> {
        let steps = self.with_memo_key(run, params, key);
        let executions = steps.flat_map(|step| step.executions.values());
        let usable = executions.filter(|execution| {
            self.sees(chain, execution)
                && self.answers(execution)
                && self.edited(&execution.execution_id).is_none()
        });
        let newest = usable.max_by_key(|execution| (execution.created_at, &execution.execution_id));
        newest.map(|execution| execution.execution_id.clone())
    }

    /// The steps of a run that have this memo key.
    pub(crate) fn with_memo_key<'a>(
        &'a self,
        run: &'a RunId,
        params: &'a Params,
        key: &'a Key,
    ) -> impl Iterator<Item = &'a Step> {
        let known = self.run(run);
        let numbers = self.memoised_as(run, key).iter();
        let steps = numbers.filter_map(move |number| known?.run.steps.get(number));
        steps.filter(move |step| {
            let id = StepId::new(run.clone(), step.step_number);
            has_memo_key(step, params, key) || self.is_own_memo_key(&id, step, key)
        })
    }
}

/// Whether a step has exactly this memo key. Exports show only part of it: the rest is computed,
/// over the same arguments as the call's, or over those that make the part that is shown.
fn has_memo_key(step: &Step, params: &Params, key: &Key) -> bool {
    let Some(known) = &step.memo_key else { return false };
    if known.is_whole() {
        return known == key;
    }
    let target = step.target();
    let over = |params: &Params| memo_key(&target, &step.arguments, params).ok();
    let found = || find_params(known, &target, &step.arguments);
    over(params).as_ref() == Some(key)
        || found().and_then(|params| over(&params)).as_ref() == Some(key)
}
