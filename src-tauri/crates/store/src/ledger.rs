//! The ledger: every body that ran here.

use hindcast_model::RunId;
use hindcast_model::record::LedgerEntry;

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
}

impl Transaction<'_> {
    pub(crate) fn add_to_ledger(&self, entry: &LedgerEntry) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO ledger (run, document) VALUES (?, ?)")?
            .execute([entry.execution.run().as_str(), &row::json(entry)?])?;
        Ok(())
    }
}
