//! Reading a bundle.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hindcast_model::{BlobKey, BlobSource, Finding, RunId, WorkspaceId};
use serde::de::DeserializeOwned;
use zip::ZipArchive;

use super::{Details, FORMAT_VERSION, Manifest};
use crate::document::Document;
use crate::log::{LogForm, PointForm};
use crate::{ImportError, Reader, source};

/// Above this size, a document that shrank to less than 1/200 is taken for a bomb. (Real exports
/// shrink to 1/10 to 1/40.)
const SUSPICIOUS: u64 = 64 << 20;

/// What an entry is, by its name.
enum Entry {
    Manifest,
    Source,
    Workspaces,
    Run(RunId, Option<WorkspaceId>),
    Details(RunId),
    Logs,
    Metrics,
    Blob(BlobKey),
    Other,
}

impl Entry {
    fn named(name: &str) -> Self {
        let parsed = match name.split_once('/') {
            None => match name {
                "manifest.json" => Some(Self::Manifest),
                "source.json" => Some(Self::Source),
                "workspaces.json" => Some(Self::Workspaces),
                _ => None,
            },
            Some(("runs", file)) => file.strip_suffix(".json").and_then(Self::run),
            Some(("details", file)) => {
                file.strip_suffix(".json").and_then(|id| id.parse().ok()).map(Self::Details)
            }
            Some(("logs", file)) => file.strip_suffix(".jsonl").map(|_| Self::Logs),
            Some(("metrics", file)) => file.strip_suffix(".jsonl").map(|_| Self::Metrics),
            Some(("blobs", file)) => file.parse().ok().map(Self::Blob),
            Some(_) => None,
        };
        parsed.unwrap_or(Self::Other)
    }

    fn run(name: &str) -> Option<Self> {
        let (id, workspace) = match name.split_once('@') {
            Some((id, workspace)) => (id, Some(workspace.parse().ok()?)),
            None => (name, None),
        };
        Some(Self::Run(id.parse().ok()?, workspace))
    }
}

/// The blobs of a bundle.
#[derive(Debug)]
struct BundleBlobs {
    name: String,
    limit: u64,
    archive: Mutex<ZipArchive<BufReader<File>>>,
}

impl BlobSource for BundleBlobs {
    fn read(&self, key: &BlobKey) -> io::Result<Vec<u8>> {
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = format!("blobs/{key}");
        bytes(&mut archive, &self.name, &entry, self.limit).map_err(io::Error::other)
    }

    fn name(&self, key: &BlobKey) -> String {
        format!("{}:blobs/{key}", self.name)
    }
}

/// Reads the bundle at `path`.
pub(crate) fn read(reader: &mut Reader<'_, '_>, path: &Path) -> Result<(), ImportError> {
    let name = path.display().to_string();
    let mut archive = open(path, &name)?;
    let names = names(&mut archive, &name)?;
    if !names.iter().any(|name| name == "manifest.json") {
        return Err(ImportError::NotAnExport {
            source_name: name,
            reason: "an archive without manifest.json".into(),
        });
    }
    let limit = reader.limits.document;
    let manifest: Manifest = json(&mut archive, &name, "manifest.json", limit)?;
    if manifest.format_version > FORMAT_VERSION {
        let version = manifest.format_version;
        let reason = format!("format version {version}; the newest we read is {FORMAT_VERSION}");
        return Err(ImportError::at(&name, "manifest.json", reason));
    }
    let first = reader.found.runs.len();
    let mut details = BTreeMap::new();
    let mut keys = Vec::new();
    for entry in &names {
        reader.next(&format!("{name}:{entry}"), 0)?;
        match Entry::named(entry) {
            Entry::Blob(key) => keys.push(key),
            Entry::Details(run) => {
                let found: Details = json(&mut archive, &name, entry, limit)?;
                details.insert(run, found);
            }
            kind => document(reader, &mut archive, &name, entry, kind)?,
        }
    }
    for found in &mut reader.found.runs[first..] {
        if let Some(details) = details.get(&found.run.id) {
            details.add_to(found);
        }
    }
    let limit = reader.limits.blob;
    let blobs: Arc<dyn BlobSource> =
        Arc::new(BundleBlobs { name, limit, archive: Mutex::new(archive) });
    reader.found.blobs.extend(keys.into_iter().map(|key| (key, Arc::clone(&blobs))));
    Ok(())
}

