//! Calls compared by their decoded values: the same values pin although the keys differ.

use std::collections::BTreeSet;

use hindcast_model::record::KeyDiffers;
use hindcast_model::{
    BlobKey, Blobs, Data, EnvironmentId, Execution, ExecutionId, Known, Params, RunId, Step,
    Target, Value, key_differs,
};

use crate::handling::Handling;
use crate::live::PendingCall;
use crate::message::Handle;
use crate::resolve::{Last, Resolution};
use crate::world::World;

/// A call, as it is compared with others.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub(crate) run: &'a RunId,
    /// The caller's environment and its ancestors.
    pub(crate) chain: &'a BTreeSet<EnvironmentId>,
    pub(crate) target: &'a Target,
    pub(crate) arguments: &'a [Value],
    /// Which arguments count.
    pub(crate) params: &'a Params,
}

impl World {
    /// Calls `what` with all that is known about values.
    pub(crate) fn knowing<T>(
        &self,
        target: &Target,
        blobs: &dyn Blobs,
        what: impl FnOnce(&Known<'_>) -> T,
    ) -> T {
        let handles = |id: &ExecutionId| self.value(id).map(|value| value.decode(blobs));
        let pickles = |key: &BlobKey| *key;
        let defaults: &[Option<Data>] = self.defaults(target);
        what(&Known { blobs, handles: &handles, pickles: &pickles, defaults })
    }

    /// Executions of a run's calls of a target, seen from an environment.
    pub(crate) fn seen_calls<'a>(
        &'a self,
        call: Compared<'a>,
    ) -> impl Iterator<Item = (&'a Step, &'a Execution)> {
        let run = self.run(call.run);
        let numbers = self.calls_of(call.run, call.target).iter();
        let steps = numbers.filter_map(move |number| run?.run.steps.get(number));
        self.seen(call.chain, steps)
    }

    /// Executions of steps, seen from an environment, with the arguments of their step.
    pub(crate) fn seen<'a>(
        &'a self,
        chain: &'a BTreeSet<EnvironmentId>,
        steps: impl Iterator<Item = &'a Step>,
    ) -> impl Iterator<Item = (&'a Step, &'a Execution)> {
        let executions =
            steps.flat_map(|step| step.executions.values().map(move |execution| (step, execution)));
        executions.filter(move |(_, execution)| {
            self.sees(chain, execution) && self.edited(&execution.execution_id).is_none()
        })
    }

    /// Whether an execution answers a memo lookup: it has a value, or is under way here. (One that
    /// had no result when it was exported never will have one.)
    pub(crate) fn answers(&self, execution: &Execution) -> bool {
        match &execution.result {
            None => self.is_local_execution(execution),
            Some(outcome) => {
                outcome.value().is_some()
                    && !self.spoiled(&execution.execution_id)
                    && !self.is_stale_mock(execution)
            }
        }
    }
}

