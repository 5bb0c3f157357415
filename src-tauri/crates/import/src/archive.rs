//! Archives, `.zip`, `.tar` and `.tar.gz`: of a server's data directory, or of exports and blobs.
//!
//! Entries are read by name; a name says what an entry is and never becomes a path.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use hindcast_model::{BlobKey, BlobSource, Finding};
use zip::ZipArchive;

use crate::bundle::{largest_honest, zip_bytes};
use crate::server::Stored;
use crate::{ImportError, Reader, folder, server, source};

/// How many archives in an archive are told one by one.
const TOLD: usize = 20;

/// What an entry is, by its name.
enum Entry {
    Blob(BlobKey),
    Database,
    /// What a writer that was killed left beside a database.
    Journal,
    Document,
    /// One within another is not looked into.
    Archive,
    Other,
}

impl Entry {
    fn named(name: &str) -> Self {
        let path = Path::new(name);
        if let Some(key) = source::blob_name(path) {
            return Self::Blob(key);
        }
        match path.extension().and_then(|end| end.to_str()) {
            Some("sqlite") => Self::Database,
            Some("sqlite-journal") => Self::Journal,
            Some("json") if folder::is_index(path) => Self::Other,
            Some("json") => Self::Document,
            Some("hindcast" | "zip" | "gz" | "tgz" | "tar") => Self::Archive,
            _ => Self::Other,
        }
    }
}

/// Whether a name would lead out of the archive, were it a path.
pub(crate) fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains(['\0', '\\', ':'])
        || name.split('/').any(|part| part == "..")
}

/// What has been found in an archive so far, and how much memory it takes.
struct Contents {
    name: String,
    before: usize,
    databases: Vec<Stored>,
    journals: BTreeMap<PathBuf, Vec<u8>>,
    /// Archives in it.
    archives: Vec<String>,
    held: u64,
}

impl Contents {
    fn new(name: String, reader: &Reader<'_, '_>) -> Self {
        Self {
            name,
            before: folder::size(reader),
            databases: Vec::new(),
            journals: BTreeMap::new(),
            archives: Vec::new(),
            held: 0,
        }
    }

    /// Counts bytes that stay in memory.
    fn hold(&mut self, bytes: u64, limit: u64) -> Result<(), ImportError> {
        self.held += bytes;
        if self.held > limit {
            let source_name = self.name.clone();
            return Err(ImportError::TooLarge { source_name, size: self.held, limit });
        }
        Ok(())
    }

    fn database(&mut self, entry: &str, bytes: Vec<u8>) {
        let path = PathBuf::from(format!("{}:/{entry}", self.name));
        self.databases.push(Stored { bytes: Some(bytes), ..Stored::file(path) });
    }

    fn journal(&mut self, entry: &str, bytes: Vec<u8>) {
        let database = entry.strip_suffix("-journal").unwrap_or(entry);
        self.journals.insert(PathBuf::from(format!("{}:/{database}", self.name)), bytes);
    }

    fn finish(mut self, reader: &mut Reader<'_, '_>) -> Result<(), ImportError> {
        for database in &mut self.databases {
            database.journal = self.journals.remove(&database.path);
        }
        server::read_all(reader, self.databases)?;
        let nothing = folder::size(reader) == self.before;
        match self.archives.first() {
            Some(first) if nothing => Err(ImportError::NotAnExport {
                source_name: self.name,
                reason: format!("there are archives in it, such as {first}: unpack it first"),
            }),
            None if nothing => Err(ImportError::NotAnExport {
                source_name: self.name,
                reason: "an archive without manifest.json, exports, databases or blobs".into(),
            }),
            _ => {
                for archive in self.archives.iter().take(TOLD) {
                    let (source, place) = (self.name.clone(), archive.clone());
                    let message = "an archive in an archive; left out".to_owned();
                    reader.found.findings.push(Finding { source, place, message });
                }
                Ok(())
            }
        }
    }
}

/// Reads a zip archive that is no bundle.
pub(crate) fn zip(
    reader: &mut Reader<'_, '_>,
    mut archive: ZipArchive<BufReader<File>>,
    names: Vec<String>,
    path: &Path,
) -> Result<(), ImportError> {
    let name = path.display().to_string();
    let mut contents = Contents::new(name.clone(), reader);
    let mut blobs = BTreeMap::new();
    let limits = reader.limits;
    let each = crate::size(path) / names.len().max(1) as u64;
    for entry in names {
        reader.next(&format!("{name}:{entry}"), each)?;
        match Entry::named(&entry) {
            Entry::Blob(key) => drop(blobs.insert(key, entry)),
            kind @ (Entry::Database | Entry::Journal) => {
                let bytes = zip_bytes(&mut archive, &name, &entry, limits.database)?;
                contents.hold(bytes.len() as u64, limits.held)?;
                match kind {
                    Entry::Journal => contents.journal(&entry, bytes),
                    _ => contents.database(&entry, bytes),
                }
            }
            Entry::Document => {
                let bytes = zip_bytes(&mut archive, &name, &entry, limits.document)?;
                folder::leniently(reader, &bytes, &format!("{name}:{entry}"))?;
            }
            Entry::Archive => contents.archives.push(entry),
            Entry::Other => {}
        }
    }
    ZipBlobs { name, limit: limits.blob, blobs, archive: Mutex::new(archive) }.found(reader);
    contents.finish(reader)
}

