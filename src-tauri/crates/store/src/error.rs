//! What can go wrong in the store.

use std::io;
use std::path::PathBuf;

use hindcast_model::{BlobKey, EnvironmentName, ExecutionId, RunId, WorkspaceId};

/// The store's results.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("the store's database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database cannot be opened, or is no database.
    #[error("the store in {} cannot be opened: {error}", .folder.display())]
    Open {
        /// The store's folder.
        folder: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
    /// The database is of another version, or no store.
    #[error("the store in {} cannot be brought up to date: {error}", .folder.display())]
    Version {
        /// The store's folder.
        folder: PathBuf,
        /// Why.
        error: rusqlite_migration::Error,
    },
    /// The database has tables that this program does not know.
    #[error(
        "the store in {} was written by a newer Hindcast: open it with that one, or choose another store",
        .folder.display()
    )]
    Newer {
        /// The store's folder.
        folder: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {doing}: {}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        error: io::Error,
    },
    /// A row does not hold what it should.
    #[error("{what} in the store is not as it was written: {error}")]
    Row {
        /// Which.
        what: String,
        /// What is wrong.
        error: String,
    },
    /// Bytes are not those that their name says.
    #[error("{place}: the content is not that of blob {key} (its SHA-256 is {found})")]
    WrongBlob {
        /// Where they came from.
        place: String,
        /// The name.
        key: BlobKey,
        /// The name they should have.
        found: BlobKey,
    },
    /// A blob could not be read from where an import found it.
    #[error("{place}: {error}")]
    UnreadableBlob {
        /// Where.
        place: String,
        /// Why.
        error: io::Error,
    },
    /// No run of that id.
    #[error("there is no run {0}")]
    NoRun(RunId),
    /// No execution of that id.
    #[error("there is no execution {0}")]
    NoExecution(ExecutionId),
    /// No such environment.
    #[error("there is no environment {0}")]
    NoEnvironment(String),
    /// The system gives no thread more.
    #[error("cannot start a thread: {0}")]
    NoThread(io::Error),
    /// The person wanted no more of an import.
    #[error("cancelled")]
    Cancelled,
    /// The name is taken.
    #[error("there is an environment {0} already")]
    NameTaken(EnvironmentName),
    /// An import would need the name of a local environment.
    #[error(
        "{origin}: its environment (workspace {workspace}) would be called {name}, which is a local environment here; name it with --as"
    )]
    NameIsLocal {
        /// The file.
        origin: String,
        /// The name.
        name: EnvironmentName,
        /// The workspace to be named.
        workspace: WorkspaceId,
    },
    /// `--as` says one thing, an earlier import another.
    #[error(
        "{origin}: workspace {workspace} is {known} here, and cannot be called {asked} as well"
    )]
    NameContradicts {
        /// The file.
        origin: String,
        /// The workspace.
        workspace: WorkspaceId,
        /// What it is called.
        known: EnvironmentName,
        /// What was asked for.
        asked: EnvironmentName,
    },
    /// A run began here; no import may add to it.
    #[error("{origin}: run {run} began on this machine and cannot be imported over")]
    RunIsLocal {
        /// The file.
        origin: String,
        /// The run.
        run: RunId,
    },
    /// Only a local environment can be deleted.
    #[error(
        "{0} is imported and cannot be deleted as a whole; delete the runs in it, or a local environment"
    )]
    ImportedStays(EnvironmentName),
    /// Nothing can be deleted under a body's feet.
    #[error("{execution} has not ended; cancel it first, or wait for it")]
    UnderWay {
        /// The first of those that have not.
        execution: ExecutionId,
    },
    /// Nothing of that number was deleted, or it was purged.
    #[error("there is no deletion {0} that could be undone")]
    NoDeletion(i64),
    /// What is to come back belongs to something that went later.
    #[error("{what} is not here any more; bring that back first, or import it")]
    NeededFirst {
        /// What it belongs to: a run, an environment.
        what: String,
    },
    /// A run cannot come back beside itself.
    #[error("run {run} has been imported again since; delete that first to bring the old one back")]
    HereAgain {
        /// Which.
        run: RunId,
    },
    /// A record does not fit what is there.
    #[error("cannot keep a record of {execution}: {reason}")]
    Conflict {
        /// What it is about.
        execution: String,
        /// Why.
        reason: &'static str,
    },
}
