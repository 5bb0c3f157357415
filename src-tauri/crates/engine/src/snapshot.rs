//! The code of a re-run, as it was when it began.
//!
//! Every Python source file beneath the project's folder is kept by its content. Executors import the
//! project from there (`snapshot/snapshot.py`), so that a file saved meanwhile belongs to the next
//! re-run. The key of a snapshot names exactly this code: it stands in the ledger.

mod reach;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hindcast_model::BlobKey;
use serde_json::json;

use crate::bootstrap::Source;
use reach::Files;
use walk::{Stamp, walk};

pub use reach::{Imported, Reach};

/// The part that imports from a snapshot.
pub(crate) const SOURCE: Source =
    Source { name: "snapshot", text: include_str!("snapshot/snapshot.py") };

/// A file that was saved so recently may be saved again without its times showing it.
const RECENT: Duration = Duration::from_secs(2);

/// Code that no snapshot could be taken of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A command that is not a plain Python imports what it likes.
    #[error("`{command}` is no plain `python -m coflux`: what it imports cannot be held")]
    NotPlain {
        /// The command.
        command: String,
    },
    /// There are too many.
    #[error("there are more than {most} Python files beneath {folder:?}")]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// How many there may be.
        most: usize,
    },
    /// There is too much to look through.
    #[error("there are more than {most} files and folders beneath {folder:?}")]
    TooWide {
        /// The folder.
        folder: PathBuf,
        /// How many there may be.
        most: usize,
    },
    /// They are too large.
    #[error("the Python files beneath {folder:?} are larger than {} MiB", most >> 20)]
    TooLarge {
        /// The folder.
        folder: PathBuf,
        /// How many bytes they may have.
        most: u64,
    },
    /// Something could not be read or kept.
    #[error("{path:?}: {reason}")]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl SnapshotError {
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path: path.clone(), reason: error.to_string() }
    }
}

/// The Python files of a project at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    key: BlobKey,
    folder: PathBuf,
    /// By path below the folder: the content, and how the file looked.
    files: BTreeMap<String, (BlobKey, Stamp)>,
    bytes: u64,
    index: PathBuf,
    store: PathBuf,
}

impl Snapshot {
    /// What names this code: the same files with the same content have the same key.
    pub fn key(&self) -> BlobKey {
        self.key
    }

    /// The folder it was taken of.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files that these modules' code can reach, by what it imports. `imported` is what was read
    /// before of this project.
    pub fn reach<'m>(
        &self,
        modules: impl IntoIterator<Item = &'m str>,
        imported: &mut Imported,
    ) -> Reach {
        let read = |name: &str| {
            let (key, _) = self.files.get(name)?;
            imported.of(name, *key, || {
                let bytes = fs::read(content_path(&self.store, *key)).ok()?;
                Some(String::from_utf8_lossy(&bytes).into_owned())
            })
        };
        Files::new(self.files.keys().map(String::as_str)).reach(modules, read)
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// How large they are together, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file or folder that a module may be, given as a path without its ending, whatever folder
    /// it is in: the shortest such path.
    pub(crate) fn find(&self, module: &str) -> Option<String> {
        let (file, folder) = (format!("{module}.py"), format!("{module}/"));
        let places = self.files.keys().filter_map(|name| {
            let begins = |at: &usize| *at == 0 || name[..*at].ends_with('/');
            let within = name.find(&folder).filter(begins).map(|at| &name[..at + module.len()]);
            let is_it = name.strip_suffix(&file).is_some_and(|root| begins(&root.len()));
            within.or(is_it.then_some(name.as_str()))
        });
        places.min_by_key(|name| name.len()).map(str::to_owned)
    }

    /// The file that a module without packages is in, if it stands where Python looks first.
    pub(crate) fn top(&self, module: &str) -> Option<&str> {
        let files = [format!("{module}.py"), format!("{module}/__init__.py")];
        files.iter().find_map(|file| Some(self.files.get_key_value(file)?.0.as_str()))
    }

    /// What an executor is told of it.
    pub(crate) fn options(&self) -> serde_json::Value {
        json!({"index": self.index, "store": self.store})
    }

    /// Files that are not what they were: saved, removed, or new. Paths below the folder.
    pub fn changed(&self) -> BTreeSet<String> {
        let Ok(found) = walk(&self.folder) else { return BTreeSet::new() };
        let mut changed = BTreeSet::new();
        for (name, stamp) in &found.files {
            let now = || content(&self.folder.join(name));
            let same = match self.files.get(name) {
                Some((key, known)) => known == stamp || now().is_some_and(|now| now == *key),
                // One that cannot be read is no code.
                None => now().is_none(),
            };
            if !same {
                changed.insert(name.clone());
            }
        }
        let gone = self.files.keys().filter(|name| !found.files.contains_key(*name));
        changed.extend(gone.cloned());
        changed
    }
}

/// Whether it is the file that cannot be read, and not the store that cannot keep it.
fn is_out_of_reach(path: &Path, error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied];
    kinds.contains(&error.kind()) && fs::File::open(path).is_err()
}

fn content(path: &Path) -> Option<BlobKey> {
    Some(BlobKey::of(&fs::read(path).ok()?))
}

/// Where a content is kept.
fn content_path(store: &Path, key: BlobKey) -> PathBuf {
    let name = key.to_string();
    store.join(&name[..2]).join(name)
}

/// Where snapshots are kept, each content once.
#[derive(Debug)]
pub struct Snapshots {
    folder: PathBuf,
    /// What files held when they were last read.
    known: Mutex<HashMap<PathBuf, (Stamp, BlobKey)>>,
}

impl Snapshots {
    /// Those of a store, in its folder.
    pub fn of_store(store: &Path) -> Self {
        Self::new(store.join("code"))
    }

