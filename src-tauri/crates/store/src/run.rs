//! Runs, steps and executions: reading them back.

use std::collections::BTreeMap;

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Attempt, EnvironmentId, Execution, ExecutionId, ExecutionRef, Extra, Origin, Run, RunId, Step,
    StepId, StepNumber, Target, Timestamp, Value,
};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any};

use crate::{Result, Store, StoreError, row};

/// What is said of a run in a list of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// Whether it was imported or began here.
    pub origin: Origin,
    /// What its root step calls.
    pub target: Target,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// The execution that spawned it, if another run did.
    pub parent: Option<ExecutionRef>,
    /// How many steps it has.
    pub steps: u32,
    /// The environments it has executions in, by id.
    pub environments: Vec<SeenFrom>,
}

/// A run in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFrom {
    /// Which.
    pub environment: EnvironmentId,
    /// How many executions it has there.
    pub executions: u32,
    /// How many of them have not ended.
    pub unfinished: u32,
    /// The newest execution of the root step there, if there is one, and how it ended, in the
    /// export's words.
    pub root: Option<(Attempt, Option<String>)>,
    /// When the newest execution there was asked for.
    pub latest: Timestamp,
}

/// Checkpoints by step and attempt.
type Checkpoints = BTreeMap<(StepNumber, Attempt), BTreeMap<String, Option<Value>>>;

/// What tells whether anything of a run was recorded or imported since: equal while nothing was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunState {
    journal: i64,
    executions: i64,
    ended: i64,
    steps: i64,
    length: i64,
}

/// A run without its steps, as its row holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRow {
    pub(crate) created_by: Any,
    pub(crate) requires: Option<Any>,
    pub(crate) parent: Option<ExecutionRef>,
    pub(crate) extra: Map<String, Any>,
}

