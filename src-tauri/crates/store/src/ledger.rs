//! The ledger: every body that ran here.

use hindcast_model::record::LedgerEntry;
use hindcast_model::{ExecutionId, RunId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// What ran here, oldest first; of one run or of all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn ledger(&self, run: Option<&RunId>) -> Result<Vec<LedgerEntry>> {
        let sql = "SELECT document FROM ledger WHERE ?1 IS NULL OR run = ?1 ORDER BY id";
        row::all(self.connection.prepare_cached(sql)?, [run.map(RunId::as_str)], |row| {
            row::document(&row.get::<_, String>(0)?, "a ledger entry")
        })
    }

    /// Whether an execution here was called with arguments that were given for it alone.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn was_edited(&self, execution: &ExecutionId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM executions WHERE run = ? AND step = ?
                   AND attempt = ? AND edited_arguments IS NOT NULL)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(row::key(execution), |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    pub(crate) fn add_to_ledger(&self, entry: &LedgerEntry) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO ledger (run, document) VALUES (?, ?)")?
            .execute([entry.execution.run().as_str(), &row::json(entry)?])?;
        Ok(())
    }
}
