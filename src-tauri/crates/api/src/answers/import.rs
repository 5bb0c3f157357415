//! Reading files in.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hindcast_import::{ImportError, Options};
use hindcast_model::Environments;
use hindcast_store::{Change, ImportSummary, ImportedRun as Stored, Naming, Store};

use crate::api::Answered;
use crate::calls::{Import, InspectDrop};
use crate::command;
use crate::facts::Facts;
use crate::view::{ApiEvent, FileDrop, FileDropItem, Finding, ImportReport, ImportedRun, Progress};
use crate::{Api, ApiError, ErrorCode};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

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
        let (api, facts) = (self.clone(), self.facts().clone());
        let report = self
            .with_store(move |store| {
                let name = imports.environment.as_deref().map(str::parse).transpose()?;
                let options = Options { blobs: imports.blobs.clone(), ..Options::default() };
                let mut told = Telling { api: &api, last: Instant::now() };
                let mut progress = |progress: &_| told.tell(progress);
                let found = hindcast_import::read(&imports.paths, &options, &mut progress)?;
                let summary = store.import(found, &Naming { name })?;
                report(store, &facts, &imports, summary)
            })
            .await?;
        self.loaded().forget();
        self.tell(ApiEvent::OverviewChanged);
        for run in &report.runs {
            self.tell(ApiEvent::RunChanged { run: run.run.clone() });
        }
        self.tell(ApiEvent::Imported { report: report.clone() });
        Ok(report)
    }
}

/// Tells how far the reading is, not too often.
struct Telling<'a> {
    api: &'a Api,
    last: Instant,
}

impl Telling<'_> {
    fn tell(&mut self, progress: &hindcast_import::Progress) -> bool {
        const UNIT: u64 = 1024;
        if self.last.elapsed() >= TELL_EVERY {
            self.last = Instant::now();
            let units = |bytes: u64| u32::try_from(bytes / UNIT).unwrap_or(u32::MAX);
            let what = format!("reading {}", progress.what);
            let (done, total) = (units(progress.done), Some(units(progress.total)));
            self.api.tell(ApiEvent::Progress(Progress { what, done, total }));
        }
        true
    }
}

fn report(
    store: &Store,
    facts: &Facts,
    imports: &Imports,
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
    let paths: Vec<String> =
        imports.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    Ok(ImportReport {
        runs: summary.runs.iter().map(run).collect::<Result<_, _>>()?,
        blobs: u32::try_from(summary.blobs_added).unwrap_or(u32::MAX),
        findings: summary.findings.into_iter().map(finding).collect(),
        command: command::import(&paths, imports.environment.as_deref()),
    })
}

fn name(environments: &Environments, imported: &Stored) -> String {
    let environment = environments.get(imported.environment);
    environment.map(|environment| environment.name.to_string()).unwrap_or_default()
}

fn finding(finding: hindcast_model::Finding) -> Finding {
    let place = format!("{}: {}", finding.source, finding.place);
    Finding { place, message: finding.message }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        Self::new(ErrorCode::BadFile, error.to_string())
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
    } else {
        match std::fs::File::open(place).and_then(|mut file| beginning(&mut file)) {
            Ok(start) if start.starts_with(b"PK\x03\x04") => ("bundle".to_owned(), true, false),
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
    if SIGNS.iter().any(|sign| path.join(sign).exists()) || python().is_some() {
        ("project folder".to_owned(), false, true)
    } else {
        ("folder".to_owned(), true, false)
    }
}

fn beginning(file: &mut std::fs::File) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut start = Vec::new();
    file.take(256).read_to_end(&mut start)?;
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