fn document(
    reader: &mut Reader<'_, '_>,
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
    kind: Entry,
) -> Result<(), ImportError> {
    let limit = reader.limits.document;
    let place = format!("{name}:{entry}");
    match kind {
        Entry::Run(id, taken_from) => {
            let document = Document::read(&bytes(archive, name, entry, limit)?, &place)?;
            match reader.document(document, &place)? {
                Some(found) if found == id => {}
                Some(found) => {
                    return Err(ImportError::at(name, entry, format!("it is of run {found}")));
                }
                None => return Err(ImportError::at(name, entry, "it is no run")),
            }
            if let Some(found) = reader.found.runs.last_mut() {
                found.taken_from = taken_from;
            }
        }
        Entry::Workspaces => {
            let document = Document::read(&bytes(archive, name, entry, limit)?, &place)?;
            reader.document(document, &place)?;
        }
        Entry::Logs => {
            let lines = lines(archive, name, entry, limit)?;
            let lines = lines.into_iter().map(LogForm::try_into).collect::<Result<_, _>>();
            let lines = lines.map_err(|reason: String| ImportError::at(name, entry, reason))?;
            reader.found.logs.push(lines);
        }
        Entry::Metrics => {
            let points: Vec<PointForm> = lines(archive, name, entry, limit)?;
            reader.found.points.push(points.into_iter().map(Into::into).collect());
        }
        Entry::Other => {
            let message = "an entry of no name we know; left out".to_owned();
            let place = entry.to_owned();
            reader.found.findings.push(Finding { source: name.to_owned(), place, message });
        }
        Entry::Manifest | Entry::Source | Entry::Details(_) | Entry::Blob(_) => {}
    }
    Ok(())
}

fn broken(name: &str, entry: &str, error: impl std::fmt::Display) -> ImportError {
    ImportError::at(name, entry, error.to_string())
}

fn open(path: &Path, name: &str) -> Result<ZipArchive<BufReader<File>>, ImportError> {
    let file = BufReader::new(source::open(path)?);
    ZipArchive::new(file).map_err(|error| broken(name, "the archive", error))
}

/// The names of all entries but folders.
fn names(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
) -> Result<Vec<String>, ImportError> {
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|error| broken(name, &format!("entry {index}"), error))?;
        let entry_name = match entry.name() {
            Ok(entry_name) => entry_name.into_owned(),
            Err(error) => return Err(broken(name, &format!("entry {index}"), error)),
        };
        let refused = |reason: &str| Err(ImportError::at(name, format!("{entry_name:?}"), reason));
        if entry.is_symlink() {
            return refused("a link; a bundle holds none");
        }
        if entry.encrypted() {
            return refused("it is encrypted");
        }
        let leads_out = entry_name.starts_with(['/', '\\'])
            || entry_name.contains(['\0', '\\', ':'])
            || entry_name.split('/').any(|part| part == "..");
        if leads_out {
            return refused("a name that leads out of the archive");
        }
        if !entry.is_dir() {
            names.push(entry_name);
        }
    }
    let listed = listed(archive, name)?;
    if listed.is_some_and(|listed| listed != archive.len()) {
        return Err(ImportError::at(name, "the archive", "it has two entries of one name"));
    }
    names.sort();
    Ok(names)
}

/// How many entries the archive says that it has; none where the count does not fit (zip64).
/// Zip's end record: signature, then at offset 10 the count, 16 bits, little-endian.
fn listed(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
) -> Result<Option<usize>, ImportError> {
    let comment = archive.comment().len() as u64;
    let unreadable = |error| ImportError::Unreadable { source_name: name.to_owned(), error };
    let mut file = File::open(name).map_err(unreadable)?;
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let mut end = [0; 22];
    file.seek(SeekFrom::Start(length.saturating_sub(22 + comment))).map_err(unreadable)?;
    file.read_exact(&mut end).map_err(unreadable)?;
    let count = u16::from_le_bytes([end[10], end[11]]);
    Ok((end.starts_with(b"PK\x05\x06") && count < u16::MAX).then_some(usize::from(count)))
}

/// The bytes of an entry, of which there are at most `limit`, whatever its header says.
fn bytes(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
    limit: u64,
) -> Result<Vec<u8>, ImportError> {
    let mut file = archive.by_name(entry).map_err(|error| broken(name, entry, error))?;
    let too_large =
        |size| ImportError::TooLarge { source_name: format!("{name}:{entry}"), size, limit };
    let bomb = file.size() > SUSPICIOUS && file.size() / 200 > file.compressed_size();
    if file.size() > limit || bomb {
        return Err(too_large(file.size()));
    }
    let mut bytes = Vec::new();
    let bound = file.size().min(limit);
    let read = file.by_ref().take(bound + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| broken(name, entry, error))? as u64;
    if read > bound {
        return Err(broken(name, entry, "it is larger than the archive says"));
    }
    Ok(bytes)
}

fn json<T: DeserializeOwned>(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
    limit: u64,
) -> Result<T, ImportError> {
    let bytes = bytes(archive, name, entry, limit)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ImportError::json(&format!("{name}:{entry}"), &error))
}

fn lines<T: DeserializeOwned>(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
    limit: u64,
) -> Result<Vec<T>, ImportError> {
    let bytes = bytes(archive, name, entry, limit)?;
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|error| {
                ImportError::at(name, format!("{entry}:{}", index + 1), error.to_string())
            })
        })
        .collect()
}
