//! Which run, step and attempt the ids of old servers stand for.
//!
//! What is known is collected from everything that one import brings, since a run's own export says
//! little of other runs, and not even its own id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hindcast_model::legacy::number_of_unknown;
use hindcast_model::{Attempt, ExecutionId, RunId, StepId, StepNumber};

use super::form::{OldChild, OldOutcome, OldRef, OldReference, OldRun, OldValue};

/// A step by its run and its own text id.
type Named = (RunId, String);

/// What is known of steps, from all runs of an import.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// The integer of a step's first execution.
    first: HashMap<Named, u64>,
    /// Steps that are the root of their run.
    roots: BTreeSet<Named>,
    /// The root of each run that is here.
    root: HashMap<RunId, String>,
    /// The run of a step.
    run: HashMap<String, RunId>,
}

impl Numbers {
    /// Collects what these runs say of themselves and of others, and gives those that do not know
    /// their own id the one that others know.
    pub(crate) fn of(runs: &mut [OldRun]) -> Self {
        let mut numbers = Self::default();
        for run in runs.iter() {
            each_reference(run, &mut |reference, integer| numbers.refer(reference, integer));
            for execution in run.steps.values().flat_map(|step| step.executions.values()) {
                for child in &execution.children {
                    let OldChild::Run { run_id, step_id, execution_id, .. } = child else {
                        continue;
                    };
                    numbers.run.insert(step_id.clone(), run_id.clone());
                    numbers.roots.insert((run_id.clone(), step_id.clone()));
                    if let Some(id) = execution_id.as_ref().filter(|_| execution.reference) {
                        let named = (run_id.clone(), step_id.clone());
                        if let Some(id) = id.integer() {
                            numbers.first.entry(named).or_insert(id);
                        }
                    }
                }
            }
        }
        for run in runs.iter_mut() {
            if run.id.is_none() {
                run.id = run.steps.keys().find_map(|step| numbers.run.get(step)).cloned();
            }
        }
        numbers
    }

    fn refer(&mut self, to: &OldRef, integer: Option<u64>) {
        self.run.insert(to.step_id.clone(), to.run_id.clone());
        if let (1, Some(integer)) = (to.attempt, integer) {
            self.first.insert((to.run_id.clone(), to.step_id.clone()), integer);
        }
    }

    /// Takes in a run whose id is known.
    pub(crate) fn add(&mut self, id: &RunId, run: &OldRun) {
        for (step_id, step) in &run.steps {
            let named = (id.clone(), step_id.clone());
            if let Some(first) = step.executions.get(&1).and_then(|of| of.execution_id.integer()) {
                self.first.insert(named.clone(), first);
            } else if let Some(shown) =
                step.executions.values().filter_map(|of| of.execution_id.integer()).min()
            {
                // Its first attempt is of an environment that is not shown.
                self.first.entry(named.clone()).or_insert(shown);
            }
            if step.parent_id.is_none() {
                self.root.insert(id.clone(), step_id.clone());
                self.roots.insert(named);
            }
            self.run.insert(step_id.clone(), id.clone());
        }
        // What is shared between roots is a root: workflows are called by no step.
        for step in run.steps.values().filter(|step| step.parent_id.is_none()) {
            for outcome in step.executions.values().filter_map(|of| of.result.as_ref()) {
                self.shared_root(outcome);
            }
        }
        for execution in run.steps.values().flat_map(|step| step.executions.values()) {
            if let Some(outcome) = execution.result.as_ref().filter(|of| of.kind == "spawned") {
                self.shared_root(outcome);
            }
        }
    }

    fn shared_root(&mut self, outcome: &OldOutcome) {
        if let Some(shared) = &outcome.execution {
            self.roots.insert((shared.run_id.clone(), shared.step_id.clone()));
        }
    }

    /// A step's number; none if it is of a run that is not here, or not known there.
    pub(crate) fn number(&self, run: &RunId, step: &str) -> Option<StepNumber> {
        let named = (run.clone(), step.to_owned());
        if self.roots.contains(&named) {
            return Some(1);
        }
        self.counted(run, *self.first.get(&named)?)
    }

    /// The number of the step whose first execution has this integer.
    pub(crate) fn counted(&self, run: &RunId, first: u64) -> Option<StepNumber> {
        let root = self.first.get(&(run.clone(), self.root.get(run)?.clone()))?;
        let number = first.checked_sub(*root)?.checked_add(1)?;
        StepNumber::try_from(number).ok().filter(|number| *number < 1 << 31)
    }

    /// The integer of a step's first execution, where it is known.
    pub(crate) fn first(&self, run: &RunId, step: &str) -> Option<u64> {
        self.first.get(&(run.clone(), step.to_owned())).copied()
    }

    /// The execution, whether its run is here or not.
    pub(crate) fn execution(&self, of: &OldRef) -> ExecutionId {
        let number = self.number(&of.run_id, &of.step_id);
        let number = number.unwrap_or_else(|| number_of_unknown(of.run_id.as_str(), &of.step_id));
        StepId::new(of.run_id.clone(), number).attempt(of.attempt)
    }
}

/// The executions of one run, by their integers: its own, and those it refers to.
#[derive(Debug, Default)]
pub(crate) struct Integers(BTreeMap<u64, (RunId, String, Attempt)>);

impl Integers {
    pub(crate) fn of(id: &RunId, run: &OldRun) -> Self {
        let mut all = Self::default();
        each_reference(run, &mut |to, integer| {
            if let Some(integer) = integer {
                let known = (to.run_id.clone(), to.step_id.clone(), to.attempt);
                all.0.insert(integer, known);
            }
        });
        for (step_id, step) in &run.steps {
            for (attempt, execution) in &step.executions {
                if let Some(integer) = execution.execution_id.integer() {
                    all.0.insert(integer, (id.clone(), step_id.clone(), *attempt));
                }
            }
        }
        all
    }

    /// The execution of this integer, if the run shows it or refers to it.
    pub(crate) fn get(&self, integer: u64) -> Option<OldRef> {
        let (run_id, step_id, attempt) = self.0.get(&integer)?.clone();
        Some(OldRef { run_id, step_id, attempt, module: None, target: None })
    }
}

/// Every pointer to an execution in a run, with its integer where that stands beside it.
fn each_reference(run: &OldRun, found: &mut impl FnMut(&OldRef, Option<u64>)) {
    if let Some(parent) = &run.parent {
        found(parent, None);
    }
    for step in run.steps.values() {
        for argument in &step.arguments {
            in_value(argument, found);
        }
        for execution in step.executions.values() {
            for (integer, dependency) in &execution.dependencies {
                if let Some(on) = dependency.execution() {
                    found(&on, integer.integer());
                }
            }
            for argument in execution.checkpoint.iter().flatten() {
                in_value(argument, found);
            }
            let mut outcome = execution.result.as_ref();
            while let Some(this) = outcome {
                if let Some(value) = &this.value {
                    in_value(value, found);
                }
                if let Some(shared) = &this.execution {
                    found(shared, this.execution_id.as_ref().and_then(super::form::OldId::integer));
                }
                outcome = this.result.as_deref();
            }
        }
    }
}

fn in_value(value: &OldValue, found: &mut impl FnMut(&OldRef, Option<u64>)) {
    let placed = value.placeholders.iter().flat_map(|all| all.values());
    for reference in placed.chain(value.references.iter().flatten()) {
        if let OldReference::Execution { execution_id, execution } = reference {
            found(execution, execution_id.integer());
        }
    }
}
