//! What Hindcast keeps, in `SQLite` and a folder of blobs: environments, runs, executions, logs, the
//! ledger and the journal of local work.
//!
//! What was imported is immutable: the database itself refuses to change it outside an import, and
//! refuses an import that would touch local work. The store knows no rules of Coflux.

mod apply;
mod asset;
mod blob;
mod by_hand;
mod call;
mod checkpoint;
mod deletion;
mod effect;
mod encoding;
mod environment;
mod error;
mod export;
mod import;
mod input;
mod journal;
mod ledger;
mod locals;
mod log;
mod lookup;
mod merge;
mod metric;
mod naming;
mod numbers;
mod own_keys;
mod purity;
mod renumber;
mod rerun;
mod row;
mod run;
mod session;
mod setting;
mod states;
mod step_rows;
mod stream;
mod taking;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

pub use blob::BlobStore;
pub use by_hand::History;
pub use checkpoint::Checkpointer;
pub use deletion::{Deletion, Doomed, Purged, Restored};
pub use effect::{SeenEffect, Watched};
pub use error::{Result, StoreError};
pub use import::{Change, ImportSummary, ImportedRun};
pub use journal::JournalEntry;
pub use locals::{Chained, FrameLocals};
pub use naming::Naming;
pub use purity::Purity;
pub use rerun::KeptRerun;
pub use run::{RunState, RunSummary, SeenFrom};
pub use taking::OnTaken;

/// The database's file, in the store's folder.
const DATABASE: &str = "hindcast.sqlite";

/// How long a write waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// A store, open. Several processes may have one open at a time; open it once per thread.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    connection: Connection,
    blobs: BlobStore,
    states: states::States,
}

/// A write in progress. Everything it does becomes durable together, or not at all; reads through
/// it see what it wrote.
#[derive(Debug)]
pub struct Transaction<'store> {
    store: &'store Store,
}

impl Deref for Transaction<'_> {
    type Target = Store;
    fn deref(&self) -> &Store {
        self.store
    }
}

impl Store {
    /// Opens the store in `folder`, making it where there is none.
    ///
    /// # Errors
    /// If the folder cannot be written, is no store, or belongs to a newer Hindcast.
    pub fn open(folder: &Path) -> Result<Self> {
        let unwritable =
            |error| StoreError::File { path: folder.to_owned(), doing: "make the store", error };
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        let connection = open_database(folder);
        let mut connection =
            connection.map_err(|error| StoreError::Open { folder: folder.to_owned(), error })?;
        migrate(&mut connection, folder)?;
        let blobs = BlobStore::open(folder.join("blobs"))?;
        let states = states::States::default();
        Ok(Self { folder: folder.to_owned(), connection, blobs, states })
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its blobs. A clone shares the cache and can go to another thread.
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// Runs `work` as one write. Nothing is kept if it fails.
    ///
    /// # Errors
    /// What `work` failed with, or why it could not begin or commit.
    pub fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let transaction =
            rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
                .map_err(StoreError::from)?;
        let done = self.states.writing(|| work(&Transaction { store: self }))?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// Runs `work`, which only reads, on one state of the store, whatever others write meanwhile.
    ///
    /// # Errors
    /// What `work` failed with, or why the store cannot be read.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let transaction =
            rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
                .map_err(StoreError::from)?;
        let done = work(self)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// A number that changes when another connection has written.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn data_version(&self) -> Result<i64> {
        let mut statement = self.connection.prepare_cached("PRAGMA data_version")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }
}

fn open_database(folder: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(folder.join(DATABASE))?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // What was committed is with the system and outlives us, however we are killed: that is what is
    // promised. Only where the machine itself fails, the last commits before it are lost, whole and
    // in order; to wait for the disk at each of them (FULL) would cost every message of an executor
    // milliseconds.
    connection.pragma_update(None, "synchronous", "normal")?;
    checkpoint::put_off(&connection)?;
    // Nothing is written anywhere but in the store: neither is what SQLite sorts, or would take back.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.set_prepared_statement_cache_capacity(100);
    Ok(connection)
}

fn migrate(connection: &mut Connection, folder: &Path) -> Result<()> {
    let failed = |error| StoreError::Version { folder: folder.to_owned(), error };
    let migrations = Migrations::new(vec![
        M::up(include_str!("migrations/01-tables.sql")),
        M::up(include_str!("migrations/02-immutability.sql")),
        M::up(include_str!("migrations/03-sessions.sql")),
        M::up(include_str!("migrations/04-effects.sql")),
        M::up(include_str!("migrations/05-streams.sql")),
        M::up(include_str!("migrations/06-encodings.sql")),
        M::up(include_str!("migrations/07-deletions.sql")),
        M::up(include_str!("migrations/08-by-hand.sql")),
        M::up(include_str!("migrations/09-own-keys.sql")),
        M::up(include_str!("migrations/10-locals.sql")),
        M::up(include_str!("migrations/11-imported-streams.sql")),
        M::up(include_str!("migrations/12-lookups.sql")),
    ]);
    match migrations.to_latest(connection) {
        Err(rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        )) => Err(StoreError::Newer { folder: folder.to_owned() }),
        // Two processes that open a new store at once: the later one finds it made.
        Err(rusqlite_migration::Error::RusqliteError { .. }) => {
            migrations.to_latest(connection).map_err(failed)
        }
        done => done.map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_a_newer_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.connection.pragma_update(None, "user_version", 1_000).unwrap();
        drop(store);
        let error = Store::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(folder.path().to_str().unwrap()), "{error}");
        assert!(error.contains("a newer Hindcast"), "{error}");
    }
}
