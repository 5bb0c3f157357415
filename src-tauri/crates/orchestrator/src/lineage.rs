//! Which recorded call a call made here stands for, whichever number its step got: by its target,
//! its arguments, and who called it.

use std::collections::BTreeSet;

use hindcast_model::{
    ByHand, EnvironmentId, Params, RunId, Step, StepId, StepNumber, Target, Value, key_differs,
};

use crate::handling::Handling;

/// How deep callers are followed.
const DEEPEST: usize = 100;

impl Handling<'_> {
    /// The step that the ancestor's execution of the same call belongs to; the step itself where it
    /// is the ancestor's own, or stands for none.
    pub(crate) fn stands_for(
        &mut self,
        id: &StepId,
        chain: &BTreeSet<EnvironmentId>,
        by_hand: &ByHand,
    ) -> StepId {
        self.stands_for_within(id, chain, by_hand, DEEPEST)
    }

    fn stands_for_within(
        &mut self,
        id: &StepId,
        chain: &BTreeSet<EnvironmentId>,
        by_hand: &ByHand,
        deep: usize,
    ) -> StepId {
        let Some(step) = self.world.step(id) else { return id.clone() };
        let recorded = step.executions.values().any(|execution| {
            self.world.sees(chain, execution) && !self.world.is_local_execution(execution)
        });
        if recorded || deep == 0 {
            return id.clone();
        }
        let (target, arguments) = (step.target(), step.arguments.clone());
        let Some(parent) = step.parent_id.clone() else {
            // The root of a run that was spawned here stands for that of the ancestor's.
            let runs = self.looked_up_in(&id.attempt(1), chain);
            let other = runs.into_iter().find(|run| *run != id.run);
            return other.map_or_else(|| id.clone(), |run| StepId::new(run, id.number));
        };
        let caller = self.stands_for_within(&parent.step, chain, by_hand, deep - 1);
        let calls = self.recorded_calls(&caller, &target, chain, by_hand);
        let same: Vec<StepNumber> = self.same_among(&caller.run, &calls, &target, &arguments);
        // Which of its caller's calls that are alike it is.
        let own = self.world.known(&id.run).and_then(|run| run.by_parent.get(&parent)).cloned();
        let own = own.unwrap_or_default();
        let before = own.iter().take_while(|number| **number != id.number);
        let earlier: Vec<StepNumber> = before
            .copied()
            .filter(|number| {
                let step = self.world.run(&id.run).and_then(|run| run.run.steps.get(number));
                step.is_some_and(|step| step.target() == target)
            })
            .collect();
        let found = if same.is_empty() {
            (calls.len() == 1 && earlier.is_empty()).then(|| calls[0])
        } else {
            let alike = self.same_among(&id.run, &earlier, &target, &arguments).len();
            same.get(alike.min(same.len() - 1)).copied()
        };
        found.map_or_else(|| id.clone(), |number| StepId::new(caller.run, number))
    }

    /// What a recorded step's executions called of a target, under its present or its old name, in
    /// the order it was called.
    pub(crate) fn recorded_calls(
        &self,
        caller: &StepId,
        target: &Target,
        chain: &BTreeSet<EnvironmentId>,
        by_hand: &ByHand,
    ) -> Vec<StepNumber> {
        let Some(run) = self.world.known(&caller.run) else { return Vec::new() };
        let old = by_hand.old_name(target);
        let Some(step) = run.stored.run.steps.get(&caller.number) else { return Vec::new() };
        let executions = step.executions.values().filter(|execution| {
            self.world.sees(chain, execution) && !self.world.is_local_execution(execution)
        });
        let made = executions.filter_map(|one| run.by_parent.get(&one.execution_id)).flatten();
        let mut once = BTreeSet::new();
        let calls = made.copied().filter(|number| {
            let own = run.stored.run.steps.get(number).map(Step::target);
            own.is_some_and(|own| own == *target || own == *old) && once.insert(*number)
        });
        calls.collect()
    }

    /// Those of these steps whose arguments are the same as values.
    pub(crate) fn same_among(
        &self,
        run: &RunId,
        numbers: &[StepNumber],
        target: &Target,
        arguments: &[Value],
    ) -> Vec<StepNumber> {
        let Some(run) = self.world.run(run) else { return Vec::new() };
        self.world.knowing(target, self.blobs, |known| {
            let same = numbers.iter().copied().filter(|number| {
                run.run.steps.get(number).is_some_and(|step| {
                    key_differs(&step.arguments, arguments, &Params::All, known).is_some()
                })
            });
            same.collect()
        })
    }
}
