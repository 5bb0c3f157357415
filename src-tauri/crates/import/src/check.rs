//! Whether a run that could be read makes sense.
//!
//! What contradicts itself is an error. What is merely not there is a finding: an export shows two
//! workspaces only, and may point to steps and attempts of others.

use std::collections::BTreeMap;

use hindcast_model::{Execution, Finding, FoundRun, Outcome, Run, Step, StepNumber};

use crate::ImportError;

/// How many findings of one kind are told one by one.
const TOLD: usize = 20;

/// Checks a run read from the file `name`.
pub(crate) fn run(
    mut found: FoundRun,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Result<FoundRun, ImportError> {
    let run = &mut found.run;
    let empty: Vec<StepNumber> = run
        .steps
        .iter()
        .filter(|(_, step)| step.executions.is_empty())
        .map(|(number, _)| *number)
        .collect();
    let mut told = Told { name, findings, counts: BTreeMap::new() };
    for number in empty {
        run.steps.remove(&number);
        told.add("steps without executions", &run.step_id(number), "has no executions; left out");
    }
    one_root(run, name)?;
    for (number, step) in &run.steps {
        executions_of(run, *number, step, name)?;
        odd(run, *number, step, &mut told);
    }
    no_circle(run, name)?;
    told.finish(run);
    Ok(found)
}

fn one_root(run: &Run, name: &str) -> Result<(), ImportError> {
    let mut roots = run.steps.values().filter(|step| step.parent_id.is_none());
    match (roots.next(), roots.next()) {
        (Some(_), None) => Ok(()),
        (None, _) => Err(ImportError::at(name, &run.id, "no step is the root (without parentId)")),
        (Some(one), Some(other)) => Err(ImportError::at(
            name,
            &run.id,
            format!("steps {} and {} are both roots", one.step_number, other.step_number),
        )),
    }
}

fn executions_of(
    run: &Run,
    number: StepNumber,
    step: &Step,
    name: &str,
) -> Result<(), ImportError> {
    let id = run.step_id(number);
    for (attempt, execution) in &step.executions {
        if execution.execution_id != id.attempt(*attempt) {
            let says = &execution.execution_id;
            let place = id.attempt(*attempt);
            return Err(ImportError::at(name, place, format!("it says that it is {says}")));
        }
    }
    match &step.parent_id {
        Some(parent) if *parent.run() != run.id => {
            Err(ImportError::at(name, id, format!("its parent {parent} is of another run")))
        }
        _ => Ok(()),
    }
}

/// Follows parents up from every step; no step may come round to itself.
fn no_circle(run: &Run, name: &str) -> Result<(), ImportError> {
    let mut ends: BTreeMap<StepNumber, bool> = BTreeMap::new();
    for number in run.steps.keys() {
        let mut path = Vec::new();
        let mut next = Some(*number);
        while let Some(at) = next.filter(|at| !ends.contains_key(at)) {
            ends.insert(at, false);
            path.push(at);
            let parent = run.steps.get(&at).and_then(|step| step.parent_id.as_ref());
            next = parent.map(|parent| parent.step.number);
            if next.is_some_and(|next| ends.get(&next) == Some(&false)) {
                let reason = "it is called by itself, directly or through others";
                return Err(ImportError::at(name, run.step_id(at), reason));
            }
        }
        for at in path {
            ends.insert(at, true);
        }
    }
    Ok(())
}

/// What is odd about a step, but does no harm.
fn odd(run: &Run, number: StepNumber, step: &Step, told: &mut Told<'_>) {
    let id = run.step_id(number);
    if let Some(parent) = step.parent_id.as_ref().filter(|parent| run.execution(parent).is_none()) {
        told.add(
            "parents that are not shown",
            &id,
            format!("its parent {parent} is not in the file"),
        );
    }
    let attempts: Vec<&Execution> = step.executions.values().collect();
    for pair in attempts.windows(2) {
        if pair[1].created_at < pair[0].created_at {
            let place = &pair[1].execution_id;
            told.add("attempts out of order", place, "it is older than the attempt before it");
        }
    }
    for execution in attempts {
        let hidden = execution
            .children
            .iter()
            .filter(|child| run.execution(&child.execution_id()).is_none())
            .count();
        if hidden > 0 {
            let message = format!("{hidden} of its children are not in the file");
            told.add("calls that are not shown", &execution.execution_id, message);
        }
        let next = execution.result.as_ref().and_then(Outcome::successor);
        if let Some(next) = next.filter(|next| !step.executions.contains_key(next)) {
            let message = format!("the attempt after it, {next}, is not in the file");
            told.add("attempts that are not shown", &execution.execution_id, message);
        } else if let Some(next) = next.filter(|next| *next <= execution.execution_id.attempt) {
            let message = format!("the attempt after it, {next}, is not after it");
            told.add("attempts in a circle", &execution.execution_id, message);
        }
    }
}

/// Findings, of which only the first of a kind are told one by one.
struct Told<'t> {
    name: &'t str,
    findings: &'t mut Vec<Finding>,
    counts: BTreeMap<&'static str, usize>,
}

impl Told<'_> {
    fn add(&mut self, kind: &'static str, place: &impl ToString, message: impl Into<String>) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= TOLD {
            self.say(place, message);
        }
    }

    fn say(&mut self, place: &impl ToString, message: impl Into<String>) {
        self.findings.push(Finding {
            source: self.name.to_owned(),
            place: place.to_string(),
            message: message.into(),
        });
    }

    fn finish(mut self, run: &Run) {
        for (kind, count) in std::mem::take(&mut self.counts) {
            if count > TOLD {
                self.say(&run.id, format!("{} more {kind}", count - TOLD));
            }
        }
    }
}
