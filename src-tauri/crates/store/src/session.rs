//! Sessions: the processes that work on a store at the same time, what each has in hand, and what
//! they ask of each other. What a request says is theirs; the store keeps it as text.

use hindcast_model::{ExecutionId, StepId};
use rusqlite::OptionalExtension;

use crate::{Result, Store, Transaction, row};

impl Store {
    /// Local executions that have not ended, with the session that has each in hand, if any.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn unfinished(&self) -> Result<Vec<(ExecutionId, Option<String>)>> {
        let sql = "SELECT run, step, attempt, session
                   FROM executions
                   JOIN environments ON environments.id = executions.environment
                   LEFT JOIN owners USING (run, step, attempt)
                   WHERE ended IS NULL AND origin = 'local'
                   ORDER BY run, step, attempt";
        row::all(self.connection.prepare_cached(sql)?, [], |found| {
            let step = StepId::new(row::id(&found.get::<_, String>(0)?)?, found.get(1)?);
            Ok((step.attempt(found.get(2)?), found.get(3)?))
        })
    }

    /// The session that has an execution in hand, if any.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn owner(&self, execution: &ExecutionId) -> Result<Option<String>> {
        let sql = "SELECT session FROM owners WHERE run = ? AND step = ? AND attempt = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(row::key(execution), |row| row.get(0)).optional()?)
    }

    /// What is asked of a session and not answered, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn requests_of(&self, session: &str) -> Result<Vec<(i64, String)>> {
        let sql =
            "SELECT id, request FROM requests WHERE session = ? AND answer IS NULL ORDER BY id";
        row::all(self.connection.prepare_cached(sql)?, [session], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// Asks something of another session; gives the request's number.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn ask_session(&self, session: &str, request: &str) -> Result<i64> {
        let sql = "INSERT INTO requests (session, request) VALUES (?, ?)";
        self.connection.prepare_cached(sql)?.execute([session, request])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The answer to a request, if there is one. It is removed with its request.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn take_answer(&self, request: i64) -> Result<Option<String>> {
        let sql = "DELETE FROM requests WHERE id = ? AND answer IS NOT NULL RETURNING answer";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([request], |row| row.get(0)).optional()?)
    }

    /// Takes a request back.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn withdraw(&self, request: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM requests WHERE id = ?")?.execute([request])?;
        Ok(())
    }
}

impl Transaction<'_> {
    /// Notes that a session has an execution in hand.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn own(&self, session: &str, execution: &ExecutionId) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        let sql = "INSERT OR REPLACE INTO owners (run, step, attempt, session) VALUES (?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute((run, step, attempt, session))?;
        Ok(())
    }

    /// Notes that nobody has an execution in hand any more.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn disown(&self, execution: &ExecutionId) -> Result<()> {
        let sql = "DELETE FROM owners WHERE run = ? AND step = ? AND attempt = ?";
        self.connection.prepare_cached(sql)?.execute(row::key(execution))?;
        Ok(())
    }

    /// Answers a request.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn answer_request(&self, request: i64, answer: &str) -> Result<()> {
        let sql = "UPDATE requests SET answer = ? WHERE id = ?";
        self.connection.prepare_cached(sql)?.execute((answer, request))?;
        Ok(())
    }
}
