//! Files that a person has us write: whole or not at all.

use std::fs::{File, Permissions, metadata};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What a new file allows, as far as the person's mask lets it.
const NEW: u32 = 0o666;

/// Writes a file in place of what is there, with what that allowed. Where there is a link, the file
/// that it leads to is written.
///
/// # Errors
/// What `write` failed with, or why the file cannot take its place. What was there stays then.
pub(crate) fn replace<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let mut beside =
        tempfile::Builder::new().permissions(Permissions::from_mode(NEW)).tempfile_in(folder)?;
    let written = write(beside.as_file_mut())?;
    if let Ok(old) = metadata(&path) {
        beside.as_file().set_permissions(old.permissions())?;
    }
    beside.persist(&path).map_err(|error| E::from(error.error))?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::fs::{read_dir, read_to_string, set_permissions, write};
    use std::io::Write as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_there_stays_or_gives_way_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("pins.toml"), folder.path().join("link"));
        write(&file, "old").unwrap();
        set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        symlink("pins.toml", &link).unwrap();

        let failed: io::Result<()> = replace(&file, |to| {
            to.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
        assert_eq!(read_to_string(&file).unwrap(), "old");

        replace(&link, |to| to.write_all(b"new")).unwrap();
        assert_eq!(read_to_string(&file).unwrap(), "new");
        assert_eq!(metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }
}
