//! Reading a bundle.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use hindcast_model::{BlobKey, Finding, FoundStream, RunId, WorkspaceId};
use serde::de::DeserializeOwned;
use zip::ZipArchive;

use super::{Details, FORMAT_VERSION, Manifest};
use crate::archive::{self, ZipBlobs};
use crate::document::Document;
use crate::log::{LogForm, PointForm};
use crate::room::Shape;
use crate::{ImportError, Reader, source};

/// Above this size, what shrank to less than 1/200 is taken for a bomb: an entry, or all of them.
/// (Real exports shrink to 1/10 to 1/40.)
const SUSPICIOUS: u64 = 64 << 20;

fn is_bomb(size: u64, packed: u64) -> bool {
    size > largest_honest(packed)
}

/// What may come out of so many bytes, in bytes.
pub(crate) fn largest_honest(packed: u64) -> u64 {
    packed.saturating_mul(200).max(SUSPICIOUS)
}

/// How many entries of unknown names are told one by one.
const TOLD: usize = 20;

/// What an entry is, by its name.
enum Entry {
    Manifest,
    Source,
    Workspaces,
    Run(RunId, Option<WorkspaceId>),
    Details(RunId),
    Streams(RunId, Option<WorkspaceId>),
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
            Some(("runs", file)) => {
                let view = file.strip_suffix(".json").and_then(Self::view);
                view.map(|(id, workspace)| Self::Run(id, workspace))
            }
            Some(("streams", file)) => {
                let view = file.strip_suffix(".jsonl").and_then(Self::view);
                view.map(|(id, workspace)| Self::Streams(id, workspace))
            }
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

    /// A run, perhaps as seen from one workspace.
    fn view(name: &str) -> Option<(RunId, Option<WorkspaceId>)> {
        let (id, workspace) = match name.split_once('@') {
            Some((id, workspace)) => (id, Some(workspace.parse().ok()?)),
            None => (name, None),
        };
        Some((id.parse().ok()?, workspace))
    }
}

/// Reads the bundle at `path`.
pub(crate) fn read(reader: &mut Reader<'_, '_>, path: &Path) -> Result<(), ImportError> {
    let name = path.display().to_string();
    let mut archive = open(path, &name)?;
    let names = names(&mut archive, path, &name)?;
    if !names.iter().any(|name| name == "manifest.json") {
        return archive::zip(reader, archive, names, path);
    }
    let manifest: Manifest = json(reader, &mut archive, &name, "manifest.json")?;
    if !(1..=FORMAT_VERSION).contains(&manifest.format_version) {
        let version = manifest.format_version;
        let reason = format!("format version {version}; the newest we read is {FORMAT_VERSION}");
        return Err(ImportError::at(&name, "manifest.json", reason));
    }
    let first = reader.found.runs.len();
    let mut details = BTreeMap::new();
    let mut streams: BTreeMap<_, Vec<FoundStream>> = BTreeMap::new();
    let mut keys = Vec::new();
    let mut others = Vec::new();
    let each = crate::size(path) / names.len().max(1) as u64;
    for entry in &names {
        reader.next(&format!("{name}:{entry}"), each)?;
        match Entry::named(entry) {
            Entry::Blob(key) => keys.push(key),
            Entry::Other => others.push(entry),
            Entry::Details(run) => {
                let found: Details = json(reader, &mut archive, &name, entry)?;
                details.insert(run, found);
            }
            Entry::Streams(run, workspace) => {
                let found = lines(reader, &mut archive, &name, entry)?;
                streams.insert((run, workspace), found);
            }
            kind => document(reader, &mut archive, &name, entry, kind)?,
        }
    }
    left_out(reader, &name, &others);
    for found in &mut reader.found.runs[first..] {
        if let Some(details) = details.get(&found.run.id) {
            details.add_to(found);
        }
        let streams = streams.remove(&(found.run.id.clone(), found.taken_from.clone()));
        let mut streams = streams.unwrap_or_default();
        // A step that this view does not show has no streams in it.
        streams.retain(|stream| found.shows(stream.step, stream.producer));
        found.streams = streams;
    }
    let limit = reader.limits.blob;
    let blobs = keys.into_iter().map(|key| (key, format!("blobs/{key}"))).collect();
    ZipBlobs { name, limit, blobs, archive: Mutex::new(archive) }.found(reader);
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
            let text = bytes(archive, name, entry, limit)?;
            let document = Document::read(&text, &place, &mut reader.room)?;
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
            let text = bytes(archive, name, entry, limit)?;
            let document = Document::read_workspaces(&text, &place, &mut reader.room)?;
            reader.document(document, &place)?;
        }
        Entry::Logs => {
            let lines = lines(reader, archive, name, entry)?;
            let lines = lines.into_iter().map(LogForm::try_into).collect::<Result<_, _>>();
            let lines = lines.map_err(|reason: String| ImportError::at(name, entry, reason))?;
            reader.found.logs.push(lines);
        }
        Entry::Metrics => {
            let points: Vec<PointForm> = lines(reader, archive, name, entry)?;
            reader.found.points.push(points.into_iter().map(Into::into).collect());
        }
        Entry::Manifest
        | Entry::Source
        | Entry::Details(_)
        | Entry::Streams(..)
        | Entry::Blob(_)
        | Entry::Other => {}
    }
    Ok(())
}

