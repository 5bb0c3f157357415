//! Taking what was written into the database file itself, beside whoever writes.
//!
//! In WAL mode a commit is appended to a file of its own. Now and then that is copied into the
//! database, which waits for the disk twice or more. `SQLite` has the commit that finds the file long
//! enough do it; where commits are waited for, that is better done by another thread, which holds up
//! no writer and no reader (<https://www.sqlite.org/wal.html>, "Checkpointing", PASSIVE).

use std::time::Duration;

use rusqlite::Connection;

use crate::{Result, Store};

/// From how many pages on a commit copies them itself, should nobody else have. (A page is 4 KiB.)
const MOST: u32 = 8_000;

/// Copies what was written into the database, from any thread.
#[derive(Debug)]
pub struct Checkpointer {
    connection: Connection,
}

impl Store {
    /// One for this store.
    ///
    /// # Errors
    /// If the store cannot be opened another time.
    pub fn checkpointer(&self) -> Result<Checkpointer> {
        let connection = Connection::open(self.folder.join(crate::DATABASE))?;
        // Who else does it does it for us as well.
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Checkpointer { connection })
    }
}

impl Checkpointer {
    /// Copies what can be copied without waiting for anybody; gives how many pages are left.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn checkpoint(&self) -> Result<u32> {
        let sql = "PRAGMA wal_checkpoint(PASSIVE)";
        Ok(self.connection.query_row(sql, [], |row| {
            let (written, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(u32::try_from(written - copied).unwrap_or(0))
        })?)
    }
}

/// A connection leaves copying to others for longer than `SQLite`'s own 1,000 pages.
pub(crate) fn put_off(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "wal_autocheckpoint", MOST)
}
