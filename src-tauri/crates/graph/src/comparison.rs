//! What came out differently between an environment and its ancestor.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindcast_model::record::Call as LocalCall;
use hindcast_model::{
    Attempt, Blobs, Data, Ended, EnvironmentId, Environments, ExecutionId, Fingerprint,
    Fingerprints, Known, Outcome, Run, StepNumber, Target, Value,
};
use serde::Serialize;
use ts_rs::TS;

use crate::Options;
use crate::alignment::{Call, align};
use crate::calls::Entries;
use crate::resolved::{final_outcome, produced};
use crate::tree::EntryKind;
use crate::view::View;

/// How a call compares with its counterpart in the ancestor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Divergence {
    /// Equal inputs, equal outcome.
    Equal,
    /// Equal inputs, another outcome.
    Differs,
    /// Other inputs.
    InputsDiffer,
    /// The ancestor never made this call.
    New,
    /// The ancestor made it, the local attempt did not.
    Unreached,
    /// Equal inputs; one of the two has no outcome yet, or it is not in the export.
    Unfinished,
}

/// A call and its counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComparedCall {
    /// How deep in the call tree, from 0.
    pub depth: u32,
    /// What is called, where that is known.
    #[ts(type = "string | null")]
    pub target: Option<Target>,
    /// The ancestor's newest execution.
    #[ts(type = "string | null")]
    pub ancestor: Option<ExecutionId>,
    /// The newest execution seen from the local environment; the same as the ancestor's where the
    /// call was pinned. None for a call that has no step.
    #[ts(type = "string | null")]
    pub local: Option<ExecutionId>,
    /// How they compare.
    pub divergence: Divergence,
}

/// Two environments' calls in one run, aligned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Callers before what they call, in the local call order; what was not reached stands after
    /// the call that the ancestor made before it.
    pub calls: Vec<ComparedCall>,
    /// The index of the first divergence: the first call to end, in call order, whose inputs are
    /// equal and whose outcome is not. So a caller is not blamed for what it called.
    pub first_divergence: Option<u32>,
}

/// What is compared.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// The run.
    pub run: &'a Run,
    /// All environments.
    pub environments: &'a Environments,
    /// The environment that is compared with.
    pub ancestor: EnvironmentId,
    /// The environment that stands on it.
    pub local: EnvironmentId,
    /// Blob contents, as far as they are here; a value that is not is compared by its key.
    pub blobs: &'a dyn Blobs,
    /// Calls that local executions made, as far as they are known.
    pub calls: &'a [LocalCall],
    /// Arguments that a person edited for single executions.
    pub edited_arguments: &'a BTreeMap<(StepNumber, Attempt), Vec<Value>>,
}

impl Comparison {
    /// Aligns the calls of the two sides, from the root down, and compares what came out.
    pub fn of(sides: &Sides<'_>) -> Self {
        Self::below(sides, sides.run.root().map(|root| root.step_number))
    }

    /// Aligns only a step and what it calls: its newest executions on the two sides, whether or not
    /// the run as it stands calls it still.
    pub fn of_step(sides: &Sides<'_>, step: StepNumber) -> Self {
        Self::below(sides, Some(step))
    }

    fn below(sides: &Sides<'_>, top: Option<StepNumber>) -> Self {
        let handles = |id: &ExecutionId| produced(sides.run, id, sides.blobs);
        let known = Known { handles: &handles, ..Known::only(sides.blobs) };
        let ancestor = View::new(sides.run, sides.environments, sides.ancestor);
        let local = View::new(sides.run, sides.environments, sides.local);
        let options = Options { calls: sides.calls, ..Options::default() };
        let mut walk = Walk {
            sides,
            ancestor: Side::new(&ancestor, Options::default()),
            local: Side::new(&local, options),
            prints: Fingerprints::new(known),
            revisits: 0,
            calls: Vec::new(),
        };
        if let Some(top) = top {
            walk.walk(top);
        }
        let first_divergence = first_divergence(&walk.calls);
        Self { calls: walk.calls, first_divergence }
    }

    /// How each step compares that the local environment sees, by number.
    pub fn by_step(&self) -> HashMap<StepNumber, Divergence> {
        let mut by_step = HashMap::new();
        for call in &self.calls {
            if let Some(local) = &call.local {
                by_step.entry(local.step.number).or_insert(call.divergence);
            }
        }
        by_step
    }
}

/// The first in the order in which calls end. Calls come with callers first; the first that differs
/// is preceded only by those below it.
fn first_divergence(calls: &[ComparedCall]) -> Option<u32> {
    let mut first: Option<usize> = None;
    for (index, call) in calls.iter().enumerate() {
        if first.is_some_and(|first| call.depth <= calls[first].depth) {
            break;
        }
        if call.divergence == Divergence::Differs {
            first = Some(index);
        }
    }
    first.and_then(|first| u32::try_from(first).ok())
}

/// How often a step is taken apart again to be compared with another counterpart. In real runs this
/// is rare; a hostile one could make it quadratic.
const MOST_REVISITS: usize = 10_000;

