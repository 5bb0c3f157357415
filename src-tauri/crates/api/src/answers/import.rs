//! Reading files in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hindcast_import::{ImportError, Options};
use hindcast_model::{Environments, Found};
use hindcast_store::{Change, ImportSummary, ImportedRun as Stored, Naming, Store};

use super::incoming::Telling;
use crate::api::Answered;
use crate::calls::{Import, InspectDrop};
use crate::command;
use crate::facts::Facts;
use crate::view::{ApiEvent, FileDrop, FileDropItem, Finding, ImportReport, ImportedRun};
use crate::{Api, ApiError, ErrorCode};

/// What to import.
#[derive(Debug, Clone, Default)]
pub struct Imports {
    /// Exports, bundles, folders.
    pub paths: Vec<PathBuf>,
    /// Folders of blobs.
    pub blobs: Vec<PathBuf>,
    /// Name for environments that the files do not name.
    pub environment: Option<String>,
}

impl Answered for Import {
    async fn answer(self, api: &Api) -> Result<ImportReport, ApiError> {
        let paths = self.paths.into_iter().map(PathBuf::from).collect();
        api.import(Imports { paths, blobs: Vec::new(), environment: self.environment }).await
    }
}

impl Api {
    /// Imports files.
    ///
    /// # Errors
    /// If a file is no export or damaged, or the store cannot take it in; the store is then as it
    /// was.
    pub async fn import(&self, imports: Imports) -> Result<ImportReport, ApiError> {
        let paths: Vec<String> =
            imports.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let environment = imports.environment.clone();
        let command = command::import(&paths, environment.as_deref());
        self.take_in(environment, command, move |_, telling| {
            telling.says("reading");
            let options = Options { blobs: imports.blobs, ..Options::default() };
            Ok(hindcast_import::read(&imports.paths, &options, &mut |progress: &_| {
                telling.tell(progress)
            })?)
        })
        .await
    }

    /// Takes in what `find` finds, and tells how far it is. `command` does the same.
    pub(crate) async fn take_in(
        &self,
        environment: Option<String>,
        command: String,
        find: impl FnOnce(&Store, &mut Telling) -> Result<Found, ApiError> + Send + 'static,
    ) -> Result<ImportReport, ApiError> {
        let (api, facts) = (self.clone(), self.facts().clone());
        let mut telling = Telling::new(self);
        let (report, changed) = self
            .with_store(move |store| {
                let name = environment.as_deref().map(str::parse).transpose()?;
                let found = find(store, &mut telling)?;
                telling.says("taking in");
                let summary =
                    store.import_watched(found, &Naming { name }, &mut |done, total| {
                        telling.tell_things(done, total)
                    })?;
                api.loaded().forget();
                let report = report(store, &facts, command, summary)?;
                let changed: BTreeSet<String> = if report.blobs > 0 {
                    // Any of them may have lacked a value that is here now.
                    store.runs()?.into_iter().map(|run| run.id.to_string()).collect()
                } else {
                    report.runs.iter().map(|run| run.run.clone()).collect()
                };
                Ok((report, changed))
            })
            .await?;
        self.tell(ApiEvent::OverviewChanged);
        for run in changed {
            self.tell(ApiEvent::RunChanged { run });
        }
        self.tell(ApiEvent::Imported { report: report.clone() });
        Ok(report)
    }
}

fn report(
    store: &Store,
    facts: &Facts,
    command: String,
    summary: ImportSummary,
) -> Result<ImportReport, ApiError> {
    let environments = store.environments()?;
    let known = store.runs()?;
    let run = |imported: &Stored| -> Result<ImportedRun, ApiError> {
        let listed = known.iter().find(|run| run.id == imported.id);
        let facts = listed.map(|run| facts.of(store, run)).transpose()?.unwrap_or_default();
        Ok(ImportedRun {
            run: imported.id.to_string(),
            environment: name(&environments, imported),
            new: imported.change == Change::Added,
            changed: imported.change != Change::Unchanged,
            steps: listed.map_or(0, |run| run.steps),
            missing_values: facts.missing_values,
        })
    };
    let counted = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let mut runs: Vec<ImportedRun> = Vec::new();
    for found in summary.runs.iter().map(run) {
        let found = found?;
        // The same run can be there several times, seen at different moments.
        let same = |known: &&mut ImportedRun| {
            (&known.run, &known.environment) == (&found.run, &found.environment)
        };
        match runs.iter_mut().find(same) {
            Some(known) => {
                known.new |= found.new;
                known.changed |= found.changed;
            }
            None => runs.push(found),
        }
    }
    Ok(ImportReport {
        runs,
        blobs: counted(summary.blobs_added),
        lines: counted(summary.logs_added + summary.points_added),
        findings: summary.findings.into_iter().map(finding).collect(),
        command,
    })
}

