//! Re-runs, each with the plan that was made before anything started. What a plan says is the
//! planner's; the store keeps it as text.

use hindcast_model::{EnvironmentId, ExecutionId, RunId, StepId, Timestamp};
use rusqlite::OptionalExtension;

use crate::{Result, Store, Transaction, row};

/// A re-run as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRerun {
    /// Its number.
    pub id: i64,
    /// The local environment it happened in.
    pub environment: EnvironmentId,
    /// The run.
    pub run: RunId,
    /// When it was planned.
    pub at: Timestamp,
    /// The plan.
    pub plan: String,
    /// The executions it asked for; none if it never began.
    pub executions: Vec<ExecutionId>,
}

impl Store {
    /// The re-run of this number.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn rerun(&self, id: i64) -> Result<Option<KeptRerun>> {
        let sql = "SELECT environment, run, at, plan FROM reruns WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([id], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
        });
        let Some((environment, run, at, plan)) = found.optional()? else { return Ok(None) };
        let sql = "SELECT run, step, attempt FROM rerun_executions WHERE rerun = ?
                   ORDER BY step, attempt";
        let executions = row::all(self.connection.prepare_cached(sql)?, [id], |row| {
            let step = StepId::new(row::id(&row.get::<_, String>(0)?)?, row.get(1)?);
            Ok(step.attempt(row.get(2)?))
        })?;
        Ok(Some(KeptRerun {
            id,
            environment: EnvironmentId(environment),
            run: row::id(&run)?,
            at: Timestamp(at),
            plan,
            executions,
        }))
    }

    /// The re-run that asked for an execution.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn rerun_of(&self, execution: &ExecutionId) -> Result<Option<i64>> {
        let sql = "SELECT rerun FROM rerun_executions WHERE run = ? AND step = ? AND attempt = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(row::key(execution), |row| row.get(0)).optional()?)
    }

    /// The last re-run of a run, or of any.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn last_rerun(&self, run: Option<&RunId>) -> Result<Option<i64>> {
        let sql = "SELECT max(rerun) FROM rerun_executions WHERE ?1 IS NULL OR run = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([run.map(RunId::as_str)], |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    /// Keeps a plan before its re-run begins; gives the re-run's number.
    ///
    /// # Errors
    /// If the environment is imported, or the store cannot be written.
    pub fn keep_plan(
        &self,
        environment: EnvironmentId,
        run: &RunId,
        at: Timestamp,
        plan: &str,
    ) -> Result<i64> {
        let sql = "INSERT INTO reruns (environment, run, at, plan) VALUES (?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute((environment.0, run.as_str(), at.0, plan))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes which executions a re-run asked for.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn plan_begun(&self, rerun: i64, executions: &[ExecutionId]) -> Result<()> {
        for execution in executions {
            let (run, step, attempt) = row::key(execution);
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO rerun_executions VALUES (?, ?, ?, ?)")?
                .execute((run, step, attempt, rerun))?;
        }
        Ok(())
    }
}
