//! What becomes of edited arguments in the calls below, as far as recorded values tell.
//!
//! A value that a call took, and that stands in its caller's arguments or in what an earlier call of
//! the same caller gave, was most likely passed on from there. Where it stays what it was in all these
//! places, the call takes it again; where all of them change it to the same, the call follows. Else
//! only running will tell.

use std::collections::{HashMap, HashSet};

use hindcast_model::{
    Blobs, Child, Content, Data, Execution, ExecutionId, Fingerprint, Fingerprints, Fragment,
    Known, Run, StepNumber, Value,
};

use crate::resolved::produced;

/// So many parts of values are looked at for one caller; what stands behind is not known of.
const MOST_PARTS: usize = 100_000;
/// How deep a call's argument is taken apart to find where its parts come from.
const DEEPEST: usize = 6;

/// What becomes of a value.
#[derive(Debug, Clone)]
pub(super) enum Fate {
    /// It stays.
    Same,
    /// It will be this.
    Becomes(Data),
    /// Only running will tell; where it is the result of a step that runs again, of this one.
    Open(Option<StepNumber>),
}

/// What a call will be called with, argument by argument.
pub(super) struct Takes(Vec<Fate>);

impl Takes {
    /// What becomes of the argument at this position.
    pub(super) fn at(&self, place: usize) -> &Fate {
        self.0.get(place).unwrap_or(&Fate::Same)
    }

    /// Whether an argument is, or may be, another.
    pub(super) fn change(&self) -> bool {
        self.0.iter().any(|fate| !matches!(fate, Fate::Same))
    }

    /// Whether an argument is known to follow what was edited.
    pub(super) fn follow_edited(&self) -> bool {
        self.0.iter().any(|fate| matches!(fate, Fate::Becomes(_)))
    }
}

/// What answers a call, as far as that is planned.
pub(super) enum Answer {
    /// This execution.
    Execution(ExecutionId),
    /// A person's value.
    Value(Data),
    /// Its own body.
    Runs,
    /// Nobody knows.
    Open,
}

/// What becomes of values in the steps that edited arguments reach.
pub(super) struct Flows<'a> {
    run: &'a Run,
    blobs: &'a dyn Blobs,
    prints: Fingerprints<'a>,
    of: HashMap<StepNumber, Flow>,
}

/// What becomes of the values that one execution has at hand.
struct Flow {
    fates: HashMap<Fingerprint, Fate>,
    /// How many parts may still be looked at.
    room: usize,
}

/// What a value that is at hand is now.
#[derive(Clone, Copy)]
enum Now<'d> {
    Same,
    Is(&'d Data),
    Open(Option<StepNumber>),
}

/// Where a value is at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtHand {
    Argument,
    /// What a call gave. A value that was at hand before need not come from there.
    Result,
}

impl<'a> Flows<'a> {
    pub(super) fn new(run: &'a Run, blobs: &'a dyn Blobs) -> Self {
        let prints = Fingerprints::new(Known::only(blobs));
        Self { run, blobs, prints, of: HashMap::new() }
    }

    /// Begins with a chosen step and what it is called with.
    pub(super) fn begin(&mut self, step: StepNumber, given: &[Value]) {
        let Some(recorded) = self.run.steps.get(&step) else { return };
        let mut flow = Flow { fates: HashMap::new(), room: MOST_PARTS };
        for (place, value) in recorded.arguments.iter().enumerate() {
            let old = value.decode(self.blobs);
            let new = given.get(place).map(|value| value.decode(self.blobs));
            let now = new.as_ref().map_or(Now::Open(None), Now::Is);
            self.add(&mut flow, &old, now, AtHand::Argument);
        }
        self.of.insert(step, flow);
    }

    /// What a call of that caller will be called with; none where nothing edited reaches the caller.
    pub(super) fn takes(&mut self, caller: &Execution, child: &Child) -> Option<Takes> {
        let flow = self.of.get(&caller.execution_id.step.number)?;
        let step = self.run.steps.get(&child.step_id.number)?;
        let arguments = step.arguments.iter().map(|value| value.decode(self.blobs));
        Some(Takes(arguments.map(|data| fate(&mut self.prints, flow, &data, 0)).collect()))
    }

