//! Fingerprints of the arguments of recorded calls, kept so that a call that misses by its key is
//! not compared with every other, value by value.

use std::collections::HashMap;

use hindcast_model::{
    BlobKey, Blobs, Fingerprint, Fingerprints, Known, MatchingRule, Params, RunId, StepNumber,
    Target, Value,
};

use crate::resolve::Resolution;
use crate::values::Compared;
use crate::world::World;

/// What is known of the arguments of a world's calls. Emptied when a run is loaded anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Prints {
    targets: HashMap<(RunId, Target), Calls>,
    ruled: HashMap<(RunId, Target, MatchingRule), Ruled>,
}

/// The calls of one target in one run, by what a matching rule compares.
#[derive(Debug, Clone, Default, PartialEq)]
struct Ruled {
    /// How many of the run's calls of it were looked at.
    seen: usize,
    /// Those among them whose arguments still wait for a value.
    open: Vec<StepNumber>,
    steps: HashMap<Vec<Fingerprint>, Vec<StepNumber>>,
}

/// The calls of one target in one run.
#[derive(Debug, Clone, Default, PartialEq)]
struct Calls {
    /// How many of the run's calls of it were looked at.
    seen: usize,
    /// Those among them whose arguments still wait for a value.
    open: Vec<StepNumber>,
    /// Those whose arguments are known, in the order they became so.
    known: Vec<(StepNumber, Vec<Print>)>,
    /// The known ones by the arguments that count.
    by_params: HashMap<Params, ByArguments>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct ByArguments {
    /// How many of the known ones are in.
    seen: usize,
    steps: HashMap<Vec<Print>, Vec<StepNumber>>,
}

/// An argument, equal for those that count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Print {
    /// By what it is in Python.
    Value(Fingerprint),
    /// It cannot be decoded: by how it is encoded.
    Encoded(BlobKey),
    /// It is not sent, and its default is not known.
    Absent,
}

impl Prints {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.targets.clear();
        self.ruled.clear();
    }

    /// The steps whose arguments match a call's by a rule.
    pub(crate) fn matching(
        &mut self,
        world: &World,
        blobs: &dyn Blobs,
        (run, target): (&RunId, &Target),
        rule: &MatchingRule,
        arguments: &[Value],
    ) -> Vec<StepNumber> {
        let key = (run.clone(), target.clone(), rule.clone());
        let ruled = self.ruled.entry(key).or_default();
        let all = world.calls_of(run, target);
        let mut todo = std::mem::take(&mut ruled.open);
        todo.extend(all.get(ruled.seen..).unwrap_or_default());
        ruled.seen = all.len();
        let Some(run) = world.run(run) else { return Vec::new() };
        world.knowing(target, blobs, |known| {
            for number in todo {
                let Some(step) = run.run.steps.get(&number) else { continue };
                if waits(world, &step.arguments) {
                    ruled.open.push(number);
                } else if let Some(print) = rule.print(&step.arguments, known) {
                    ruled.steps.entry(print).or_default().push(number);
                }
            }
            let own = rule.print(arguments, known);
            own.and_then(|own| ruled.steps.get(&own)).cloned().unwrap_or_default()
        })
    }

    /// The steps that may have the same arguments as a call: all that do, and rarely another.
    pub(crate) fn same(
        &mut self,
        world: &World,
        blobs: &dyn Blobs,
        call: Compared<'_>,
    ) -> Vec<StepNumber> {
        let own = world.knowing(call.target, blobs, |known| print_all(call.arguments, known));
        let calls = self.look_at_new(world, blobs, call);
        let by_arguments = calls.by_params.entry(call.params.clone()).or_default();
        for (number, prints) in &calls.known[by_arguments.seen..] {
            let steps = by_arguments.steps.entry(counted(prints, call.params)).or_default();
            steps.push(*number);
        }
        by_arguments.seen = calls.known.len();
        by_arguments.steps.get(&counted(&own, call.params)).cloned().unwrap_or_default()
    }

    /// How many arguments that count each step shares with a call.
    pub(crate) fn shared(
        &mut self,
        world: &World,
        blobs: &dyn Blobs,
        call: Compared<'_>,
    ) -> HashMap<StepNumber, usize> {
        let own = world.knowing(call.target, blobs, |known| print_all(call.arguments, known));
        let calls = self.look_at_new(world, blobs, call);
        let share = |prints: &[Print]| {
            let both = own.iter().zip(prints).enumerate();
            both.filter(|(index, (a, b))| call.params.covers(*index) && a == b).count()
        };
        calls.known.iter().map(|(number, prints)| (*number, share(prints))).collect()
    }

    /// Takes in the calls that came, or became known, since the last time.
    fn look_at_new(&mut self, world: &World, blobs: &dyn Blobs, call: Compared<'_>) -> &mut Calls {
        let calls = self.targets.entry((call.run.clone(), call.target.clone())).or_default();
        let all = world.calls_of(call.run, call.target);
        let mut todo = std::mem::take(&mut calls.open);
        todo.extend(all.get(calls.seen..).unwrap_or_default());
        calls.seen = all.len();
        let Some(run) = world.run(call.run) else { return calls };
        world.knowing(call.target, blobs, |known| {
            for number in todo {
                let Some(step) = run.run.steps.get(&number) else { continue };
                if waits(world, &step.arguments) {
                    calls.open.push(number);
                } else {
                    calls.known.push((number, print_all(&step.arguments, known)));
                }
            }
        });
        calls
    }
}

/// Whether arguments hold a handle whose value may still come.
fn waits(world: &World, arguments: &[Value]) -> bool {
    let handles = world.referred(&arguments.iter().collect::<Vec<_>>());
    handles.iter().any(|handle| matches!(world.resolve(handle), Resolution::Pending(_)))
}

/// The arguments as sent, and the defaults of those that were not.
fn print_all(arguments: &[Value], known: &Known<'_>) -> Vec<Print> {
    let mut prints = Fingerprints::new(*known);
    let mut all: Vec<Print> = Vec::with_capacity(arguments.len());
    for value in arguments {
        let print = prints.of(&value.decode(known.blobs));
        all.push(print.map_or_else(|| Print::Encoded(encoded(value)), Print::Value));
    }
    for default in known.defaults.iter().skip(arguments.len()) {
        let print = default.as_ref().and_then(|default| prints.of(default));
        all.push(print.map_or(Print::Absent, Print::Value));
    }
    all
}

fn encoded(value: &Value) -> BlobKey {
    BlobKey::of(&serde_json::to_vec(value).unwrap_or_default())
}

fn counted(prints: &[Print], params: &Params) -> Vec<Print> {
    match params {
        Params::All => prints.to_vec(),
        Params::Only(indexes) => {
            let print = |index: &usize| prints.get(*index).copied().unwrap_or(Print::Absent);
            indexes.iter().map(print).collect()
        }
    }
}
