//! A folder with a person's Python code, and how it is run.
//!
//! A project is made from a trust decision and from nothing else: no export can name one.

mod configuration;
pub(crate) mod interpreter;
mod modules;
pub mod signature;
mod variables;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::bootstrap;
use crate::bridge::InstalledSdk;
use crate::debug::Debug;
use crate::snapshot::{Snapshot, SnapshotError, Snapshots};
pub use interpreter::{Adapter, ChosenAdapter, FoundBy};
pub use words::quoted;

/// A person's decision that code in a folder may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    folder: PathBuf,
}

/// A folder that cannot be a project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// It cannot be entered.
    #[error("the project folder {folder:?} cannot be opened: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file in it that says how it is run cannot be read.
    #[error("{file:?} cannot be read: {reason}")]
    Configuration {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// No Python was found.
    #[error(
        "no Python was found for {folder:?}: it has no .venv, venv, poetry.lock, uv.lock or worker.adapter in coflux.toml, and python3 is not on the PATH. Name one with --python"
    )]
    NoInterpreter {
        /// The folder.
        folder: PathBuf,
    },
    /// It is to be locked, and is run by a command that the sentinel cannot stand before.
    #[error(
        "a locked re-run needs a plain `python -m coflux`, which can be watched; this project is run by `{command}`"
    )]
    CannotLock {
        /// The command.
        command: String,
    },
    /// A named command is empty.
    #[error("the adapter's command is empty")]
    EmptyAdapter,
}

impl Trust {
    /// What a person decided about this folder, now or earlier. Call this only where a person said
    /// so: by naming the folder on a command line, by answering the window's question, or as
    /// remembered from either.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn given(folder: &Path) -> Result<Self, ProjectError> {
        let failed = |source| ProjectError::Folder { folder: folder.to_owned(), source };
        let found = folder.canonicalize().map_err(failed)?;
        if !found.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { folder: found })
    }

    /// The folder, absolute and without symbolic links: what trust is remembered by.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A trusted project: everything needed to start its executors.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
    adapter: Adapter,
    found_by: FoundBy,
    variables: BTreeMap<OsString, OsString>,
    locked: bool,
    /// What its interpreter's folders tell of its SDK, once somebody wanted to know.
    sdk: OnceLock<Option<InstalledSdk>>,
    /// The code as it was when a command was given, once one was.
    code: Option<Result<Arc<Snapshot>, SnapshotError>>,
    /// Which executions wait for a debugger, if any do.
    pub(crate) debug: Option<Debug>,
}

impl Project {
    /// The trusted folder as a project. `adapter` overrides what Coflux's own rules would find;
    /// `variables` go over those of `.env`.
    ///
    /// # Errors
    /// If its configuration cannot be read or no interpreter is found.
    pub fn open(
        trust: Trust,
        adapter: Option<ChosenAdapter>,
        variables: &[(String, String)],
    ) -> Result<Self, ProjectError> {
        let folder = trust.folder;
        let (adapter, found_by) = interpreter::find(&folder, adapter)?;
        let variables = variables::for_executors(&folder, variables)?;
        let sdk = OnceLock::new();
        Ok(Self {
            folder,
            adapter,
            found_by,
            variables,
            locked: false,
            sdk,
            code: None,
            debug: None,
        })
    }

    /// The same project, *locked*: what its bodies do outside of themselves is refused, with an
    /// exception at the line that tried. This is no sandbox: native code does what it likes.
    ///
    /// # Errors
    /// If it is run by a command that the sentinel cannot stand before.
    pub fn locked(self) -> Result<Self, ProjectError> {
        if !self.is_watched() {
            return Err(ProjectError::CannotLock { command: self.adapter.command_line() });
        }
        Ok(Self { locked: true, ..self })
    }

    /// Whether what its bodies do outside of themselves is refused.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// Whether what its bodies do outside of themselves is seen: only where it is run by a plain
    /// `python -m coflux`.
    pub fn is_watched(&self) -> bool {
        bootstrap::fits(&self.adapter)
    }

    /// The SDK its interpreter has, as far as it can be told without running it.
    pub(crate) fn sdk_at_hand(&self) -> Option<&InstalledSdk> {
        self.sdk.get_or_init(|| InstalledSdk::of_environment(&self.adapter)).as_ref()
    }

    /// The SDK its interpreter has; asks Python where its folders do not tell. None if it has none,
    /// or it is run by a command of which that cannot be known.
    pub fn sdk(&self) -> Option<InstalledSdk> {
        self.sdk_at_hand().cloned().or_else(|| InstalledSdk::asked(self))
    }

    /// The modules of it that hold workflows and tasks, as far as their text tells.
    ///
    /// # Errors
    /// If its `coflux.toml` cannot be read.
    pub fn modules(&self) -> Result<Vec<String>, ProjectError> {
        modules::find(&self.folder)
    }

    /// How many bodies `worker.concurrency` of its `coflux.toml` has run at once, if it says so.
    ///
    /// # Errors
    /// If that file cannot be read.
    pub fn concurrency(&self) -> Result<Option<usize>, ProjectError> {
        Ok(configuration::worker(&self.folder)?.concurrency)
    }

    /// The same project with its code held as it is now, where that can be done: executors import it
    /// so, whatever is saved meanwhile.
    #[must_use]
    pub fn held(self, snapshots: &Snapshots) -> Self {
        let code = if self.is_watched() {
            snapshots.take(&self.folder).map(Arc::new)
        } else {
            Err(SnapshotError::NotPlain { command: self.adapter.command_line() })
        };
        Self { code: Some(code), ..self }
    }

    /// The code that is held, if it is.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.code.as_ref()?.as_ref().ok()
    }

    /// Why the code cannot be held, if that was tried.
    pub fn why_not_held(&self) -> Option<&SnapshotError> {
        self.code.as_ref()?.as_ref().err()
    }

    /// Where its code is; executors start here.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The command that speaks the protocol.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// By what the command was found.
    pub fn found_by(&self) -> FoundBy {
        self.found_by
    }

    /// Every environment variable its executors get, and no other.
    pub fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.variables
    }
}
