//! What a person set by hand, as it bears on the calls of a plan.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindcast_model::record::KeyDiffers;
use hindcast_model::{
    AnswerByHand, Blobs, ByHand, Data, Encoding, ExecutionId, Origin, Params, Reference, Step,
    StepId, StepNumber, Target, Value, find_params, same,
};

use super::{PlannedState, Why};
use crate::resolved::produced;
use crate::view::View;

/// What is set for the calls of a run.
pub(super) struct Set<'a> {
    view: &'a View<'a>,
    by_hand: &'a ByHand,
    blobs: &'a dyn Blobs,
    /// The local environment's own.
    encoding: Encoding,
    /// Settings of this run's steps.
    steps: BTreeMap<StepNumber, &'a AnswerByHand>,
    /// Those of memoised steps, by the part of their key that exports show.
    memoised: HashMap<&'a str, StepNumber>,
    /// What recorded steps called of the targets that something is set for, in order.
    recorded: HashMap<(StepNumber, Target), Vec<StepNumber>>,
    /// The same, by the arguments as they are encoded.
    recorded_alike: HashMap<(StepNumber, Target, String), Vec<StepNumber>>,
    /// Of steps made here, how many calls of their target their caller made before, and how many
    /// that are alike.
    before: HashMap<StepNumber, (usize, usize)>,
}

/// How a call's arguments will compare with those that were recorded.
pub(super) enum Arguments {
    /// As they were.
    Same,
    /// The same values, with another key.
    OtherKey(KeyDiffers),
    /// Other values.
    Differ,
    /// Only running will tell: one is a handle on this step, which runs again.
    DependsOn(StepId),
}

impl<'a> Set<'a> {
    pub(super) fn new(
        view: &'a View<'a>,
        by_hand: &'a ByHand,
        blobs: &'a dyn Blobs,
        encoding: Encoding,
    ) -> Self {
        let mut set = Self {
            view,
            by_hand,
            blobs,
            encoding,
            steps: BTreeMap::new(),
            memoised: HashMap::new(),
            recorded: HashMap::new(),
            recorded_alike: HashMap::new(),
            before: HashMap::new(),
        };
        for (id, setting) in &by_hand.steps {
            let Some(answer) = setting.answer.as_ref().filter(|_| id.run == view.run.id) else {
                continue;
            };
            set.steps.insert(id.number, answer);
            let step = view.run.steps.get(&id.number);
            if let Some(key) = step.and_then(|step| step.memo_key.as_ref()) {
                set.memoised.insert(key.shown(), id.number);
            }
        }
        if !set.steps.is_empty() {
            set.index();
        }
        set
    }

    fn index(&mut self) {
        let target = |number: &StepNumber| self.view.run.steps.get(number).map(Step::target);
        let targets: HashSet<Target> = self.steps.keys().filter_map(target).collect();
        let mut made: HashMap<(&ExecutionId, Target), usize> = HashMap::new();
        let mut alike: HashMap<(&ExecutionId, Target, String), usize> = HashMap::new();
        for (number, step) in &self.view.run.steps {
            let target = step.target();
            let Some(parent) = step.parent_id.as_ref().filter(|_| targets.contains(&target)) else {
                continue;
            };
            let arguments = serde_json::to_string(&step.arguments).unwrap_or_default();
            if self.is_recorded(step) {
                let caller = parent.step.number;
                self.recorded.entry((caller, target.clone())).or_default().push(*number);
                let key = (caller, target, arguments);
                self.recorded_alike.entry(key).or_default().push(*number);
            } else {
                let made = made.entry((parent, target.clone())).or_default();
                let alike = alike.entry((parent, target, arguments)).or_default();
                self.before.insert(*number, (*made, *alike));
                *made += 1;
                *alike += 1;
            }
        }
    }

    fn is_recorded(&self, step: &Step) -> bool {
        step.executions.values().any(|execution| {
            let environment = self.view.environment(execution);
            environment.is_some_and(|(_, origin)| origin == Origin::Imported)
        })
    }

    /// What a person set for a call, as a verdict on it.
    pub(super) fn verdict(&self, number: StepNumber, step: &Step) -> Option<(PlannedState, Why)> {
        if self.steps.is_empty() {
            return None;
        }
        Some(match self.answer(number, step)? {
            AnswerByHand::Pin(execution) => {
                (PlannedState::Pinned, Why::ByHand { execution: execution.clone() })
            }
            AnswerByHand::Mock(name) => (PlannedState::Mocked, Why::Mock { name: name.clone() }),
            AnswerByHand::Unpinned => (PlannedState::Run, Why::Unpinned),
        })
    }

