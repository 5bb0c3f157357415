//! Blobs: files named by the SHA-256 of their content.

use std::collections::{HashMap, VecDeque};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hindcast_model::{BlobKey, Blobs};

use crate::{Result, StoreError};

/// How many bytes of blobs are held in memory.
const CACHED: usize = 32 << 20;
/// Blobs above this size are not held.
const CACHEABLE: usize = 1 << 20;

/// A folder of blobs. Clones share one cache.
#[derive(Debug, Clone)]
pub struct BlobStore {
    folder: PathBuf,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Debug, Default)]
struct Cache {
    held: HashMap<BlobKey, Arc<[u8]>>,
    oldest_first: VecDeque<BlobKey>,
    bytes: usize,
}

impl Cache {
    fn hold(&mut self, key: BlobKey, bytes: &Arc<[u8]>) {
        if bytes.len() > CACHEABLE || self.held.insert(key, Arc::clone(bytes)).is_some() {
            return;
        }
        self.oldest_first.push_back(key);
        self.bytes += bytes.len();
        while self.bytes > CACHED {
            let Some(dropped) =
                self.oldest_first.pop_front().and_then(|key| self.held.remove(&key))
            else {
                return;
            };
            self.bytes -= dropped.len();
        }
    }
}

impl Cache {
    fn drop_blob(&mut self, key: &BlobKey) {
        if let Some(bytes) = self.held.remove(key) {
            self.bytes -= bytes.len();
            self.oldest_first.retain(|held| held != key);
        }
    }
}

impl BlobStore {
    pub(crate) fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(folder.join("new")).map_err(|error| StoreError::File {
            path: folder.clone(),
            doing: "make the blob folder",
            error,
        })?;
        Ok(Self { folder, cache: Arc::default() })
    }

    /// Where the blob's file is, if it is here. (The layout of Coflux's own server.)
    pub fn path(&self, key: &BlobKey) -> PathBuf {
        let name = key.to_string();
        self.folder.join(&name[..2]).join(&name[2..4]).join(&name[4..])
    }

    /// Whether the blob is here.
    pub fn has(&self, key: &BlobKey) -> bool {
        self.path(key).exists()
    }

    /// The blob's content, checked against its key; none if it is not here.
    ///
    /// # Errors
    /// If the file cannot be read or was changed.
    pub fn read(&self, key: &BlobKey) -> Result<Option<Arc<[u8]>>> {
        if let Some(bytes) = self.cached(key) {
            return Ok(Some(bytes));
        }
        let path = self.path(key);
        let bytes: Arc<[u8]> = match std::fs::read(&path) {
            Ok(bytes) => bytes.into(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::File { path, doing: "read a blob", error }),
        };
        check(key, &bytes, || path.display().to_string())?;
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).hold(*key, &bytes);
        Ok(Some(bytes))
    }

    fn cached(&self, key: &BlobKey) -> Option<Arc<[u8]>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).held.get(key).cloned()
    }

    /// Keeps these bytes and returns their key.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<BlobKey> {
        let key = BlobKey::of(bytes);
        if !self.has(&key) {
            self.keep(self.prepare(key, bytes)?)?;
        }
        Ok(key)
    }

    /// Removes a blob; gives its size in bytes, or none if it is not here.
    pub(crate) fn remove(&self, key: &BlobKey) -> Result<Option<u64>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).drop_blob(key);
        let path = self.path(key);
        let size = std::fs::metadata(&path).map(|found| found.len());
        match size.and_then(|size| std::fs::remove_file(&path).map(|()| size)) {
            Ok(size) => Ok(Some(size)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::File { path, doing: "remove a blob", error }),
        }
    }

    /// Writes these bytes, whose key is known to be theirs, elsewhere: a blob's file is never seen
    /// half written. It is no blob before it is kept, and gone if it is not.
    pub(crate) fn prepare(&self, key: BlobKey, bytes: &[u8]) -> Result<NewBlob> {
        let folder = self.folder.join("new");
        let failed =
            |error| StoreError::File { path: folder.clone(), doing: "write a blob", error };
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        Ok(NewBlob { key, file: file.into_temp_path() })
    }

    /// Puts a prepared blob in its place.
    pub(crate) fn keep(&self, new: NewBlob) -> Result<()> {
        let path = self.path(&new.key);
        let failed = |error| StoreError::File { path: path.clone(), doing: "write a blob", error };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        new.file.persist(&path).map_err(|error| failed(error.error))
    }
}

/// A blob that is written, but in no place of its own yet.
#[derive(Debug)]
pub(crate) struct NewBlob {
    key: BlobKey,
    file: tempfile::TempPath,
}

/// Checks bytes against the name they go by.
pub(crate) fn check(key: &BlobKey, bytes: &[u8], place: impl FnOnce() -> String) -> Result<()> {
    let found = BlobKey::of(bytes);
    if found == *key {
        Ok(())
    } else {
        Err(StoreError::WrongBlob { place: place(), key: *key, found })
    }
}

impl Blobs for BlobStore {
    /// A blob whose file was damaged counts as missing.
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>> {
        self.read(key).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_comes_back_unless_its_file_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(folder.path().to_owned()).unwrap();
        let key = blobs.write(b"content").unwrap();
        assert_eq!(blobs.get(&key).as_deref(), Some(b"content".as_slice()));
        assert!(blobs.get(&BlobKey::of(b"other")).is_none());

        std::fs::write(blobs.path(&key), b"changed").unwrap();
        assert!(blobs.get(&key).is_some(), "still held in memory");
        let cold = BlobStore::open(folder.path().to_owned()).unwrap();
        assert!(matches!(cold.read(&key), Err(StoreError::WrongBlob { .. })));
        assert!(cold.get(&key).is_none());
    }

    #[test]
    fn the_cache_forgets_the_oldest() {
        let mut cache = Cache::default();
        for n in 0..100_u8 {
            let bytes: Arc<[u8]> = vec![n; CACHEABLE].into();
            cache.hold(BlobKey([n; 32]), &bytes);
        }
        assert!(cache.bytes <= CACHED);
        assert!(cache.held.contains_key(&BlobKey([99; 32])));
        assert!(!cache.held.contains_key(&BlobKey([0; 32])));
    }
}