impl Store {
    /// Every run, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs(&self) -> Result<Vec<RunSummary>> {
        let sql = "SELECT runs.id, runs.origin, runs.created_at, runs.document,
                          coalesce(root.module, ''), coalesce(root.target, ''),
                          (SELECT count(*) FROM steps WHERE steps.run = runs.id)
                   FROM runs LEFT JOIN steps AS root ON root.run = runs.id AND root.number = (
                       SELECT min(number) FROM steps WHERE run = runs.id AND parent IS NULL)
                   ORDER BY runs.created_at DESC, runs.id";
        row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let id: RunId = row::id(&row.get::<_, String>(0)?)?;
            let document: RunRow = row::document(&row.get::<_, String>(3)?, &id)?;
            Ok(RunSummary {
                environments: self.seen_from(&id)?,
                id,
                origin: origin(&row.get::<_, String>(1)?),
                target: Target::new(&row.get::<_, String>(4)?, &row.get::<_, String>(5)?),
                created_at: Timestamp(row.get(2)?),
                parent: document.parent,
                steps: row.get(6)?,
            })
        })
    }

    fn seen_from(&self, run: &RunId) -> Result<Vec<SeenFrom>> {
        // Without its root's number the steps would have to be read as well.
        let sql = "SELECT min(number) FROM steps WHERE run = ? AND parent IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let root: Option<StepNumber> = statement.query_row([run.as_str()], |row| row.get(0))?;
        let sql = "SELECT environment, count(*), sum(ended IS NULL), max(created_at),
                          max(attempt) FILTER (WHERE step = ?2)
                   FROM executions WHERE run = ?1
                   GROUP BY environment ORDER BY environment";
        row::all(self.connection.prepare_cached(sql)?, (run.as_str(), root), |row| {
            let newest: Option<Attempt> = row.get(4)?;
            let ended = newest.map(|attempt| self.ended(run, root, attempt)).transpose()?;
            Ok(SeenFrom {
                environment: EnvironmentId(row.get(0)?),
                executions: row.get(1)?,
                unfinished: row.get(2)?,
                latest: Timestamp(row.get(3)?),
                root: newest.zip(ended),
            })
        })
    }

    fn ended(
        &self,
        run: &RunId,
        step: Option<StepNumber>,
        attempt: Attempt,
    ) -> Result<Option<String>> {
        let sql = "SELECT ended FROM executions WHERE run = ? AND step = ? AND attempt = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ended = statement.query_row((run.as_str(), step, attempt), |row| row.get(0));
        Ok(ended.optional()?.flatten())
    }

    /// Whether a run is here, and where it came from.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn origin_of(&self, run: &RunId) -> Result<Option<Origin>> {
        let sql = "SELECT origin FROM runs WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([run.as_str()], |row| row.get::<_, String>(0));
        Ok(found.optional()?.map(|text| origin(&text)))
    }

    /// Whether a step is here.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_step(&self, step: &StepId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM steps WHERE run = ? AND number = ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row((step.run.as_str(), step.number), |row| row.get(0))?)
    }

    /// Whether an execution is here.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_execution(&self, execution: &ExecutionId) -> Result<bool> {
        let sql = "SELECT EXISTS (
                       SELECT 1 FROM executions WHERE run = ? AND step = ? AND attempt = ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(row::key(execution), |row| row.get(0))?)
    }

    /// What tells whether a run changed, without reading it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn state_of(&self, run: &RunId) -> Result<RunState> {
        self.states.of(&self.connection, run, || self.read_state(run))
    }

    fn read_state(&self, run: &RunId) -> Result<RunState> {
        let sql = "SELECT (SELECT coalesce(max(seq), 0) FROM journal), count(*), count(ended),
                          (SELECT count(*) FROM steps WHERE run = ?1),
                          coalesce(sum(length(document) + length(coalesce(result, ''))), 0)
                          + (SELECT coalesce(sum(1 + length(coalesce(ended, ''))
                                 + (SELECT coalesce(max(sequence) + 1, 0) FROM stream_items AS items
                                    WHERE items.run = streams.run AND items.step = streams.step
                                      AND items.number = streams.number)), 0)
                             FROM streams WHERE run = ?1)
                   FROM executions WHERE run = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([run.as_str()], |row| {
            Ok(RunState {
                journal: row.get(0)?,
                executions: row.get(1)?,
                ended: row.get(2)?,
                steps: row.get(3)?,
                length: row.get(4)?,
            })
        })?)
    }

    /// A run with every execution of every environment.
    ///
    /// # Errors
    /// If it is not here, or the store cannot be read.
    pub fn load(&self, id: &RunId) -> Result<StoredRun> {
        let (mut run, memo) = self.load_run_row(id)?;
        let mut declared = BTreeMap::new();
        let sql = "SELECT number, document, declared FROM steps WHERE run = ? ORDER BY number";
        let steps = row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let number: StepNumber = row.get(0)?;
            let what = StepId::new(id.clone(), number);
            if let Some(known) = row::optional(
                row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                &what,
            )? {
                declared.insert(number, known);
            }
            Ok((
                number,
                row::document::<Step>(
                    row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
                    &what,
                )?,
            ))
        })?;
        run.steps = steps.into_iter().collect();
        let edited_arguments = self.load_executions(&mut run)?;
        self.add_children(&mut run)?;
        self.add_parts(&mut run)?;
        Ok(StoredRun {
            memo,
            declared,
            inputs: self.inputs(id)?,
            checkpoints: self.load_checkpoints(id)?,
            edited_arguments,
            streams: self.load_streams(id)?,
            retired: self.retired(id)?,
            run,
        })
    }

    fn load_run_row(&self, id: &RunId) -> Result<(Run, Option<bool>)> {
        let sql = "SELECT created_at, memo, document FROM runs WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (created_at, memo, text): (i64, Option<bool>, String) =
            found.ok_or_else(|| StoreError::NoRun(id.clone()))?;
        let RunRow { created_by, requires, parent, extra } = row::document(&text, id)?;
        let created_at = Timestamp(created_at);
        let steps = BTreeMap::new();
        Ok((Run { id: id.clone(), created_at, created_by, requires, parent, steps, extra }, memo))
    }

    fn load_executions(
        &self,
        run: &mut Run,
    ) -> Result<BTreeMap<(StepNumber, Attempt), Vec<Value>>> {
        let sql = "SELECT step, attempt, assigned_at, completed_at, document, result,
                          edited_arguments
                   FROM executions WHERE run = ? ORDER BY step, attempt";
        let mut edited = BTreeMap::new();
        let id = run.id.clone();
        row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let (number, attempt) = (row.get(0)?, row.get(1)?);
            let what = StepId::new(id.clone(), number).attempt(attempt);
            let text = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
            let mut execution: Execution = row::document(text, &what)?;
            execution.assigned_at = row.get::<_, Option<i64>>(2)?.map(Timestamp);
            execution.completed_at = row.get::<_, Option<i64>>(3)?.map(Timestamp);
            execution.result = row::optional(
                row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                &what,
            )?;
            if let Some(arguments) = row::optional(
                row.get_ref(6)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                &what,
            )? {
                edited.insert((number, attempt), arguments);
            }
            if let Some(step) = run.steps.get_mut(&number) {
                step.executions.insert(attempt, execution);
            }
            Ok(())
        })?;
        Ok(edited)
    }

    fn add_children(&self, run: &mut Run) -> Result<()> {
        let sql = "SELECT step, attempt, child, group_number FROM children WHERE run = ?
                   ORDER BY step, attempt, position";
        let id = run.id.clone();
        row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let child: ExecutionId = row::id(&row.get::<_, String>(2)?)?;
            if let Some(execution) = execution_mut(run, row.get(0)?, row.get(1)?) {
                execution.children.push(hindcast_model::Child {
                    step_id: child.step,
                    attempt: child.attempt,
                    group_id: row.get(3)?,
                    extra: Extra::NONE,
                });
            }
            Ok(())
        })?;
        Ok(())
    }

    fn add_parts(&self, run: &mut Run) -> Result<()> {
        let sql = "SELECT step, attempt, kind, key, document FROM parts WHERE run = ?";
        let id = run.id.clone();
        row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let (step, attempt): (StepNumber, Attempt) = (row.get(0)?, row.get(1)?);
            let (kind, key): (String, String) = (row.get(2)?, row.get(3)?);
            let text: String = row.get(4)?;
            match execution_mut(run, step, attempt) {
                Some(execution) => add_part(execution, &kind, &key, &text),
                None => Ok(()),
            }
        })?;
        Ok(())
    }

    fn load_checkpoints(&self, id: &RunId) -> Result<Checkpoints> {
        let sql = "SELECT step, attempt, name, value FROM checkpoints WHERE run = ?";
        let mut checkpoints: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let value = row::optional(
                row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                "a checkpoint",
            )?;
            checkpoints
                .entry((row.get(0)?, row.get(1)?))
                .or_default()
                .insert(row.get::<_, String>(2)?, value);
            Ok(())
        })?;
        Ok(checkpoints)
    }
}

fn execution_mut(run: &mut Run, step: StepNumber, attempt: Attempt) -> Option<&mut Execution> {
    run.steps.get_mut(&step)?.executions.get_mut(&attempt)
}

fn add_part(execution: &mut Execution, kind: &str, key: &str, text: &str) -> Result<()> {
    let what = format_args!("a {kind} of {}", execution.execution_id).to_string();
    match kind {
        "group" => {
            execution.groups.insert(row::document(key, &what)?, row::document(text, &what)?);
        }
        "dependency" => {
            execution.dependencies.insert(key.to_owned(), row::document(text, &what)?);
        }
        "metric" => {
            let metrics = execution.metrics.get_or_insert_default();
            metrics.insert(key.to_owned(), row::document(text, &what)?);
        }
        "asset" => {
            execution.assets.insert(row::id(key)?, row::document(text, &what)?);
        }
        "input" => {
            let inputs = execution.inputs.get_or_insert_default();
            inputs.insert(row::id(key)?, row::document(text, &what)?);
        }
        _ => return Err(StoreError::Row { what, error: "its kind is unknown".into() }),
    }
    Ok(())
}

fn origin(text: &str) -> Origin {
    if text == "local" { Origin::Local } else { Origin::Imported }
}
