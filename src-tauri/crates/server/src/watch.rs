//! How far a fetch is, and whether to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hindcast_import::{OnProgress, Progress};

use crate::ServerError;

/// Tells how far a fetch is, and hears whether to go on.
pub struct Watch<'w, 'p> {
    on_progress: &'w mut OnProgress<'p>,
    progress: Progress,
    stop: Arc<AtomicBool>,
}

impl<'w, 'p> Watch<'w, 'p> {
    /// Tells this.
    pub fn new(on_progress: &'w mut OnProgress<'p>) -> Self {
        let progress = Progress { what: String::new(), done: 0, total: 0 };
        Self { on_progress, progress, stop: Arc::default() }
    }

    /// Says what is under way. Fails if the person wants no more.
    pub(crate) fn say(&mut self, what: impl Into<String>) -> Result<(), ServerError> {
        self.progress.what = what.into();
        self.check()
    }

    /// So many more bytes are known of.
    pub(crate) fn expect(&mut self, bytes: u64) {
        self.progress.total = self.progress.total.saturating_add(bytes);
    }

    /// So many bytes came. Those of which nothing was known make the whole larger.
    pub(crate) fn came(&mut self, bytes: u64) {
        self.progress.done = self.progress.done.saturating_add(bytes);
        self.progress.total = self.progress.total.max(self.progress.done);
    }

    /// Fails if the person wants no more.
    pub(crate) fn check(&mut self) -> Result<(), ServerError> {
        if (self.on_progress)(&self.progress) {
            return Ok(());
        }
        self.stop.store(true, Ordering::Relaxed);
        Err(ServerError::Cancelled)
    }
}
