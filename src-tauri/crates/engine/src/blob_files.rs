//! Blob contents as files, as executors read and leave them.

use std::io;
use std::path::{Path, PathBuf};

use hindcast_model::BlobKey;
use hindcast_store::BlobStore;

/// A blob store whose blobs are files. Executors are given the files' own paths to read.
pub trait BlobFiles: Send + Sync + 'static {
    /// Keeps these bytes under their SHA-256.
    ///
    /// # Errors
    /// If they cannot be written.
    fn keep(&self, bytes: &[u8]) -> io::Result<BlobKey>;

    /// Keeps the content of the file at `path`; gives its key and its size in bytes.
    ///
    /// # Errors
    /// If the file cannot be read, or its content cannot be written.
    fn keep_file(&self, path: &Path) -> io::Result<(BlobKey, u64)> {
        let bytes = std::fs::read(path)?;
        Ok((self.keep(&bytes)?, bytes.len() as u64))
    }

    /// The file that holds the blob, if the blob is here.
    fn file(&self, key: &BlobKey) -> Option<PathBuf>;
}

impl BlobFiles for BlobStore {
    fn keep(&self, bytes: &[u8]) -> io::Result<BlobKey> {
        self.write(bytes).map_err(io::Error::other)
    }

    fn file(&self, key: &BlobKey) -> Option<PathBuf> {
        self.has(key).then(|| self.path(key))
    }
}
