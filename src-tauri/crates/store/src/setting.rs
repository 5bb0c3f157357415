//! Settings by name: a project's folder, which folders are trusted.

use rusqlite::OptionalExtension;

use crate::{Result, Store};

impl Store {
    /// The setting of this name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM settings WHERE name = ?";
        Ok(self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Keeps a setting; none removes it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set(&self, name: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(value) => self.connection.execute(
                "INSERT INTO settings VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [name, value],
            )?,
            None => self.connection.execute("DELETE FROM settings WHERE name = ?", [name])?,
        };
        Ok(())
    }
}
