//! Reads what people have of their runs: exports, bundles, folders of them; and writes bundles.
//!
//! What a path is, is told by its content. Everything read is data made by others: sizes are bounded
//! before memory is taken, names of archive entries never become paths, nothing is executed, no
//! socket is opened, no file is written.

mod archive;
pub mod bundle;
mod check;
mod compact;
mod document;
mod error;
mod folder;
mod legacy;
mod log;
pub mod redact;
mod room;
mod run_document;
pub mod served;
mod server;
mod source;

use std::path::{Path, PathBuf};

use hindcast_model::{Found, FoundRun, RunId};

pub use bundle::needed_blobs;
pub use error::{ImportError, Place};

use crate::document::Document;
use crate::legacy::OldLogs;
use crate::room::{Room, Shape};

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folders of blobs (or anything else that holds blobs) to use besides those found.
    pub blobs: Vec<PathBuf>,
    /// What is too large.
    pub limits: Limits,
}

/// What is too large to be read, in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A JSON document.
    pub document: u64,
    /// A blob.
    pub blob: u64,
    /// A server's database. (Servers begin a new one at 100 MiB.)
    pub database: u64,
    /// What of an archive has to stay in memory: databases, and blobs of a `.tar.gz`.
    pub held: u64,
    /// What a `.tar.gz` may unpack to.
    pub unpacked: u64,
    /// How many files or archive entries one import may bring.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 1 << 30,
            blob: 2 << 30,
            database: 1 << 30,
            held: 4 << 30,
            unpacked: 64 << 30,
            entries: 2_000_000,
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being read.
    pub what: String,
    /// How much of all that is known of, in bytes.
    pub done: u64,
    /// How much there is, as far as is known.
    pub total: u64,
}

/// Called now and then while reading; returns whether to go on.
pub type OnProgress<'p> = dyn FnMut(&Progress) -> bool + 'p;

/// Reads everything at these paths.
///
/// # Errors
/// If something is not an export, or one that is damaged. Names the file and the place.
pub fn read(
    paths: &[PathBuf],
    options: &Options,
    progress: &mut OnProgress<'_>,
) -> Result<Found, ImportError> {
    let mut reader = Reader::new(options, progress);
    let files = paths.iter().filter(|path| path.is_file());
    reader.progress.total = files.map(|path| size(path)).sum();
    for path in paths {
        reader.path(path)?;
    }
    for path in &options.blobs {
        folder::blobs(&mut reader, path)?;
    }
    legacy::finish(&mut reader)?;
    reader.found.findings.sort_by(|a, b| (&a.source, &a.place).cmp(&(&b.source, &b.place)));
    Ok(reader.found)
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// An import in progress.
struct Reader<'r, 'p> {
    limits: &'r Limits,
    on_progress: &'r mut OnProgress<'p>,
    progress: Progress,
    entries: usize,
    found: Found,
    /// What it takes in memory.
    room: Room,
    /// What old servers had; converted when everything is read.
    old: legacy::Pending,
}

impl<'r, 'p> Reader<'r, 'p> {
    fn new(options: &'r Options, on_progress: &'r mut OnProgress<'p>) -> Self {
        let progress = Progress { what: String::new(), done: 0, total: 0 };
        let found = Found::default();
        let old = legacy::Pending::default();
        let (room, limits) = (Room::default(), &options.limits);
        Self { limits, on_progress, progress, entries: 0, found, room, old }
    }

    /// Says what is read next. Fails if the person wants no more, or if it is too much.
    fn next(&mut self, what: &str, bytes: u64) -> Result<(), ImportError> {
        what.clone_into(&mut self.progress.what);
        let go_on = (self.on_progress)(&self.progress);
        self.progress.done += bytes;
        self.entries += 1;
        if !go_on {
            return Err(ImportError::Cancelled);
        }
        if self.entries > self.limits.entries {
            return Err(ImportError::TooMany {
                source_name: what.into(),
                limit: self.limits.entries,
            });
        }
        Ok(())
    }

    /// Reads what a person named. What is no export is an error.
    fn path(&mut self, path: &Path) -> Result<(), ImportError> {
        if path.is_dir() {
            return folder::read(self, path);
        }
        let name = path.display().to_string();
        match source::sniff(path)? {
            source::Kind::Zip => bundle::read(self, path),
            source::Kind::Gzip => archive::tar(self, path, true),
            source::Kind::Tar => archive::tar(self, path, false),
            source::Kind::Database => server::read(self, path),
            source::Kind::Json => {
                let document = Document::read_file(self, path, &name)?;
                let old = matches!(document, Document::OldRun(_));
                let run = self.document(document, &name)?;
                if run.is_some() || old {
                    folder::beside(self, path, run.as_ref())?;
                }
                Ok(())
            }
            source::Kind::List => {
                self.next(&name, size(path))?;
                self.old_logs(&source::whole(path, self.limits.document)?, &name)
            }
            source::Kind::Blob(key) => {
                self.found.blobs.insert(key, folder::file_source(path, self.limits.blob));
                Ok(())
            }
            source::Kind::Unknown(reason) => {
                Err(ImportError::NotAnExport { source_name: name, reason })
            }
        }
    }

    /// Takes in the logs of an old server.
    fn old_logs(&mut self, bytes: &[u8], name: &str) -> Result<(), ImportError> {
        self.count(bytes, Shape::Tree, name)?;
        self.old.logs.push((OldLogs::read(bytes, name)?, None));
        Ok(())
    }

    /// Counts the room that a text will take.
    fn count(&mut self, text: &[u8], shape: Shape, name: &str) -> Result<(), ImportError> {
        self.room.take(text, shape).map_err(|reason| ImportError::at(name, "the text", reason))
    }

    /// Takes in a document. Returns the run, if it is one.
    fn document(&mut self, document: Document, name: &str) -> Result<Option<RunId>, ImportError> {
        match document {
            Document::Run(run) => {
                let run = FoundRun::plain(name.to_owned(), *run);
                let run = check::run(run, name, &mut self.found.findings)?;
                let id = run.run.id.clone();
                self.found.runs.push(run);
                return Ok(Some(id));
            }
            Document::OldRun(mut run) => {
                name.clone_into(&mut run.source);
                self.old.runs.push((*run, None));
            }
            Document::Workspaces(workspaces) => self.found.workspaces.extend(workspaces),
            Document::Logs(lines) => self.found.logs.push(lines),
            Document::Points(points) => self.found.points.push(points),
            Document::Other(reason) => {
                return Err(ImportError::NotAnExport { source_name: name.to_owned(), reason });
            }
        }
        Ok(None)
    }
}
