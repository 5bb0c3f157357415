//! Has what was written copied into the database beside the loop, so that no message waits for it.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use hindcast_store::{Checkpointer, Store};
use tokio::task::spawn_blocking;

/// After so many facts it is done. (A fact is about four pages.)
const EVERY: usize = 500;

/// The copying of one store.
#[derive(Debug, Default)]
pub(super) struct Copying {
    checkpointer: Option<Arc<Mutex<Checkpointer>>>,
    /// Facts since it was last done.
    since: usize,
}

impl Copying {
    /// So many facts were kept.
    pub(super) fn kept(&mut self, facts: usize, store: &Store) {
        self.since += facts;
        if self.since < EVERY {
            return;
        }
        self.since = 0;
        if self.checkpointer.is_none() {
            // Without one, commits see to it themselves, later.
            self.checkpointer = store.checkpointer().ok().map(|made| Arc::new(Mutex::new(made)));
        }
        let Some(checkpointer) = self.checkpointer.clone() else { return };
        spawn_blocking(move || {
            let checkpointer = match checkpointer.try_lock() {
                Ok(checkpointer) => checkpointer,
                Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
                // It is being done.
                Err(TryLockError::WouldBlock) => return,
            };
            // What cannot be copied now is copied the next time.
            let _ = checkpointer.checkpoint();
        });
    }
}
