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
    /// The exception that it is a frame of, if that is not the failure itself but one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chained: Option<Chained>,
    /// The line's text, where the traceback does not have it: of a chained exception.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// An exception that a failure is chained to. Its frames follow each other; one that was never raised
/// has a single frame, without a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chained {
    /// How many exceptions it is before the failure, from 1.
    pub number: u32,
    /// Whether the next one was raised from it; else while it was being handled.
    pub direct: bool,
    /// Its class, with the module.
    pub kind: String,
    /// Its message.
    pub message: String,
}

impl Store {
    /// The local variables of the frames that an execution failed in, outermost first, then those of
    /// the exceptions before it, the nearest first; empty if none were captured.
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
