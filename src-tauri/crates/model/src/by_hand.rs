//! What a person set by hand in an environment: pins and mocks of steps, matching rules of targets,
//! targets that were renamed.
//!
//! A setting of a step is about the call that made the step, whichever number the call gets when
//! edited code makes it again; who finds that call again is the orchestrator.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, MatchingRule, StepId, Target, Value};

/// Everything a person set by hand in one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// Pins and mocks, by the step they are about.
    pub steps: BTreeMap<StepId, StepByHand>,
    /// How calls of a target are matched, in place of its memo key.
    pub rules: BTreeMap<Target, MatchingRule>,
    /// What targets were called before, by what the code calls them now.
    pub renamed: BTreeMap<Target, Target>,
}

/// What a person set for a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepByHand {
    /// What answers its call; none to leave that to the rules.
    pub answer: Option<AnswerByHand>,
    /// Values it can be mocked with, by name. At most one is in use.
    pub mocks: BTreeMap<String, Value>,
}

/// What answers a call because a person said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnswerByHand {
    /// This execution.
    Pin(ExecutionId),
    /// No execution that was there before the re-run: its body runs.
    Unpinned,
    /// The mock of this name.
    Mock(String),
}

/// What a setting is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// The pin and the mocks of a step.
    Step(StepId),
    /// The matching rule of a target.
    Rule(Target),
    /// What a target was called before.
    Renamed(Target),
}

/// A setting as it is, or shall be; none in it where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// The pin and the mocks of a step.
    Step(StepId, Option<StepByHand>),
    /// The matching rule of a target.
    Rule(Target, Option<MatchingRule>),
    /// What a target was called before.
    Renamed(Target, Option<Target>),
}

impl Setting {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Step(step, _) => Subject::Step(step.clone()),
            Self::Rule(target, _) => Subject::Rule(target.clone()),
            Self::Renamed(target, _) => Subject::Renamed(target.clone()),
        }
    }

    /// Whether it says that there is none.
    pub fn is_none(&self) -> bool {
        match self {
            Self::Step(_, setting) => setting.as_ref().is_none_or(StepByHand::is_empty),
            Self::Rule(_, rule) => rule.is_none(),
            Self::Renamed(_, old) => old.is_none(),
        }
    }
}

impl StepByHand {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.answer.is_none() && self.mocks.is_empty()
    }

    /// The mock in use, with its name.
    pub fn mock(&self) -> Option<(&str, &Value)> {
        match &self.answer {
            Some(AnswerByHand::Mock(name)) => Some((name.as_str(), self.mocks.get(name)?)),
            _ => None,
        }
    }
}

impl ByHand {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.rules.is_empty() && self.renamed.is_empty()
    }

    /// The setting of this subject, as it is.
    pub fn get(&self, subject: &Subject) -> Setting {
        match subject {
            Subject::Step(step) => Setting::Step(step.clone(), self.steps.get(step).cloned()),
            Subject::Rule(target) => Setting::Rule(target.clone(), self.rules.get(target).cloned()),
            Subject::Renamed(target) => {
                Setting::Renamed(target.clone(), self.renamed.get(target).cloned())
            }
        }
    }

    /// Puts a setting in the place of the one of its subject.
    pub fn set(&mut self, setting: Setting) {
        fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
            match value {
                Some(value) => drop(map.insert(key, value)),
                None => drop(map.remove(&key)),
            }
        }
        match setting {
            Setting::Step(step, setting) => {
                put(&mut self.steps, step, setting.filter(|setting| !setting.is_empty()));
            }
            Setting::Rule(target, rule) => put(&mut self.rules, target, rule),
            Setting::Renamed(target, old) => put(&mut self.renamed, target, old),
        }
    }

    /// Every setting there is, in order.
    pub fn settings(&self) -> Vec<Setting> {
        let steps = self.steps.iter();
        let steps = steps.map(|(step, it)| Setting::Step(step.clone(), Some(it.clone())));
        let rules = self.rules.iter();
        let rules = rules.map(|(target, rule)| Setting::Rule(target.clone(), Some(rule.clone())));
        let renamed = self.renamed.iter();
        let renamed =
            renamed.map(|(target, old)| Setting::Renamed(target.clone(), Some(old.clone())));
        steps.chain(rules).chain(renamed).collect()
    }

    /// What a target was called when the ancestor called it; itself where it was not renamed.
    pub fn old_name<'a>(&'a self, target: &'a Target) -> &'a Target {
        let mut seen = BTreeSet::new();
        let mut name = target;
        while let Some(old) = self.renamed.get(name).filter(|_| seen.insert(name)) {
            name = old;
        }
        name
    }

    /// The rule for calls of a target: its own, or that of the name it had.
    pub fn rule(&self, target: &Target) -> Option<&MatchingRule> {
        self.rules.get(target).or_else(|| self.rules.get(self.old_name(target)))
    }
}
