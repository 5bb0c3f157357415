//! An old run in today's form.

mod execution;
mod outcome;
mod spawned;

use std::collections::BTreeMap;

use hindcast_model::legacy::{OldArgument, OldStep as KeptStep, key_over_all};
use hindcast_model::record::Declared;
use hindcast_model::{
    Attempt, Attempts, ExecutionId, ExecutionRef, Extra, FoundRun, Key, Params, Run, RunId, Step,
    StepId, StepNumber, Target, Value, WorkspaceId, find_params, legacy,
};
use serde_json::{Map, Value as Any, json};

use super::form::{Era, OldDeclared, OldExecution, OldId, OldRun, OldStep, OldValue};
use super::numbers::{Integers, Numbers};
use super::value::{Ids, Kept, handles, old_content};
use crate::ImportError;

/// Every old run of an import, by id; of one run there may be several views.
pub(crate) type Views<'r> = BTreeMap<RunId, Vec<&'r OldRun>>;

/// How many bytes of values one run may show again where others share them: results of cached
/// executions, arguments of runs that calls became.
const MOST_REPEATED: u64 = 256 << 20;

/// Converts one run.
pub(crate) struct Conversion<'c> {
    old: &'c OldRun,
    id: RunId,
    views: &'c Views<'c>,
    ids: Ids<'c>,
    integers: Integers,
    /// The environment that the run began in.
    home: Option<&'c OldId>,
    /// How many bytes of values may still be repeated.
    left: u64,
    /// What is odd: where, and what.
    pub(crate) odd: Vec<(String, String)>,
    /// Blobs that values need and that no server has.
    pub(crate) blobs: Vec<Kept>,
}

impl<'c> Conversion<'c> {
    pub(crate) fn new(
        old: &'c OldRun,
        id: RunId,
        numbers: &'c Numbers,
        views: &'c Views<'c>,
    ) -> Self {
        let integers = Integers::of(&id, old);
        let ids = Ids { numbers, spawned: BTreeMap::new() };
        let root = old.steps.values().find(|step| step.parent_id.is_none());
        let home = root.and_then(|root| root.executions.values().next()?.environment());
        let (odd, blobs) = (Vec::new(), Vec::new());
        Self { old, id, views, ids, integers, home, left: MOST_REPEATED, odd, blobs }
    }

    fn wrong(&self, place: impl std::fmt::Display, reason: impl Into<String>) -> ImportError {
        ImportError::at(&self.old.source, place, reason)
    }

    pub(crate) fn run(&mut self) -> Result<FoundRun, ImportError> {
        let old = self.old;
        let mut roots = old.steps.iter().filter(|(_, step)| step.parent_id.is_none());
        match (roots.next(), roots.next()) {
            (None, _) => {
                return Err(self.wrong(&self.id, "no step is the root (without parentId)"));
            }
            (Some((one, _)), Some((other, _))) => {
                let reason = format!("steps {one} and {other} are both roots");
                return Err(self.wrong(&self.id, reason));
            }
            (Some(_), None) => {}
        }
        let spawned = self.spawned_calls()?;
        let mut kept = Map::new();
        kept.insert("form".to_owned(), old.form.name().into());
        kept.insert("findings".to_owned(), old.form.lacks().into());
        let parent = self.parent(&mut kept);
        let run = Run {
            id: self.id.clone(),
            created_at: old.created_at,
            created_by: Any::Null,
            requires: None,
            parent,
            steps: BTreeMap::new(),
            extra: Map::from_iter([(legacy::FIELD.to_owned(), Any::Object(kept))]),
        };
        let mut found = FoundRun::plain(old.source.clone(), run);
        for (step_id, step) in &old.steps {
            self.step(step_id, step, &mut found)?;
        }
        for call in spawned {
            let step = self.spawned_step(call)?;
            self.add(step, &mut found)?;
        }
        Ok(found)
    }

