//! The journal: every fact about local work, in order. Other processes on the same store follow it.

use hindcast_model::record::Record;

use crate::{Result, Store, Transaction, row};

/// A fact, and who recorded it when.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Its place in the journal; grows, without promise of being gapless.
    pub seq: i64,
    /// The session (process) that recorded it.
    pub session: String,
    /// The fact.
    pub record: Record,
}

impl Store {
    /// What was recorded after `seq`, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn journal_since(&self, seq: i64) -> Result<Vec<JournalEntry>> {
        let sql = "SELECT seq, session, record FROM journal WHERE seq > ? ORDER BY seq";
        row::all(self.connection.prepare_cached(sql)?, [seq], |row| {
            let seq = row.get(0)?;
            let record: String = row.get(2)?;
            let record = row::document(&record, format_args!("journal entry {seq}"))?;
            Ok(JournalEntry { seq, session: row.get(1)?, record })
        })
    }

    /// Whether a session other than this one recorded something after `seq`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn others_since(&self, seq: i64, session: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM journal WHERE seq > ? AND session <> ?)";
        Ok(self.connection.prepare_cached(sql)?.query_row((seq, session), |row| row.get(0))?)
    }

    /// The last place in the journal; 0 while it is empty.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn journal_end(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(seq), 0) FROM journal";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    pub(crate) fn note(&self, session: &str, record: &Record) -> Result<i64> {
        self.connection
            .prepare_cached("INSERT INTO journal (session, record) VALUES (?, ?)")?
            .execute([session, &row::json(record)?])?;
        Ok(self.connection.last_insert_rowid())
    }
}
