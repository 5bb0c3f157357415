//! Going from an export's numbers to the store's and back.
//!
//! They are the same, except where a newer export brought a step, attempt or input whose number
//! local work had taken. References are rewritten where data comes in and goes out; inside the store
//! only its own numbers exist.

use std::collections::{BTreeMap, HashMap};

use hindcast_model::record::{Declared, Input};
use hindcast_model::{
    Attempt, Child, Dependency, Ended, Execution, ExecutionId, ExecutionRef, FoundRun, FoundStream,
    InputId, Outcome, Reference, Resolved, Run, RunId, Step, StepId, StepNumber, TypedDependency,
    Value,
};

/// What has another number, by its number on the near side.
#[derive(Debug, Default)]
pub(crate) struct Renumbering {
    pub(crate) steps: HashMap<StepId, StepNumber>,
    pub(crate) executions: HashMap<ExecutionId, ExecutionId>,
    pub(crate) inputs: HashMap<InputId, u32>,
}

impl Renumbering {
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.executions.is_empty() && self.inputs.is_empty()
    }

    /// The way back.
    pub(crate) fn reversed(&self) -> Self {
        let steps =
            self.steps.iter().map(|(from, to)| (StepId::new(from.run.clone(), *to), from.number));
        let executions = self.executions.iter().map(|(from, to)| (to.clone(), from.clone()));
        let inputs = self
            .inputs
            .iter()
            .map(|(from, to)| (InputId { run: from.run.clone(), number: *to }, from.number));
        Self { steps: steps.collect(), executions: executions.collect(), inputs: inputs.collect() }
    }

    pub(crate) fn step(&self, id: &StepId) -> StepId {
        match self.steps.get(id) {
            Some(number) => StepId::new(id.run.clone(), *number),
            None => id.clone(),
        }
    }

    pub(crate) fn execution(&self, id: &ExecutionId) -> ExecutionId {
        match self.executions.get(id) {
            Some(known) => known.clone(),
            None => self.step(&id.step).attempt(id.attempt),
        }
    }

    pub(crate) fn input(&self, id: &InputId) -> InputId {
        let number = self.inputs.get(id).copied().unwrap_or(id.number);
        InputId { run: id.run.clone(), number }
    }

    /// Rewrites a run and what was found with it.
    pub(crate) fn found(&self, found: &mut FoundRun) {
        if self.is_empty() {
            return;
        }
        let run = found.run.id.clone();
        self.run(&mut found.run);
        let declared: BTreeMap<StepNumber, Declared> = std::mem::take(&mut found.declared);
        found.declared = declared
            .into_iter()
            .map(|(number, declared)| {
                (self.step(&StepId::new(run.clone(), number)).number, declared)
            })
            .collect();
        for input in &mut found.inputs {
            self.whole_input(input);
        }
        let checkpoints = std::mem::take(&mut found.checkpoints);
        for ((number, attempt), mut values) in checkpoints {
            let id = self.execution(&StepId::new(run.clone(), number).attempt(attempt));
            values.values_mut().flatten().for_each(|value| self.value(value));
            found.checkpoints.insert((id.step.number, id.attempt), values);
        }
        self.streams(&run, &mut found.streams);
    }

    /// Rewrites the streams of a run. (A stream's name in what a body returned is text, and stays.)
    pub(crate) fn streams(&self, run: &RunId, streams: &mut [FoundStream]) {
        if self.is_empty() {
            return;
        }
        for stream in &mut *streams {
            let producer = StepId::new(run.clone(), stream.step).attempt(stream.producer);
            let producer = self.execution(&producer);
            (stream.step, stream.producer) = (producer.step.number, producer.attempt);
            stream.items.iter_mut().for_each(|item| self.value(item));
        }
        streams.sort_by_key(|stream| (stream.step, stream.index));
    }

    /// Rewrites a run.
    pub(crate) fn run(&self, run: &mut Run) {
        if self.is_empty() {
            return;
        }
        run.parent.iter_mut().for_each(|parent| self.execution_ref(parent));
        let steps = std::mem::take(&mut run.steps);
        for (number, mut step) in steps {
            let id = StepId::new(run.id.clone(), number);
            self.rewrite_step(&id, &mut step);
            run.steps.insert(step.step_number, step);
        }
    }

    fn rewrite_step(&self, id: &StepId, step: &mut Step) {
        step.step_number = self.step(id).number;
        step.parent_id = step.parent_id.as_ref().map(|parent| self.execution(parent));
        step.arguments.iter_mut().for_each(|value| self.value(value));
        let executions = std::mem::take(&mut step.executions);
        for (attempt, mut execution) in executions {
            self.rewrite_execution(&id.attempt(attempt), &mut execution);
            step.executions.insert(execution.execution_id.attempt, execution);
        }
    }

    fn rewrite_execution(&self, id: &ExecutionId, execution: &mut Execution) {
        execution.execution_id = self.execution(id);
        for Child { step_id, attempt, .. } in &mut execution.children {
            let child = self.execution(&step_id.attempt(*attempt));
            (*step_id, *attempt) = (child.step, child.attempt);
        }
        let dependencies = std::mem::take(&mut execution.dependencies);
        for (key, mut dependency) in dependencies {
            let key = self.dependency_key(key);
            self.dependency(&mut dependency);
            execution.dependencies.insert(key, dependency);
        }
        if let Some(inputs) = &mut execution.inputs {
            let old = std::mem::take(inputs);
            inputs.extend(old.into_iter().map(|(id, summary)| (self.input(&id), summary)));
        }
        execution.result.iter_mut().for_each(|outcome| self.outcome(&id.step, outcome));
    }

    fn dependency_key(&self, key: String) -> String {
        if let Ok(id) = key.parse::<ExecutionId>() {
            self.execution(&id).to_string()
        } else if let Ok(id) = key.parse::<InputId>() {
            self.input(&id).to_string()
        } else {
            key
        }
    }

    fn dependency(&self, dependency: &mut Dependency) {
        match dependency {
            Dependency::Typed(TypedDependency::Result { execution, .. })
            | Dependency::Untyped { execution, .. } => self.execution_ref(execution),
            Dependency::Typed(TypedDependency::Input { input_id, .. }) => {
                *input_id = self.input(input_id);
            }
            Dependency::Typed(TypedDependency::Asset { .. }) | Dependency::Other(_) => {}
        }
    }

    fn execution_ref(&self, reference: &mut ExecutionRef) {
        reference.execution_id = self.execution(&reference.execution_id);
    }

    /// Rewrites the outcome of an execution of `step`.
    pub(crate) fn outcome(&self, step: &StepId, outcome: &mut Outcome) {
        let attempt = |attempt: &mut Attempt| {
            *attempt = self.execution(&step.attempt(*attempt)).attempt;
        };
        let mut beyond = None;
        match &mut outcome.ended {
            Ended::Value(value) => self.value(value),
            Ended::Error { retry, .. }
            | Ended::Abandoned { retry }
            | Ended::Crashed { retry }
            | Ended::Timeout { retry } => retry.iter_mut().for_each(attempt),
            Ended::Suspended { successor } | Ended::Recurred { successor } => attempt(successor),
            Ended::Deferred(execution) | Ended::Cached(execution) | Ended::Spawned(execution) => {
                beyond = Some(execution.execution_id.step.clone());
                self.execution_ref(execution);
            }
            Ended::Cancelled => {}
        }
        if let Resolved::Known(resolved) = &mut outcome.resolved {
            self.outcome(beyond.as_ref().unwrap_or(step), resolved);
        }
    }

    /// Rewrites what a value refers to.
    pub(crate) fn value(&self, value: &mut Value) {
        let (Value::Raw { references, .. } | Value::Blob { references, .. }) = value;
        for reference in references {
            match reference {
                Reference::Execution { execution_id, .. } => {
                    *execution_id = self.execution(execution_id);
                }
                Reference::Input { input_id, .. } => *input_id = self.input(input_id),
                Reference::Fragment { .. } | Reference::Asset { .. } | Reference::Other { .. } => {}
            }
        }
    }

    /// Rewrites an input.
    pub(crate) fn whole_input(&self, input: &mut Input) {
        input.id = self.input(&input.id);
        input.placeholders.values_mut().for_each(|value| self.value(value));
    }
}