/// A call of one side.
#[derive(Clone)]
struct Made<'a> {
    step: Option<StepNumber>,
    execution: Option<ExecutionId>,
    target: Option<Target>,
    arguments: &'a [Value],
}

/// What there is to visit.
struct Visit<'a> {
    depth: u32,
    ancestor: Option<Made<'a>>,
    local: Option<Made<'a>>,
    same_inputs: bool,
}

struct Side<'a> {
    view: &'a View<'a>,
    entries: Entries<'a>,
    seen: HashSet<StepNumber>,
    by_ordinal: HashMap<(&'a ExecutionId, u32), &'a LocalCall>,
}

impl<'a> Side<'a> {
    fn new(view: &'a View<'a>, options: Options<'a>) -> Self {
        let calls = options.calls.iter();
        Self {
            view,
            entries: Entries::new(view, &options),
            seen: HashSet::new(),
            by_ordinal: calls.map(|call| ((&call.caller, call.ordinal), call)).collect(),
        }
    }

    /// The step as it was newly executed.
    fn made(&self, sides: &Sides<'a>, number: StepNumber) -> Made<'a> {
        let step = sides.run.steps.get(&number);
        let newest = step.and_then(|step| self.view.newest(step));
        let edited = newest.and_then(|(attempt, _)| sides.edited_arguments.get(&(number, attempt)));
        Made {
            step: Some(number),
            execution: newest.map(|(attempt, _)| sides.run.step_id(number).attempt(attempt)),
            target: step.map(hindcast_model::Step::target),
            arguments: match edited {
                Some(edited) => edited,
                None => step.map_or(&[], |step| &step.arguments),
            },
        }
    }

    /// What a step's newest attempt called.
    fn calls(&mut self, sides: &Sides<'a>, caller: StepNumber) -> Vec<Made<'a>> {
        let entries = self.entries.of(caller).to_vec();
        entries
            .iter()
            .map(|entry| match &entry.kind {
                EntryKind::Own { step, .. } => self.made(sides, *step),
                EntryKind::Reference { execution, .. } => self.made(sides, execution.step.number),
                EntryKind::Missing { step } => self.made(sides, step.number),
                EntryKind::Blocked { target, caller, ordinal, .. } => Made {
                    step: None,
                    execution: None,
                    target: Some(target.clone()),
                    arguments: self
                        .by_ordinal
                        .get(&(caller, *ordinal))
                        .map_or(&[], |call| &call.arguments),
                },
            })
            .collect()
    }
}

struct Walk<'a> {
    sides: &'a Sides<'a>,
    ancestor: Side<'a>,
    local: Side<'a>,
    prints: Fingerprints<'a>,
    revisits: usize,
    calls: Vec<ComparedCall>,
}

impl<'a> Walk<'a> {
    fn walk(&mut self, top: StepNumber) {
        let ancestor = Some(self.ancestor.made(self.sides, top));
        let local = Some(self.local.made(self.sides, top));
        let same_inputs = self.same_arguments(ancestor.as_ref(), local.as_ref());
        let mut stack = vec![Visit { depth: 0, ancestor, local, same_inputs }];
        while let Some(visit) = stack.pop() {
            self.record(&visit);
            let first = stack.len();
            stack.extend(self.below(&visit));
            stack[first..].reverse();
        }
    }

    fn record(&mut self, visit: &Visit<'_>) {
        let execution = |made: &Option<Made<'_>>| made.as_ref()?.execution.clone();
        let target = |made: &Option<Made<'_>>| made.as_ref()?.target.clone();
        let (ancestor, local) = (execution(&visit.ancestor), execution(&visit.local));
        let divergence = match (&visit.ancestor, &visit.local) {
            (None, _) => Divergence::New,
            (_, None) => Divergence::Unreached,
            _ if !visit.same_inputs => Divergence::InputsDiffer,
            _ => self.compare(ancestor.as_ref(), local.as_ref()),
        };
        self.calls.push(ComparedCall {
            depth: visit.depth,
            target: target(&visit.local).or_else(|| target(&visit.ancestor)),
            ancestor,
            local,
            divergence,
        });
    }

    fn compare(
        &mut self,
        ancestor: Option<&ExecutionId>,
        local: Option<&ExecutionId>,
    ) -> Divergence {
        if ancestor.is_some() && ancestor == local {
            return Divergence::Equal;
        }
        let run = self.sides.run;
        let outcome = |id: Option<&ExecutionId>| final_outcome(run, id?);
        match (outcome(ancestor), outcome(local)) {
            (Some(ancestor), Some(local)) if self.same_outcome(ancestor, local) => {
                Divergence::Equal
            }
            (Some(_), Some(_)) => Divergence::Differs,
            _ => Divergence::Unfinished,
        }
    }

    /// Tracebacks do not count: the same exception from an edited file has other lines.
    fn same_outcome(&mut self, ancestor: &Outcome, local: &Outcome) -> bool {
        match (&ancestor.ended, &local.ended) {
            (Ended::Value(ancestor), Ended::Value(local)) => {
                self.same_values(std::slice::from_ref(ancestor), std::slice::from_ref(local))
            }
            (Ended::Error { error: ancestor, .. }, Ended::Error { error: local, .. }) => {
                ancestor.kind == local.kind && ancestor.message == local.message
            }
            (ancestor, local) => std::mem::discriminant(ancestor) == std::mem::discriminant(local),
        }
    }