impl Handling<'_> {
    /// The newest memoised execution whose arguments are the same as values, and why its key is
    /// another.
    pub(crate) fn same_values(&mut self, call: Compared<'_>) -> Option<(ExecutionId, KeyDiffers)> {
        let same = self.prints.same(self.world, self.blobs, call);
        let steps =
            same.iter().filter_map(|number| self.world.run(call.run)?.run.steps.get(number));
        let seen = self.world.seen(call.chain, steps.filter(|step| step.is_memoised()));
        let mut candidates: Vec<_> =
            seen.filter(|(_, execution)| self.world.answers(execution)).collect();
        candidates.sort_by_key(|(_, execution)| (execution.created_at, &execution.execution_id));
        self.world.knowing(call.target, self.blobs, |known| {
            candidates.into_iter().rev().find_map(|(step, execution)| {
                let cause = key_differs(&step.arguments, call.arguments, call.params, known)?;
                Some((execution.execution_id.clone(), cause))
            })
        })
    }

    /// What a call's arguments still wait for, where knowing it could pin the call: the value of a
    /// handle is not there yet, and there is a memoised call it could be the same as.
    pub(crate) fn unknown_yet(&self, call: Compared<'_>) -> Vec<Handle> {
        let counted = call.arguments.iter().enumerate();
        let counted = counted.filter(|(index, _)| call.params.covers(*index));
        let counted: Vec<&Value> = counted.map(|(_, value)| value).collect();
        let handles = self.world.referred(&counted);
        let pending = handles.iter().filter_map(|handle| match self.world.resolve(handle) {
            Resolution::Pending(at) => Some(at),
            _ => None,
        });
        let pending: Vec<Handle> = pending.collect();
        let mut seen = self.world.seen_calls(call);
        let comparable = |(step, execution): (&Step, &Execution)| {
            step.is_memoised() && self.world.answers(execution) && has_handles(&step.arguments)
        };
        if !pending.is_empty() && seen.any(comparable) { pending } else { Vec::new() }
    }

    /// The execution that answers a call when only chosen steps run: one of the same call, memoised
    /// or not, however it ended. Of several, each answers once, in the order they were made, those
    /// with a value first.
    pub(crate) fn same_call(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
    ) -> Option<ExecutionId> {
        let environment = self.live.get(caller)?.environment;
        let chain = self.world.chain(environment);
        let runs = self.looked_up_in(caller, &chain);
        let used = self.used_by(caller);
        let mut found = Vec::new();
        for run in &runs {
            let compared = Compared {
                run,
                chain: &chain,
                target: &call.submit.target,
                arguments: &call.submit.arguments,
                params: &Params::All,
            };
            found.extend(self.same_calls_of(compared));
        }
        let best = found.into_iter().min_by_key(|(id, has_value)| {
            let run = runs.iter().position(|run| run == id.run());
            (used.contains(id), !has_value, run, id.step.number)
        });
        best.map(|(id, _)| id)
    }

    /// Whether the code is to be asked before it is known if there is such an execution.
    pub(crate) fn same_call_turns_on_defaults(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
    ) -> bool {
        let Some(environment) = self.live.get(caller).map(|one| one.environment) else {
            return false;
        };
        let chain = self.world.chain(environment);
        let runs = self.looked_up_in(caller, &chain);
        let compared = runs.iter().map(|run| Compared {
            run,
            chain: &chain,
            target: &call.submit.target,
            arguments: &call.submit.arguments,
            params: &Params::All,
        });
        self.to_ask(caller, compared, false)
    }

    /// What a caller's calls were answered by already, also where a step of its own carries it.
    fn used_by(&self, caller: &ExecutionId) -> BTreeSet<ExecutionId> {
        let children = self.world.execution(caller).map(|known| known.children.as_slice());
        let mut used = BTreeSet::new();
        for id in children.unwrap_or_default().iter().map(hindcast_model::Child::execution_id) {
            let result = self.world.execution(&id).and_then(|known| known.result.as_ref());
            used.extend(
                result
                    .and_then(|outcome| outcome.shared_with())
                    .map(|shared| shared.execution_id.clone()),
            );
            used.insert(id);
        }
        used
    }

    /// The executions of a run that are the same call, memoised or not, with whether each has a
    /// value; of each step the newest.
    fn same_calls_of(&mut self, call: Compared<'_>) -> Vec<(ExecutionId, bool)> {
        let steps = self.prints.same(self.world, self.blobs, call);
        self.world.knowing(call.target, self.blobs, |known| {
            let same = steps.into_iter().filter_map(|number| {
                let step = self.world.run(call.run)?.run.steps.get(&number)?;
                key_differs(&step.arguments, call.arguments, call.params, known)?;
                self.newest_answer(step, call.chain)
            });
            same.collect()
        })
    }

    /// A step's newest execution that has ended or will here, and whether it has a value.
    fn newest_answer(
        &self,
        step: &Step,
        chain: &BTreeSet<EnvironmentId>,
    ) -> Option<(ExecutionId, bool)> {
        let seen = step.executions.values().rev().filter(|execution| {
            self.world.sees(chain, execution)
                && self.world.edited(&execution.execution_id).is_none()
                && !self.world.is_stale_mock(execution)
        });
        let mut ends = seen.filter_map(|execution| {
            let id = &execution.execution_id;
            match self.world.last(id) {
                Last::Ended(outcome) => Some((id.clone(), outcome.value().is_some())),
                Last::Open(_) => Some((id.clone(), false)),
                Last::Never(_) | Last::Unknown(_) => None,
            }
        });
        ends.next()
    }
}

fn has_handles(arguments: &[Value]) -> bool {
    let references = arguments.iter().flat_map(Value::references);
    references
        .into_iter()
        .any(|reference| matches!(reference, hindcast_model::Reference::Execution { .. }))
}
