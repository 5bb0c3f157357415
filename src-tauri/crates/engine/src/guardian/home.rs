//! Where scratch directories are: all of one engine's in one folder, which says whether the engine
//! lives by the lock it holds in it. Whoever finds such a folder that nobody holds removes it.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder, File};
use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How such folders begin; no other is ever removed.
const HOME: &str = "hindcast-home-";

/// The file in it that is locked.
const LOCK: &str = "lock";

/// How old a folder without that file must be before it counts as left: it is there a moment before
/// the file.
const UNFINISHED: Duration = Duration::from_secs(600);

/// How often it is tried to remove one: what is just being killed may still write in it.
const TRIES: u32 = 20;

/// How much longer each try waits than the one before: a second in all.
const PAUSE: Duration = Duration::from_millis(5);

/// An engine's folder of scratch directories; removed when it is dropped.
#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Home {
    /// Where one may be made that nobody else makes: 128 bits of its name are drawn by chance.
    pub(super) fn place(temporary: &Path) -> PathBuf {
        let [a, b] = [(); 2].map(|()| RandomState::new().hash_one(()));
        temporary.join(format!("{HOME}{a:016x}{b:016x}"))
    }

    /// A new one in this place; removes those beside it that others left.
    pub(super) fn make(place: PathBuf) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(&place)?;
        // Under its name only once it is locked, so that nobody finds it unlocked.
        let fresh = place.join("new");
        let lock = File::create_new(&fresh)?;
        lock.lock()?;
        fs::rename(fresh, place.join(LOCK))?;
        if let Some(temporary) = place.parent() {
            remove_left(temporary, place.metadata()?.uid());
        }
        Ok(Self { folder: place, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Removes a home with all in it, and nothing that is not one.
pub(super) fn remove(home: &Path) {
    let name = home.file_name().and_then(|name| name.to_str());
    if !name.is_some_and(|name| name.starts_with(HOME)) {
        return;
    }
    // What cannot be removed stays for the next engine, and the system's own cleaning of temporary
    // files.
    for round in 0..TRIES {
        std::thread::sleep(PAUSE * round);
        match fs::remove_dir_all(home) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            _ => return,
        }
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
        let make = || Home::make(Home::place(temporary.path())).unwrap();
        let held = make();
        for name in ["hindcast-home-left", "hindcast-home-fresh", "other"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("hindcast-home-left").join(LOCK), "").unwrap();
        fs::create_dir(at("hindcast-home-left").join("hindcast-exec-1")).unwrap();
        fs::write(at("other").join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(at("other"), at("hindcast-home-link")).unwrap();

        let second = make();
        assert!(held.path().join(LOCK).exists() && second.path().join(LOCK).exists());
        assert!(!at("hindcast-home-left").exists(), "nobody holds it");
        assert!(at("hindcast-home-fresh").exists(), "it may become one");
        assert!(at("other").join(LOCK).exists(), "neither itself nor by a link");
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