    /// Notes what a call is planned to be: what it gives is at hand for the calls after it, and if it
    /// runs with other arguments, they reach what it calls.
    pub(super) fn called(
        &mut self,
        caller: &Execution,
        child: &Child,
        takes: &Takes,
        answer: &Answer,
    ) {
        let number = child.step_id.number;
        let id = child.execution_id();
        let changed = takes.change();
        if matches!(answer, Answer::Runs) && changed {
            self.reach(number, takes);
        }
        let Some(mut flow) = self.of.remove(&caller.execution_id.step.number) else { return };
        let other = match answer {
            Answer::Execution(other) if *other != id => Some(other),
            _ => None,
        };
        let given = match answer {
            Answer::Value(value) => Some(value.clone()),
            _ => other.and_then(|other| produced(self.run, other, self.blobs)),
        };
        let now = match answer {
            Answer::Execution(_) if other.is_none() => Now::Same,
            Answer::Execution(_) | Answer::Value(_) => {
                given.as_ref().map_or(Now::Open(None), Now::Is)
            }
            Answer::Runs if changed => Now::Open(Some(number)),
            Answer::Runs => Now::Same,
            Answer::Open => Now::Open(None),
        };
        // A handle on it is at hand as well.
        let handle = |id: &ExecutionId| Data::Execution { id: id.clone(), target: None };
        let other = other.map(handle);
        let handle_now = match (&other, now) {
            (Some(other), _) => Now::Is(other),
            (None, Now::Is(_)) => Now::Open(None),
            (None, now) => now,
        };
        self.add(&mut flow, &handle(&id), handle_now, AtHand::Result);
        if let Some(old) = produced(self.run, &id, self.blobs) {
            self.add(&mut flow, &old, now, AtHand::Result);
        }
        self.of.insert(caller.execution_id.step.number, flow);
    }

    /// What a step takes that runs with other arguments is at hand in its body.
    fn reach(&mut self, step: StepNumber, takes: &Takes) {
        let Some(recorded) = self.run.steps.get(&step) else { return };
        let mut flow = Flow { fates: HashMap::new(), room: MOST_PARTS };
        for (place, value) in recorded.arguments.iter().enumerate() {
            let now = match takes.at(place) {
                Fate::Same => Now::Same,
                Fate::Becomes(new) => Now::Is(new),
                Fate::Open(step) => Now::Open(*step),
            };
            self.add(&mut flow, &value.decode(self.blobs), now, AtHand::Argument);
        }
        self.of.insert(step, flow);
    }

    /// Notes what becomes of a value and of everything in it.
    fn add(&mut self, flow: &mut Flow, old: &Data, now: Now<'_>, from: AtHand) {
        let mut waiting = vec![(old, now)];
        while let Some((old, now)) = waiting.pop() {
            if flow.room == 0 {
                return;
            }
            flow.room -= 1;
            let print = self.prints.of(old);
            let now = match now {
                Now::Is(new) if print.is_some() && self.prints.of(new) == print => Now::Same,
                other => other,
            };
            if let Some(print) = print {
                let fate = match now {
                    Now::Same => Fate::Same,
                    Now::Is(new) => Fate::Becomes(new.clone()),
                    Now::Open(step) => Fate::Open(step),
                };
                self.note(flow, print, fate, from);
            }
            waiting.extend(self.parts(old, now));
        }
    }

    fn note(&mut self, flow: &mut Flow, print: Fingerprint, fate: Fate, from: AtHand) {
        let Some(known) = flow.fates.get_mut(&print) else {
            flow.fates.insert(print, fate);
            return;
        };
        let agree = match (&*known, &fate) {
            (Fate::Same, Fate::Same) => true,
            // Of two that have no fingerprint nobody can say that they are alike.
            (Fate::Becomes(a), Fate::Becomes(b)) => {
                let print = self.prints.of(a);
                print.is_some() && self.prints.of(b) == print
            }
            // It was at hand before this call gave it.
            (_, Fate::Open(_)) => from == AtHand::Result,
            _ => false,
        };
        if !agree {
            *known = Fate::Open(None);
        }
    }

    /// The parts right below a value, and what they are now.
    fn parts<'d>(&mut self, old: &'d Data, now: Now<'d>) -> Vec<(&'d Data, Now<'d>)> {
        let new = match now {
            Now::Is(new) => new,
            other => return children(old).into_iter().map(|child| (child, other)).collect(),
        };
        match (old, new) {
            (Data::List(from), Data::List(to)) | (Data::Tuple(from), Data::Tuple(to))
                if from.len() == to.len() =>
            {
                from.iter().zip(to.iter().map(Now::Is)).collect()
            }
            (Data::Dict(from), Data::Dict(to)) => {
                let mut by_key: HashMap<Fingerprint, &Data> = HashMap::new();
                for (key, value) in to {
                    by_key.extend(self.prints.of(key).map(|print| (print, value)));
                }
                let mut parts = Vec::new();
                for (key, value) in from {
                    let now = self.prints.of(key).and_then(|print| by_key.get(&print).copied());
                    parts.push((key, if now.is_some() { Now::Same } else { Now::Open(None) }));
                    parts.push((value, now.map_or(Now::Open(None), Now::Is)));
                }
                parts
            }
            (
                Data::Fragment(Fragment { content: Content::Json(from), .. }),
                Data::Fragment(Fragment { content: Content::Json(to), .. }),
            ) => vec![(&**from, Now::Is(to))],
            // Of what is longer or shorter now, only what is still in it is known.
            _ => {
                let there: HashSet<Fingerprint> =
                    children(new).into_iter().filter_map(|child| self.prints.of(child)).collect();
                let mut parts = Vec::new();
                for child in children(old) {
                    let stays = self.prints.of(child).is_some_and(|print| there.contains(&print));
                    parts.push((child, if stays { Now::Same } else { Now::Open(None) }));
                }
                parts
            }
        }
    }
}

