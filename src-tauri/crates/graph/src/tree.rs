//! The calls that are shown, each at its place under its caller.
//!
//! A step is shown under the attempt that made it. A call that was answered by an existing
//! execution is shown as a pinned place of its own, but only where the step has no place of its own
//! elsewhere; otherwise it is an edge to that place. Each step is taken apart into what it called
//! exactly once, so the tree is as large as the run even where callers form a circle.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use hindcast_model::record::{Answer, PinRule};
use hindcast_model::{Attempt, ExecutionId, StepId, StepNumber, Target};
use serde::Serialize;
use ts_rs::TS;

use crate::calls::Entries;
use crate::view::View;
use crate::{Finding, Options};

/// The identity of a place; the same while calls are added and attempts are made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(transparent)]
pub struct PlaceId(String);

impl PlaceId {
    /// Where a step is shown under the attempt that made it: the step's own id.
    pub fn step(step: &StepId) -> Self {
        Self(step.to_string())
    }

    /// Where an answer to `caller` is shown: `R1:3>R1:2`.
    pub(crate) fn answer(caller: &StepId, step: &StepId) -> Self {
        Self(format!("{caller}>{step}"))
    }

    /// Where a call that has no step is shown: `R1:3!4`, by its ordinal.
    pub(crate) fn blocked(caller: &StepId, ordinal: u32) -> Self {
        Self(format!("{caller}!{ordinal}"))
    }

    /// Where a folded fan-out is shown.
    pub(crate) fn fold(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A group of calls that one attempt registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// The step whose attempt it is.
    pub caller: StepNumber,
    /// The attempt.
    pub attempt: Attempt,
    /// The group's number there.
    pub number: u32,
}

/// Which rule pinned a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PinnedBy {
    /// Same memo key.
    Key,
    /// Another key, but the same values.
    Values,
    /// The same values, in the run that the ancestor's same workflow call became.
    ChildRun,
    /// A pin that a person set.
    Hand,
    /// The matching rule that a person set for its target.
    Rule,
    /// The *isolate* policy.
    Isolate,
    /// A person's answer at the guard, or a flag: the nearest ancestor call.
    Nearest,
}

impl PinnedBy {
    pub(crate) fn of(rule: &PinRule) -> Self {
        match rule {
            PinRule::Key => Self::Key,
            PinRule::Values(_) => Self::Values,
            PinRule::ChildRun => Self::ChildRun,
            PinRule::Hand => Self::Hand,
            PinRule::Rule => Self::Rule,
            PinRule::Isolate => Self::Isolate,
            PinRule::Nearest(_) => Self::Nearest,
        }
    }
}

/// What is shown at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceKind {
    /// A step that the call made.
    Called,
    /// The execution that answered the call without running.
    Pinned {
        /// Which execution.
        execution: ExecutionId,
        /// By which rule; Coflux's own in imported runs.
        by: PinnedBy,
    },
    /// A value that a person gave.
    Mocked {
        /// The step's execution that carries it.
        execution: ExecutionId,
    },
    /// A call that has no step: it would run and may not.
    Blocked {
        /// What was called.
        target: Target,
        /// The caller.
        caller: ExecutionId,
        /// Which of the caller's calls.
        ordinal: u32,
        /// Whether it was refused already, or its caller ended without an answer; otherwise it waits.
        refused: bool,
    },
    /// A call of a step that is not in the run as it was exported.
    Missing,
}

/// A call at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its identity.
    pub id: PlaceId,
    /// The step; none for a blocked call.
    pub step: Option<StepNumber>,
    /// What is shown.
    pub kind: PlaceKind,
    /// The index of the caller's place.
    pub parent: Option<usize>,
    /// The indexes of the places of what it called, in call order.
    pub children: Vec<usize>,
    /// The group it was called in.
    pub group: Option<GroupKey>,
    /// Whether only an older attempt of the caller made the call.
    pub superseded: bool,
}

/// A call that was answered by a step shown elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoEdge {
    /// The index of the caller's place.
    pub from: usize,
    /// The index of the answering step's place.
    pub to: usize,
    /// The execution that answered.
    pub execution: ExecutionId,
}

