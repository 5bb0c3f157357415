//! The runs that an ancestor's workflows became, where a run is spawned here.
//!
//! A memo holds within one run, and a spawned run is always a new one: on the real server, whatever
//! it memoises runs again. In a re-run that would fall through to execution, so the calls of a run
//! that is spawned here are also compared with those of the run that the ancestor's same call became.

use std::collections::BTreeSet;

use hindcast_model::{
    Ended, EnvironmentId, Execution, ExecutionId, Params, RunId, Step, StepNumber, Target, Value,
    key_differs,
};

use crate::event::Policy;
use crate::handling::Handling;
use crate::values::Compared;
use crate::world::World;

/// A workflow's call that became a run.
struct Spawning<'a> {
    execution: &'a ExecutionId,
    target: &'a Target,
    arguments: &'a [Value],
}

impl Handling<'_> {
    /// The runs in which a caller's calls are looked up: its own, and where that is spawned here,
    /// those that stand for it in an ancestor, the likeliest first.
    pub(crate) fn looked_up_in(
        &mut self,
        caller: &ExecutionId,
        chain: &BTreeSet<EnvironmentId>,
    ) -> Vec<RunId> {
        let (run, policy) = (caller.run(), self.policy(caller));
        let mut runs = vec![run.clone()];
        // Where anything may run, it does as on the real server.
        if policy == Policy::Open {
            return runs;
        }
        runs.extend(self.counterparts(run, chain, &mut BTreeSet::new()));
        runs
    }

    fn counterparts(
        &mut self,
        run: &RunId,
        chain: &BTreeSet<EnvironmentId>,
        seen: &mut BTreeSet<RunId>,
    ) -> Vec<RunId> {
        if !seen.insert(run.clone()) || self.world.is_recorded(run, chain) {
            return Vec::new();
        }
        let parent = self.world.run(run).and_then(|known| known.run.parent.as_ref());
        let Some(parent) = parent.map(|parent| parent.execution_id.clone()) else {
            return Vec::new();
        };
        let Some(target) = self.world.step(&parent.step).map(Step::target) else {
            return Vec::new();
        };
        let arguments = self.world.arguments(&parent).unwrap_or_default().to_vec();
        let mut parents = vec![parent.run().clone()];
        parents.extend(self.counterparts(parent.run(), chain, seen));
        let call = Spawning { execution: &parent, target: &target, arguments: &arguments };
        let found = parents.iter().map(|run| self.spawned_alike(&call, run, chain));
        let mut runs = found.collect::<Vec<_>>().concat();
        let mut once = BTreeSet::new();
        runs.retain(|run| once.insert(run.clone()));
        runs
    }

    /// What the calls in `run` became that are the same as this one: this very step in an ancestor,
    /// else those with the same arguments, else the only one there is.
    fn spawned_alike(
        &mut self,
        call: &Spawning<'_>,
        run: &RunId,
        chain: &BTreeSet<EnvironmentId>,
    ) -> Vec<RunId> {
        let became = |number: StepNumber, world: &World| world.became(run, number, chain);
        if call.execution.run() == run {
            let own = became(call.execution.step.number, self.world);
            if !own.is_empty() {
                return own;
            }
        }
        let compared = Compared {
            run,
            chain,
            target: call.target,
            arguments: call.arguments,
            params: &Params::All,
        };
        let alike = self.prints.same(self.world, self.blobs, compared);
        let mut alike: Vec<Vec<RunId>> = self.world.knowing(call.target, self.blobs, |known| {
            let same = alike.into_iter().filter(|number| {
                let step = self.world.run(run).and_then(|run| run.run.steps.get(number));
                step.is_some_and(|step| {
                    key_differs(&step.arguments, call.arguments, &Params::All, known).is_some()
                })
            });
            let runs = same.map(|number| became(number, self.world));
            runs.filter(|runs| !runs.is_empty()).collect()
        });
        if alike.is_empty() {
            let all = self.world.calls_of(run, call.target).iter();
            let mut all = all.map(|number| became(*number, self.world)).filter(|r| !r.is_empty());
            return match (all.next(), all.next()) {
                (Some(only), None) => only,
                _ => Vec::new(),
            };
        }
        // Equal calls stand for each other in the order they were made.
        let before = self.equal_calls_before(call) % alike.len();
        alike.rotate_left(before);
        alike.concat()
    }

    /// How many equal calls its caller made before.
    fn equal_calls_before(&self, call: &Spawning<'_>) -> usize {
        let step = self.world.step(&call.execution.step);
        let caller = step.and_then(|step| step.parent_id.as_ref());
        let known = self.world.known(call.execution.run());
        let (Some(caller), Some(known)) = (caller, known) else { return 0 };
        let siblings = known.by_parent.get(caller).into_iter().flatten();
        let earlier = siblings.take_while(|number| **number != call.execution.step.number);
        let equal = earlier.filter(|number| {
            let step = known.stored.run.steps.get(number);
            step.is_some_and(|step| {
                let arguments = step.arguments.iter().map(Value::known);
                step.target() == *call.target
                    && arguments.eq(call.arguments.iter().map(Value::known))
            })
        });
        equal.count()
    }
}

impl World {
    /// Whether a run happened, or began, in an imported environment among these.
    fn is_recorded(&self, run: &RunId, chain: &BTreeSet<EnvironmentId>) -> bool {
        let steps = self.run(run).into_iter().flat_map(|known| known.run.steps.values());
        let mut executions = steps.flat_map(|step| step.executions.values());
        executions.any(|execution| self.is_ancestors(execution, chain))
    }

    fn is_ancestors(&self, execution: &Execution, chain: &BTreeSet<EnvironmentId>) -> bool {
        self.sees(chain, execution) && !self.is_local_execution(execution)
    }

    /// The runs that a step became in an ancestor, the newest first.
    fn became(
        &self,
        run: &RunId,
        number: StepNumber,
        chain: &BTreeSet<EnvironmentId>,
    ) -> Vec<RunId> {
        let step = self.run(run).and_then(|known| known.run.steps.get(&number));
        let executions = step.into_iter().flat_map(|step| step.executions.values().rev());
        let recorded = executions.filter(|execution| self.is_ancestors(execution, chain));
        let spawned = recorded.filter_map(|execution| match &execution.result.as_ref()?.ended {
            Ended::Spawned(root) => Some(root.execution_id.run().clone()),
            _ => None,
        });
        spawned.filter(|run| self.knows_run(run)).collect()
    }
}