    /// Keeps snapshots in this folder, which is made when the first is taken.
    pub fn new(folder: PathBuf) -> Self {
        // Executors start elsewhere.
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        Self { folder, known: Mutex::default() }
    }

    /// Takes a snapshot of the Python files beneath `project`. Reads only what looks otherwise than
    /// at the last time.
    ///
    /// # Errors
    /// If there is too much of it, or something cannot be read or kept.
    pub fn take(&self, project: &Path) -> Result<Snapshot, SnapshotError> {
        let found = walk(project)?;
        let now = SystemTime::now();
        let mut files = BTreeMap::new();
        for (name, stamp) in found.files {
            let path = project.join(&name);
            match self.key_of(&path, &stamp, now) {
                Ok(key) => files.insert(name, (key, stamp)),
                // It was removed just now, or is none of ours to read: Python cannot import it either.
                Err(error) if is_out_of_reach(&path, &error) => continue,
                Err(error) => return Err(SnapshotError::io(&path)(error)),
            };
        }
        let keys: BTreeMap<&String, String> =
            files.iter().map(|(name, (key, _))| (name, key.to_string())).collect();
        let index = json!({"format": 1, "files": keys, "folders": found.folders}).to_string();
        let key = self.keep(index.as_bytes()).map_err(SnapshotError::io(&self.folder))?;
        Ok(Snapshot {
            key,
            folder: project.to_owned(),
            files,
            bytes: found.bytes,
            index: self.path(key),
            store: self.folder.clone(),
        })
    }

    fn key_of(&self, path: &Path, stamp: &Stamp, now: SystemTime) -> io::Result<BlobKey> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(path).filter(|(looked, _)| looked == stamp).map(|(_, key)| *key)
        };
        let settled = now.duration_since(stamp.changed()).is_ok_and(|age| age > RECENT);
        if let Some(key) = known.filter(|key| settled && self.path(*key).is_file()) {
            return Ok(key);
        }
        let key = self.keep(&fs::read(path)?)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), (*stamp, key));
        Ok(key)
    }

    fn path(&self, key: BlobKey) -> PathBuf {
        content_path(&self.folder, key)
    }

    /// Keeps a content, whole or not at all.
    fn keep(&self, bytes: &[u8]) -> io::Result<BlobKey> {
        let key = BlobKey::of(bytes);
        let path = self.path(key);
        if path.metadata().is_ok_and(|data| data.len() == bytes.len() as u64) {
            return Ok(key);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut temporary, bytes)?;
        temporary.persist(&path).map_err(|error| error.error)?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_snapshot_is_of_the_projects_python_files_and_named_by_their_content() {
        let place = tempfile::tempdir().unwrap();
        let (project, kept) = (place.path().join("shop"), place.path().join("kept"));
        for name in ["app/__init__.py", "app/a.py", "b.py"] {
            write(&project, name, &format!("NAME = {name:?}\n"));
        }
        let beside = [
            ".venv/pyvenv.cfg",
            ".git/hook.py",
            "env/pyvenv.cfg",
            "env/lib/x.py",
            "app/data.json",
            "node_modules/n.py",
            "app/__pycache__/a.cpython-311.pyc",
            "__pycache__/x.py",
        ];
        for name in beside {
            write(&project, name, "");
        }
        let snapshots = Snapshots::new(kept);
        let first = snapshots.take(&project).unwrap();
        let names: Vec<&str> = first.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["app/__init__.py", "app/a.py", "b.py"]);
        assert_eq!(snapshots.take(&project).unwrap().key(), first.key());
        assert!(first.changed().is_empty());

        write(&project, "app/a.py", "NAME = 'other'\n");
        write(&project, "new.py", "");
        fs::remove_file(project.join("b.py")).unwrap();
        write(&project, "app/__init__.py", "NAME = \"app/__init__.py\"\n");
        let changed: Vec<String> = first.changed().into_iter().collect();
        assert_eq!(changed, ["app/a.py", "b.py", "new.py"], "the same content is no change");
        let second = snapshots.take(&project).unwrap();
        assert_ne!(second.key(), first.key());
        let content = |snapshot: &Snapshot, name: &str| {
            fs::read_to_string(snapshots.path(snapshot.files[name].0)).unwrap()
        };
        assert_eq!(content(&first, "app/a.py"), "NAME = \"app/a.py\"\n");
        assert_eq!(content(&second, "app/a.py"), "NAME = 'other'\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_cannot_be_read_is_no_code_and_hinders_nothing() {
        let (place, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(place.path(), "a.py", "");
        // One that nobody may read, whoever runs this.
        let secret = Path::new("/proc/sys/vm/compact_memory");
        assert!(fs::read(secret).is_err() && secret.is_file());
        std::os::unix::fs::symlink(secret, place.path().join("b.py")).unwrap();
        let snapshots = Snapshots::new(kept.path().into());
        let snapshot = snapshots.take(place.path()).unwrap();
        assert_eq!(snapshot.files.keys().collect::<Vec<_>>(), ["a.py"]);
        assert!(snapshot.changed().is_empty());
        // One that is gone by the time it is read.
        let gone = place.path().join("c.py");
        let error = fs::read(&gone).unwrap_err();
        assert!(is_out_of_reach(&gone, &error));
        // A store that cannot be written is another matter.
        fs::remove_dir_all(kept.path()).unwrap();
        fs::write(kept.path(), "").unwrap();
        assert!(snapshots.take(place.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_links_to_itself_is_walked_once() {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), "a.py", "");
        std::os::unix::fs::symlink(place.path(), place.path().join("again")).unwrap();
        let kept = tempfile::tempdir().unwrap();
        let snapshot = Snapshots::new(kept.path().into()).take(place.path()).unwrap();
        assert_eq!(snapshot.count(), 1);
    }
}
