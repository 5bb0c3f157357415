//! Looking before importing, telling how far it is, and ending it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hindcast_import::{Options, needed_blobs};
use hindcast_model::{Found, FoundRun, RunId};
use hindcast_store::Store;

use super::Imports;
use super::import::finding;
use crate::api::Answered;
use crate::calls::{CancelImport, ImportLooked, Look};
use crate::command;
use crate::incoming::Looked;
use crate::view::{ApiEvent, FoundRunView, FoundView, ImportReport, Progress};
use crate::{Api, ApiError, ErrorCode};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Tells how far something is, not too often, and hears whether to go on.
pub(crate) struct Telling {
    api: Api,
    go_on: Arc<AtomicBool>,
    last: Instant,
    verb: &'static str,
}

impl Telling {
    pub(crate) fn new(api: &Api) -> Self {
        let go_on = api.incoming().begin();
        Self { api: api.clone(), go_on, last: Instant::now(), verb: "" }
    }

    /// What is being done from now on.
    pub(crate) fn says(&mut self, verb: &'static str) {
        self.verb = verb;
    }

    /// So many bytes. Returns whether to go on.
    pub(crate) fn tell(&mut self, progress: &hindcast_import::Progress) -> bool {
        const UNIT: u64 = 1024;
        let units = |bytes: u64| u32::try_from(bytes / UNIT).unwrap_or(u32::MAX);
        self.say(&progress.what, units(progress.done), units(progress.total))
    }

    /// So many things. Returns whether to go on.
    pub(crate) fn tell_things(&mut self, done: usize, total: usize) -> bool {
        let units = |things: usize| u32::try_from(things).unwrap_or(u32::MAX);
        self.say("steps and blobs", units(done), units(total))
    }

    fn say(&mut self, what: &str, done: u32, total: u32) -> bool {
        if self.last.elapsed() >= TELL_EVERY {
            self.last = Instant::now();
            let what = format!("{} {what}", self.verb);
            let total = (total > 0).then_some(total);
            self.api.tell(ApiEvent::Progress(Progress { what, done, total }));
        }
        self.go_on.load(Ordering::Relaxed)
    }
}

impl Answered for Look {
    async fn answer(self, api: &Api) -> Result<FoundView, ApiError> {
        let paths = self.paths.into_iter().map(PathBuf::from).collect();
        api.look(Imports { paths, blobs: Vec::new(), environment: self.environment }).await
    }
}

impl Answered for ImportLooked {
    async fn answer(self, api: &Api) -> Result<ImportReport, ApiError> {
        let looked = api.incoming().take(self.look).ok_or_else(|| {
            let message = "what was looked at is no longer here; look again";
            ApiError::new(ErrorCode::Refused, message)
        })?;
        let Looked { mut found, paths, environment } = looked;
        if let Some(runs) = &self.runs {
            choose(&mut found, runs)?;
        }
        let command = command::import_only(&paths, environment.as_deref(), self.runs.as_deref());
        api.take_in(environment, command, move |_, _| Ok(found)).await
    }
}

impl Answered for CancelImport {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        api.incoming().cancel();
        Ok(())
    }
}

impl Api {
    /// Reads files, and keeps what they hold until it is imported or something else is looked at.
    ///
    /// # Errors
    /// If a file is no export or damaged.
    pub async fn look(&self, imports: Imports) -> Result<FoundView, ApiError> {
        let mut telling = Telling::new(self);
        let api = self.clone();
        self.with_store(move |store| {
            telling.says("reading");
            let options = Options { blobs: imports.blobs, ..Options::default() };
            let found = hindcast_import::read(&imports.paths, &options, &mut |progress: &_| {
                telling.tell(progress)
            })?;
            let paths = imports.paths.iter().map(|path| path.to_string_lossy().into_owned());
            let paths = paths.collect();
            let mut view = view(store, &found)?;
            view.look =
                api.incoming().keep(Looked { found, paths, environment: imports.environment });
            Ok(view)
        })
        .await
    }
}