/// The calls that are shown. Callers come before what they call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallTree {
    /// Every place.
    pub places: Vec<Place>,
    /// Indexes of the places without a caller: the root's first.
    pub roots: Vec<usize>,
    /// Calls answered by steps that have their place elsewhere.
    pub memo_edges: Vec<MemoEdge>,
    /// Names of groups, where they have one.
    pub group_names: BTreeMap<GroupKey, String>,
    /// Steps that are visible but not shown: only older attempts called them.
    pub hidden: usize,
    by_step: HashMap<StepNumber, usize>,
    /// Pinned places by caller's place and step.
    answers: HashMap<(usize, StepNumber), usize>,
}

impl CallTree {
    /// The index of the place of a step: where it was made, else where it first answered a call.
    pub fn place_of(&self, step: StepNumber) -> Option<usize> {
        self.by_step.get(&step).copied()
    }

    /// The index of the place where `step` answered the call next to `place`, by the same caller.
    pub(crate) fn sibling(&self, place: usize, step: StepNumber) -> Option<usize> {
        let caller = self.places[place].parent?;
        self.answers.get(&(caller, step)).copied()
    }

    /// Steps that answered a shown call without running.
    pub(crate) fn pinned_steps(&self) -> impl Iterator<Item = StepNumber> {
        let places = self.places.iter().filter_map(|place| match place.kind {
            PlaceKind::Pinned { .. } => place.step,
            _ => None,
        });
        places.chain(self.memo_edges.iter().map(|edge| edge.execution.step.number))
    }

    fn add(&mut self, place: Place) -> usize {
        let index = self.places.len();
        match place.parent {
            Some(parent) => self.places[parent].children.push(index),
            None => self.roots.push(index),
        }
        if let Some(step) = place.step {
            let known = self.by_step.entry(step).or_insert(index);
            match (&place.kind, place.parent) {
                (PlaceKind::Called, _) => *known = index,
                (PlaceKind::Pinned { .. }, Some(caller)) => {
                    self.answers.insert((caller, step), index);
                }
                _ => {}
            }
        }
        self.places.push(place);
        index
    }
}

/// What an attempt called, as far as the tree needs it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) group: Option<GroupKey>,
    pub(crate) superseded: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum EntryKind {
    /// A step the call made; mocked where a person gave its value.
    Own { step: StepNumber, mocked: Option<ExecutionId> },
    /// An execution that existed.
    Reference { execution: ExecutionId, by: PinnedBy },
    /// A step that is not visible.
    Missing { step: StepId },
    /// No step.
    Blocked { target: Target, caller: ExecutionId, ordinal: u32, refused: bool },
}

/// Grows the tree from the root's newest attempt.
pub(crate) fn grow(
    view: &View<'_>,
    options: &Options<'_>,
    findings: &mut Vec<Finding>,
) -> CallTree {
    let mut entries = Entries::new(view, options);
    let roots = roots(view, findings);
    let claims = Claims::make(&roots, &mut entries);
    let mut tree = CallTree::default();
    claims.plant(view, &roots, &mut entries, &mut tree);
    tree.hidden = view.steps().filter(|(step, _)| !tree.by_step.contains_key(step)).count();
    tree
}

/// The root step, then steps whose caller is not in the run.
fn roots(view: &View<'_>, findings: &mut Vec<Finding>) -> Vec<StepNumber> {
    let mut roots = Vec::new();
    let mut orphans = Vec::new();
    for (number, step) in view.steps() {
        let id = || view.run.step_id(number);
        match &step.parent_id {
            None => {
                if !roots.is_empty() {
                    findings.push(Finding::SecondRoot { step: id() });
                }
                roots.push(number);
            }
            Some(caller) if view.execution(caller).is_none() => {
                findings.push(Finding::CallerMissing { step: id(), caller: caller.clone() });
                orphans.push(number);
            }
            Some(_) => {}
        }
    }
    if roots.is_empty() {
        findings.push(Finding::NoRoot);
    }
    roots.extend(orphans);
    roots
}

/// Which step is taken apart where.
#[derive(Default)]
struct Claims {
    /// Steps that have a place under the attempt that made them.
    own: HashSet<StepNumber>,
    /// Steps that are taken apart.
    expanded: HashSet<StepNumber>,
    /// Steps that are taken apart where this caller was answered by them.
    home: HashMap<StepNumber, StepNumber>,
    references: Vec<(StepNumber, StepNumber)>,
}

