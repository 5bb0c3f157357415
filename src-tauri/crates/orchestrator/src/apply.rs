//! How a record changes what is known. Said here or by another process, it is applied the same
//! way; a record applied before changes nothing.

use std::collections::BTreeMap;

use hindcast_model::record::{
    Answer, Call, Input, InputResponse, NewExecution, NewRun, NewStep, Record, StoredRun,
};
use hindcast_model::{
    Child, Execution, ExecutionId, Extra, InputId, InputSummary, Outcome, Resolved, Run, Step,
    Timestamp, Value,
};

use crate::world::World;

impl World {
    /// Takes a fact in. One about a run that is not known changes nothing.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::RunCreated(run) => self.run_created(run),
            Record::StepCreated(step) => self.step_created(step),
            Record::ExecutionCreated(execution) => self.execution_created(execution),
            Record::BodyStarted(entry) => {
                self.change(&entry.execution, |execution| execution.assigned_at = Some(entry.at));
            }
            Record::ExecutionFinished { execution, at, outcome } => {
                self.finished(execution, *at, outcome);
            }
            Record::Resolved { execution, outcome } => self.resolved(execution, outcome),
            Record::CallAnswered(call) => self.call_answered(call),
            Record::GroupRegistered { execution, group, name } => {
                self.change(execution, |execution| {
                    execution.groups.insert(*group, name.clone());
                });
            }
            Record::Depended { execution, id, dependency } => self.change(execution, |execution| {
                execution.dependencies.insert(id.clone(), dependency.clone());
            }),
            Record::MetricDefined { execution, key, definition } => {
                self.change(execution, |execution| {
                    let metrics = execution.metrics.get_or_insert_default();
                    metrics.entry(key.clone()).or_insert_with(|| definition.clone());
                });
            }
            Record::AssetPersisted { execution, asset_id, asset, entries } => {
                self.note_asset(asset_id.clone(), asset.clone(), Some(entries.clone()));
                self.change(execution, |execution| {
                    execution.assets.insert(asset_id.clone(), asset.clone());
                });
            }
            Record::InputSubmitted { execution, input } => self.input_submitted(execution, input),
            Record::InputAnswered { input, response } => self.input_answered(input, response),
            Record::CheckpointsChanged { execution, values } => self.checkpoints(execution, values),
            Record::StreamRegistered { stream, execution, .. } => {
                self.stream_registered(stream, execution);
            }
            Record::StreamAppended { stream, sequence, .. } => {
                self.change_stream(stream, |known| known.length = known.length.max(sequence + 1));
            }
            Record::StreamClosed { stream, end, .. } => {
                self.change_stream(stream, |known| known.end = Some(end.clone()));
            }
            Record::OwnKeysMade(all) => {
                for (step, keys) in all {
                    self.note_own_keys(step, keys.clone());
                }
            }
            Record::Logged(_)
            | Record::Measured { .. }
            | Record::Watched { .. }
            | Record::EffectSeen(_)
            | Record::Debugger { .. }
            | Record::CodeSaved { .. } => {}
        }
    }

    fn change(&mut self, id: &ExecutionId, change: impl FnOnce(&mut Execution)) {
        let run = self.known_mut(id.run());
        let step = run.and_then(|run| run.stored.run.steps.get_mut(&id.step.number));
        if let Some(execution) = step.and_then(|step| step.executions.get_mut(&id.attempt)) {
            change(execution);
        }
    }

    fn run_created(&mut self, new: &NewRun) {
        if self.knows_run(&new.id) {
            return;
        }
        let run = Run {
            id: new.id.clone(),
            created_at: new.created_at,
            created_by: serde_json::Value::Null,
            requires: Some(new.requires.clone()),
            parent: new.parent.clone(),
            steps: BTreeMap::new(),
            extra: serde_json::Map::new(),
        };
        self.insert_run(StoredRun {
            run,
            memo: Some(new.memo),
            declared: BTreeMap::new(),
            inputs: Vec::new(),
            checkpoints: BTreeMap::new(),
            edited_arguments: BTreeMap::new(),
            streams: BTreeMap::new(),
            retired: BTreeMap::new(),
        });
    }

    fn step_created(&mut self, new: &NewStep) {
        let Some(run) = self.known_mut(&new.id.run) else { return };
        if run.stored.run.steps.contains_key(&new.id.number) {
            return;
        }
        run.stored.declared.insert(new.id.number, new.declared.clone());
        run.stored.run.steps.insert(new.id.number, step(new));
        self.index_new_step(&new.id);
    }

    fn execution_created(&mut self, new: &NewExecution) {
        let number = new.id.step.number;
        let Some(run) = self.known_mut(new.id.run()) else { return };
        let Some(step) = run.stored.run.steps.get_mut(&number) else { return };
        if step.executions.contains_key(&new.id.attempt) {
            return;
        }
        step.executions.insert(new.id.attempt, execution(new));
        if let Some(arguments) = &new.edited_arguments {
            run.stored.edited_arguments.insert((number, new.id.attempt), arguments.clone());
        }
        self.index_new_execution(&new.id);
    }

    fn finished(&mut self, id: &ExecutionId, at: Timestamp, outcome: &Outcome) {
        self.change(id, |execution| {
            if execution.result.is_none() {
                execution.completed_at = Some(at);
                execution.result = Some(outcome.clone());
            }
        });
    }

    fn resolved(&mut self, id: &ExecutionId, outcome: &Outcome) {
        self.change(id, |execution| {
            if let Some(own) = &mut execution.result {
                own.resolved = Resolved::Known(Box::new(outcome.clone()));
            }
        });
    }

    fn call_answered(&mut self, call: &Call) {
        let answered = match &call.answer {
            Answer::Pinned { execution, .. }
            | Answer::Mocked { execution, .. }
            | Answer::Run { execution, .. } => execution,
            Answer::Blocked { .. } | Answer::Refused { .. } => return,
        };
        let child = Child {
            step_id: answered.step.clone(),
            attempt: answered.attempt,
            group_id: call.group,
            extra: Extra::NONE,
        };
        // The server keeps one edge per caller and execution, however often it called.
        if self.is_new_edge(&call.caller, answered) {
            self.change(&call.caller, |execution| execution.children.push(child));
        }
    }

    fn is_new_edge(&mut self, caller: &ExecutionId, answered: &ExecutionId) -> bool {
        let Some(known) = self.known_mut(caller.run()) else { return false };
        if !known.edges.contains_key(caller) {
            let children = known.stored.run.execution(caller).map(|execution| &execution.children);
            let edges = children.into_iter().flatten().map(Child::execution_id).collect();
            known.edges.insert(caller.clone(), edges);
        }
        known.edges.get_mut(caller).is_some_and(|edges| edges.insert(answered.clone()))
    }

    fn input_submitted(&mut self, id: &ExecutionId, input: &Input) {
        let summary = InputSummary {
            title: input.title.clone(),
            status: input.response.as_ref().map(crate::inputs::status),
            extra: Extra::NONE,
        };
        self.change(id, |execution| {
            execution.inputs.get_or_insert_default().insert(input.id.clone(), summary);
        });
        let Some(run) = self.known_mut(&input.id.run) else { return };
        if !run.stored.inputs.iter().any(|known| known.id == input.id) {
            run.stored.inputs.push(input.clone());
        }
    }

    fn input_answered(&mut self, id: &InputId, response: &InputResponse) {
        if let Some(input) = self.input_mut(id) {
            input.response.get_or_insert_with(|| response.clone());
        }
    }

    fn checkpoints(&mut self, id: &ExecutionId, values: &BTreeMap<String, Option<Value>>) {
        if let Some(run) = self.known_mut(id.run()) {
            let own = run.stored.checkpoints.entry((id.step.number, id.attempt)).or_default();
            own.extend(values.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
}

fn step(new: &NewStep) -> Step {
    Step {
        step_number: new.id.number,
        module: new.target.module.to_string(),
        target: new.target.name.to_string(),
        parent_id: new.parent.clone(),
        cache_config: new.cache.clone(),
        cache_key: new.cache_key.clone(),
        memo_key: new.memo_key.clone(),
        retries: new.retries.clone(),
        recurrent: Some(new.recurrent),
        timeout: Some(new.timeout),
        created_at: new.created_at,
        arguments: new.arguments.clone(),
        requires: Some(new.requires.clone()),
        executions: hindcast_model::Attempts::new(),
        extra: Extra::NONE,
    }
}

fn execution(new: &NewExecution) -> Execution {
    Execution {
        execution_id: new.id.clone(),
        workspace_id: new.workspace.clone(),
        created_at: new.created_at,
        created_by: serde_json::Value::Null,
        execute_after: new.execute_after.map(|at| at.0.into()),
        assigned_at: None,
        completed_at: None,
        groups: BTreeMap::new(),
        assets: BTreeMap::new(),
        dependencies: BTreeMap::new(),
        children: Vec::new(),
        inputs: Some(BTreeMap::new()),
        metrics: Some(BTreeMap::new()),
        result: None,
        extra: Extra::NONE,
    }
}
