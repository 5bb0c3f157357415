//! Writing a run as a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use hindcast_import::bundle::{BundleError, Content, write};
use hindcast_import::redact::Redacted;
use hindcast_model::record::StoredRun;
use hindcast_model::{
    Blobs, Ended, Environment, Environments, FoundRun, FoundWorkspace, Run, RunId, WorkspaceId,
};
use hindcast_store::Store;

use crate::api::Answered;
use crate::calls::Export;
use crate::view::{ExportReport, RemovedView};
use crate::{Api, ApiError, ErrorCode, whole_file};

impl Answered for Export {
    async fn answer(self, api: &Api) -> Result<ExportReport, ApiError> {
        let blobs = api.blobs().clone();
        api.read(move |store| {
            let mut ids = vec![self.run.parse()?];
            for run in &self.also {
                ids.push(run.parse()?);
            }
            bundle(content(store, &ids)?, &blobs, &self.redact, self.path)
        })
        .await
    }
}

/// Writes a bundle, with what the patterns fit replaced.
pub(super) fn bundle(
    mut content: Content,
    blobs: &impl Blobs,
    redact: &[String],
    path: String,
) -> Result<ExportReport, ApiError> {
    if redact.iter().any(|pattern| pattern.trim().is_empty()) {
        return Err(ApiError::new(ErrorCode::BadRequest, "a pattern to redact is empty"));
    }
    let ids: BTreeSet<String> = content.runs.iter().map(|run| run.run.id.to_string()).collect();
    let file = PathBuf::from(&path);
    let (redacted, written) = if redact.is_empty() {
        let written = write_file(&file, |to| write(&content, blobs, to))?;
        (Redacted::default(), written)
    } else {
        let (redacted, blobs) = hindcast_import::redact::redact(&mut content, blobs, redact);
        (redacted, write_file(&file, |to| write(&content, &blobs, to))?)
    };
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let removed = redacted.places.into_iter();
    let not_looked_into = redacted.not_looked_into.iter().map(ToString::to_string).collect();
    Ok(ExportReport {
        bytes: file.metadata().map_or(0, |metadata| metadata.len()),
        path,
        runs: ids.into_iter().collect(),
        blobs: count(written.blobs),
        missing_blobs: count(written.missing.len()),
        removed: removed
            .map(|(place, values)| RemovedView { place, values: count(values) })
            .collect(),
        not_looked_into,
    })
}

fn write_file<T>(
    path: &Path,
    write: impl FnOnce(BufWriter<&mut File>) -> Result<T, BundleError>,
) -> Result<T, ApiError> {
    whole_file::replace(path, |file| write(BufWriter::new(file))).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("{}: {error}", path.display()))
    })
}

/// Runs and those they spawned, as each environment shows them.
fn content(store: &Store, runs: &[RunId]) -> Result<Content, ApiError> {
    let environments = store.environments()?;
    let mut content = Content::default();
    let mut wanted = runs.to_vec();
    let mut seen = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let stored = match store.load(&id) {
            Err(hindcast_store::StoreError::NoRun(_)) if !runs.contains(&id) => continue,
            loaded => loaded?,
        };
        wanted.extend(spawned(&stored.run));
        add(store, &environments, &stored, &mut content)?;
    }
    Ok(content)
}

fn add(
    store: &Store,
    environments: &Environments,
    stored: &StoredRun,
    content: &mut Content,
) -> Result<(), ApiError> {
    let id = &stored.run.id;
    for (workspace, environment) in seen_from(environments, &stored.run) {
        let run = store.export_run(id, environment.id)?;
        let base = environment.base.and_then(|base| environments.get(base));
        let base = base.and_then(|base| base.workspaces.first().cloned());
        let named = FoundWorkspace { name: environment.name.clone(), base };
        content.workspaces.insert(workspace.clone(), named);
        content.runs.push(FoundRun {
            taken_from: Some(workspace),
            memo: stored.memo,
            declared: stored.declared.clone(),
            inputs: stored.inputs.clone(),
            assets: assets(store, &run)?,
            checkpoints: stored.checkpoints.clone(),
            streams: store.streams_from(id, environment.id)?,
            ..FoundRun::plain(String::new(), run)
        });
    }
    content.logs.extend(store.logs(id, None)?);
    content.points.extend(store.points(id, None)?);
    Ok(())
}

/// The workspaces a run has executions in, with their environments.
fn seen_from<'a>(
    environments: &'a Environments,
    run: &Run,
) -> BTreeMap<WorkspaceId, &'a Environment> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let workspaces: BTreeSet<&WorkspaceId> =
        executions.map(|execution| &execution.workspace_id).collect();
    let known = workspaces
        .into_iter()
        .filter_map(|workspace| Some((workspace.clone(), environments.of_workspace(workspace)?)));
    known.collect()
}

fn spawned(run: &Run) -> Vec<RunId> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let outcomes = executions.filter_map(|execution| execution.result.as_ref());
    outcomes
        .filter_map(|outcome| match &outcome.ended {
            Ended::Spawned(other) => Some(other.execution_id.run().clone()),
            _ => None,
        })
        .collect()
}

fn assets(
    store: &Store,
    run: &Run,
) -> Result<BTreeMap<hindcast_model::AssetId, Vec<hindcast_model::AssetEntry>>, ApiError> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let ids: BTreeSet<_> = executions.flat_map(|execution| execution.assets.keys()).collect();
    let mut assets = BTreeMap::new();
    for id in ids {
        let entries = store.asset_entries(id)?;
        if !entries.is_empty() {
            assets.insert(id.clone(), entries);
        }
    }
    Ok(assets)
}
