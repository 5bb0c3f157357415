//! Keys of recorded calls that the project's code made, as their exports do not hold them.

use hindcast_model::{OwnKeys, RunId, StepId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// The keys that were made of recorded calls: of one run, or of all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn own_keys(&self, run: Option<&RunId>) -> Result<Vec<(StepId, OwnKeys)>> {
        let sql = "SELECT run, step, keys FROM own_keys WHERE ?1 IS NULL OR run = ?1";
        let statement = self.connection.prepare_cached(sql)?;
        row::all(statement, [run.map(RunId::as_str)], |row| {
            let step = StepId::new(row::id(&row.get::<_, String>(0)?)?, row.get(1)?);
            let keys = row::document(&row.get::<_, String>(2)?, format_args!("keys of {step}"))?;
            Ok((step, keys))
        })
    }
}

impl Transaction<'_> {
    /// Keeps keys that were made; those that were made before stay.
    pub(crate) fn keep_own_keys(&self, all: &[(StepId, OwnKeys)]) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO own_keys VALUES (?, ?, ?)";
        for (step, keys) in all {
            let row = (step.run.as_str(), step.number, row::json(keys)?);
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        Ok(())
    }
}
