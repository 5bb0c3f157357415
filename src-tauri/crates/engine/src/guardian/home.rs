//! Where scratch directories are: all of one engine's in one folder, which says whether the engine
//! lives by the lock it holds in it. Whoever finds such a folder that nobody holds removes it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// How such folders begin; no other is ever removed.
const HOME: &str = "hindcast-home-";

/// The file in it that is locked.
const LOCK: &str = "lock";

/// How old a folder without that file must be before it counts as left: it is there a moment before
/// the file.
const UNFINISHED: Duration = Duration::from_secs(600);

/// An engine's folder of scratch directories; removed when it is dropped.
#[derive(Debug)]
pub(super) struct Home {
    folder: TempDir,
    /// Held for its lock.
    _lock: File,
}

impl Home {
    /// A new one in `temporary`; removes those there that others left.
    pub(super) fn make(temporary: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(HOME).tempdir_in(temporary)?;
        // Under its name only once it is locked, so that nobody finds it unlocked.
        let fresh = folder.path().join("new");
        let lock = File::create_new(&fresh)?;
        lock.lock()?;
        fs::rename(fresh, folder.path().join(LOCK))?;
        remove_left(temporary, folder.path().metadata()?.uid());
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes a home with all in it, and nothing that is not one.
pub(super) fn remove(home: &Path) {
    let name = home.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name.starts_with(HOME)) {
        // What cannot be removed stays for the system's own cleaning of temporary files.
        let _ = fs::remove_dir_all(home);
    }
}

fn remove_left(temporary: &Path, user: u32) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for home in entries.flatten().map(|entry| entry.path()).filter(|path| is_left(path, user)) {
        remove(&home);
    }
}

/// Whether it is a home of this user's that no living engine holds.
fn is_left(path: &PathBuf, user: u32) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let own = found.is_dir() && found.uid() == user;
    if !own || !name.is_some_and(|name| name.starts_with(HOME)) {
        return false;
    }
    if let Ok(lock) = File::open(path.join(LOCK)) {
        return lock.try_lock().is_ok();
    }
    let age = found.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > UNFINISHED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_nothing_else() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        let held = Home::make(temporary.path()).unwrap();
        for name in ["hindcast-home-left", "hindcast-home-fresh", "other"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("hindcast-home-left").join(LOCK), "").unwrap();
        fs::create_dir(at("hindcast-home-left").join("hindcast-exec-1")).unwrap();
        fs::write(at("other").join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(at("other"), at("hindcast-home-link")).unwrap();

        let second = Home::make(temporary.path()).unwrap();
        assert!(held.path().join(LOCK).exists() && second.path().join(LOCK).exists());
        assert!(!at("hindcast-home-left").exists(), "nobody holds it");
        assert!(at("hindcast-home-fresh").exists(), "it may become one");
        assert!(at("other").join(LOCK).exists(), "neither itself nor by a link");
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