/// Leaves only these runs of what was found, and what belongs to them.
fn choose(found: &mut Found, runs: &[String]) -> Result<(), ApiError> {
    let chosen: BTreeSet<RunId> =
        runs.iter().map(|run| run.parse()).collect::<Result<_, hindcast_model::IdError>>()?;
    let there: BTreeSet<&RunId> = found.runs.iter().map(|found| &found.run.id).collect();
    if let Some(missing) = chosen.iter().find(|run| !there.contains(run)) {
        return Err(ApiError::new(ErrorCode::NotFound, format!("run {missing} is not among them")));
    }
    found.runs.retain(|found| chosen.contains(&found.run.id));
    for lines in &mut found.logs {
        lines.retain(|line| chosen.contains(line.execution.run()));
    }
    for points in &mut found.points {
        points.retain(|point| chosen.contains(point.execution.run()));
    }
    let needed = needed_blobs(&found.runs, found.logs.iter().flatten());
    found.blobs.retain(|key, _| needed.contains_key(key));
    Ok(())
}

fn view(store: &Store, found: &Found) -> Result<FoundView, ApiError> {
    let here: BTreeSet<RunId> = store.runs()?.into_iter().map(|run| run.id).collect();
    let mut runs: BTreeMap<&RunId, Vec<&FoundRun>> = BTreeMap::new();
    let mut order = Vec::new();
    for one in &found.runs {
        let views = runs.entry(&one.run.id).or_default();
        if views.is_empty() {
            order.push(&one.run.id);
        }
        views.push(one);
    }
    let listed: Vec<FoundRunView> = order
        .into_iter()
        .map(|id| run(store, found, &runs[id], &here))
        .collect::<Result<_, _>>()?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(FoundView {
        look: 0,
        runs: children_after_parents(listed),
        blobs: count(found.blobs.len()),
        logs: count(found.logs.iter().map(Vec::len).sum()),
        points: count(found.points.iter().map(Vec::len).sum()),
        findings: found.findings.iter().cloned().map(finding).collect(),
    })
}

/// One run, of all views of it that were found.
fn run(
    store: &Store,
    found: &Found,
    views: &[&FoundRun],
    here: &BTreeSet<RunId>,
) -> Result<FoundRunView, ApiError> {
    let environments = store.environments()?;
    let first = &views[0].run;
    let mut executions = BTreeSet::new();
    let mut steps = BTreeSet::new();
    let mut workspaces = BTreeSet::new();
    for (number, step) in views.iter().flat_map(|view| &view.run.steps) {
        steps.insert(number);
        for execution in step.executions.values() {
            executions.insert(&execution.execution_id);
            workspaces.insert(&execution.workspace_id);
        }
    }
    let name = |workspace: &hindcast_model::WorkspaceId| {
        let told = found.workspaces.get(workspace).map(|known| known.name.to_string());
        let known = || environments.of_workspace(workspace).map(|known| known.name.to_string());
        told.or_else(known).unwrap_or_else(|| workspace.to_string())
    };
    let root = first.root();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(FoundRunView {
        run: first.id.to_string(),
        module: root.map(|root| root.module.clone()).unwrap_or_default(),
        target: root.map(|root| root.target.clone()).unwrap_or_default(),
        environments: workspaces.into_iter().map(name).collect(),
        created_at: first.created_at.0,
        steps: count(steps.len()),
        executions: count(executions.len()),
        parent_run: first.parent.as_ref().map(|parent| parent.execution_id.run().to_string()),
        here: here.contains(&first.id),
    })
}

/// Runs in their order, each followed by those it spawned.
fn children_after_parents(runs: Vec<FoundRunView>) -> Vec<FoundRunView> {
    let there: BTreeSet<String> = runs.iter().map(|run| run.run.clone()).collect();
    let mut below: BTreeMap<String, Vec<FoundRunView>> = BTreeMap::new();
    let mut top = Vec::new();
    for run in runs {
        match run.parent_run.clone().filter(|parent| there.contains(parent) && *parent != run.run) {
            Some(parent) => below.entry(parent).or_default().push(run),
            None => top.push(run),
        }
    }
    top.reverse();
    let mut ordered = Vec::new();
    while let Some(run) = top.pop() {
        let children = below.remove(&run.run).unwrap_or_default();
        ordered.push(run);
        top.extend(children.into_iter().rev());
    }
    // Runs that claim to have spawned each other are below none.
    ordered.extend(below.into_values().flatten());
    ordered
}
