//! Log lines.

use std::collections::HashMap;

use hindcast_model::record::LogEntry;
use hindcast_model::{ExecutionId, RunId, StepId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// A run's log lines by time; of one execution or of all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn logs(&self, run: &RunId, execution: Option<&ExecutionId>) -> Result<Vec<LogEntry>> {
        let sql = "SELECT document FROM logs
                   WHERE run = ?1 AND (?2 IS NULL OR step = ?2 AND attempt = ?3) ORDER BY at, id";
        let step = execution.map(|execution| execution.step.number);
        let attempt = execution.map(|execution| execution.attempt);
        row::all(self.connection.prepare_cached(sql)?, (run.as_str(), step, attempt), |row| {
            row::document(&row.get::<_, String>(0)?, format_args!("a log line of {run}"))
        })
    }
}

impl Store {
    /// A run's log lines that were written to the store after that of number `after`, by time, each
    /// with its number.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn logs_since(&self, run: &RunId, after: i64) -> Result<Vec<(i64, LogEntry)>> {
        let sql = "SELECT id, document FROM logs WHERE run = ? AND id > ? ORDER BY at, id";
        row::all(self.connection.prepare_cached(sql)?, (run.as_str(), after), |row| {
            let text: String = row.get(1)?;
            Ok((row.get(0)?, row::document(&text, format_args!("a log line of {run}"))?))
        })
    }
}

impl Store {
    /// The log lines of one step, by time, each with its number.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn logs_of_step(&self, step: &StepId) -> Result<Vec<(i64, LogEntry)>> {
        let sql = "SELECT id, document FROM logs WHERE run = ? AND step = ? ORDER BY at, id";
        let of = (step.run.as_str(), step.number);
        row::all(self.connection.prepare_cached(sql)?, of, |row| {
            let text: String = row.get(1)?;
            Ok((row.get(0)?, row::document(&text, format_args!("a log line of {step}"))?))
        })
    }
}

impl Transaction<'_> {
    pub(crate) fn add_log(&self, entry: &LogEntry) -> Result<()> {
        let (run, step, attempt) = row::key(&entry.execution);
        self.connection
            .prepare_cached(
                "INSERT INTO logs (run, step, attempt, at, document) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((run, step, attempt, entry.at.0, row::json(entry)?))?;
        Ok(())
    }

    /// Adds the lines that are not there yet and returns how many. Equal lines of one source are
    /// different lines (a loop that prints); equal lines of two sources are the same.
    pub(crate) fn add_missing_logs(&self, entries: &[LogEntry]) -> Result<usize> {
        let mut there: HashMap<RunId, HashMap<String, u32>> = HashMap::new();
        let mut added = 0;
        for entry in entries {
            let run = entry.execution.run();
            if !there.contains_key(run) {
                there.insert(run.clone(), self.count_logs(run)?);
            }
            let text = row::json(entry)?;
            match there.get_mut(run).and_then(|lines| lines.get_mut(&text)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    self.add_log(entry)?;
                    added += 1;
                }
            }
        }
        Ok(added)
    }

    fn count_logs(&self, run: &RunId) -> Result<HashMap<String, u32>> {
        let sql = "SELECT document, count(*) FROM logs WHERE run = ? GROUP BY document";
        let counts = row::all(self.connection.prepare_cached(sql)?, [run.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(counts.into_iter().collect())
    }
}
