//! What the calls below a step will be that takes edited arguments.

use std::collections::HashMap;

use hindcast_model::record::MissReason;
use hindcast_model::{
    Child, Execution, ExecutionId, Fingerprint, Fingerprints, Known, Params, Step, StepNumber,
    Target, Value, cache_key, key_differs, memo_key,
};

use super::flow::{Answer, Fate, Takes};
use super::set::params;
use super::{Arguments, PlannedState, Planner, Policy, Why};

type Verdict = (PlannedState, Why);

/// Steps of a target, by what these of their arguments are.
pub(super) type ByValues =
    HashMap<(Target, Vec<usize>), HashMap<Vec<Fingerprint>, Vec<StepNumber>>>;

impl<'a> Planner<'a> {
    /// What a call will be, of a caller that edited arguments reach.
    pub(super) fn judge_edited(
        &mut self,
        caller: &Execution,
        child: &Child,
        takes: &Takes,
    ) -> Verdict {
        let number = child.step_id.number;
        let at_guard = (caller.execution_id.clone(), number);
        let Some(step) = self.view.step(number).filter(|_| takes.change()) else {
            return self.judge(caller, child);
        };
        let is_set = self.set.verdict(number, step).is_some();
        if is_set && !self.only_one(caller, step) {
            // What is set is for the call with the recorded arguments.
            return (PlannedState::Unknown, Why::Edited);
        }
        if is_set || self.rerun.pinned_at_guard.contains_key(&at_guard) {
            return self.judge(caller, child);
        }
        let ruled = self.set.has_rule(step);
        if !step.is_memoised() && !ruled {
            return self.judge_unmemoised(step, takes);
        }
        let counted = self.set.counted(step);
        let counts = |place: &usize| !matches!(takes.at(*place), Fate::Same);
        if self.chosen.contains(&number) || !counted.iter().any(counts) {
            return self.judge(caller, child);
        }
        if let Arguments::DependsOn(step) =
            self.set.arguments(step, |number| self.running.contains(&number))
        {
            return (PlannedState::Unknown, Why::DependsOn { step });
        }
        if let Some(why) = self.untold(takes, &counted) {
            return (PlannedState::Unknown, why);
        }
        if ruled {
            return (PlannedState::Unknown, Why::Edited);
        }
        let Some(arguments) = self.taken(step, takes) else {
            return (PlannedState::Unknown, Why::Edited);
        };
        if let Some(why) = self.same_memoised(step, &arguments, &counted) {
            return (PlannedState::Pinned, why);
        }
        self.judge_unpinned_edited(step, takes, &arguments)
    }

    /// What is planned to answer a call.
    pub(super) fn answer(&self, (state, why): &Verdict, step: StepNumber) -> Answer {
        match (state, why) {
            (PlannedState::Run, _) => Answer::Runs,
            (
                PlannedState::Pinned,
                Why::MemoKey { execution }
                | Why::Cache { execution }
                | Why::Isolate { execution }
                | Why::ByHand { execution }
                | Why::Rule { execution }
                | Why::Values { execution, .. },
            ) => Answer::Execution(execution.clone()),
            (PlannedState::Mocked, Why::Mock { name }) => {
                let setting = self.rerun.by_hand.steps.get(&self.rerun.run.step_id(step));
                let value = setting.and_then(|setting| setting.mocks.get(name));
                value.map_or(Answer::Open, |value| Answer::Value(value.decode(self.rerun.blobs)))
            }
            _ => Answer::Open,
        }
    }

    /// Whether the caller called this target once only: then a call of it is that one, whatever it
    /// takes.
    fn only_one(&self, caller: &Execution, step: &Step) -> bool {
        let steps = caller.children.iter().filter_map(|child| self.view.step(child.step_id.number));
        steps.filter(|other| other.target() == step.target()).count() == 1
    }

    /// Why only running will tell, where one of these arguments is not known.
    fn untold(&self, takes: &Takes, places: &[usize]) -> Option<Why> {
        let mut open = places.iter().filter_map(|place| match takes.at(*place) {
            Fate::Open(step) => Some(*step),
            _ => None,
        });
        Some(match open.next()? {
            Some(step) => Why::DependsOn { step: self.rerun.run.step_id(step) },
            None => Why::Edited,
        })
    }

    /// What a call will be called with. What is not known stays as it was recorded; none where a value
    /// cannot be written.
    fn taken(&self, step: &Step, takes: &Takes) -> Option<Vec<Value>> {
        let arguments = step.arguments.iter().enumerate();
        let one = |(place, value): (usize, &Value)| match takes.at(place) {
            Fate::Becomes(data) => Some(data.encode(&self.rerun.encoding).ok()?.0),
            Fate::Same | Fate::Open(_) => Some(value.clone()),
        };
        arguments.map(one).collect()
    }

