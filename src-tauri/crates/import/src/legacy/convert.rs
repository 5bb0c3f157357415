//! An old run in today's form.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::legacy::{OldArgument, OldStep as KeptStep, key_over_all};
use hindcast_model::record::Declared;
use hindcast_model::{
    Attempt, Attempts, Child, Dependency, Ended, Execution, ExecutionId, ExecutionRef, FoundRun,
    Key, Outcome, Params, Resolved, Run, RunId, Step, StepId, StepNumber, Target, Timestamp,
    TypedDependency, Value, WorkspaceId, find_params, legacy,
};
use serde_json::{Map, Value as Any, json};

use super::form::{
    Era, OldChild, OldDeclared, OldDependency, OldExecution, OldId, OldOutcome, OldRef, OldRun,
    OldStep, OldValue,
};
use super::numbers::{Integers, Numbers};
use super::value::{Ids, Kept, handles, old_content, today};
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

/// A call that became a run, until 0.5; from 0.6 such a call is a step.
struct SpawnedCall<'c> {
    id: ExecutionId,
    caller: ExecutionId,
    root: &'c OldChild,
    caller_at: WorkspaceId,
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
        if old.steps.values().all(|step| step.parent_id.is_some()) {
            return Err(self.wrong(&self.id, "no step is the root (without parentId)"));
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
            })
        } else {
            let number = self.ids.numbers.number(&parent.run_id, &parent.step_id);
            number.map(|_| self.ids.execution_ref(parent))
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

    /// Finds the calls that became runs, and what they are called here.
    fn spawned_calls(&mut self) -> Result<Vec<SpawnedCall<'c>>, ImportError> {
        let mut calls = Vec::new();
        let old = self.old;
        for (step_id, step) in &old.steps {
            for (attempt, execution) in &step.executions {
                for root in &execution.children {
                    let OldChild::Run { run_id, step_id: root_id, .. } = root else { continue };
                    let caller = self.own(step_id, *attempt)?;
                    let first = self.ids.numbers.first(run_id, root_id);
                    let Some(number) =
                        first.and_then(|first| self.ids.numbers.counted(&self.id, first))
                    else {
                        let message = format!(
                            "a call that became run {run_id} is left out; import both runs together"
                        );
                        self.odd.push((caller.to_string(), message));
                        continue;
                    };
                    let id = StepId::new(self.id.clone(), number).attempt(1);
                    self.ids.spawned.insert((run_id.clone(), root_id.clone()), id.clone());
                    let caller_at = self.workspace(execution)?;
                    calls.push(SpawnedCall { id, caller, root, caller_at });
                }
            }
        }
        Ok(calls)
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
            extra: Map::new(),
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
            let execution = self.execution(id, step_id, execution, found)?;
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

    fn execution(
        &mut self,
        id: ExecutionId,
        step_id: &str,
        old: &OldExecution,
        found: &mut FoundRun,
    ) -> Result<Execution, ImportError> {
        let place = id.to_string();
        let mut assets = BTreeMap::new();
        for (asset_id, asset) in &old.assets {
            let wrong = |reason: String| self.wrong(&place, reason);
            let asset_id = today(&asset_id.as_str().into(), asset).map_err(wrong)?;
            let files = asset.files().map_err(wrong)?;
            if !files.is_empty() {
                found.assets.insert(asset_id.clone(), files);
            }
            assets.insert(asset_id, asset.today().map_err(wrong)?);
        }
        let mut execution = Execution {
            workspace_id: self.workspace(old)?,
            created_at: old.created_at,
            created_by: Any::Null,
            execute_after: old.execute_after.clone(),
            assigned_at: old.assigned_at,
            completed_at: old.completed_at,
            groups: old.groups.clone(),
            assets,
            dependencies: self.dependencies(&place, old)?,
            children: self.children(&id, old)?,
            inputs: None,
            metrics: None,
            result: None,
            extra: Map::new(),
            execution_id: id.clone(),
        };
        let integer = old.execution_id.integer();
        let integer =
            integer.ok_or_else(|| self.wrong(&place, "an execution id that is no integer"))?;
        execution.set_old_id(integer);
        if let Some(outcome) = &old.result {
            let here = OldRef {
                run_id: self.id.clone(),
                step_id: step_id.to_owned(),
                attempt: id.attempt,
                module: None,
                target: None,
            };
            execution.result = Some(self.outcome(&place, &here, outcome)?);
        }
        if let Some(arguments) = &old.checkpoint {
            let mut values = BTreeMap::new();
            for (position, argument) in arguments.iter().enumerate() {
                values.insert(position.to_string(), Some(self.value(&place, argument)?));
            }
            found.checkpoints.insert((id.step.number, id.attempt), values);
        }
        Ok(execution)
    }

    fn dependencies(
        &mut self,
        place: &str,
        old: &OldExecution,
    ) -> Result<BTreeMap<String, Dependency>, ImportError> {
        let mut all = BTreeMap::new();
        for (integer, dependency) in &old.dependencies {
            let on = dependency.execution();
            let on = on.ok_or_else(|| {
                self.wrong(place, format!("dependency {integer} does not name an execution"))
            })?;
            if on.attempt == 0 {
                return Err(self.wrong(place, format!("dependency {integer} is on an attempt 0")));
            }
            let execution = self.ids.execution_ref(&on);
            let id = execution.execution_id.to_string();
            all.insert(id, Dependency::Typed(TypedDependency::Result { execution }));
            for (asset_id, asset) in &dependency.assets {
                let wrong = |reason: String| self.wrong(place, reason);
                let asset_id = today(&asset_id.as_str().into(), asset).map_err(wrong)?;
                let asset = asset.today().map_err(wrong)?;
                let id = asset_id.to_string();
                all.insert(id, Dependency::Typed(TypedDependency::Asset { asset_id, asset }));
            }
        }
        for (asset_id, asset) in &old.consumed {
            let wrong = |reason: String| self.wrong(place, reason);
            let asset_id = today(&asset_id.as_str().into(), asset).map_err(wrong)?;
            let asset = asset.today().map_err(wrong)?;
            let id = asset_id.to_string();
            all.insert(id, Dependency::Typed(TypedDependency::Asset { asset_id, asset }));
        }
        Ok(all)
    }

    fn children(
        &mut self,
        caller: &ExecutionId,
        old: &OldExecution,
    ) -> Result<Vec<Child>, ImportError> {
        let mut children = Vec::new();
        let mut seen = BTreeSet::new();
        for child in &old.children {
            let (id, group_id) = match child {
                OldChild::Run { run_id, step_id, .. } => {
                    match self.ids.spawned.get(&(run_id.clone(), step_id.clone())) {
                        Some(id) => (id.clone(), None),
                        // Told where the calls were looked for.
                        None => continue,
                    }
                }
                OldChild::Execution { step_id, attempt, group_id } => {
                    (self.child(caller, step_id, *attempt)?, *group_id)
                }
                OldChild::Step(step_id) => {
                    let attempt = self.attempt_got(old, step_id, None);
                    (self.child(caller, step_id, attempt)?, None)
                }
                OldChild::Called { step_id, made_at } => {
                    let attempt = self.attempt_got(old, step_id, Some(*made_at));
                    (self.child(caller, step_id, attempt)?, None)
                }
            };
            if seen.insert(id.clone()) {
                children.push(Child { step_id: id.step, attempt: id.attempt, group_id });
            }
        }
        Ok(children)
    }

    /// A child, which may be a step that is not shown.
    fn child(
        &self,
        caller: &ExecutionId,
        step_id: &str,
        attempt: Attempt,
    ) -> Result<ExecutionId, ImportError> {
        if attempt == 0 {
            return Err(self.wrong(caller, "a child of attempt 0"));
        }
        let of = OldRef {
            run_id: self.id.clone(),
            step_id: step_id.to_owned(),
            attempt,
            module: None,
            target: None,
        };
        Ok(self.ids.numbers.execution(&of))
    }

    /// Until 0.5 a child is a step. Which attempt its caller got is known of a step that the caller's own
    /// call made; else from what the caller consumed or handed on; else it is the newest that a memo
    /// lookup could have found.
    fn attempt_got(
        &self,
        caller: &OldExecution,
        step_id: &str,
        made_at: Option<Timestamp>,
    ) -> Attempt {
        let Some(step) = self.old.steps.get(step_id) else { return 1 };
        let first = step.executions.keys().next().copied().unwrap_or(1);
        if step.parent_id.as_ref() == Some(&caller.execution_id) {
            return first;
        }
        let visible = |execution: &OldExecution| {
            let at = execution.environment();
            at == caller.environment() || at == self.home
        };
        let made = |execution: &OldExecution| Some(execution.created_at) == made_at;
        let mut exact =
            step.executions.iter().filter(|(_, one)| made(one) && visible(one)).map(|(at, _)| *at);
        if let Some(attempt) = exact.next_back() {
            return attempt;
        }
        let consumed = caller.dependencies.values().filter_map(OldDependency::execution);
        let mut of_step = consumed.filter(|on| on.run_id == self.id && on.step_id == step_id);
        if let Some(on) = of_step.next() {
            return on.attempt;
        }
        let before = |execution: &OldExecution| match caller.completed_at {
            Some(end) => execution.created_at <= end,
            None => true,
        };
        let usable = |execution: &OldExecution| match &execution.result {
            None => true,
            Some(outcome) => outcome.kind == "value",
        };
        let candidates = step.executions.iter().filter(|(_, one)| visible(one) && before(one));
        let newest = candidates
            .filter(|(_, one)| usable(one))
            .max_by_key(|(at, one)| (one.created_at, **at));
        newest.map_or(first, |(attempt, _)| *attempt)
    }

    fn outcome(
        &mut self,
        place: &str,
        here: &OldRef,
        old: &OldOutcome,
    ) -> Result<Outcome, ImportError> {
        let ended = self.ended(place, here, old)?;
        let resolved = match (&old.execution, &old.result) {
            (None, _) => Resolved::Absent,
            (Some(_), Some(result)) => {
                let there = old.execution.as_ref().unwrap_or(here);
                Resolved::Known(Box::new(self.outcome(place, there, result)?))
            }
            (Some(shared), None) => self.resolved(place, shared)?,
        };
        Ok(Outcome { ended, resolved, created_by: Any::Null })
    }

    fn ended(
        &mut self,
        place: &str,
        here: &OldRef,
        old: &OldOutcome,
    ) -> Result<Ended, ImportError> {
        let retry = self.next_attempt(here, old);
        let kind = old.kind.as_str();
        let missing =
            |this: &Self, what: &str| this.wrong(place, format!("a {kind} without its {what}"));
        let shared = |this: &Self| match &old.execution {
            Some(shared) if shared.attempt > 0 => Ok(this.ids.numbers_ref(shared)),
            _ => Err(missing(this, "execution")),
        };
        Ok(match kind {
            "value" => {
                let value = old.value.as_ref().ok_or_else(|| missing(self, "value"))?;
                Ended::Value(self.value(place, value)?)
            }
            "error" => {
                let error = old.error.clone().ok_or_else(|| missing(self, "error"))?;
                Ended::Error { error, retry, retryable: None }
            }
            "abandoned" => Ended::Abandoned { retry },
            "cancelled" => Ended::Cancelled,
            "suspended" => {
                Ended::Suspended { successor: retry.unwrap_or(here.attempt.saturating_add(1)) }
            }
            "deferred" => Ended::Deferred(shared(self)?),
            "cached" => Ended::Cached(shared(self)?),
            "spawned" => Ended::Spawned(shared(self)?),
            kind => {
                let reason = format!("a result of type {kind:?}, which we do not know");
                return Err(self.wrong(place, reason));
            }
        })
    }

    fn next_attempt(&self, here: &OldRef, old: &OldOutcome) -> Option<Attempt> {
        let by_integer = || {
            let integer = old.retry_id.as_ref()?.integer()?;
            let view = self
                .views
                .get(&here.run_id)?
                .iter()
                .find_map(|view| view.steps.get(&here.step_id))?;
            let known =
                view.executions.iter().find(|(_, one)| one.execution_id.integer() == Some(integer));
            known.map(|(attempt, _)| *attempt)
        };
        old.retry.or_else(by_integer).or_else(|| {
            // Retried in an environment that is not shown.
            old.retry_id.as_ref().map(|_| here.attempt.saturating_add(1))
        })
    }

    /// How an execution that others share finally ended, as far as it is here.
    fn resolved(&mut self, place: &str, shared: &OldRef) -> Result<Resolved, ImportError> {
        let views = self.views;
        let mut passed = BTreeSet::new();
        let mut at = shared.clone();
        loop {
            if !passed.insert((at.run_id.clone(), at.step_id.clone(), at.attempt)) {
                return Err(self.wrong(place, "results that go round in a circle"));
            }
            let known = views
                .get(&at.run_id)
                .into_iter()
                .flatten()
                .find_map(|view| view.steps.get(&at.step_id)?.executions.get(&at.attempt));
            let Some(execution) = known else {
                let by_topic = self.old.form.era >= Era::V6;
                return Ok(if by_topic { Resolved::Pending } else { Resolved::Absent });
            };
            let Some(outcome) = &execution.result else { return Ok(Resolved::Pending) };
            if let Some(attempt) = self.next_attempt(&at, outcome) {
                at.attempt = attempt;
            } else if let Some(next) = &outcome.execution {
                if let Some(result) = &outcome.result {
                    return Ok(Resolved::Known(Box::new(self.outcome(place, next, result)?)));
                }
                at = next.clone();
            } else {
                self.repeat(place, outcome.value.as_ref())?;
                let ended = self.ended(place, &at, outcome)?;
                return Ok(Resolved::Known(Box::new(Outcome::of(ended))));
            }
        }
    }

    /// The step of today's form that stands for a call that became a run.
    fn spawned_step(&mut self, call: SpawnedCall<'c>) -> Result<Step, ImportError> {
        let OldChild::Run { run_id, step_id, module, target, created_at, .. } = call.root else {
            return Err(self.wrong(&call.id, "a call that became no run"));
        };
        let views = self.views;
        let roots = views.get(run_id).into_iter().flatten();
        let root = roots.filter_map(|view| view.steps.get(step_id)).next();
        let place = call.id.to_string();
        let mut arguments = Vec::new();
        if let Some(root) = root {
            for argument in &root.arguments {
                self.repeat(&place, Some(argument))?;
                arguments.push(self.value(&place, argument)?);
            }
        } else {
            let message =
                format!("its arguments and its result are in run {run_id}, which is not here");
            self.odd.push((place.clone(), message));
        }
        let first = root.and_then(|root| root.executions.get(&1));
        let shared = OldRef {
            run_id: run_id.clone(),
            step_id: step_id.clone(),
            attempt: 1,
            module: Some(module.clone()),
            target: Some(target.clone()),
        };
        let mut outcome = Outcome::of(Ended::Spawned(self.ids.numbers_ref(&shared)));
        outcome.resolved = self.resolved(&place, &shared)?;
        let mut execution = Execution {
            execution_id: call.id.clone(),
            workspace_id: match first {
                Some(first) => self.workspace(first)?,
                None => call.caller_at,
            },
            created_at: *created_at,
            created_by: Any::Null,
            execute_after: None,
            assigned_at: None,
            completed_at: Some(*created_at),
            groups: BTreeMap::new(),
            assets: BTreeMap::new(),
            dependencies: BTreeMap::new(),
            children: Vec::new(),
            inputs: None,
            metrics: None,
            result: Some(outcome),
            extra: Map::new(),
        };
        // The handle that the caller was given is one on the run's first execution.
        if let Some(integer) = self.ids.numbers.first(run_id, step_id) {
            execution.set_old_id(integer);
        }
        let mut executions = Attempts::new();
        executions.insert(1, execution);
        let mut step = Step {
            step_number: call.id.step.number,
            module: module.clone(),
            target: target.clone(),
            parent_id: Some(call.caller),
            cache_config: None,
            cache_key: None,
            memo_key: None,
            retries: None,
            recurrent: self.old.recurrent.map(|_| false),
            timeout: None,
            created_at: *created_at,
            arguments,
            requires: root.and_then(|root| root.requires.clone()),
            executions,
            extra: Map::new(),
        };
        let step_id = step_id.clone();
        step.set_old(&KeptStep { step_id, is_memoised: false, key_over_all: None });
        Ok(step)
    }
}
