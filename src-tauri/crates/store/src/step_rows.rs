//! The rows of an imported step and its executions, made ahead of whoever writes them.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use hindcast_model::record::Declared;
use hindcast_model::{Execution, ExecutionId, Step, StepNumber, Timestamp, WorkspaceId};

use crate::{Result, StoreError, apply, row};

/// A step, as its row has it.
pub(crate) struct StepRow {
    pub(crate) number: StepNumber,
    pub(crate) parent: Option<String>,
    pub(crate) module: String,
    pub(crate) target: String,
    pub(crate) document: String,
    pub(crate) declared: Option<String>,
}

impl StepRow {
    /// The row of a step without its executions.
    pub(crate) fn of(step: &Step, declared: Option<&Declared>) -> Result<Self> {
        Ok(Self {
            number: step.step_number,
            parent: step.parent_id.as_ref().map(ToString::to_string),
            document: row::json(step)?,
            declared: declared.map(row::json).transpose()?,
            module: step.module.clone(),
            target: step.target.clone(),
        })
    }
}

/// An execution, as its row has it.
pub(crate) struct ExecutionRow {
    pub(crate) id: ExecutionId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) created_at: Timestamp,
    pub(crate) assigned_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) ended: Option<&'static str>,
    pub(crate) document: String,
    pub(crate) result: Option<String>,
}

impl ExecutionRow {
    /// The row of an execution, with how it ended.
    pub(crate) fn of(mut execution: Execution) -> Result<Self> {
        let outcome = execution.result.take();
        Ok(Self {
            ended: outcome.as_ref().map(|outcome| apply::word(&outcome.ended)),
            result: outcome.as_ref().map(row::json).transpose()?,
            document: row::json(&execution)?,
            id: execution.execution_id,
            workspace: execution.workspace_id,
            created_at: execution.created_at,
            assigned_at: execution.assigned_at,
            completed_at: execution.completed_at,
        })
    }
}

/// The rows of one step.
pub(crate) type Rows = (StepRow, Vec<ExecutionRow>);

/// The rows of a step with its executions.
pub(crate) fn rows_of(mut step: Step, declared: Option<&Declared>) -> Result<Rows> {
    let executions = std::mem::take(&mut step.executions).into_iter();
    let executions = executions.map(|(_, execution)| ExecutionRow::of(execution));
    Ok((StepRow::of(&step, declared)?, executions.collect::<Result<_>>()?))
}

/// How many steps' rows go to the writer at once. Each by itself would be a wait for each.
const LOT: usize = 64;

/// How many lots may wait for the writer.
const WAITING: usize = 8;

/// Has `write` write the rows of each step, in order, while a thread beside makes those of the next:
/// turning documents into text takes about as long as writing them.
pub(crate) fn made_ahead(
    steps: BTreeMap<StepNumber, Step>,
    declared: &BTreeMap<StepNumber, Declared>,
    mut write: impl FnMut(&Rows) -> Result<()>,
) -> Result<()> {
    thread::scope(|scope| {
        let (to_write, lots) = sync_channel(WAITING);
        // What was written goes back: memory is soonest given up by the thread that took it.
        let (written, used) = channel();
        let make = move || {
            let mut steps = steps.into_iter();
            loop {
                let next = steps.by_ref().take(LOT);
                let lot: Result<Vec<Rows>> =
                    next.map(|(number, step)| rows_of(step, declared.get(&number))).collect();
                used.try_iter().for_each(drop);
                let is_last = lot.as_ref().is_ok_and(Vec::is_empty);
                // Who writes has stopped, and says why.
                if is_last || to_write.send(lot).is_err() {
                    break;
                }
            }
        };
        let maker = thread::Builder::new().name("rows".into());
        let maker = maker.spawn_scoped(scope, make).map_err(StoreError::NoThread)?;
        for lot in lots {
            let lot: Vec<Rows> = lot?;
            lot.iter().try_for_each(&mut write)?;
            // Where nothing more is made, it goes here.
            drop(written.send(lot));
        }
        maker.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok(())
    })
}
