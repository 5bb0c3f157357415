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

/// How many links in a folder are told one by one.
const TOLD: usize = 20;

/// Reads everything we know in a folder and below.
pub(crate) fn read(reader: &mut Reader<'_, '_>, folder: &Path) -> Result<(), ImportError> {
    let (before, told) = (size(reader), reader.found.findings.len());
    let mut databases = Vec::new();
    let files = files(reader, folder)?;
    let documents = files.iter().filter(|path| source::blob_name(path).is_none());
    reader.progress.total += documents.map(|path| crate::size(path)).sum::<u64>();
    for path in files {
        match source::blob_name(&path) {
            Some(key) => {
                reader.found.blobs.insert(key, file_source(&path, reader.limits.blob));
            }
            None if is_index(&path) => {}
            None => file(reader, path, &mut databases)?,
        }
    }
    server::read_all(reader, databases)?;
    if before == size(reader) {
        let left_out = reader.found.findings.get(told);
        let reason = match left_out {
            Some(first) => {
                format!("nothing in it is one; such as {}: {}", first.source, first.message)
            }
            None => "a folder without exports, bundles or blobs".to_owned(),
        };
        return Err(ImportError::NotAnExport { source_name: folder.display().to_string(), reason });
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

/// Endings of what we read. What is called otherwise may be it too, and may as well be anything.
const KNOWN: [&str; 7] = ["json", "hindcast", "zip", "gz", "tgz", "tar", "sqlite"];

/// Reads a file found in a folder, or puts it to the databases. There, what is no export is left out: with
/// a finding, if it is called like one.
fn file(
    reader: &mut Reader<'_, '_>,
    path: PathBuf,
    databases: &mut Vec<Stored>,
) -> Result<(), ImportError> {
    let expected = is_called_known(&path);
    let name = path.display().to_string();
    let kind = match source::sniff(&path) {
        Err(_) if !expected => return Ok(()),
        kind => kind?,
    };
    let read = match kind {
        Kind::Database => {
            databases.push(Stored { is_called_so: expected, ..Stored::file(path) });
            return Ok(());
        }
        // One of which not even the beginning is whole.
        Kind::Unknown(_) if is_sqlite(&path) && crate::size(&path) > 0 => {
            databases.push(Stored::file(path));
            return Ok(());
        }
        Kind::Json => document_file(reader, &path, &name),
        Kind::Unknown(reason) => {
            Err(ImportError::NotAnExport { source_name: name.clone(), reason })
        }
        // Much else is packed so, or begins so.
        Kind::Zip | Kind::Gzip | Kind::Tar | Kind::List if !expected => return Ok(()),
        Kind::Zip => bundle::read(reader, &path),
        Kind::Gzip => archive::tar(reader, &path, true),
        Kind::Tar => archive::tar(reader, &path, false),
        Kind::List => whole(reader, &path, &name),
        Kind::Blob(_) => Ok(()),
    };
    match read {
        Err(ImportError::NotAnExport { .. }) if !expected => Ok(()),
        Err(ImportError::Damaged { place, reason, .. }) if !expected => {
            tell_left_out(reader, &name, &format!("{place}: {reason}"));
            Ok(())
        }
        Err(error @ ImportError::TooLarge { .. }) if !expected => {
            tell_left_out(reader, &name, &error.to_string());
            Ok(())
        }
        read => leave_out(reader, &name, read),
    }
}

fn is_sqlite(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("sqlite"))
}

fn is_called_known(path: &Path) -> bool {
    path.extension().is_some_and(|end| KNOWN.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

fn whole(reader: &mut Reader<'_, '_>, path: &Path, name: &str) -> Result<(), ImportError> {
    reader.next(name, crate::size(path))?;
    document(reader, &source::whole(path, reader.limits.document)?, name)
}

/// Reads a document found in a folder or an archive. What is no export is left out, with a finding.
pub(crate) fn leniently(
    reader: &mut Reader<'_, '_>,
    bytes: &[u8],
    name: &str,
) -> Result<(), ImportError> {
    reader.next(name, 0)?;
    let read = document(reader, bytes, name);
    leave_out(reader, name, read)
}

fn leave_out(
    reader: &mut Reader<'_, '_>,
    name: &str,
    read: Result<(), ImportError>,
) -> Result<(), ImportError> {
    let Err(ImportError::NotAnExport { reason, .. }) = read else { return read };
    tell_left_out(reader, name, &reason);
    Ok(())
}

/// Says that something found in a folder or an archive is not taken in, and why.
pub(crate) fn tell_left_out(reader: &mut Reader<'_, '_>, name: &str, reason: &str) {
    let (source, place) = (name.to_owned(), "the file".to_owned());
    reader.found.findings.push(Finding { source, place, message: format!("left out: {reason}") });
}

/// Reads a document in a file, step by step.
fn document_file(reader: &mut Reader<'_, '_>, path: &Path, name: &str) -> Result<(), ImportError> {
    let document = Document::read_file(reader, path, name)?;
    reader.document(document, name)?;
    Ok(())
}

fn document(reader: &mut Reader<'_, '_>, bytes: &[u8], name: &str) -> Result<(), ImportError> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return reader.old_logs(bytes, name);
    }
    let document = Document::read(bytes, name, &mut reader.room)?;
    reader.document(document, name)?;
    Ok(())
}

/// Takes the blobs in a folder and below, and nothing else.
pub(crate) fn blobs(reader: &mut Reader<'_, '_>, folder: &Path) -> Result<(), ImportError> {
    for path in files(reader, folder)? {
        if let Some(key) = source::blob_name(&path) {
            reader.found.blobs.insert(key, file_source(&path, reader.limits.blob));
        }
    }
    Ok(())
}

/// Every file in a folder and below, sorted. Links are not followed, for they may lead anywhere; those
/// that something may have been behind are told.
fn files(reader: &mut Reader<'_, '_>, folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut links = Vec::new();
    let files = files_below(reader, folder, 0, &mut links)?;
    let more = links.len().saturating_sub(TOLD);
    let mut tell = |source: &Path, message: String| {
        let (source, place) = (source.display().to_string(), "the link".to_owned());
        reader.found.findings.push(Finding { source, place, message });
    };
    for link in links.into_iter().take(TOLD) {
        tell(&link, "a link, which is not followed".to_owned());
    }
    if more > 0 {
        tell(folder, format!("{more} more links, which are not followed"));
    }
    Ok(files)
}

/// Whether what we read may be behind a link: a folder, or a file that is called so.
fn may_matter(link: &Path) -> bool {
    link.is_dir() || source::blob_name(link).is_some() || is_called_known(link)
}

fn files_below(
    reader: &mut Reader<'_, '_>,
    folder: &Path,
    depth: usize,
    links: &mut Vec<PathBuf>,
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
            found.extend(files_below(reader, &entry.path(), depth + 1, links)?);
        } else if kind.is_symlink() && may_matter(&entry.path()) {
            links.push(entry.path());
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
    let mut databases = Vec::new();
    for path in beside.into_iter().filter(|path| path.is_file()) {
        reader.progress.total += crate::size(&path);
        file(reader, path, &mut databases)?;
    }
    server::read_all(reader, databases)
}
