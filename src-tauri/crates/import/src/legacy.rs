//! Runs of servers of 0.2 to 0.8: their run topic, live or cold, and their databases.
//!
//! | module | knows |
//! | --- | --- |
//! | `form` | what both hold, in one form for all versions |
//! | `topic`, `database` | how it is written: as JSON, as tables |
//! | `numbers` | which run, step and attempt their ids stand for |
//! | `value`, `convert` | today's form of it |
//! | `lacks` | what the old forms did not hold |
//! | `log` | their log lines |
//!
//! A run's own export does not hold its id, and says of other runs only what their steps are called. So
//! all old runs of an import are put aside until everything is read, and converted together.

mod convert;
mod database;
mod form;
mod lacks;
mod log;
mod numbers;
mod topic;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_model::{
    BlobKey, BlobSource, EnvironmentName, Finding, FoundWorkspace, RunId, WorkspaceId,
};

pub(crate) use form::{OldExecution, OldRun, OldStep, is_word};
pub(crate) use log::OldLogs;
pub(crate) use topic::run as topic_run;

pub(crate) use database::{logs as database_logs, runs as database_runs};

use crate::{ImportError, Reader, check};
use convert::{Conversion, Views};
use numbers::Numbers;

/// How many findings of one run are told one by one.
const TOLD: usize = 20;

/// What was read of old servers and is not converted yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Runs, with the folder of their project where they are from a database.
    pub(crate) runs: Vec<(OldRun, Option<PathBuf>)>,
    /// Log lines, with the folder of their project where they are from a database.
    pub(crate) logs: Vec<(OldLogs, Option<PathBuf>)>,
}

impl Pending {
    /// How much there is.
    pub(crate) fn len(&self) -> usize {
        self.runs.len() + self.logs.len()
    }
}

/// Converts everything that was put aside.
pub(crate) fn finish(reader: &mut Reader<'_, '_>) -> Result<(), ImportError> {
    let Pending { runs, logs } = std::mem::take(&mut reader.old);
    if runs.is_empty() && logs.is_empty() {
        return Ok(());
    }
    let (mut runs, projects): (Vec<OldRun>, Vec<Option<PathBuf>>) = runs.into_iter().unzip();
    let mut numbers = Numbers::of(&mut runs);
    let mut ids = Vec::new();
    for run in &runs {
        let id = match &run.id {
            Some(id) => id.clone(),
            None => unnamed(run, &mut reader.found.findings)?,
        };
        numbers.add(&id, run);
        ids.push(id);
    }
    let mut views: Views<'_> = BTreeMap::new();
    for (id, run) in ids.iter().zip(&runs) {
        views.entry(id.clone()).or_default().push(run);
    }
    let mut told = BTreeSet::new();
    let mut of_project: BTreeMap<&RunId, &PathBuf> = BTreeMap::new();
    for ((id, run), project) in ids.iter().zip(&runs).zip(&projects) {
        reader.next(&format!("{}: {id}", run.source), 0)?;
        if told.insert(run.source.clone()) {
            let (source, place) = (run.source.clone(), "its form".to_owned());
            reader.found.findings.push(Finding { source, place, message: run.form.says() });
        }
        if let Some(project) = project
            && *of_project.entry(id).or_insert(project) != project
        {
            let message = "another project has a run of this id; left out".to_owned();
            let (source, place) = (run.source.clone(), id.to_string());
            reader.found.findings.push(Finding { source, place, message });
            continue;
        }
        if let Some(name) = &run.environment {
            let name: EnvironmentName =
                name.parse().map_err(|error: hindcast_model::IdError| {
                    ImportError::at(&run.source, "its folder", error.to_string())
                })?;
            let workspace = WorkspaceId::of_old_run(id);
            reader.found.workspaces.insert(workspace, FoundWorkspace { name, base: None });
        }
        let mut conversion = Conversion::new(run, id.clone(), &numbers, &views);
        let found = conversion.run()?;
        let Conversion { odd, blobs, .. } = conversion;
        tell(run, odd, &mut reader.found.findings);
        for (key, bytes) in blobs {
            let made = MadeBlob { name: run.source.clone(), bytes };
            reader.found.blobs.entry(key).or_insert_with(|| Arc::new(made));
        }
        let found = check::run(found, &run.source, &mut reader.found.findings)?;
        reader.found.runs.push(found);
    }
    log::finish(reader, logs, &runs, &projects, &ids, &numbers)
}

/// The id of a run whose export does not hold it, nor any other that is read with it: the one that its
/// file's name holds, else its root step's.
fn unnamed(run: &OldRun, findings: &mut Vec<Finding>) -> Result<RunId, ImportError> {
    let root = run.steps.iter().find(|(_, step)| step.parent_id.is_none());
    let Some((root, _)) = root else {
        return Err(ImportError::at(
            &run.source,
            "steps",
            "no step is the root (without parentId)",
        ));
    };
    let file = Path::new(&run.source).file_stem().and_then(|name| name.to_str()).unwrap_or("");
    // Ids of servers are made of these, so that they make no words.
    let of_server = |byte: u8| byte.is_ascii_alphanumeric() && !b"aeiouAEIOU01".contains(&byte);
    let mut words = file
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.starts_with('R') && (4..=8).contains(&word.len()))
        .filter(|word| word.bytes().all(of_server))
        .filter_map(|word| word.parse::<RunId>().ok());
    let (id, whence) = match (words.next(), words.next()) {
        (Some(id), None) => (id, "the file's name"),
        _ => (
            root.parse().map_err(|error: hindcast_model::IdError| {
                ImportError::at(&run.source, "steps", error.to_string())
            })?,
            "its first step",
        ),
    };
    findings.push(Finding {
        source: run.source.clone(),
        place: id.to_string(),
        message: format!("nothing that was read says which run it is; called after {whence}"),
    });
    Ok(id)
}

fn tell(run: &OldRun, odd: Vec<(String, String)>, findings: &mut Vec<Finding>) {
    let more = odd.len().saturating_sub(TOLD);
    for (place, message) in odd.into_iter().take(TOLD) {
        findings.push(Finding { source: run.source.clone(), place, message });
    }
    if more > 0 {
        let place = "the run".to_owned();
        let message = format!("{more} more of what is missing or not shown");
        findings.push(Finding { source: run.source.clone(), place, message });
    }
}

/// A blob that no server has: a value that today's form cannot hold in place.
#[derive(Debug)]
struct MadeBlob {
    name: String,
    bytes: Vec<u8>,
}

impl BlobSource for MadeBlob {
    fn read(&self, _: &BlobKey) -> std::io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn name(&self, _: &BlobKey) -> String {
        self.name.clone()
    }
}
