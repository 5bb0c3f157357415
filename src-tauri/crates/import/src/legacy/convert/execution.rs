//! Old executions in today's form.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{
    Attempt, Child, Dependency, Execution, ExecutionId, Extra, FoundRun, Timestamp, TypedDependency,
};
use serde_json::Value as Any;

use super::Conversion;
use crate::ImportError;
use crate::legacy::form::{OldChild, OldDependency, OldExecution, OldRef};
use crate::legacy::value::today;

impl Conversion<'_> {
    pub(super) fn execution(
        &mut self,
        id: &ExecutionId,
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
            children: self.children(id, old)?,
            inputs: None,
            metrics: None,
            result: None,
            extra: Extra::NONE,
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
            all.insert(
                id,
                Dependency::Typed(TypedDependency::Result { execution, extra: Extra::NONE }),
            );
            for (asset_id, asset) in &dependency.assets {
                let wrong = |reason: String| self.wrong(place, reason);
                let asset_id = today(&asset_id.as_str().into(), asset).map_err(wrong)?;
                let asset = asset.today().map_err(wrong)?;
                let id = asset_id.to_string();
                all.insert(
                    id,
                    Dependency::Typed(TypedDependency::Asset {
                        asset_id,
                        asset,
                        extra: Extra::NONE,
                    }),
                );
            }
        }
        for (asset_id, asset) in &old.consumed {
            let wrong = |reason: String| self.wrong(place, reason);
            let asset_id = today(&asset_id.as_str().into(), asset).map_err(wrong)?;
            let asset = asset.today().map_err(wrong)?;
            let id = asset_id.to_string();
            all.insert(
                id,
                Dependency::Typed(TypedDependency::Asset { asset_id, asset, extra: Extra::NONE }),
            );
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
                children.push(Child {
                    step_id: id.step,
                    attempt: id.attempt,
                    group_id,
                    extra: Extra::NONE,
                });
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
}
