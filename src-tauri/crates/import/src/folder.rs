//! Folders: of blobs, of exports, of both; and what lies beside a single export.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_model::{BlobKey, BlobSource, Finding, RunId};

use crate::document::Document;
use crate::server::Stored;
use crate::source::{self, Kind};
use crate::{ImportError, Reader, archive, bundle, server};

/// How deep folders are followed.
const DEEPEST: usize = 8;

/// A blob in a file of its own.
#[derive(Debug)]
struct BlobFile {
    path: PathBuf,
    limit: u64,
}

impl BlobSource for BlobFile {
    fn read(&self, _: &BlobKey) -> io::Result<Vec<u8>> {
        source::whole(&self.path, self.limit).map_err(io::Error::other)
    }

    fn name(&self, _: &BlobKey) -> String {
        self.path.display().to_string()
    }
}

/// The blob in the file at `path`.
pub(crate) fn file_source(path: &Path, limit: u64) -> Arc<dyn BlobSource> {
    Arc::new(BlobFile { path: path.to_owned(), limit })
}

/// Reads everything we know in a folder and below.
pub(crate) fn read(reader: &mut Reader<'_, '_>, folder: &Path) -> Result<(), ImportError> {
    let before = size(reader);
    let mut databases = Vec::new();
    for path in files(reader, folder, 0)? {
        match source::blob_name(&path) {
            Some(key) => {
                reader.found.blobs.insert(key, file_source(&path, reader.limits.blob));
            }
            None if path.extension().is_some_and(|end| end == "sqlite") => {
                databases.push(Stored::file(path));
            }
            None if is_index(&path) => {}
            None => file(reader, &path)?,
        }
    }
    server::read_all(reader, databases)?;
    if before == size(reader) {
        return Err(ImportError::NotAnExport {
            source_name: folder.display().to_string(),
            reason: "a folder without exports, bundles or blobs".into(),
        });
    }
    Ok(())
}

/// Whether it is a list that a server keeps: of its archived databases, or (before 0.9) of its projects.
pub(crate) fn is_index(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "index.json" || name == "projects.json")
}

/// How much has been found.
pub(crate) fn size(reader: &Reader<'_, '_>) -> usize {
    let found = &reader.found;
    found.blobs.len()
        + found.runs.len()
        + found.workspaces.len()
        + found.logs.len()
        + found.points.len()
        + reader.old.len()
}

/// Reads a file found in a folder. There, what is no export is left out, with a finding.
fn file(reader: &mut Reader<'_, '_>, path: &Path) -> Result<(), ImportError> {
    let known = ["json", "hindcast", "zip", "gz", "tgz"];
    if !path.extension().is_some_and(|end| known.iter().any(|known| end == *known)) {
        return Ok(());
    }
    let name = path.display().to_string();
    let read = match source::sniff(path)? {
        Kind::Zip => bundle::read(reader, path),
        Kind::Gzip => archive::tar_gz(reader, path),
        Kind::Json | Kind::List => {
            document(reader, &source::whole(path, reader.limits.document)?, &name)
        }
        Kind::Blob(_) | Kind::Database => Ok(()),
        Kind::Unknown(reason) => {
            Err(ImportError::NotAnExport { source_name: name.clone(), reason })
        }
    };
    leave_out(reader, &name, read)
}

/// Reads a document found in a folder or an archive. What is no export is left out, with a finding.
pub(crate) fn leniently(
    reader: &mut Reader<'_, '_>,
    bytes: &[u8],
    name: &str,
) -> Result<(), ImportError> {
    let read = document(reader, bytes, name);
    leave_out(reader, name, read)
}

fn leave_out(
    reader: &mut Reader<'_, '_>,
    name: &str,
    read: Result<(), ImportError>,
) -> Result<(), ImportError> {
    let Err(ImportError::NotAnExport { reason, .. }) = read else { return read };
    let (source, place) = (name.to_owned(), "the file".to_owned());
    reader.found.findings.push(Finding { source, place, message: format!("left out: {reason}") });
    Ok(())
}

fn document(reader: &mut Reader<'_, '_>, bytes: &[u8], name: &str) -> Result<(), ImportError> {
    reader.next(name, bytes.len() as u64)?;
    if bytes.trim_ascii_start().starts_with(b"[") {
        return reader.old_logs(bytes, name);
    }
    let document = Document::read(bytes, name, &mut reader.room)?;
    reader.document(document, name)?;
    Ok(())
}

/// Takes the blobs in a folder and below, and nothing else.
pub(crate) fn blobs(reader: &mut Reader<'_, '_>, folder: &Path) -> Result<(), ImportError> {
    for path in files(reader, folder, 0)? {
        if let Some(key) = source::blob_name(&path) {
            reader.found.blobs.insert(key, file_source(&path, reader.limits.blob));
        }
    }
    Ok(())
}

/// Every file in a folder and below, sorted. Links are not followed: they may lead anywhere.
fn files(
    reader: &mut Reader<'_, '_>,
    folder: &Path,
    depth: usize,
) -> Result<Vec<PathBuf>, ImportError> {
    let name = folder.display().to_string();
    reader.next(&name, 0)?;
    let unreadable = |error| ImportError::Unreadable { source_name: name.clone(), error };
    let mut entries: Vec<std::fs::DirEntry> =
        folder.read_dir().map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_file() {
            found.push(entry.path());
        } else if kind.is_dir() && depth < DEEPEST {
            found.extend(files(reader, &entry.path(), depth + 1)?);
        }
        if found.len() > reader.limits.entries {
            return Err(ImportError::TooMany { source_name: name, limit: reader.limits.entries });
        }
    }
    Ok(found)
}

/// Takes what lies beside an export: its blobs, its logs, the names of its workspaces.
pub(crate) fn beside(
    reader: &mut Reader<'_, '_>,
    export: &Path,
    run: Option<&RunId>,
) -> Result<(), ImportError> {
    let Some(folder) = export.parent() else { return Ok(()) };
    let stem = export.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if folder.join("blobs").is_dir() {
        blobs(reader, &folder.join("blobs"))?;
    }
    let names = ["workspaces.json", "environments.json", "spaces.json"];
    let mut beside: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    for name in std::iter::once(stem).chain(run.map(RunId::as_str)) {
        // The server's own answer has every line; the command line's stops at a thousand.
        let whole = folder.join(format!("{name}.logs.rest.json"));
        let cut = folder.join(format!("{name}.logs.json"));
        beside.push(if whole.is_file() { whole } else { cut });
    }
    beside.dedup();
    for path in beside.iter().filter(|path| path.is_file()) {
        file(reader, path)?;
    }
    Ok(())
}