/// The blobs of a zip archive, by their entries' names.
#[derive(Debug)]
pub(crate) struct ZipBlobs {
    pub(crate) name: String,
    pub(crate) limit: u64,
    pub(crate) blobs: BTreeMap<BlobKey, String>,
    pub(crate) archive: Mutex<ZipArchive<BufReader<File>>>,
}

impl ZipBlobs {
    /// Adds them to what was found.
    pub(crate) fn found(self, reader: &mut Reader<'_, '_>) {
        let keys: Vec<BlobKey> = self.blobs.keys().copied().collect();
        let source: Arc<dyn BlobSource> = Arc::new(self);
        reader.found.blobs.extend(keys.into_iter().map(|key| (key, Arc::clone(&source))));
    }
}

impl BlobSource for ZipBlobs {
    fn read(&self, key: &BlobKey) -> io::Result<Vec<u8>> {
        let entry = self.blobs.get(key).ok_or(io::ErrorKind::NotFound)?;
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        zip_bytes(&mut archive, &self.name, entry, self.limit).map_err(io::Error::other)
    }

    fn name(&self, key: &BlobKey) -> String {
        format!("{}:{}", self.name, self.blobs.get(key).map_or("", String::as_str))
    }
}

/// Reads a tar archive, compressed or not, in one pass: its blobs stay in memory.
pub(crate) fn tar(
    reader: &mut Reader<'_, '_>,
    path: &Path,
    is_gzipped: bool,
) -> Result<(), ImportError> {
    let name = path.display().to_string();
    let mut contents = Contents::new(name.clone(), reader);
    let limits = reader.limits;
    let broken = |error: io::Error| ImportError::at(&name, "the archive", error.to_string());
    let file = source::open(path)?;
    let packed = file.metadata().map_err(broken)?.len();
    let left = largest_honest(packed).min(limits.unpacked);
    let (read, before) = (Rc::new(Cell::new(0)), reader.progress.done);
    let file = Counted { from: file, read: Rc::clone(&read) };
    let unpacked: Box<dyn Read> =
        if is_gzipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut archive = tar::Archive::new(BufReader::new(Bounded { from: unpacked, left }));
    let mut is_tar = false;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = match entry {
            Err(error) if !is_tar => {
                let reason = format!("a packed file, but no tar archive: {error}");
                return Err(ImportError::NotAnExport { source_name: name, reason });
            }
            entry => entry.map_err(broken)?,
        };
        is_tar = true;
        let entry_name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refused = |reason: &str| Err(ImportError::at(&name, format!("{entry_name:?}"), reason));
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            return refused("a link, which leads anywhere");
        }
        if leads_out(&entry_name) {
            return refused("a name that leads out of the archive");
        }
        if !kind.is_file() {
            continue;
        }
        reader.progress.done = before + read.get();
        reader.next(&format!("{name}:{entry_name}"), 0)?;
        let kind = Entry::named(&entry_name);
        let limit = match kind {
            Entry::Blob(_) => limits.blob,
            Entry::Database | Entry::Journal => limits.database,
            Entry::Document => limits.document,
            Entry::Archive => {
                contents.archives.push(entry_name);
                continue;
            }
            Entry::Other => continue,
        };
        let size = entry.size();
        if size > limit {
            let source_name = format!("{name}:{entry_name}");
            return Err(ImportError::TooLarge { source_name, size, limit });
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 != size {
            let reason = "it is smaller than the archive says";
            return Err(ImportError::at(&name, format!("{entry_name:?}"), reason));
        }
        match kind {
            Entry::Blob(key) => {
                contents.hold(bytes.len() as u64, limits.held)?;
                let held = HeldBlob { name: format!("{name}:{entry_name}"), bytes };
                reader.found.blobs.insert(key, Arc::new(held));
            }
            Entry::Database => {
                contents.hold(bytes.len() as u64, limits.held)?;
                contents.database(&entry_name, bytes);
            }
            Entry::Journal => {
                contents.hold(bytes.len() as u64, limits.held)?;
                contents.journal(&entry_name, bytes);
            }
            _ => folder::leniently(reader, &bytes, &format!("{name}:{entry_name}"))?,
        }
    }
    reader.progress.done = before + packed;
    contents.finish(reader)
}

/// A blob in memory.
#[derive(Debug)]
struct HeldBlob {
    name: String,
    bytes: Vec<u8>,
}

impl BlobSource for HeldBlob {
    fn read(&self, _: &BlobKey) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn name(&self, _: &BlobKey) -> String {
        self.name.clone()
    }
}

/// A stream of which is known how much was read.
struct Counted<R> {
    from: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// A stream that fails once it is longer than it may be.
struct Bounded<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("it unpacks to more than we read")),
        }
        Ok(read)
    }
}
