//! What a re-run would do, told from what the chosen steps called before.
//!
//! The orchestrator decides anew for every call that is really made, by the same rules; a plan only
//! says what it would decide if the code calls what it called before.

mod edited;
mod flow;
mod set;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use hindcast_model::record::Policy;
use hindcast_model::record::{KeyDiffers, MissReason};
use hindcast_model::{
    Attempt, Blobs, ByHand, CacheConfig, Child, Encoding, Ended, EnvironmentId, Environments,
    Execution, ExecutionId, Key, Origin, Outcome, Run, RunId, Step, StepId, StepNumber, Target,
    Timestamp, Value,
};
use serde::Serialize;
use ts_rs::TS;

use crate::view::View;
use edited::ByValues;
use flow::{Flows, Takes};
use set::{Arguments, Set};

/// What a call will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlannedState {
    /// Answered by an existing execution.
    Pinned,
    /// Answered by a value that a person gave.
    Mocked,
    /// Its body runs.
    Run,
    /// It would run, and may not.
    Blocked,
    /// Only running will tell.
    Unknown,
}

/// Why a call will be what it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Why {
    /// Run: a person chose it.
    Chosen,
    /// Run: the run has no ancestor.
    FreshRun,
    /// Run: it is not memoised, and the ancestor ran its target too.
    Unmemoised,
    /// Run: the policy allows everything, or its target is allowed by name.
    Allowed,
    /// Pinned: this execution has its memo key.
    MemoKey {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// Pinned: a new step will share this execution's result, and its body will not run.
    Cache {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// Pinned: the policy takes the execution of the same call.
    Isolate {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// Pinned: it is memoised, and is itself chosen, so its new execution answers.
    ChosenToo,
    /// Pinned: a person pinned it to this execution.
    ByHand {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// Mocked: a person gave this value for it.
    Mock {
        /// The mock's name.
        name: String,
    },
    /// Run: a person unpinned it.
    Unpinned,
    /// Pinned: this execution is the same by the matching rule of its target.
    Rule {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// Pinned: its memo key will be another, but its values are those of this execution.
    Values {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
        /// Why the key will be another.
        #[ts(type = "string")]
        cause: KeyDiffers,
    },
    /// Blocked: nothing answers it.
    Miss {
        /// Why not.
        #[ts(type = "string")]
        reason: MissReason,
    },
    /// Unknown: an argument is a handle on this step, which runs again: the call is pinned
    /// if its result is the same.
    DependsOn {
        /// Which.
        #[ts(type = "string")]
        step: StepId,
    },
    /// Unknown: its caller makes what it takes of edited arguments, nobody knows how.
    Edited,
    /// Unknown: the attempt that is known stopped here, so nothing tells what comes next.
    Stopped,
    /// Unknown: it becomes a run of its own, as this one before.
    OtherRun {
        /// The run it became before.
        #[ts(type = "string")]
        run: RunId,
    },
    /// Unknown: the export does not hold the step.
    NotHere,
}

/// A call in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlannedCall {
    /// How deep below the chosen step, which has 0.
    pub depth: u32,
    /// The step that made the same call before; none for what is not known.
    #[ts(type = "string | null")]
    pub step: Option<StepId>,
    /// What it calls, where that is known.
    #[ts(type = "string | null")]
    pub target: Option<Target>,
    /// What it will be.
    pub state: PlannedState,
    /// Why.
    pub why: Why,
    /// Whether it takes what a person edited, as far as the values tell.
    pub edited: bool,
}

/// What a re-run would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Plan {
    /// The chosen steps, each followed by the calls below it, in call order.
    pub calls: Vec<PlannedCall>,
}

/// What a plan is made for.
#[derive(Clone, Copy)]
pub struct Rerun<'a> {
    /// The run.
    pub run: &'a Run,
    /// All environments.
    pub environments: &'a Environments,
    /// The local environment it would happen in.
    pub environment: EnvironmentId,
    /// The steps to run again.
    pub chosen: &'a [StepNumber],
    /// Which calls are pinned.
    pub policy: Policy,
    /// Targets that may run whatever the ancestor did.
    pub allow: &'a [Target],
    /// What a person set by hand.
    pub by_hand: &'a ByHand,
    /// Contents of values, as far as what is set by hand makes them matter.
    pub blobs: &'a dyn Blobs,
    /// How values are written in the local environment.
    pub encoding: Encoding,
    /// Executions that took edited arguments: they answer no memoised call.
    pub edited_arguments: &'a BTreeMap<(StepNumber, Attempt), Vec<Value>>,
    /// What the chosen step is called with, if a person edited that.
    pub edited: Option<&'a [Value]>,
    /// The calls that a person pinned at the guard, by their caller and the step that answered, and
    /// why they had missed: they miss again.
    pub pinned_at_guard: &'a BTreeMap<(ExecutionId, StepNumber), MissReason>,
    /// The time at which it would begin: results in the cache age.
    pub now: Timestamp,
}

impl Plan {
    /// What the re-run would do.
    pub fn of(rerun: &Rerun<'_>) -> Self {
        let view = View::new(rerun.run, rerun.environments, rerun.environment);
        let set = Set::new(&view, rerun.by_hand, rerun.blobs, rerun.encoding);
        let mut planner = Planner::new(rerun, &view, set);
        for &step in rerun.chosen {
            planner.plan_below(step);
        }
        Self { calls: planner.calls }
    }

    /// How many calls will be in this state.
    pub fn count(&self, state: PlannedState) -> usize {
        self.calls.iter().filter(|call| call.state == state).count()
    }
}

/// Beyond this nothing more is listed: steps chosen one below the other repeat what is below them.
const MOST_CALLS: usize = 1_000_000;

struct Planner<'a> {
    rerun: &'a Rerun<'a>,
    view: &'a View<'a>,
    set: Set<'a>,
    has_ancestor: bool,
    chosen: HashSet<StepNumber>,
    /// Steps by the part of their memo key that exports show.
    by_memo: HashMap<&'a str, Vec<StepNumber>>,
    /// The same where old exports do not hold the key: by that over all arguments.
    by_key_over_all: HashMap<Key, Vec<StepNumber>>,
    by_cache: HashMap<&'a str, Vec<StepNumber>>,
    /// What imported ancestors ran without memo.
    ran_unmemoised: HashSet<(&'a str, &'a str)>,
    /// Steps that are planned to run again.
    running: HashSet<StepNumber>,
    /// Of these, those whose calls are listed below the present chosen step.
    opened: HashSet<StepNumber>,
    /// What becomes of edited arguments, in the steps that they reach.
    flows: Flows<'a>,
    by_values: ByValues,
    calls: Vec<PlannedCall>,
}