    fn add(&self, step: Step, found: &mut FoundRun) -> Result<(), ImportError> {
        let id = StepId::new(self.id.clone(), step.step_number);
        match found.run.steps.insert(step.step_number, step) {
            None => Ok(()),
            Some(other) => {
                let both = format!(
                    "two steps are made by the same execution; one calls {}",
                    other.target()
                );
                Err(self.wrong(id, both))
            }
        }
    }

    /// The execution that called this run: until 0.5 the caller, in whose run the call is no step.
    fn parent(&mut self, kept: &mut Map<String, Any>) -> Option<ExecutionRef> {
        let parent = self.old.parent.as_ref()?;
        let known = if self.old.form.era < Era::V6 {
            let (root, step) = self.old.steps.iter().find(|(_, step)| step.parent_id.is_none())?;
            let first = self.ids.numbers.first(&self.id, root);
            let number = first.and_then(|first| self.ids.numbers.counted(&parent.run_id, first));
            number.map(|number| ExecutionRef {
                execution_id: StepId::new(parent.run_id.clone(), number).attempt(1),
                module: Some(step.module.clone()),
                target: Some(step.target.clone()),
                extra: Extra::NONE,
            })
        } else {
            let number = self.ids.numbers.number(&parent.run_id, &parent.step_id);
            number.filter(|_| parent.attempt > 0).map(|_| self.ids.execution_ref(parent))
        };
        if known.is_none() {
            let place = self.id.to_string();
            let caller = format!("{} of run {}", parent.step_id, parent.run_id);
            self.odd.push((
                place,
                format!("called by step {caller}, which is not here; import both runs together"),
            ));
            kept.insert(
                "parent".to_owned(),
                json!({
                    "runId": parent.run_id,
                    "stepId": parent.step_id,
                    "attempt": parent.attempt,
                    "module": parent.module,
                    "target": parent.target,
                }),
            );
        }
        known
    }

    /// An execution of this run.
    fn own(&self, step_id: &str, attempt: Attempt) -> Result<ExecutionId, ImportError> {
        let number = self.own_number(step_id)?;
        if attempt == 0 {
            return Err(self.wrong(step_id, "an attempt of number 0"));
        }
        Ok(StepId::new(self.id.clone(), number).attempt(attempt))
    }

    fn own_number(&self, step_id: &str) -> Result<StepNumber, ImportError> {
        let number = self.ids.numbers.number(&self.id, step_id);
        number.ok_or_else(|| {
            self.wrong(
                step_id,
                "its first execution has no integer id, or one before the run's first",
            )
        })
    }

    fn workspace(&self, execution: &OldExecution) -> Result<WorkspaceId, ImportError> {
        let Some(environment) = execution.environment() else {
            return Ok(WorkspaceId::of_old_run(&self.id));
        };
        let id = environment.to_string().parse();
        id.map_err(|error: hindcast_model::IdError| {
            self.wrong(&execution.execution_id, error.to_string())
        })
    }

    /// The execution of an integer, shown or not.
    fn integer(&self, integer: u64) -> Option<ExecutionId> {
        if let Some(known) = self.integers.get(integer) {
            return Some(self.ids.execution(&known));
        }
        let number = self.ids.numbers.counted(&self.id, integer)?;
        Some(StepId::new(self.id.clone(), number).attempt(1))
    }

    fn value(&mut self, place: &str, old: &OldValue) -> Result<Value, ImportError> {
        let translated = self.ids.value(old).map_err(|reason| self.wrong(place, reason))?;
        self.blobs.extend(translated.blob);
        Ok(translated.value)
    }

    /// Counts a value that is shown once more.
    fn repeat(&mut self, place: &str, value: Option<&OldValue>) -> Result<(), ImportError> {
        let bytes = |value: &OldValue| {
            let data = value.data.as_ref().map_or(0, |data| data.text().len());
            data + value.content.as_ref().map_or(0, String::len) + 100
        };
        let left = self.left.checked_sub(value.map_or(0, bytes) as u64);
        self.left = left.ok_or_else(|| {
            self.wrong(
                place,
                "far more than such an export can hold: values that are shared again and again",
            )
        })?;
        Ok(())
    }

