//! Blob contents, as a pure function of the key.

use std::collections::HashMap;
use std::sync::Arc;

use crate::BlobKey;

/// Blob contents by key. Content-addressed, so the same key always gives the same bytes; a blob can
/// only be here or missing.
pub trait Blobs {
    /// The bytes, if they are here.
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>>;
}

impl<S: std::hash::BuildHasher> Blobs for HashMap<BlobKey, Arc<[u8]>, S> {
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>> {
        HashMap::get(self, key).cloned()
    }
}
