//! The calls that local executions made, with their answers.

use hindcast_model::record::Call;
use hindcast_model::{ExecutionId, RunId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// The calls of a local execution in the order it made them, each with its latest answer.
    /// Imported executions have none: their exports do not hold calls.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn calls_of(&self, caller: &ExecutionId) -> Result<Vec<Call>> {
        let sql = "SELECT document FROM calls WHERE run = ? AND step = ? AND attempt = ?
                   ORDER BY ordinal";
        row::all(self.connection.prepare_cached(sql)?, row::key(caller), |row| {
            row::document(&row.get::<_, String>(0)?, format_args!("a call of {caller}"))
        })
    }

    /// The calls that local executions of a run made, each with its latest answer; those of one
    /// execution together and in the order it made them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn calls_of_run(&self, run: &RunId) -> Result<Vec<Call>> {
        let sql = "SELECT document FROM calls WHERE run = ? ORDER BY step, attempt, ordinal";
        row::all(self.connection.prepare_cached(sql)?, [run.as_str()], |row| {
            row::document(&row.get::<_, String>(0)?, format_args!("a call of {run}"))
        })
    }
}

impl Transaction<'_> {
    /// Keeps a call; a decision about a call that was blocked takes its place.
    pub(crate) fn add_call(&self, call: &Call) -> Result<()> {
        let (run, step, attempt) = row::key(&call.caller);
        self.connection
            .prepare_cached(
                "INSERT INTO calls VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET document = excluded.document",
            )?
            .execute((run, step, attempt, call.ordinal, row::json(call)?))?;
        Ok(())
    }
}
