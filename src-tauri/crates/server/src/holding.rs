//! Blobs that were fetched and are in no store yet. A fetch that was interrupted begins with them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hindcast_model::{BlobKey, BlobSource};

use crate::ServerError;

/// What nobody came back for in this time is dropped.
const FORGOTTEN: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A folder for blobs between a server and a store.
#[derive(Debug)]
pub struct Holding {
    folder: PathBuf,
    /// What is in there for this fetch.
    held: Mutex<BTreeSet<BlobKey>>,
}

impl Holding {
    /// Blobs are held in this folder, which is made where there is none.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> Result<Arc<Self>, ServerError> {
        let failed = |error| ServerError::Holding { path: folder.to_owned(), error };
        std::fs::create_dir_all(folder).map_err(failed)?;
        for entry in folder.read_dir().map_err(failed)?.flatten() {
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            let age = written.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            if age.is_some_and(|age| age > FORGOTTEN) {
                // Another process may have been quicker.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Arc::new(Self { folder: folder.to_owned(), held: Mutex::default() }))
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        self.folder.join(key.to_string())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeSet<BlobKey>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the blob is here, whole.
    pub(crate) fn has(&self, key: &BlobKey) -> bool {
        let whole = std::fs::read(self.path(key)).is_ok_and(|bytes| BlobKey::of(&bytes) == *key);
        if whole {
            self.held().insert(*key);
        }
        whole
    }

    /// Puts a blob aside. It is never seen half written.
    pub(crate) fn put(&self, key: BlobKey, bytes: &[u8]) -> Result<(), ServerError> {
        let path = self.path(&key);
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(bytes)?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map_err(|error| ServerError::Holding { path: path.clone(), error })?;
        self.held().insert(key);
        Ok(())
    }

    /// Drops what was held for this fetch: it is in its place now.
    pub fn clear(&self) {
        for key in std::mem::take(&mut *self.held()) {
            // It is only in the way; the next fetch finds it again, or time drops it.
            let _ = std::fs::remove_file(self.path(&key));
        }
    }
}

impl BlobSource for Holding {
    fn read(&self, key: &BlobKey) -> io::Result<Vec<u8>> {
        std::fs::read(self.path(key))
    }

    fn name(&self, key: &BlobKey) -> String {
        self.path(key).display().to_string()
    }
}
