//! What is remembered from one process to the next: a JSON file, whole or not at all.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is remembered in this file; nothing if there is none that can be read.
pub(crate) fn read<T: DeserializeOwned + Default>(file: &Path) -> T {
    let text = fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Keeps it there, in place of what was.
///
/// # Errors
/// If the file cannot be written; what was there stays.
pub(crate) fn write<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut temporary, value)?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}