fn name(environments: &Environments, imported: &Stored) -> String {
    let environment = environments.get(imported.environment);
    environment.map(|environment| environment.name.to_string()).unwrap_or_default()
}

pub(super) fn finding(finding: hindcast_model::Finding) -> Finding {
    let place = format!("{}: {}", finding.source, finding.place);
    Finding { place, message: finding.message }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        let code = match error {
            ImportError::Cancelled => ErrorCode::Cancelled,
            _ => ErrorCode::BadFile,
        };
        Self::new(code, error.to_string())
    }
}

impl Answered for InspectDrop {
    async fn answer(self, _: &Api) -> Result<FileDrop, ApiError> {
        let look = move || self.paths.iter().map(|path| look_at(path)).collect();
        let items = tokio::task::spawn_blocking(look).await;
        let items = items.map_err(|error| ApiError::internal("cannot look at the files", error))?;
        Ok(FileDrop { items })
    }
}

/// What a path is, told by a glance at it: reading it in tells for certain.
fn look_at(path: &str) -> FileDropItem {
    let place = Path::new(path);
    let (what, importable, project) = if place.is_dir() {
        folder(place)
    } else if place.metadata().is_ok_and(|found| !found.is_file()) {
        // A pipe would keep us waiting until somebody writes to it.
        ("not a file".to_owned(), false, false)
    } else {
        match std::fs::File::open(place).and_then(|mut file| beginning(&mut file)) {
            Ok(start) if start.starts_with(b"PK\x03\x04") => {
                let bundle = place.extension().is_some_and(|end| end == "hindcast");
                let what = if bundle { "bundle" } else { "archive" };
                (what.to_owned(), true, false)
            }
            Ok(start) if start.starts_with(b"\x1f\x8b") => ("archive".to_owned(), true, false),
            Ok(start) if start.get(257..262) == Some(b"ustar") => {
                ("archive".to_owned(), true, false)
            }
            Ok(start) if start.starts_with(b"SQLite format 3\0") => {
                ("server database".to_owned(), true, false)
            }
            Ok(start) if first(&start) == Some(b'{') => ("export".to_owned(), true, false),
            Ok(_) if is_blob_name(place) => ("blob".to_owned(), true, false),
            Ok(_) => ("not an export".to_owned(), false, false),
            Err(error) => (error.to_string(), false, false),
        }
    };
    FileDropItem { path: path.to_owned(), what, importable, project }
}

fn folder(path: &Path) -> (String, bool, bool) {
    const SIGNS: [&str; 6] =
        ["coflux.toml", "pyproject.toml", "requirements.txt", ".venv", "venv", "uv.lock"];
    let python = || {
        let entries = std::fs::read_dir(path).ok()?.flatten();
        let mut names = entries.map(|entry| entry.path());
        names.find(|path| path.extension().is_some_and(|extension| extension == "py"))
    };
    if path.join("projects").is_dir() && path.join("blobs").is_dir() {
        ("data directory".to_owned(), true, false)
    } else if SIGNS.iter().any(|sign| path.join(sign).exists()) || python().is_some() {
        ("project folder".to_owned(), false, true)
    } else {
        ("folder".to_owned(), true, false)
    }
}

fn beginning(file: &mut std::fs::File) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut start = Vec::new();
    file.take(512).read_to_end(&mut start)?;
    Ok(start)
}

fn first(start: &[u8]) -> Option<u8> {
    start.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn is_blob_name(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.parse::<hindcast_model::BlobKey>().is_ok())
}
