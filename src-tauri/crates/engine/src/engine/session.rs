//! Who is alive: each session holds a lock on a file of its own for as long as its process lives.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use hindcast_model::BlobKey;

/// This process's session on a store. Others see it end when it is dropped or the process is gone.
#[derive(Debug)]
pub(super) struct Session {
    id: String,
    folder: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Session {
    /// A new session on the store in `store`.
    pub(super) fn open(store: &Path) -> io::Result<Self> {
        let folder = store.join("sessions");
        std::fs::create_dir_all(&folder)?;
        let id = fresh_id();
        let lock = File::create_new(path(&folder, &id))?;
        lock.lock()?;
        Ok(Self { id, folder, _lock: lock })
    }

    /// Its id, as the journal has it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether a session's process lives. When in doubt it does, so that nothing of it is given up.
    pub(super) fn lives(&self, id: &str) -> bool {
        if id == self.id {
            return true;
        }
        let path = path(&self.folder, id);
        match File::open(&path) {
            Ok(file) => match file.try_lock() {
                Ok(()) => {
                    // It is of no use to anybody; if it cannot be removed it does no harm.
                    let _ = std::fs::remove_file(path);
                    false
                }
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
            },
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // As above.
        let _ = std::fs::remove_file(path(&self.folder, &self.id));
    }
}

fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.lock"))
}

/// Different for every session of every process.
fn fresh_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{now} {} {count}", std::process::id());
    BlobKey::of(seed.as_bytes()).to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_until_it_is_dropped() {
        let store = tempfile::tempdir().unwrap();
        let own = Session::open(store.path()).unwrap();
        let other = Session::open(store.path()).unwrap();
        let id = other.id().to_owned();
        assert!(own.lives(own.id()) && own.lives(&id));
        drop(other);
        assert!(!own.lives(&id));
        assert!(!own.lives("never"));
    }

    #[test]
    fn a_lock_file_that_nobody_holds_is_of_a_session_that_is_gone() {
        let store = tempfile::tempdir().unwrap();
        let own = Session::open(store.path()).unwrap();
        std::fs::write(store.path().join("sessions/killed.lock"), "").unwrap();
        assert!(!own.lives("killed"));
        assert!(!store.path().join("sessions/killed.lock").exists());
    }
}
