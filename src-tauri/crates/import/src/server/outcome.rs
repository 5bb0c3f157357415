//! How executions ended, in a server's database.

use std::collections::BTreeSet;

use hindcast_model::{
    Attempt, Ended, ExecutionRef, Extra, Failure, Frame, Outcome, Resolved, Timestamp,
};

use crate::ImportError;
use crate::server::database::{Database, number};
use crate::server::value::execution;

/// A row of `results`.
#[derive(Clone)]
struct ResultRow {
    kind: i64,
    error: Option<i64>,
    value: Option<i64>,
    successor: Option<i64>,
    successor_ref: Option<i64>,
    retryable: Option<bool>,
    created_by: Option<i64>,
    created_at: i64,
}

impl Database {
    /// How an execution ended, and when; none while it has not.
    pub(crate) fn outcome(
        &self,
        execution: i64,
    ) -> Result<Option<(Outcome, Timestamp)>, ImportError> {
        let Some(row) = self.result_row(execution)? else { return Ok(None) };
        let ended = self.ended(&row)?;
        let resolved = match (row.kind, row.value, row.successor) {
            (4 | 5 | 7, Some(value), _) => {
                let value = self.value(value)?;
                Resolved::Known(Box::new(Outcome::of(Ended::Value(value))))
            }
            (4 | 5 | 7, None, Some(successor)) => self.resolved(successor)?,
            _ => Resolved::Absent,
        };
        let created_by = self.principal(row.created_by)?;
        let outcome = Outcome { resolved, created_by, ..Outcome::of(ended) };
        Ok(Some((outcome, Timestamp(row.created_at))))
    }

    fn result_row(&self, execution: i64) -> Result<Option<ResultRow>, ImportError> {
        let sql = "SELECT type, error_id, value_id, successor_id, successor_ref_id, retryable,
                          created_by, created_at
                   FROM results WHERE execution_id = ?";
        self.first(sql, [execution], |row| {
            Ok(ResultRow {
                kind: row.get(0)?,
                error: row.get(1)?,
                value: row.get(2)?,
                successor: row.get(3)?,
                successor_ref: row.get(4)?,
                retryable: row.get(5)?,
                created_by: row.get(6)?,
                created_at: row.get(7)?,
            })
        })
    }

    fn ended(&self, row: &ResultRow) -> Result<Ended, ImportError> {
        let retry = || row.successor.map(|successor| self.attempt(successor)).transpose();
        let next = || self.attempt(self.needed(row.successor, "a successor")?);
        Ok(match row.kind {
            0 => Ended::Error {
                error: self.failure(self.needed(row.error, "an error")?)?,
                retry: retry()?,
                retryable: row.retryable,
            },
            1 => Ended::Value(self.value(self.needed(row.value, "a value")?)?),
            2 => Ended::Abandoned { retry: retry()? },
            3 => Ended::Cancelled,
            4 => Ended::Deferred(self.shared(row)?),
            5 => Ended::Cached(self.shared(row)?),
            6 => Ended::Suspended { successor: next()? },
            7 => Ended::Spawned(self.shared(row)?),
            8 => Ended::Timeout { retry: retry()? },
            9 => Ended::Recurred { successor: next()? },
            kind => {
                let reason = format!("a result of type {kind}, which we do not know");
                return Err(ImportError::at(&self.name, "results", reason));
            }
        })
    }

    fn needed(&self, column: Option<i64>, what: &str) -> Result<i64, ImportError> {
        let missing = || ImportError::at(&self.name, "results", format!("a result without {what}"));
        column.ok_or_else(missing)
    }

    fn attempt(&self, execution: i64) -> Result<Attempt, ImportError> {
        self.one("SELECT attempt FROM executions WHERE id = ?", execution, |row| number(row, 0))
    }

    fn shared(&self, row: &ResultRow) -> Result<ExecutionRef, ImportError> {
        match (row.successor, row.successor_ref) {
            (Some(successor), _) => self.execution_here(successor),
            (None, Some(reference)) => self.execution_ref(reference),
            (None, None) => {
                Err(ImportError::at(&self.name, "results", "a result that shares nothing"))
            }
        }
    }

    fn execution_here(&self, row: i64) -> Result<ExecutionRef, ImportError> {
        let sql = "SELECT r.external_id, s.number, e.attempt, s.module, s.target
                   FROM executions e JOIN steps s ON s.id = e.step_id JOIN runs r ON r.id = s.run_id
                   WHERE e.id = ?";
        self.one(sql, row, |row| {
            let execution_id = execution(row, 0)?;
            Ok(ExecutionRef {
                execution_id,
                module: row.get(3)?,
                target: row.get(4)?,
                extra: Extra::NONE,
            })
        })
    }

    /// How an execution finally ended: through retries, suspensions and shared results.
    fn resolved(&self, mut execution: i64) -> Result<Resolved, ImportError> {
        let mut passed = BTreeSet::new();
        loop {
            if !passed.insert(execution) {
                return Err(ImportError::at(
                    &self.name,
                    "results",
                    "results that go round in a circle",
                ));
            }
            let Some(row) = self.result_row(execution)? else { return Ok(Resolved::Pending) };
            if let Some(successor) = row.successor {
                execution = successor;
                continue;
            }
            let ended = match (row.kind, row.value) {
                (4 | 5 | 7, Some(value)) => Ended::Value(self.value(value)?),
                _ => self.ended(&row)?,
            };
            return Ok(Resolved::Known(Box::new(Outcome::of(ended))));
        }
    }

    fn failure(&self, row: i64) -> Result<Failure, ImportError> {
        let sql = "SELECT file, line, name, code FROM error_frames WHERE error_id = ?
                   ORDER BY depth";
        let frames = self.all(sql, [row], |row| {
            Ok(Frame {
                file: row.get(0)?,
                line: row.get(1)?,
                name: row.get(2)?,
                code: row.get(3)?,
                extra: Extra::NONE,
            })
        })?;
        self.one("SELECT type, message FROM errors WHERE id = ?", row, |row| {
            Ok(Failure {
                kind: row.get(0)?,
                message: row.get(1)?,
                frames: frames.clone(),
                extra: Extra::NONE,
            })
        })
    }
}
