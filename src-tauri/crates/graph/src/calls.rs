//! What a step called, in call order, once per step.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindcast_model::record::{Answer, Call};
use hindcast_model::{Attempt, Child, Execution, ExecutionId, StepNumber};

use crate::Options;
use crate::tree::{Entry, EntryKind, GroupKey, PinnedBy, pinned_by};
use crate::view::View;

/// What steps called, found out when first asked.
pub(crate) struct Entries<'a> {
    view: &'a View<'a>,
    include_superseded: bool,
    /// Steps by the execution that made them, in the order they were made.
    made_by: HashMap<&'a ExecutionId, Vec<StepNumber>>,
    /// Local calls by caller, by ordinal.
    local: HashMap<&'a ExecutionId, BTreeMap<u32, &'a Call>>,
    known: HashMap<StepNumber, Vec<Entry>>,
    group_names: BTreeMap<GroupKey, String>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(view: &'a View<'a>, options: &Options<'a>) -> Self {
        let mut made_by: HashMap<&ExecutionId, Vec<StepNumber>> = HashMap::new();
        for (number, step) in view.steps() {
            if let Some(caller) = &step.parent_id {
                made_by.entry(caller).or_default().push(number);
            }
        }
        let mut local: HashMap<&ExecutionId, BTreeMap<u32, &Call>> = HashMap::new();
        for call in options.calls {
            local.entry(&call.caller).or_default().insert(call.ordinal, call);
        }
        Self {
            view,
            include_superseded: options.include_superseded,
            made_by,
            local,
            known: HashMap::new(),
            group_names: BTreeMap::new(),
        }
    }

    /// What `caller` called.
    pub(crate) fn of(&mut self, caller: StepNumber) -> &[Entry] {
        if !self.known.contains_key(&caller) {
            let entries = self.find(caller);
            self.known.insert(caller, entries);
        }
        self.known.get(&caller).map_or(&[], Vec::as_slice)
    }

    /// What `caller` called, for good.
    pub(crate) fn take(&mut self, caller: StepNumber) -> Vec<Entry> {
        self.known.remove(&caller).unwrap_or_default()
    }

    pub(crate) fn take_group_names(&mut self) -> BTreeMap<GroupKey, String> {
        std::mem::take(&mut self.group_names)
    }

    fn find(&mut self, caller: StepNumber) -> Vec<Entry> {
        let view = self.view;
        let Some(step) = view.run.steps.get(&caller) else { return Vec::new() };
        let Some((newest, execution)) = view.newest(step) else { return Vec::new() };
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        self.add_attempt(caller, newest, execution, false, &mut seen, &mut entries);
        if self.include_superseded {
            for (attempt, execution) in view.attempts(step) {
                if attempt != newest {
                    self.add_attempt(caller, attempt, execution, true, &mut seen, &mut entries);
                }
            }
        }
        entries
    }

    fn add_attempt(
        &mut self,
        step: StepNumber,
        attempt: Attempt,
        execution: &'a Execution,
        superseded: bool,
        seen: &mut HashSet<StepNumber>,
        entries: &mut Vec<Entry>,
    ) {
        let caller = self.view.run.step_id(step).attempt(attempt);
        let group = |number| GroupKey { caller: step, attempt, number };
        for (&number, name) in &execution.groups {
            if let Some(name) = name {
                self.group_names.insert(group(number), name.clone());
            }
        }
        let first = entries.len();
        let answers = Answers::of(self.local.get(&caller));
        for child in &execution.children {
            if child.step_id.run != self.view.run.id {
                continue;
            }
            if let Some(kind) = self.kind(&caller, child, &answers, superseded, seen) {
                entries.push(Entry { kind, group: child.group_id.map(group), superseded });
            }
        }
        // Not every export lists every child; the step itself names its caller.
        for &step in self.made_by.get(&caller).map_or(&[][..], Vec::as_slice) {
            if seen.insert(step) {
                let kind = EntryKind::Own { step, mocked: answers.mocked(step) };
                entries.push(Entry { kind, group: None, superseded });
            }
        }
        let ended = execution.result.is_some();
        if let Some(calls) = self.local.get(&caller) {
            insert_blocked(calls, first, entries, |call| Entry {
                kind: EntryKind::Blocked {
                    target: call.target.clone(),
                    caller: caller.clone(),
                    ordinal: call.ordinal,
                    refused: ended || matches!(call.answer, Answer::Refused { .. }),
                },
                group: call.group.map(group),
                superseded,
            });
        }
    }

    fn kind(
        &self,
        caller: &ExecutionId,
        child: &Child,
        answers: &Answers<'_>,
        superseded: bool,
        seen: &mut HashSet<StepNumber>,
    ) -> Option<EntryKind> {
        let number = child.step_id.number;
        let Some(step) = self.view.step(number) else {
            return seen.insert(number).then(|| EntryKind::Missing { step: child.step_id.clone() });
        };
        let own = step.parent_id.as_ref() == Some(caller);
        let first = seen.insert(number);
        if own && first {
            return Some(EntryKind::Own { step: number, mocked: answers.mocked(number) });
        }
        // A second call may have been answered by another attempt at the step the first one made.
        let again = own && !superseded;
        (first || again).then(|| EntryKind::Reference {
            execution: child.execution_id(),
            by: answers.pinned_by(number),
        })
    }
}