    fn same_arguments(&mut self, ancestor: Option<&Made<'_>>, local: Option<&Made<'_>>) -> bool {
        match (ancestor, local) {
            (Some(ancestor), Some(local)) => self.same_values(ancestor.arguments, local.arguments),
            _ => false,
        }
    }

    fn same_values(&mut self, ancestor: &[Value], local: &[Value]) -> bool {
        ancestor.len() == local.len()
            && ancestor.iter().zip(local).all(|(ancestor, local)| {
                ancestor.known_equals(local) || {
                    let print = self.print(ancestor);
                    print.is_some() && print == self.print(local)
                }
            })
    }

    fn print(&mut self, value: &Value) -> Option<Fingerprint> {
        let data: Data = value.decode(self.sides.blobs);
        self.prints.of(&data)
    }

    /// What was called below, aligned.
    fn below(&mut self, visit: &Visit<'a>) -> Vec<Visit<'a>> {
        let step = |made: &Option<Made<'_>>| made.as_ref().and_then(|made| made.step);
        let (from, to) = (step(&visit.ancestor), step(&visit.local));
        let fresh_ancestor = from.is_some_and(|step| self.ancestor.seen.insert(step));
        let fresh_local = to.is_some_and(|step| self.local.seen.insert(step));
        if !fresh_ancestor && !fresh_local {
            return Vec::new();
        }
        if from.is_some() && to.is_some() && fresh_ancestor != fresh_local {
            self.revisits += 1;
            if self.revisits > MOST_REVISITS {
                return Vec::new();
            }
        }
        let sides = self.sides;
        let ancestor = from.map_or_else(Vec::new, |step| self.ancestor.calls(sides, step));
        let local = to.map_or_else(Vec::new, |step| self.local.calls(sides, step));
        self.pair_up(visit.depth + 1, &ancestor, &local)
    }

    fn pair_up(&mut self, depth: u32, ancestor: &[Made<'a>], local: &[Made<'a>]) -> Vec<Visit<'a>> {
        let pairs = {
            let known: HashSet<StepNumber> = ancestor.iter().filter_map(|made| made.step).collect();
            let shared = |made: &Made<'_>| made.step.is_some_and(|step| known.contains(&step));
            let all_shared = ancestor.len() == local.len() && local.iter().all(shared);
            let mut describe = |made: &Made<'a>| Call {
                id: made.step,
                target: made.target.clone(),
                // What is the same step on both sides needs no reading of arguments.
                arguments: if all_shared {
                    Vec::new()
                } else {
                    made.arguments.iter().map(|value| self.print(value)).collect()
                },
            };
            let ancestor: Vec<_> = ancestor.iter().map(&mut describe).collect();
            let local: Vec<_> = local.iter().map(&mut describe).collect();
            align(&ancestor, &local)
        };
        let mut counterpart = vec![None; local.len()];
        let mut paired = vec![None; ancestor.len()];
        for pair in pairs {
            counterpart[pair.local] = Some((pair.ancestor, pair.same_inputs));
            paired[pair.ancestor] = Some(pair.local);
        }
        let mut unreached = unreached_after(&paired);
        let mut visits = Vec::new();
        let leave = |visits: &mut Vec<Visit<'a>>, gone: Option<Vec<usize>>| {
            visits.extend(gone.into_iter().flatten().map(|index| Visit {
                depth,
                ancestor: Some(ancestor[index].clone()),
                local: None,
                same_inputs: false,
            }));
        };
        leave(&mut visits, unreached.remove(&None));
        for (index, made) in local.iter().enumerate() {
            let (ancestor, same_inputs) = match counterpart[index] {
                Some((index, same)) => (Some(ancestor[index].clone()), same),
                None => (None, false),
            };
            let same_inputs = same_inputs && self.not_edited(ancestor.as_ref(), made);
            visits.push(Visit { depth, ancestor, local: Some(made.clone()), same_inputs });
            leave(&mut visits, unreached.remove(&Some(index)));
        }
        visits
    }

    /// Whether a re-run of the same step took the arguments the ancestor took.
    fn not_edited(&mut self, ancestor: Option<&Made<'_>>, local: &Made<'_>) -> bool {
        match ancestor {
            Some(ancestor) if ancestor.step == local.step => {
                std::ptr::eq(ancestor.arguments, local.arguments)
                    || self.same_values(ancestor.arguments, local.arguments)
            }
            _ => true,
        }
    }
}

/// Ancestor calls without a counterpart, by the local call that corresponds to the one before.
fn unreached_after(paired: &[Option<usize>]) -> HashMap<Option<usize>, Vec<usize>> {
    let mut after: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    let mut last = None;
    for (index, local) in paired.iter().enumerate() {
        match local {
            Some(local) => last = Some(*local),
            None => after.entry(last).or_default().push(index),
        }
    }
    after
}