    fn step(
        &mut self,
        step_id: &str,
        old: &OldStep,
        found: &mut FoundRun,
    ) -> Result<(), ImportError> {
        let number = self.own_number(step_id)?;
        let id = StepId::new(self.id.clone(), number);
        if !old.executions.contains_key(&1) && !old.executions.is_empty() {
            let message = "its first attempt is not shown; numbered by the first that is";
            self.odd.push((id.to_string(), message.to_owned()));
        }
        let parent_id = match &old.parent_id {
            None => None,
            Some(parent) => {
                let known = parent.integer().and_then(|integer| self.integer(integer));
                let reason = || format!("its parent {parent} is before the run's first execution");
                Some(known.ok_or_else(|| self.wrong(&id, reason()))?)
            }
        };
        let mut step = Step {
            step_number: number,
            module: old.module.clone(),
            target: old.target.clone(),
            parent_id,
            cache_config: old.cache_config.clone(),
            cache_key: old.cache_key.clone(),
            memo_key: old.memo_key.clone(),
            retries: old.retries.clone(),
            recurrent: self.old.recurrent.map(|recurrent| recurrent && old.parent_id.is_none()),
            timeout: None,
            created_at: old.created_at,
            arguments: Vec::new(),
            requires: old.requires.clone(),
            executions: Attempts::new(),
            extra: Extra::NONE,
        };
        for argument in &old.arguments {
            step.arguments.push(self.value(&id.to_string(), argument)?);
        }
        let unknown_key = old.is_memoised == Some(true) && old.memo_key.is_none();
        step.set_old(&KeptStep {
            step_id: step_id.to_owned(),
            is_memoised: unknown_key,
            key_over_all: if unknown_key { self.key_over_all(old) } else { None },
        });
        for (attempt, execution) in &old.executions {
            let id = self.own(step_id, *attempt)?;
            let execution = self.execution(&id, step_id, execution, found)?;
            step.executions.insert(*attempt, execution);
        }
        if let Some(declared) = &old.declared {
            found.declared.insert(number, self.declared(&step, old, declared));
        }
        self.add(step, found)
    }

    /// What a database holds of a step, with the parameters of its keys as far as they can be found.
    fn declared(&self, step: &Step, old: &OldStep, declared: &OldDeclared) -> Declared {
        let target = step.target();
        let over_all = self.key_over_all(old);
        let params = |key: &Key| match &over_all {
            // 0.2 and 0.3: all arguments, or a function.
            Some(over_all) => (over_all == key).then_some(Params::All),
            None => find_params(key, &target, &step.arguments),
        };
        Declared {
            kind: declared.kind,
            memo: step.memo_key.as_ref().and_then(params),
            defer: declared.defer_key.as_ref().and_then(params),
            defer_key: declared.defer_key.clone(),
            wait_for: (0..64).filter(|index| declared.wait_for & (1 << index) != 0).collect(),
            delay: 0,
            streams: None,
        }
    }

    /// The key that a step of 0.2 or 0.3 has if it is declared `memo=True`.
    fn key_over_all(&self, old: &OldStep) -> Option<Key> {
        if self.old.form.era > Era::V3 {
            return None;
        }
        let contents: Vec<_> = old.arguments.iter().map(old_content).collect::<Option<_>>()?;
        let arguments = old.arguments.iter().zip(&contents).map(|(argument, content)| {
            let format = argument.format.as_deref().unwrap_or("json");
            Some(OldArgument { content, format, placeholders: handles(argument)? })
        });
        let arguments: Vec<OldArgument<'_>> = arguments.collect::<Option<_>>()?;
        Some(key_over_all(&Target::new(&old.module, &old.target), &arguments))
    }
}
