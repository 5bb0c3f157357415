//! A Coflux server's own files: its data directory, or single databases of it.
//!
//! | path in the data directory | holds |
//! | --- | --- |
//! | `projects/P/orchestration.sqlite` | the runs of project P |
//! | `projects/P/orchestration/*.sqlite` | older runs: archived epochs; a run copied forward is in several |
//! | `projects/P/logs.sqlite`, `projects/P/logs/*.sqlite` | log lines |
//! | `projects/P/metrics.sqlite`, `projects/P/metrics/*.sqlite` | metric points |
//! | `blobs/aa/bb/rest` | blobs by SHA-256, of all projects |
//!
//! Databases are read from a copy in memory, so that a live server waits no longer than the copy
//! takes, and nothing is written beside it.

pub(crate) mod database;
mod execution;
mod journal;
mod outcome;
pub(crate) mod run;
mod telemetry;
mod value;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hindcast_model::{Finding, RunId};

use crate::server::database::{Database, Holds};
use crate::{ImportError, Reader, check, folder, legacy};

/// Reads one database that a person named, and what lies around it in its data directory.
pub(crate) fn read(reader: &mut Reader<'_, '_>, path: &Path) -> Result<(), ImportError> {
    let mut stored = vec![Stored { is_named: true, ..Stored::file(path.to_owned()) }];
    if let Some(project) = project(path).filter(|_| is_orchestration(path)) {
        let others = databases(&project).into_iter().filter(|path| !is_orchestration(path));
        for other in others {
            reader.progress.total += crate::size(&other);
            stored.push(Stored::file(other));
        }
        // 0.2 has a folder more, an environment's, between the project and its databases.
        let roots = project.ancestors().skip(2).take(2);
        let blobs = roots.map(|root| root.join("blobs")).find(|blobs| blobs.is_dir());
        if let Some(blobs) = blobs {
            folder::blobs(reader, &blobs)?;
        }
    }
    read_all(reader, stored)
}

/// A database: in a file, or unpacked from an archive.
pub(crate) struct Stored {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Option<Vec<u8>>,
    /// The journal that lay beside it in the archive.
    pub(crate) journal: Option<Vec<u8>>,
    /// Whether a person named it: it has to be one then. Another is left out if it is none.
    pub(crate) is_named: bool,
    /// Whether it is called like one. What is not is left out if it is damaged, for it may be anything.
    pub(crate) is_called_so: bool,
}

impl Stored {
    pub(crate) fn file(path: PathBuf) -> Self {
        Self { path, bytes: None, journal: None, is_named: false, is_called_so: true }
    }

    fn open(self, limit: u64) -> Result<Database, ImportError> {
        match self.bytes {
            None => Database::open(&self.path, limit),
            Some(bytes) => {
                let name = self.path.display().to_string();
                Database::read_with_journal(bytes, &self.journal.unwrap_or_default(), name)
            }
        }
    }
}

fn is_orchestration(path: &Path) -> bool {
    let named = |name: Option<&std::ffi::OsStr>| name.is_some_and(|name| name == "orchestration");
    named(path.file_stem()) || named(path.parent().and_then(Path::file_name))
}

/// The folder of the project that a database belongs to.
fn project(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let kinds = ["orchestration", "logs", "metrics"];
    let archive = folder.file_name().is_some_and(|name| kinds.iter().any(|kind| name == *kind));
    if archive { folder.parent().map(Path::to_owned) } else { Some(folder.to_owned()) }
}

/// Every database of a project.
fn databases(project: &Path) -> Vec<PathBuf> {
    let folders = [project.to_owned(), project.join("logs"), project.join("metrics")];
    let entries = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let paths = files.map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "sqlite")).collect()
}

/// Reads databases, of one project or several. Of a run that is in several, the active database
/// counts, else the newest archive: each copy is complete.
pub(crate) fn read_all(
    reader: &mut Reader<'_, '_>,
    mut stored: Vec<Stored>,
) -> Result<(), ImportError> {
    // Archives are named by date and counter; the active database stands outside their folder.
    stored.sort_by_key(|Stored { path, .. }| {
        let archived = path.parent() != project(path).as_deref();
        (project(path), archived, std::cmp::Reverse(path.clone()))
    });
    let mut seen: BTreeSet<(Option<PathBuf>, RunId)> = BTreeSet::new();
    for stored in stored {
        let Stored { ref path, is_named, is_called_so, .. } = stored;
        let (path, name) = (path.clone(), path.display().to_string());
        reader.next(&name, crate::size(&path))?;
        let database = match stored.open(reader.limits.database) {
            Ok(database) => database,
            Err(ImportError::NotAnExport { reason, .. }) if !is_named => {
                folder::tell_left_out(reader, &name, &reason);
                continue;
            }
            Err(ImportError::Damaged { reason, .. }) if !is_called_so => {
                folder::tell_left_out(reader, &name, &reason);
                continue;
            }
            Err(error) => return Err(error),
        };
        match database.holds {
            Holds::Runs => read_runs(reader, &database, project(&path).as_ref(), &mut seen)?,
            Holds::Logs => reader.found.logs.push(telemetry::logs(&database)?),
            Holds::Points => reader.found.points.push(telemetry::points(&database)?),
            Holds::OldRuns | Holds::OldLogs => read_old(reader, &database, project(&path))?,
        }
    }
    Ok(())
}

/// Puts aside what a database of 0.2 to 0.8 holds.
fn read_old(
    reader: &mut Reader<'_, '_>,
    database: &Database,
    project: Option<PathBuf>,
) -> Result<(), ImportError> {
    if database.holds == Holds::OldRuns {
        let (runs, workspaces) = legacy::database_runs(database)?;
        for (id, workspace) in workspaces {
            reader.found.workspaces.entry(id).or_insert(workspace);
        }
        reader.old.runs.extend(runs.into_iter().map(|run| (run, project.clone())));
    }
    reader.old.logs.push((legacy::database_logs(database)?, project));
    Ok(())
}

fn read_runs(
    reader: &mut Reader<'_, '_>,
    database: &Database,
    project: Option<&PathBuf>,
    seen: &mut BTreeSet<(Option<PathBuf>, RunId)>,
) -> Result<(), ImportError> {
    // Names in newer databases count; they are read first.
    for (id, workspace) in database.workspaces()? {
        reader.found.workspaces.entry(id).or_insert(workspace);
    }
    for (row, id) in database.runs()? {
        reader.next(&format!("{}:{id}", database.name), 0)?;
        if seen.iter().any(|(other, known)| *known == id && other.as_ref() != project) {
            let message = "another project has a run of this id; left out".to_owned();
            let source = database.name.clone();
            reader.found.findings.push(Finding { source, place: id.to_string(), message });
        } else if seen.insert((project.cloned(), id.clone())) {
            let found = database.run(row, id)?;
            let checked = check::run(found, &database.name, &mut reader.found.findings)?;
            reader.found.runs.push(checked);
        }
    }
    Ok(())
}