/// What becomes of a value that a call took.
fn fate(prints: &mut Fingerprints<'_>, flow: &Flow, data: &Data, depth: usize) -> Fate {
    let Some(print) = prints.of(data) else { return Fate::Open(None) };
    match flow.fates.get(&print) {
        Some(Fate::Same) => Fate::Same,
        // What stands everywhere tells nothing of where it comes from.
        Some(_) if is_anywhere(data) => Fate::Open(None),
        Some(fate) => fate.clone(),
        // Most likely the code has it as a constant.
        None if is_anywhere(data) => Fate::Same,
        None if depth >= DEEPEST => Fate::Open(None),
        None => built(prints, flow, data, depth),
    }
}

/// What becomes of a value that the caller built, of parts that it had at hand.
fn built(prints: &mut Fingerprints<'_>, flow: &Flow, data: &Data, depth: usize) -> Fate {
    let mut open = None;
    let mut changed = false;
    let mut part = |part: &Data| match fate(prints, flow, part, depth + 1) {
        Fate::Same => part.clone(),
        Fate::Becomes(new) => {
            changed = true;
            new
        }
        Fate::Open(step) => {
            open = open.or(Some(step));
            part.clone()
        }
    };
    let new = match data {
        Data::List(items) => Data::List(items.iter().map(&mut part).collect()),
        Data::Tuple(items) => Data::Tuple(items.iter().map(&mut part).collect()),
        Data::Set(items) => Data::Set(items.iter().map(&mut part).collect()),
        Data::Dict(pairs) => {
            // Keys are mostly written in the code.
            Data::Dict(pairs.iter().map(|(key, value)| (key.clone(), part(value))).collect())
        }
        _ => return Fate::Open(None),
    };
    match open {
        Some(step) => Fate::Open(step),
        None if changed => Fate::Becomes(new),
        None => Fate::Same,
    }
}

/// Whether a value is too common to tell anything.
fn is_anywhere(data: &Data) -> bool {
    match data {
        Data::None | Data::Bool(_) => true,
        Data::Str(text) => text.is_empty(),
        Data::List(items) | Data::Tuple(items) | Data::Set(items) => items.is_empty(),
        Data::Dict(pairs) => pairs.is_empty(),
        _ => false,
    }
}

fn children(data: &Data) -> Vec<&Data> {
    match data {
        Data::List(items) | Data::Tuple(items) | Data::Set(items) => items.iter().collect(),
        Data::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
        Data::Fragment(Fragment { content: Content::Json(inner), .. }) => vec![&**inner],
        Data::Unknown { fields, .. } => fields.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use hindcast_model::{BlobKey, Timestamp};

    use super::*;

    #[test]
    fn two_that_cannot_be_told_apart_do_not_count_as_alike() {
        let run = Run {
            id: "R1".parse().unwrap(),
            created_at: Timestamp(0),
            created_by: serde_json::Value::Null,
            requires: None,
            parent: None,
            steps: BTreeMap::new(),
            extra: serde_json::Map::new(),
        };
        let blobs: HashMap<BlobKey, Arc<[u8]>> = HashMap::new();
        let mut flows = Flows::new(&run, &blobs);
        let broken = |reason: &str| Data::Broken { reason: reason.to_owned() };
        let (one, other) = (broken("one"), broken("other"));
        for (first, second, agree) in [
            (&one, &other, false),
            (&Data::Int(2), &Data::Int(2), true),
            (&Data::Int(2), &one, false),
        ] {
            let mut flow = Flow { fates: HashMap::new(), room: MOST_PARTS };
            flows.add(&mut flow, &Data::Int(1), Now::Is(first), AtHand::Argument);
            flows.add(&mut flow, &Data::Int(1), Now::Is(second), AtHand::Argument);
            let fate = fate(&mut flows.prints, &flow, &Data::Int(1), 0);
            assert_eq!(matches!(fate, Fate::Becomes(_)), agree, "{first:?} {second:?}: {fate:?}");
        }
    }
}
