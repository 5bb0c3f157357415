//! Local variables of failed local executions.

use hindcast_model::ExecutionId;
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use crate::{Result, Store, Transaction, row};

/// The local variables of a frame that an error went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLocals {
    /// The file, as in the traceback.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function.
    pub name: String,
    /// Names and values, as Python's `repr` cut short has them.
    pub locals: Vec<(String, String)>,
    /// How many more there were.
    pub more: u32,
}

impl Store {
    /// The local variables of the frames that an execution failed in, outermost first; empty if none
    /// were captured.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn locals(&self, execution: &ExecutionId) -> Result<Vec<FrameLocals>> {
        let sql = "SELECT frames FROM locals WHERE run = ? AND step = ? AND attempt = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let text = statement.query_row(row::key(execution), |row| row.get::<_, String>(0));
        let text = text.optional()?;
        let read = |text: String| row::document(&text, format_args!("locals of {execution}"));
        text.map_or_else(|| Ok(Vec::new()), read)
    }
}

impl Transaction<'_> {
    /// Keeps the local variables of the frames that a local execution failed in.
    ///
    /// # Errors
    /// If the store cannot be written, or the execution is not local.
    pub fn keep_locals(&self, execution: &ExecutionId, frames: &[FrameLocals]) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        self.connection
            .prepare_cached("INSERT INTO locals VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")?
            .execute((run, step, attempt, row::json(&frames)?))?;
        Ok(())
    }
}