/// How the calls of one execution were answered, by the step that answered.
struct Answers<'a>(HashMap<StepNumber, &'a Answer>);

impl<'a> Answers<'a> {
    fn of(calls: Option<&BTreeMap<u32, &'a Call>>) -> Self {
        let answered = calls
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|call| Some((answered_by(&call.answer)?.step.number, &call.answer)));
        Self(answered.collect())
    }

    fn mocked(&self, step: StepNumber) -> Option<ExecutionId> {
        match self.0.get(&step) {
            Some(Answer::Mocked { execution, .. }) => Some(execution.clone()),
            _ => None,
        }
    }

    fn pinned_by(&self, step: StepNumber) -> PinnedBy {
        self.0.get(&step).and_then(|answer| pinned_by(answer)).unwrap_or(PinnedBy::Key)
    }
}

fn answered_by(answer: &Answer) -> Option<&ExecutionId> {
    match answer {
        Answer::Pinned { execution, .. }
        | Answer::Mocked { execution, .. }
        | Answer::Run { execution, .. } => Some(execution),
        Answer::Blocked { .. } | Answer::Refused { .. } => None,
    }
}

/// Puts calls without a step between the calls that were made before and after them.
fn insert_blocked(
    calls: &BTreeMap<u32, &Call>,
    first: usize,
    entries: &mut Vec<Entry>,
    entry: impl Fn(&Call) -> Entry,
) {
    let blocked = |call: &Call| answered_by(&call.answer).is_none();
    if !calls.values().any(|call| blocked(call)) {
        return;
    }
    let mut rest: Vec<Entry> = entries.drain(first..).collect();
    let mut position: HashMap<StepNumber, usize> = HashMap::new();
    for (index, entry) in rest.iter().enumerate() {
        if let Some(step) = entry.kind.step() {
            position.entry(step).or_insert(index);
        }
    }
    let mut taken = 0;
    let mut remaining = rest.drain(..);
    for call in calls.values() {
        if blocked(call) {
            entries.push(entry(call));
        } else if let Some(&at) =
            answered_by(&call.answer).and_then(|execution| position.get(&execution.step.number))
        {
            while taken <= at {
                entries.extend(remaining.next());
                taken += 1;
            }
        }
    }
    entries.extend(remaining);
}

impl EntryKind {
    fn step(&self) -> Option<StepNumber> {
        match self {
            Self::Own { step, .. } => Some(*step),
            Self::Reference { execution, .. } => Some(execution.step.number),
            Self::Missing { step } => Some(step.number),
            Self::Blocked { .. } => None,
        }
    }
}