/// What is left to plan.
enum Next<'a> {
    Call(&'a Execution, &'a Child),
    Unknown(Why),
}

impl<'a> Planner<'a> {
    fn new(rerun: &'a Rerun<'a>, view: &'a View<'a>, set: Set<'a>) -> Self {
        let mut planner = Self {
            rerun,
            view,
            set,
            has_ancestor: false,
            chosen: rerun.chosen.iter().copied().collect(),
            by_memo: HashMap::new(),
            by_key_over_all: HashMap::new(),
            by_cache: HashMap::new(),
            ran_unmemoised: HashSet::new(),
            running: HashSet::new(),
            opened: HashSet::new(),
            flows: Flows::new(rerun.run, rerun.blobs),
            by_values: ByValues::new(),
            calls: Vec::new(),
        };
        for (number, step) in view.steps() {
            let shown = |key: &'a Option<Key>| key.as_ref().map(Key::shown);
            if let Some(key) = shown(&step.memo_key) {
                planner.by_memo.entry(key).or_default().push(number);
            }
            if let Some(key) = step.key_over_all().filter(|_| step.memo_key.is_none()) {
                planner.by_key_over_all.entry(key).or_default().push(number);
            }
            if let Some(key) = shown(&step.cache_key) {
                planner.by_cache.entry(key).or_default().push(number);
            }
            let imported = view.attempts(step).any(|(_, execution)| planner.is_imported(execution));
            planner.has_ancestor |= imported;
            if imported && !step.is_memoised() {
                planner.ran_unmemoised.insert((&step.module, &step.target));
            }
        }
        planner
    }

