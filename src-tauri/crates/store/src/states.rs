//! What tells whether a run changed, remembered while nothing at all was written: to tell it anew,
//! every execution of the run is looked at.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use hindcast_model::RunId;
use rusqlite::Connection;

use crate::{Result, RunState};

/// Whatever was written to the database since it was opened, in one comparable piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    /// Changes that others committed; see `PRAGMA data_version` of `SQLite`.
    others: i64,
    /// Rows that this connection changed.
    own: u64,
}

/// The states of runs.
#[derive(Debug, Default)]
pub(crate) struct States {
    known: RefCell<(Option<Version>, HashMap<RunId, RunState>)>,
    /// Whether a write is under way here: what it wrote may be taken back.
    writing: Cell<bool>,
}

impl States {
    /// The state of a run: the one known, or what `read` finds.
    pub(crate) fn of(
        &self,
        connection: &Connection,
        run: &RunId,
        read: impl FnOnce() -> Result<RunState>,
    ) -> Result<RunState> {
        if self.writing.get() {
            return read();
        }
        let mut version = connection.prepare_cached("PRAGMA data_version")?;
        let others = version.query_row([], |row| row.get(0))?;
        let now = Some(Version { others, own: connection.total_changes() });
        let mut known = self.known.borrow_mut();
        if known.0 != now {
            *known = (now, HashMap::new());
        }
        if let Some(state) = known.1.get(run) {
            return Ok(*state);
        }
        let state = read()?;
        known.1.insert(run.clone(), state);
        Ok(state)
    }

    /// Does `work`, which writes.
    pub(crate) fn writing<T>(&self, work: impl FnOnce() -> T) -> T {
        self.writing.set(true);
        let done = work();
        self.writing.set(false);
        done
    }
}