impl Claims {
    fn make(roots: &[StepNumber], entries: &mut Entries<'_>) -> Self {
        let mut claims = Self::default();
        for &root in roots {
            claims.own.insert(root);
            claims.claim(root, entries);
        }
        // `claim` adds references to the end of the list that this walks.
        let mut next = 0;
        while let Some(&(caller, step)) = claims.references.get(next) {
            next += 1;
            if !claims.own.contains(&step) && !claims.expanded.contains(&step) {
                claims.home.insert(step, caller);
                claims.claim(step, entries);
            }
        }
        claims
    }

    fn claim(&mut self, start: StepNumber, entries: &mut Entries<'_>) {
        let mut stack = vec![start];
        while let Some(caller) = stack.pop() {
            if !self.expanded.insert(caller) {
                continue;
            }
            for entry in entries.of(caller).iter().rev() {
                if let EntryKind::Own { step, .. } = entry.kind {
                    self.own.insert(step);
                    stack.push(step);
                }
            }
            for entry in entries.of(caller) {
                if let EntryKind::Reference { execution, .. } = &entry.kind {
                    self.references.push((caller, execution.step.number));
                }
            }
        }
    }

    fn plant(
        &self,
        view: &View<'_>,
        roots: &[StepNumber],
        entries: &mut Entries<'_>,
        tree: &mut CallTree,
    ) {
        let mut memo = Vec::new();
        let mut stack = Vec::new();
        for &root in roots {
            stack.push(tree.add(Place {
                id: PlaceId::step(&view.run.step_id(root)),
                step: Some(root),
                kind: PlaceKind::Called,
                parent: None,
                children: Vec::new(),
                group: None,
                superseded: false,
            }));
        }
        stack.reverse();
        let mut planted = HashSet::new();
        while let Some(parent) = stack.pop() {
            let Some(caller) = tree.places[parent].step else { continue };
            if !planted.insert(caller) {
                continue;
            }
            let first = stack.len();
            for entry in entries.take(caller) {
                self.plant_entry(view, entry, (parent, caller), tree, &mut memo, &mut stack);
            }
            stack[first..].reverse();
        }
        tree.group_names = entries.take_group_names();
        for (from, execution) in memo {
            if let Some(to) = tree.place_of(execution.step.number) {
                tree.memo_edges.push(MemoEdge { from, to, execution });
            }
        }
    }

    fn plant_entry(
        &self,
        view: &View<'_>,
        entry: Entry,
        (parent, caller): (usize, StepNumber),
        tree: &mut CallTree,
        memo: &mut Vec<(usize, ExecutionId)>,
        stack: &mut Vec<usize>,
    ) {
        let caller_id = || view.run.step_id(caller);
        let (id, step, kind, opens) = match entry.kind {
            EntryKind::Own { step, mocked } => {
                let kind = match mocked {
                    Some(execution) => PlaceKind::Mocked { execution },
                    None => PlaceKind::Called,
                };
                let id = PlaceId::step(&view.run.step_id(step));
                (id, Some(step), kind, !self.home.contains_key(&step))
            }
            EntryKind::Reference { execution, by } => {
                let step = execution.step.number;
                let opens = self.home.get(&step) == Some(&caller);
                if self.own.contains(&step) && !opens {
                    memo.push((parent, execution));
                    return;
                }
                let id = PlaceId::answer(&caller_id(), &execution.step);
                (id, Some(step), PlaceKind::Pinned { execution, by }, opens)
            }
            EntryKind::Missing { step } => {
                let id = PlaceId::answer(&caller_id(), &step);
                (id, Some(step.number), PlaceKind::Missing, false)
            }
            EntryKind::Blocked { target, caller, ordinal, refused } => {
                let id = PlaceId::blocked(&caller_id(), ordinal);
                (id, None, PlaceKind::Blocked { target, caller, ordinal, refused }, false)
            }
        };
        let index = tree.add(Place {
            id,
            step,
            kind,
            parent: Some(parent),
            children: Vec::new(),
            group: entry.group,
            superseded: entry.superseded,
        });
        if opens {
            stack.push(index);
        }
    }
}

/// What a local call's answer says of how its step is shown.
pub(crate) fn pinned_by(answer: &Answer) -> Option<PinnedBy> {
    match answer {
        Answer::Pinned { rule, .. } => Some(PinnedBy::of(rule)),
        _ => None,
    }
}
