//! Writing a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};

use hindcast_model::record::LogEntry;
use hindcast_model::{BlobKey, Blobs, Ended, FoundRun, Outcome, Resolved, RunId, Value};
use serde::Serialize;
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Content, Details, FORMAT_VERSION, Manifest};
use crate::log::{LogLine, PointLine};

/// Why a bundle could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The archive could not be written.
    #[error("cannot write the bundle: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The file could not be written.
    #[error("cannot write the bundle: {0}")]
    File(#[from] std::io::Error),
    /// Something has no JSON form.
    #[error("cannot write the bundle: {0}")]
    Json(#[from] serde_json::Error),
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// How many runs.
    pub runs: usize,
    /// How many blobs.
    pub blobs: usize,
    /// Blobs that the runs need and that were not to be had.
    pub missing: BTreeSet<BlobKey>,
}

/// Writes a bundle of these runs and the blobs they need.
///
/// # Errors
/// If it cannot be written.
pub fn write(
    content: &Content,
    blobs: &dyn Blobs,
    out: impl Write + Seek,
) -> Result<Written, BundleError> {
    let mut entries = documents(content)?;
    let needed = needed_blobs(&content.runs, content.logs.iter());
    let mut written = Written { runs: run_ids(content).len(), ..Written::default() };
    let names = needed.keys().map(|key| (format!("blobs/{key}"), Entry::Blob(*key)));
    entries.extend(names);

    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, entry) in &entries {
        match entry {
            Entry::Text(text) => {
                archive.start_file(name.as_str(), options)?;
                archive.write_all(text)?;
            }
            Entry::Blob(key) => match blobs.get(key) {
                Some(bytes) => {
                    let large = bytes.len() >= u32::MAX as usize;
                    archive.start_file(name.as_str(), options.large_file(large))?;
                    archive.write_all(&bytes)?;
                    written.blobs += 1;
                }
                None => drop(written.missing.insert(*key)),
            },
        }
    }
    archive.finish()?.flush()?;
    Ok(written)
}

enum Entry {
    Text(Vec<u8>),
    Blob(BlobKey),
}

fn run_ids(content: &Content) -> BTreeSet<&RunId> {
    content.runs.iter().map(|found| &found.run.id).collect()
}

fn documents(content: &Content) -> Result<BTreeMap<String, Entry>, BundleError> {
    let mut entries = BTreeMap::new();
    let mut add = |name: String, text: Vec<u8>| {
        entries.insert(name, Entry::Text(text));
    };
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        created: newest(content),
        runs: run_ids(content).into_iter().cloned().collect(),
    };
    add("manifest.json".into(), text(&manifest)?);
    if let Some(source) = &content.source {
        add("source.json".into(), text(source)?);
    }
    if !content.workspaces.is_empty() {
        add("workspaces.json".into(), text(&workspaces(content))?);
    }
    for id in run_ids(content) {
        let views: Vec<&FoundRun> =
            content.runs.iter().filter(|found| found.run.id == *id).collect();
        for view in &views {
            let name = match &view.taken_from {
                Some(workspace) if views.len() > 1 => format!("{id}@{workspace}"),
                _ => id.to_string(),
            };
            add(format!("runs/{name}.json"), text(&view.run.document())?);
            if !view.streams.is_empty() {
                add(format!("streams/{name}.jsonl"), by_line(view.streams.iter())?);
            }
        }
        // Views of one run hold the same details, or none.
        let details = views.iter().map(|view| Details::of(view));
        if let Some(details) = details.into_iter().find(|details| *details != Details::default()) {
            add(format!("details/{id}.json"), text(&details)?);
        }
        let lines = content.logs.iter().filter(|line| line.execution.run() == id);
        let lines = by_line(lines.map(LogLine::from))?;
        let points = content.points.iter().filter(|point| point.execution.run() == id);
        let points = by_line(points.map(PointLine::from))?;
        for (folder, lines) in [("logs", lines), ("metrics", points)] {
            if !lines.is_empty() {
                add(format!("{folder}/{id}.jsonl"), lines);
            }
        }
    }
    Ok(entries)
}

fn text(value: &impl Serialize) -> Result<Vec<u8>, BundleError> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    Ok(text)
}

fn by_line(values: impl Iterator<Item = impl Serialize>) -> Result<Vec<u8>, BundleError> {
    let mut lines = Vec::new();
    for value in values {
        lines.extend(text(&value)?);
    }
    Ok(lines)
}

fn workspaces(content: &Content) -> serde_json::Value {
    let workspaces = content.workspaces.iter().map(|(id, workspace)| {
        (id.to_string(), json!({"name": workspace.name, "baseId": workspace.base}))
    });
    serde_json::Value::Object(workspaces.collect())
}

/// The newest time in the content, so that the clock has no part in it.
fn newest(content: &Content) -> i64 {
    let executions = content
        .runs
        .iter()
        .flat_map(|found| found.run.steps.values())
        .flat_map(|step| step.executions.values());
    let times = executions.map(|e| e.completed_at.unwrap_or(e.created_at).max(e.created_at).0);
    times.max().unwrap_or(0)
}

/// Every blob that these runs and lines need, with its size in bytes as they tell it.
pub fn needed_blobs<'l>(
    runs: &[FoundRun],
    logs: impl Iterator<Item = &'l LogEntry>,
) -> BTreeMap<BlobKey, u64> {
    let mut needed = BTreeMap::new();
    let mut value = |value: &Value| needed.extend(value.blobs());
    for found in runs {
        for step in found.run.steps.values() {
            step.arguments.iter().for_each(&mut value);
            for execution in step.executions.values() {
                outcome_values(execution.result.as_ref(), &mut value);
            }
        }
        for input in &found.inputs {
            input.placeholders.values().for_each(&mut value);
        }
        found.checkpoints.values().flat_map(|named| named.values()).flatten().for_each(&mut value);
        found.streams.iter().flat_map(|stream| &stream.items).for_each(&mut value);
    }
    logs.flat_map(|line| line.values.values()).for_each(&mut value);
    for found in runs {
        let executions = found.run.steps.values().flat_map(|step| step.executions.values());
        let assets = executions.flat_map(|execution| execution.assets.values());
        let only = assets.filter_map(|asset| asset.entry.as_ref());
        let entries = found.assets.values().flatten().chain(only);
        needed.extend(entries.map(|entry| (entry.blob_key, entry.size)));
    }
    needed
}

fn outcome_values(outcome: Option<&Outcome>, value: &mut impl FnMut(&Value)) {
    let Some(outcome) = outcome else { return };
    if let Ended::Value(result) = &outcome.ended {
        value(result);
    }
    if let Resolved::Known(resolved) = &outcome.resolved {
        outcome_values(Some(resolved), value);
    }
}
