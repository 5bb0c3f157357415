//! Remembers what something was made from, so that it is made again only when that changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::{Failure, Result};

/// A file that holds the hash of what something was made from.
pub(crate) struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// Looks at every file in `sources` (folders with all below them), by content.
    pub(crate) fn new(file: PathBuf, sources: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for source in sources {
            add(source, &mut hasher).map_err(Failure::io("read", source))?;
        }
        Ok(Self { file, now: format!("{:016x}", hasher.finish()) })
    }

    pub(crate) fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|before| before == self.now)
    }

    /// Call when the thing is made.
    pub(crate) fn set(&self) -> Result {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        }
        fs::write(&self.file, &self.now).map_err(Failure::io("write", &self.file))
    }
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        entries.iter().try_for_each(|entry| add(entry, hasher))
    } else {
        fs::read(path)?.hash(hasher);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_until_a_file_below_changes() {
        let folder = std::env::temp_dir().join(format!("hindcast-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/deep")).unwrap();
        fs::write(folder.join("src/deep/a"), "one").unwrap();
        let look = || Stamp::new(folder.join("stamp"), &[folder.join("src")]).unwrap();

        assert!(!look().is_current(), "nothing was made yet");
        look().set().unwrap();
        assert!(look().is_current());
        fs::write(folder.join("src/deep/a"), "two").unwrap();
        assert!(!look().is_current(), "a file changed");
        fs::remove_dir_all(&folder).unwrap();
    }
}
