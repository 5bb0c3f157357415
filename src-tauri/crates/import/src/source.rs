//! What a file is, and its bytes.

use std::fs::File;
use std::io::{ErrorKind, Read, Take};
use std::path::Path;

use hindcast_model::BlobKey;

use crate::ImportError;

/// What a file seems to be, by its first bytes.
#[derive(Debug)]
pub(crate) enum Kind {
    Json,
    /// A JSON array.
    List,
    Zip,
    Gzip,
    Tar,
    Database,
    /// A file of any content, named by the SHA-256 it should have.
    Blob(BlobKey),
    Unknown(String),
}

/// Tells what a file is.
pub(crate) fn sniff(path: &Path) -> Result<Kind, ImportError> {
    if let Some(key) = blob_name(path) {
        return Ok(Kind::Blob(key));
    }
    let mut start = [0; 512];
    let mut file = open(path)?;
    let mut length = 0;
    while length < start.len() {
        match file.read(&mut start[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, error)),
        }
    }
    let start = &start[..length];
    Ok(if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        Kind::Zip
    } else if start.starts_with(b"\x1f\x8b") {
        Kind::Gzip
    } else if start.get(257..262) == Some(b"ustar") {
        Kind::Tar
    } else if start.starts_with(b"SQLite format 3\0") {
        Kind::Database
    } else {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Kind::Json,
            Some(b'[') => Kind::List,
            Some(_) => Kind::Unknown("neither a JSON object nor an archive".into()),
            None => Kind::Unknown("it is empty".into()),
        }
    })
}

/// The blob a path names: `SHA256`, or `aa/bb/rest` as a server lays them out.
pub(crate) fn blob_name(path: &Path) -> Option<BlobKey> {
    let parts: Vec<&str> = path.iter().rev().take(3).map_while(|part| part.to_str()).collect();
    match parts.as_slice() {
        [name, ..] if name.len() == 64 => name.parse().ok(),
        [rest, second, first] if (first.len(), second.len(), rest.len()) == (2, 2, 60) => {
            [*first, *second, *rest].concat().parse().ok()
        }
        _ => None,
    }
}

pub(crate) fn unreadable(path: &Path, error: std::io::Error) -> ImportError {
    ImportError::Unreadable { source_name: path.display().to_string(), error }
}

/// Opens a file; not a pipe or a device, which may never end.
pub(crate) fn open(path: &Path) -> Result<File, ImportError> {
    let metadata = path.metadata().map_err(|error| unreadable(path, error))?;
    if !metadata.is_file() {
        return Err(ImportError::NotAnExport {
            source_name: path.display().to_string(),
            reason: "not a file".into(),
        });
    }
    File::open(path).map_err(|error| unreadable(path, error))
}

/// The first bytes of a file that has at most `limit`, even if it grows while it is read.
pub(crate) fn bounded(path: &Path, limit: u64) -> Result<Take<File>, ImportError> {
    let file = open(path)?;
    let size = file.metadata().map_err(|error| unreadable(path, error))?.len();
    if size > limit {
        return Err(too_large(path, size, limit));
    }
    Ok(file.take(limit))
}

fn too_large(path: &Path, size: u64, limit: u64) -> ImportError {
    ImportError::TooLarge { source_name: path.display().to_string(), size, limit }
}

/// All bytes of a file that has at most `limit`.
pub(crate) fn whole(path: &Path, limit: u64) -> Result<Vec<u8>, ImportError> {
    let mut file = open(path)?;
    let size = file.metadata().map_err(|error| unreadable(path, error))?.len();
    let too_large = |size| too_large(path, size, limit);
    if size > limit {
        return Err(too_large(size));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    // It may grow while it is read.
    let read = file.by_ref().take(limit + 1).read_to_end(&mut bytes);
    match read {
        Ok(read) if read as u64 > limit => Err(too_large(read as u64)),
        Ok(_) => Ok(bytes),
        Err(error) => Err(unreadable(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_told_by_their_names() {
        let key = BlobKey::of(b"x");
        let name = key.to_string();
        let split = format!("blobs/{}/{}/{}", &name[..2], &name[2..4], &name[4..]);
        assert_eq!(blob_name(Path::new(&name)), Some(key));
        assert_eq!(blob_name(Path::new(&split)), Some(key));
        assert_eq!(blob_name(Path::new(&name.to_uppercase())), None);
        assert_eq!(blob_name(Path::new(&name[..63])), None);
    }
}
