//! How far taking something in is, and whether to go on.

use crate::{Result, StoreError};

/// Called now and then while an import is taken in, with how many things (blobs and steps) are done,
/// and of how many. Returns whether to go on; if not, the store is left as it was.
pub type OnTaken<'t> = dyn FnMut(usize, usize) -> bool + 't;

/// Counts what is taken in.
pub(crate) struct Taking<'t, 'f> {
    on_taken: &'t mut OnTaken<'f>,
    done: usize,
    total: usize,
}

impl<'t, 'f> Taking<'t, 'f> {
    pub(crate) fn new(on_taken: &'t mut OnTaken<'f>, total: usize) -> Self {
        Self { on_taken, done: 0, total }
    }

    /// One more is done. Fails if the person wants no more.
    pub(crate) fn next(&mut self) -> Result<()> {
        self.done += 1;
        if (self.on_taken)(self.done, self.total) { Ok(()) } else { Err(StoreError::Cancelled) }
    }
}
