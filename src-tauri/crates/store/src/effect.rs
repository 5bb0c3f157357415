//! What bodies did outside of themselves, and which bodies were watched.

use hindcast_model::{Act, ExecutionId, RunId, SideEffect, StepId, StepNumber, Target};

use crate::{Result, Store, Transaction, row};

/// An act of an execution, with all its reports added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEffect {
    /// Which execution's body.
    pub execution: ExecutionId,
    /// What it did.
    pub act: Act,
    /// How often.
    pub count: u64,
}

/// An execution whose body was watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which.
    pub execution: ExecutionId,
    /// Whether what it does outside of itself was refused.
    pub locked: bool,
}

impl Store {
    /// What bodies of a run did outside of themselves, in the order it was first seen.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn effects(&self, run: &RunId) -> Result<Vec<SeenEffect>> {
        let sql = "SELECT run, step, attempt, act, count FROM effects WHERE run = ? ORDER BY id";
        row::all(self.connection.prepare_cached(sql)?, [run.as_str()], read)
    }

    /// What bodies of one step did outside of themselves, in the order it was first seen.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn effects_of_step(&self, step: &StepId) -> Result<Vec<SeenEffect>> {
        let sql = "SELECT run, step, attempt, act, count FROM effects
                   WHERE run = ? AND step = ? ORDER BY id";
        row::all(self.connection.prepare_cached(sql)?, (step.run.as_str(), step.number), read)
    }

    /// What bodies of a target did outside of themselves here, in any run, the latest first; at
    /// most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn effects_of_target(&self, target: &Target, limit: u32) -> Result<Vec<SeenEffect>> {
        let sql = "SELECT effects.run, step, attempt, act, count
                   FROM effects JOIN steps ON steps.run = effects.run AND number = step
                   WHERE module = ? AND target = ? ORDER BY id DESC LIMIT ?";
        let parameters = (&*target.module, &*target.name, limit);
        row::all(self.connection.prepare_cached(sql)?, parameters, read)
    }

    /// The executions of a run whose bodies were watched.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn watched(&self, run: &RunId) -> Result<Vec<Watched>> {
        self.watched_in(run, None)
    }

    /// The executions of one step whose bodies were watched.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn watched_of_step(&self, step: &StepId) -> Result<Vec<Watched>> {
        self.watched_in(&step.run, Some(step.number))
    }

    fn watched_in(&self, run: &RunId, step: Option<StepNumber>) -> Result<Vec<Watched>> {
        let read = |row: &rusqlite::Row<'_>| {
            let execution = StepId::new(run.clone(), row.get(0)?).attempt(row.get(1)?);
            Ok(Watched { execution, locked: row.get(2)? })
        };
        let all = "SELECT step, attempt, locked FROM watched WHERE run = ?";
        match step {
            None => row::all(self.connection.prepare_cached(all)?, [run.as_str()], read),
            Some(step) => {
                let sql = format!("{all} AND step = ?");
                row::all(self.connection.prepare_cached(&sql)?, (run.as_str(), step), read)
            }
        }
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<SeenEffect> {
    let step = StepId::new(row::id(&row.get::<_, String>(0)?)?, row.get(1)?);
    let execution = step.attempt(row.get(2)?);
    let act = row::document(&row.get::<_, String>(3)?, format_args!("an effect of {execution}"))?;
    Ok(SeenEffect { act, count: row.get(4)?, execution })
}

impl Transaction<'_> {
    pub(crate) fn note_watched(&self, execution: &ExecutionId, locked: bool) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        self.connection
            .prepare_cached("INSERT INTO watched VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")?
            .execute((run, step, attempt, locked))?;
        Ok(())
    }

    /// Keeps an act, or adds to the count of one that is kept.
    pub(crate) fn add_effect(&self, effect: &SideEffect) -> Result<()> {
        let (run, step, attempt) = row::key(&effect.execution);
        self.connection
            .prepare_cached(
                "INSERT INTO effects (run, step, attempt, act, count) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
            )?
            .execute((run, step, attempt, row::json(&effect.act)?, effect.count))?;
        Ok(())
    }
}