    fn answer(&self, number: StepNumber, step: &Step) -> Option<&'a AnswerByHand> {
        let own = self.steps.get(&number).copied();
        let same_key = || {
            let key = step.memo_key.as_ref()?;
            let other = self.memoised.get(key.shown())?;
            let target = self.view.run.steps.get(other).map(Step::target)?;
            (target == step.target()).then(|| self.steps.get(other).copied()).flatten()
        };
        own.or_else(same_key).or_else(|| self.steps.get(&self.stands_for(number)?).copied())
    }

    /// The recorded step that a step made here stands for, as far as its arguments tell as they are
    /// encoded.
    fn stands_for(&self, number: StepNumber) -> Option<StepNumber> {
        let step = self.view.run.steps.get(&number)?;
        if self.is_recorded(step) {
            return Some(number);
        }
        let (made, alike) = self.before.get(&number)?;
        let caller = self.caller_stands_for(step.parent_id.as_ref()?.step.number)?;
        let arguments = serde_json::to_string(&step.arguments).unwrap_or_default();
        match self.recorded_alike.get(&(caller, step.target(), arguments)).map(Vec::as_slice) {
            Some(same @ [.., last]) => Some(*same.get(*alike).unwrap_or(last)),
            _ => match self.recorded.get(&(caller, step.target()))?.as_slice() {
                [only] if *made == 0 => Some(*only),
                _ => None,
            },
        }
    }

    /// The same of a caller, of whose target nothing need be set.
    fn caller_stands_for(&self, number: StepNumber) -> Option<StepNumber> {
        let step = self.view.run.steps.get(&number)?;
        if self.is_recorded(step) {
            return Some(number);
        }
        let parent = step.parent_id.as_ref()?;
        let caller = self.caller_stands_for(parent.step.number)?;
        let siblings = self.view.run.steps.values().filter(|other| {
            let by = other.parent_id.as_ref().map(|by| by.step.number);
            by == Some(caller) && other.target() == step.target() && self.is_recorded(other)
        });
        let siblings: Vec<&Step> = siblings.collect();
        let arguments = || step.arguments.iter().map(Value::known);
        let same =
            siblings.iter().find(|other| other.arguments.iter().map(Value::known).eq(arguments()));
        let only = siblings.first().filter(|_| siblings.len() == 1);
        same.or(only).map(|step| step.step_number)
    }

    /// Whether a matching rule stands in for the memo key of a step.
    pub(super) fn has_rule(&self, step: &Step) -> bool {
        !self.by_hand.rules.is_empty() && self.by_hand.rule(&step.target()).is_some()
    }

    /// The positions of the arguments by which a memoised call is matched.
    pub(super) fn counted(&self, step: &Step) -> Vec<usize> {
        let params = params(step);
        let places = 0..step.arguments.len();
        places.filter(|place| self.counts(step, params.as_ref(), *place)).collect()
    }

    fn counts(&self, step: &Step, params: Option<&Params>, index: usize) -> bool {
        self.by_hand.rules.get(&step.target()).map_or_else(
            || params.is_none_or(|params| params.covers(index)),
            |rule| rule.covers(index),
        )
    }

    /// How the arguments of a memoised call will compare with those recorded, if it is made again.
    pub(super) fn arguments(
        &self,
        step: &Step,
        runs_again: impl Fn(StepNumber) -> bool,
    ) -> Arguments {
        let has_handles = step.arguments.iter().any(|value| !value.references().is_empty());
        let params = has_handles.then(|| params(step)).flatten();
        let mut cause = None;
        let counted = step.arguments.iter().enumerate();
        let counted = counted.filter(|(index, _)| self.counts(step, params.as_ref(), *index));
        for (_, value) in counted {
            for id in handles(value).filter(|id| id.step.run == self.view.run.id) {
                if runs_again(id.step.number) {
                    return Arguments::DependsOn(id.step.clone());
                }
                match self.result_changes(id) {
                    Some(true) => return Arguments::Differ,
                    Some(false) => cause = cause.or(Some(KeyDiffers::Handle)),
                    None => {}
                }
            }
            if self.is_encoded_otherwise(value) {
                cause = cause.or(Some(KeyDiffers::Threshold));
            }
        }
        cause.map_or(Arguments::Same, Arguments::OtherKey)
    }

    /// Whether what a person set for the step of a handle gives it another value; none where the
    /// handle stays the one it is.
    fn result_changes(&self, id: &ExecutionId) -> Option<bool> {
        let answer = self.steps.get(&id.step.number)?;
        let before = || produced(self.view.run, id, self.blobs);
        let now = match answer {
            AnswerByHand::Pin(execution) if execution == id => return None,
            AnswerByHand::Pin(execution) => produced(self.view.run, execution, self.blobs),
            AnswerByHand::Mock(name) => {
                let setting = self.by_hand.steps.get(&self.view.run.step_id(id.step.number))?;
                setting.mocks.get(name).map(|value| value.decode(self.blobs))
            }
            AnswerByHand::Unpinned => return None,
        };
        let handles =
            |id: &ExecutionId| -> Option<Data> { produced(self.view.run, id, self.blobs) };
        Some(match (before(), now) {
            (Some(before), Some(now)) => !same(&before, &now, &handles),
            _ => true,
        })
    }

    /// Whether the local environment's workers would write a value as a blob that is none, or the
    /// other way round.
    fn is_encoded_otherwise(&self, value: &Value) -> bool {
        match value {
            // An export may lay its JSON out with more space.
            Value::Raw { data, .. } if data.text().len() > self.encoding.threshold => {
                let written = self.encoding.normalise(data.text());
                written.is_ok_and(|text| text.text().len() > self.encoding.threshold)
            }
            Value::Raw { .. } => false,
            Value::Blob { size, .. } => {
                usize::try_from(*size).is_ok_and(|size| size <= self.encoding.threshold)
            }
        }
    }
}

/// Which arguments the memo key of a step is of, where it has one and they can be found.
pub(super) fn params(step: &Step) -> Option<Params> {
    find_params(step.memo_key.as_ref()?, &step.target(), &step.arguments)
}

fn handles(value: &Value) -> impl Iterator<Item = &ExecutionId> {
    value.references().iter().filter_map(|reference| match reference {
        Reference::Execution { execution_id, .. } => Some(execution_id),
        _ => None,
    })
}