    fn is_imported(&self, execution: &Execution) -> bool {
        self.view.environment(execution).is_some_and(|(_, origin)| origin == Origin::Imported)
    }

    fn plan_below(&mut self, chosen: StepNumber) {
        self.opened.clear();
        let edited = self.rerun.edited.is_some();
        if let Some(arguments) = self.rerun.edited {
            self.flows.begin(chosen, arguments);
        }
        self.say(0, Some(chosen), (PlannedState::Run, Why::Chosen), edited);
        let mut stack: Vec<(u32, Next<'a>)> = Vec::new();
        self.open(chosen, 1, &mut stack);
        while let Some((depth, next)) = stack.pop() {
            match next {
                Next::Unknown(why) => self.say(depth, None, (PlannedState::Unknown, why), false),
                Next::Call(caller, child) => {
                    let number = child.step_id.number;
                    let takes = self.flows.takes(caller, child);
                    let verdict = match &takes {
                        Some(takes) => self.judge_edited(caller, child, takes),
                        None => self.judge(caller, child),
                    };
                    let state = verdict.0;
                    let edited = takes.as_ref().is_some_and(Takes::follow_edited);
                    if let Some(takes) = takes {
                        let answer = self.answer(&verdict, number);
                        self.flows.called(caller, child, &takes, &answer);
                    }
                    self.say(depth, Some(number), verdict, edited);
                    if state == PlannedState::Run {
                        self.open(number, depth + 1, &mut stack);
                    }
                }
            }
        }
    }

    fn say(
        &mut self,
        depth: u32,
        step: Option<StepNumber>,
        (state, why): (PlannedState, Why),
        edited: bool,
    ) {
        let known = step.and_then(|number| self.rerun.run.steps.get(&number));
        self.calls.push(PlannedCall {
            depth,
            step: step.map(|number| self.rerun.run.step_id(number)),
            target: known.map(Step::target),
            state,
            why,
            edited,
        });
    }

    /// Puts what a step called, and what is not known of it, on the stack. Each step once: callers
    /// in a circle would never end.
    fn open(&mut self, number: StepNumber, depth: u32, stack: &mut Vec<(u32, Next<'a>)>) {
        self.running.insert(number);
        if !self.opened.insert(number) || self.calls.len() > MOST_CALLS {
            return;
        }
        let Some(execution) = self.telling(number) else {
            stack.push((depth, Next::Unknown(Why::NotHere)));
            return;
        };
        match execution.result.as_ref().map(|outcome| &outcome.ended) {
            Some(Ended::Value(_) | Ended::Cached(_)) => {}
            Some(Ended::Spawned(root) | Ended::Deferred(root)) => {
                let run = root.execution_id.step.run.clone();
                stack.push((depth, Next::Unknown(Why::OtherRun { run })));
            }
            _ => stack.push((depth, Next::Unknown(Why::Stopped))),
        }
        let mut seen = HashSet::new();
        let first = stack.len();
        let own = execution.children.iter().filter(|child| child.step_id.run == self.rerun.run.id);
        let once = own.filter(|child| seen.insert(child.step_id.number));
        stack.extend(once.map(|child| (depth, Next::Call(execution, child))));
        stack[first..].reverse();
    }

    /// The attempt that tells most of what a step calls: the newest with a value, else the newest.
    fn telling(&self, number: StepNumber) -> Option<&'a Execution> {
        let step = self.view.step(number)?;
        let attempts = self.view.attempts(step).map(|(attempt, execution)| {
            let whole = execution.result.as_ref().is_some_and(|outcome| outcome.value().is_some());
            ((whole, execution.created_at, attempt), execution)
        });
        attempts.max_by_key(|(rank, _)| *rank).map(|(_, execution)| execution)
    }

    fn judge(&self, caller: &Execution, child: &Child) -> (PlannedState, Why) {
        let number = child.step_id.number;
        let Some(step) = self.view.step(number) else {
            return (PlannedState::Unknown, Why::NotHere);
        };
        if let Some(verdict) = self.set.verdict(number, step) {
            return verdict;
        }
        let at_guard = (caller.execution_id.clone(), number);
        if let Some(&reason) = self.rerun.pinned_at_guard.get(&at_guard) {
            // What answered was another call: this one has arguments of its own.
            return if self.is_allowed(step) {
                (PlannedState::Run, Why::Allowed)
            } else {
                (PlannedState::Blocked, Why::Miss { reason })
            };
        }
        let ruled = self.set.has_rule(step);
        if (step.is_memoised() || ruled)
            && let Some(verdict) = self.judge_memoised(number, step)
        {
            return verdict;
        }
        self.judge_unpinned(step, step.is_memoised() || ruled)
    }

    /// What answers a memoised call, if anything does.
    fn judge_memoised(&self, number: StepNumber, step: &Step) -> Option<(PlannedState, Why)> {
        if self.chosen.contains(&number) {
            return Some((PlannedState::Pinned, Why::ChosenToo));
        }
        let arguments = self.set.arguments(step, |number| self.running.contains(&number));
        let cause = match arguments {
            Arguments::DependsOn(step) => {
                return Some((PlannedState::Unknown, Why::DependsOn { step }));
            }
            Arguments::Differ if self.is_allowed(step) => return None,
            Arguments::Differ => {
                let reason = MissReason::ArgumentsDiffer;
                return Some((PlannedState::Blocked, Why::Miss { reason }));
            }
            Arguments::OtherKey(cause) => Some(cause),
            Arguments::Same => None,
        };
        let by_rule = || self.ended_with_value(step).filter(|_| self.set.has_rule(step));
        Some(match (self.memo_hit(step), cause) {
            (Some(execution), None) => (PlannedState::Pinned, Why::MemoKey { execution }),
            (Some(execution), Some(cause)) if !self.set.has_rule(step) => {
                (PlannedState::Pinned, Why::Values { execution, cause })
            }
            (execution, _) => {
                let execution = execution.or_else(by_rule)?;
                (PlannedState::Pinned, Why::Rule { execution })
            }
        })
    }

    /// Coflux's memo rule: the newest execution with this key that has a value, or is under way
    /// here.
    fn memo_hit(&self, step: &'a Step) -> Option<ExecutionId> {
        self.newest_usable(self.with_memo_key_of(step).into_iter())
    }

    /// The newest execution of these steps that can answer a memoised call.
    fn newest_usable(
        &self,
        steps: impl Iterator<Item = (StepNumber, &'a Step)>,
    ) -> Option<ExecutionId> {
        let usable = steps.flat_map(|(number, step)| {
            self.view.attempts(step).filter(move |(attempt, execution)| {
                let edited = self.rerun.edited_arguments.contains_key(&(number, *attempt));
                !edited && self.answers(execution)
            })
        });
        let newest =
            usable.max_by_key(|(_, execution)| (execution.created_at, &execution.execution_id));
        newest.map(|(_, execution)| execution.execution_id.clone())
    }

    /// The steps with the memo key of this one, itself among them. Old exports do not hold it: then
    /// those that have the same one if it is over all arguments, as another would not be known.
    fn with_memo_key_of(&self, step: &'a Step) -> Vec<(StepNumber, &'a Step)> {
        let steps = &self.rerun.run.steps;
        let same_target = |number: &StepNumber| {
            let other = steps.get(number)?;
            let same = (&other.module, &other.target) == (&step.module, &step.target);
            same.then_some((*number, other))
        };
        if let Some(key) = &step.memo_key {
            let numbers = self.by_memo.get(key.shown()).into_iter().flatten();
            let agrees = |other: &Step| other.memo_key.as_ref().is_some_and(|own| own.agrees(key));
            return numbers.filter_map(same_target).filter(|(_, other)| agrees(other)).collect();
        }
        let own = step.is_memoised().then_some((step.step_number, step));
        match step.key_over_all().and_then(|key| self.by_key_over_all.get(&key)) {
            Some(numbers) => numbers.iter().filter_map(same_target).collect(),
            None => own.into_iter().collect(),
        }
    }

    fn answers(&self, execution: &Execution) -> bool {
        match &execution.result {
            Some(outcome) => outcome.value().is_some() && !self.is_mocked(execution),
            None => !self.is_imported(execution),
        }
    }

    /// Whether it carries a value that a person gave, for an earlier re-run: no body of it began.
    fn is_mocked(&self, execution: &Execution) -> bool {
        execution.assigned_at.is_none() && !self.is_imported(execution)
    }

    fn ended_with_value(&self, step: &Step) -> Option<ExecutionId> {
        let with_value = self.view.attempts(step).map(|(_, execution)| execution);
        let with_value = with_value.filter(|one| one.result.is_some() && self.answers(one));
        let newest = with_value.max_by_key(|execution| execution.created_at);
        newest.map(|execution| execution.execution_id.clone())
    }

    fn judge_unpinned(&self, step: &Step, memoised: bool) -> (PlannedState, Why) {
        if let Some(execution) = self.cached(step) {
            return (PlannedState::Pinned, Why::Cache { execution });
        }
        if self.rerun.policy == Policy::Isolate
            && let Some(execution) = self.ended(step)
        {
            return (PlannedState::Pinned, Why::Isolate { execution });
        }
        match self.may_run(step, memoised) {
            Some(why) => (PlannedState::Run, why),
            None => (PlannedState::Blocked, Why::Miss { reason: self.miss(step) }),
        }
    }

    /// Why a call that nothing answers may run, if it may.
    fn may_run(&self, step: &Step, memoised: bool) -> Option<Why> {
        if !self.has_ancestor {
            return Some(Why::FreshRun);
        }
        if self.is_allowed(step) {
            return Some(Why::Allowed);
        }
        let ran = self.ran_unmemoised.contains(&(step.module.as_str(), step.target.as_str()));
        (self.rerun.policy == Policy::Memo && !memoised && ran).then_some(Why::Unmemoised)
    }

    fn is_allowed(&self, step: &Step) -> bool {
        self.rerun.policy == Policy::Open || self.rerun.allow.contains(&step.target())
    }

    /// The newest execution of a step that has ended, those with a value first.
    fn ended(&self, step: &Step) -> Option<ExecutionId> {
        let ended = self.view.attempts(step).filter_map(|(_, execution)| {
            let outcome = execution.result.as_ref()?;
            Some((outcome.value().is_some(), execution))
        });
        let best = ended.max_by_key(|(whole, execution)| (*whole, execution.created_at));
        best.map(|(_, execution)| execution.execution_id.clone())
    }

    /// The execution of this run whose result a new step would share: Coflux's cache rule, as far
    /// as one run tells.
    fn cached(&self, step: &Step) -> Option<ExecutionId> {
        self.cached_by(step.cache_key.as_ref()?, step.cache_config.as_ref()?)
    }

    fn cached_by(&self, key: &Key, cache: &CacheConfig) -> Option<ExecutionId> {
        let same = self.by_cache.get(key.shown())?.iter();
        let executions = same.filter_map(|number| self.view.step(*number)).flat_map(|step| {
            self.view.attempts(step).filter_map(|(_, execution)| {
                let outcome = execution.result.as_ref()?;
                let at = execution.completed_at.unwrap_or(execution.created_at);
                let fresh = cache.max_age.is_none_or(|age| at.after(age) >= self.rerun.now);
                (fresh && outcome.value().is_some()).then_some(execution)
            })
        });
        let newest = executions.max_by_key(|execution| execution.created_at);
        newest.map(|execution| execution.execution_id.clone())
    }

    /// Why no execution answers the same call as before.
    fn miss(&self, step: &Step) -> MissReason {
        match self.view.newest(step) {
            Some((_, execution)) if execution.result.is_none() => MissReason::NeverFinished,
            Some((_, execution)) if became_run(execution) => MissReason::BecameRun,
            Some(_) if step.is_memoised() => MissReason::NotAValue,
            _ => MissReason::NeverCalled,
        }
    }
}

fn became_run(execution: &Execution) -> bool {
    let spawned = |outcome: &Outcome| matches!(outcome.ended, Ended::Spawned(_));
    execution.result.as_ref().is_some_and(spawned)
}
