//! Which files belong to a project's code.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::SnapshotError;

/// So many Python files are taken at most.
const MOST_FILES: usize = 20_000;

/// So many bytes are taken at most.
const MOST_BYTES: u64 = 256 << 20;

/// So many entries of folders are looked at.
const MOST_ENTRIES: usize = 2_000_000;

/// Folders that never hold a project's own code. Hidden ones are not looked into either.
const BESIDE: [&str; 5] =
    ["__pycache__", "node_modules", "site-packages", "dist-packages", "conda-meta"];

/// What shows that a folder is an environment.
const ENVIRONMENT: [&str; 2] = ["pyvenv.cfg", "conda-meta"];

/// How a file looks from outside: another content that leaves all of it as it was is not to be
/// expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(data: &Metadata) -> Self {
        Self {
            size: data.size(),
            inode: data.ino(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        }
    }

    /// When it was last written or put there.
    pub(super) fn changed(&self) -> SystemTime {
        let (seconds, nanos) = self.changed.max(self.modified);
        let nanos = u32::try_from(nanos).unwrap_or(0);
        UNIX_EPOCH + Duration::new(u64::try_from(seconds).unwrap_or(0), nanos)
    }
}

/// What was found beneath a folder. Paths are below it, with `/`.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: BTreeMap<String, Stamp>,
    /// The folders that were looked into; the empty name is the folder itself.
    pub(super) folders: BTreeSet<String>,
    pub(super) bytes: u64,
}

/// Finds the Python files beneath a folder.
pub(super) fn walk(folder: &Path) -> Result<Found, SnapshotError> {
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let mut entries = 0;
    let mut pending: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((path, name)) = pending.pop() {
        let identity = fs::metadata(&path).map(|data| (data.dev(), data.ino()));
        // A folder that vanished meanwhile, or that a link leads back to.
        if !identity.is_ok_and(|identity| seen.insert(identity)) {
            continue;
        }
        let listing = match fs::read_dir(&path) {
            Ok(listing) => listing,
            Err(error) if name.is_empty() => return Err(SnapshotError::io(&path)(error)),
            // What we may not look into, Python may not either.
            Err(_) => continue,
        };
        for entry in listing.flatten() {
            entries += 1;
            if entries > MOST_ENTRIES {
                let (folder, most) = (folder.to_owned(), MOST_ENTRIES);
                return Err(SnapshotError::TooWide { folder, most });
            }
            // A name that is no text is none that Python imports.
            let Ok(own) = entry.file_name().into_string() else { continue };
            let is_python = Path::new(&own).extension().is_some_and(|extension| extension == "py");
            let kind = entry.file_type();
            let may_be_folder = kind.is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
            if own.starts_with('.') || !(is_python || may_be_folder) {
                continue;
            }
            let Ok(data) = fs::metadata(entry.path()) else { continue };
            let below = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            if data.is_dir() {
                if !BESIDE.contains(&own.as_str()) && !is_environment(&entry.path()) {
                    pending.push((entry.path(), below));
                }
            } else if data.is_file() && is_python {
                found.bytes += data.len();
                found.files.insert(below, Stamp::of(&data));
            }
        }
        found.folders.insert(name);
        if found.files.len() > MOST_FILES {
            return Err(SnapshotError::TooMany { folder: folder.to_owned(), most: MOST_FILES });
        }
        if found.bytes > MOST_BYTES {
            return Err(SnapshotError::TooLarge { folder: folder.to_owned(), most: MOST_BYTES });
        }
    }
    Ok(found)
}

fn is_environment(folder: &Path) -> bool {
    ENVIRONMENT.iter().any(|sign| folder.join(sign).exists())
}
