//! Calls that became runs, until 0.5: today such a call is a step.

use std::collections::BTreeMap;

use hindcast_model::legacy::OldStep as KeptStep;
use hindcast_model::{
    Attempts, Ended, Execution, ExecutionId, Extra, Outcome, Step, StepId, WorkspaceId,
};
use serde_json::Value as Any;

use super::Conversion;
use crate::ImportError;
use crate::legacy::form::{OldChild, OldRef};

/// A call that became a run, until 0.5; from 0.6 such a call is a step.
pub(super) struct SpawnedCall<'c> {
    id: ExecutionId,
    caller: ExecutionId,
    root: &'c OldChild,
    caller_at: WorkspaceId,
}

impl<'c> Conversion<'c> {
    /// Finds the calls that became runs, and what they are called here.
    pub(super) fn spawned_calls(&mut self) -> Result<Vec<SpawnedCall<'c>>, ImportError> {
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

    /// The step of today's form that stands for a call that became a run.
    pub(super) fn spawned_step(&mut self, call: SpawnedCall<'c>) -> Result<Step, ImportError> {
        let OldChild::Run { run_id, step_id, module, target, created_at, .. } = call.root else {
            return Err(self.wrong(&call.id, "a call that became no run"));
        };
        let views = self.views;
        let mut roots = views.get(run_id).into_iter().flatten();
        let root = roots.find_map(|view| view.steps.get(step_id));
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
            extra: Extra::NONE,
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
            extra: Extra::NONE,
        };
        let step_id = step_id.clone();
        step.set_old(&KeptStep { step_id, is_memoised: false, key_over_all: None });
        Ok(step)
    }
}