/// Tells which entries were not looked at.
fn left_out(reader: &mut Reader<'_, '_>, name: &str, others: &[&String]) {
    let mut tell = |place: &str, message: String| {
        let (source, place) = (name.to_owned(), place.to_owned());
        reader.found.findings.push(Finding { source, place, message });
    };
    for entry in others.iter().take(TOLD) {
        tell(entry, "an entry of no name we know; left out".to_owned());
    }
    if let Some(more) = others.len().checked_sub(TOLD).filter(|more| *more > 0) {
        tell("the archive", format!("{more} more entries of no name we know"));
    }
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
    path: &Path,
    name: &str,
) -> Result<Vec<String>, ImportError> {
    let mut names = Vec::new();
    let mut size: u64 = 0;
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
            return refused("a link, which leads anywhere");
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
        size = size.saturating_add(entry.size());
        if !entry.is_dir() {
            names.push(entry_name);
        }
    }
    let end = End::read(archive, path, name)?;
    match end.listed {
        Some(listed) if listed == archive.len() as u64 => {}
        Some(_) => {
            return Err(ImportError::at(name, "the archive", "it has two entries of one name"));
        }
        None => return Err(ImportError::at(name, "the archive", "more follows after its end")),
    }
    if is_bomb(size, end.length) {
        let reason = format!("{size} bytes in an archive of {}: a bomb", end.length);
        return Err(ImportError::at(name, "the archive", reason));
    }
    names.sort();
    Ok(names)
}

/// What an archive's end says.
struct End {
    /// How many entries it lists; the reader keeps only the last of those of one name.
    listed: Option<u64>,
    /// The archive's length, in bytes.
    length: u64,
}

impl End {
    /// Zip's end record is 22 bytes and a comment: its signature; at 10 the count, 16 bits. Where the
    /// count does not fit, the 20 bytes before it are the locator of another: its signature; at 8 the
    /// place of that record, which has the count at 32, 64 bits. (APPNOTE 4.3.14 to 4.3.16.)
    fn read(
        archive: &ZipArchive<BufReader<File>>,
        path: &Path,
        name: &str,
    ) -> Result<Self, ImportError> {
        let unreadable = |error| ImportError::Unreadable { source_name: name.to_owned(), error };
        let mut file = source::open(path)?;
        let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        let mut bytes = |at: u64, length: usize| {
            let mut bytes = vec![0; length];
            file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes)).map(|()| bytes)
        };
        let end = length.saturating_sub(22 + archive.comment().len() as u64);
        let record = bytes(end, 22).map_err(unreadable)?;
        let count = number(&record[10..12]);
        let listed = if !record.starts_with(b"PK\x05\x06") {
            None
        } else if count < u64::from(u16::MAX) {
            Some(count)
        } else {
            let locator = bytes(end.saturating_sub(20), 20).map_err(unreadable)?;
            let at = number(&locator[8..16]).saturating_add(archive.offset());
            let whole = bytes(at, 40).ok().filter(|whole| whole.starts_with(b"PK\x06\x06"));
            // An archive of exactly 65,535 entries needs no such record.
            Some(whole.map_or(count, |whole| number(&whole[32..40])))
        };
        Ok(Self { listed, length })
    }
}

/// A number of at most 64 bits, little-endian.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The bytes of an entry, of which there are at most `limit`, whatever its header says.
pub(crate) fn bytes(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
    limit: u64,
) -> Result<Vec<u8>, ImportError> {
    let mut file = archive.by_name(entry).map_err(|error| broken(name, entry, error))?;
    let too_large =
        |size| ImportError::TooLarge { source_name: format!("{name}:{entry}"), size, limit };
    if file.size() > limit || is_bomb(file.size(), file.compressed_size()) {
        return Err(too_large(file.size()));
    }
    let mut bytes = Vec::new();
    let bound = file.size().min(limit);
    let read = file.by_ref().take(bound + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| broken(name, entry, error))? as u64;
    match read.cmp(&file.size()) {
        Ordering::Less => Err(broken(name, entry, "it is smaller than the archive says")),
        Ordering::Equal => Ok(bytes),
        Ordering::Greater => Err(broken(name, entry, "it is larger than the archive says")),
    }
}

fn json<T: DeserializeOwned>(
    reader: &mut Reader<'_, '_>,
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
) -> Result<T, ImportError> {
    let bytes = bytes(archive, name, entry, reader.limits.document)?;
    let place = format!("{name}:{entry}");
    reader.count(&bytes, Shape::Tree, &place)?;
    serde_json::from_slice(&bytes).map_err(|error| ImportError::json(&place, &error))
}

fn lines<T: DeserializeOwned>(
    reader: &mut Reader<'_, '_>,
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    entry: &str,
) -> Result<Vec<T>, ImportError> {
    let bytes = bytes(archive, name, entry, reader.limits.document)?;
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    lines
        .map(|(index, line)| {
            reader.count(line, Shape::Lines, &format!("{name}:{entry}:{}", index + 1))?;
            serde_json::from_slice(line).map_err(|error| {
                ImportError::at(name, format!("{entry}:{}", index + 1), error.to_string())
            })
        })
        .collect()
}