    /// Why a memoised call with these arguments is pinned, if it is.
    fn same_memoised(&mut self, step: &'a Step, new: &[Value], counted: &[usize]) -> Option<Why> {
        let target = step.target();
        let params = params(step).unwrap_or(Params::All);
        let key = memo_key(&target, new, &params).ok()?;
        let numbers = self.by_memo.get(key.shown()).into_iter().flatten();
        let steps = numbers.filter_map(|number| Some((*number, self.rerun.run.steps.get(number)?)));
        let same = steps.filter(|(_, other)| {
            let agrees = other.memo_key.as_ref().is_some_and(|own| own.agrees(&key));
            agrees && other.target() == target
        });
        if let Some(execution) = self.newest_usable(same) {
            return Some(Why::MemoKey { execution });
        }
        let same = self.with_values(step, new, counted);
        let run = self.rerun.run;
        let memoised =
            same.into_iter().filter_map(|number| Some((number, run.steps.get(&number)?)));
        let memoised: Vec<(StepNumber, &Step)> =
            memoised.filter(|(_, other)| other.is_memoised()).collect();
        let execution = self.newest_usable(memoised.into_iter())?;
        let known = Known::only(self.rerun.blobs);
        let other = run.steps.get(&execution.step.number)?;
        let cause = key_differs(&other.arguments, new, &params, &known)?;
        Some(Why::Values { execution, cause })
    }

    /// The visible steps of the same target whose arguments at these places are the same values.
    fn with_values(&mut self, step: &Step, new: &[Value], places: &[usize]) -> Vec<StepNumber> {
        let (target, blobs) = (step.target(), self.rerun.blobs);
        let mut prints = Fingerprints::new(Known::only(blobs));
        let mut print = |arguments: &[Value]| -> Option<Vec<Fingerprint>> {
            let values = places.iter().map(|place| arguments.get(*place));
            values.map(|value| prints.of(&value?.decode(blobs))).collect()
        };
        let Some(wanted) = print(new) else { return Vec::new() };
        let key = (target.clone(), places.to_vec());
        let known = self.by_values.entry(key).or_insert_with(|| {
            let mut known: HashMap<Vec<Fingerprint>, Vec<StepNumber>> = HashMap::new();
            for (number, other) in self.view.steps().filter(|(_, other)| other.target() == target) {
                if let Some(print) = print(&other.arguments) {
                    known.entry(print).or_default().push(number);
                }
            }
            known
        });
        known.get(&wanted).cloned().unwrap_or_default()
    }

    fn judge_unmemoised(&mut self, step: &'a Step, takes: &Takes) -> Verdict {
        match self.taken(step, takes) {
            Some(arguments) => self.judge_unpinned_edited(step, takes, &arguments),
            None => (PlannedState::Unknown, Why::Edited),
        }
    }

    /// What a call will be that no memo answers.
    fn judge_unpinned_edited(
        &mut self,
        step: &'a Step,
        takes: &Takes,
        arguments: &[Value],
    ) -> Verdict {
        if let Some(execution) = self.cached_edited(step, takes, arguments) {
            return (PlannedState::Pinned, Why::Cache { execution });
        }
        if self.rerun.policy == Policy::Isolate {
            let all: Vec<usize> = (0..step.arguments.len()).collect();
            if let Some(why) = self.untold(takes, &all) {
                return (PlannedState::Unknown, why);
            }
            let same = self.with_values(step, arguments, &all);
            let ended = same.iter().rev().find_map(|number| self.ended(self.view.step(*number)?));
            if let Some(execution) = ended {
                return (PlannedState::Pinned, Why::Isolate { execution });
            }
        }
        match self.may_run(step, step.is_memoised()) {
            Some(why) => (PlannedState::Run, why),
            None => (PlannedState::Blocked, Why::Miss { reason: MissReason::ArgumentsDiffer }),
        }
    }

    /// The execution whose result a step with these arguments would share.
    fn cached_edited(
        &self,
        step: &'a Step,
        takes: &Takes,
        arguments: &[Value],
    ) -> Option<ExecutionId> {
        let cache = step.cache_config.as_ref()?;
        let places: Vec<usize> = match &cache.params {
            Params::All => (0..arguments.len()).collect(),
            Params::Only(places) => places.clone(),
        };
        if self.untold(takes, &places).is_some() {
            return None;
        }
        let key = cache_key(&step.target(), arguments, cache).ok()?;
        self.cached_by(&key, cache)
    }
}
