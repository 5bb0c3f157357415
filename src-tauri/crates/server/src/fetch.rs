//! Fetching runs whole: every view that is needed, what they spawned, and all that belongs to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hindcast_import::{needed_blobs, served};
use hindcast_model::{
    Asset, AssetEntry, AssetId, BlobKey, BlobSource, Dependency, EnvironmentName, Execution,
    Finding, Found, FoundRun, FoundWorkspace, InputId, Outcome, Reference, Resolved, Run, RunId,
    TypedDependency, Value, WorkspaceId,
};
use serde_json::json;

use crate::client::{Question, encoded};
use crate::{Client, Holding, ServerError, Watch, views};

/// What to fetch.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The workspace to see the runs from.
    pub workspace: EnvironmentName,
    /// The runs. Those they spawned come too.
    pub runs: Vec<RunId>,
}

/// What was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// All of it, as the readers of files give it.
    pub found: Found,
    /// How many blobs came over the network.
    pub blobs_fetched: usize,
    /// How many blobs the server does not have.
    pub blobs_missing: usize,
}

/// How many times a blob that is not what its name says is asked for.
const BLOB_ROUNDS: u32 = 3;

/// How much larger than the server said a blob's answer may be before it is given up, in bytes.
const SPARE: u64 = 1 << 16;

/// Fetches runs. Blobs for which `has` holds are left where they are; those that come are held by
/// `holding`, so that a fetch that was interrupted does not begin anew.
///
/// # Errors
/// If the server cannot be reached or says no, a run is not there, or an answer makes no sense.
pub fn fetch(
    client: &Client,
    wanted: &Wanted,
    holding: &Arc<Holding>,
    has: &dyn Fn(&BlobKey) -> bool,
    watch: &mut Watch<'_, '_>,
) -> Result<Fetched, ServerError> {
    let workspaces = client.found_workspaces(watch)?;
    let from = workspace_named(client, &workspaces, &wanted.workspace)?;
    let mut found = Found { workspaces, ..Found::default() };
    let mut queue: VecDeque<(RunId, bool)> =
        wanted.runs.iter().map(|run| (run.clone(), true)).collect();
    let mut seen = BTreeSet::new();
    while let Some((id, asked_for)) = queue.pop_front() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let Some((run, shown)) = client.run(&id, &from, &found.workspaces, watch)? else {
            if asked_for {
                let address = client.address().to_string();
                return Err(ServerError::NoRun { address, run: id });
            }
            let message = "a run that was spawned is not on the server".to_owned();
            let source = client.address().to_string();
            found.findings.push(Finding { source, place: id.to_string(), message });
            continue;
        };
        queue.extend(views::spawned(&run).into_iter().map(|id| (id, false)));
        let source = client.address().with(&run_path(&from, &id));
        let whole = FoundRun { taken_from: Some(from.clone()), ..FoundRun::plain(source, run) };
        let mut whole = served::checked(whole, &client.address().to_string(), &mut found.findings)?;
        client.inputs(&mut whole, watch)?;
        client.assets(&mut whole, watch)?;
        client.telemetry(&id, &shown, &mut found, watch)?;
        found.runs.push(whole);
    }
    let (blobs_fetched, blobs_missing) = client.blobs(&mut found, holding, has, watch)?;
    Ok(Fetched { found, blobs_fetched, blobs_missing })
}

fn run_path(workspace: &WorkspaceId, run: &RunId) -> String {
    format!("/topics/workspaces/{}/runs/{}", encoded(workspace.as_str()), encoded(run.as_str()))
}

type Workspaces = BTreeMap<WorkspaceId, FoundWorkspace>;

/// The workspace of that name.
pub(crate) fn workspace_named(
    client: &Client,
    workspaces: &Workspaces,
    name: &EnvironmentName,
) -> Result<WorkspaceId, ServerError> {
    let wanted = workspaces.iter().find(|(_, workspace)| workspace.name == *name);
    wanted.map(|(id, _)| id.clone()).ok_or_else(|| {
        let names: Vec<&str> = workspaces.values().map(|known| known.name.as_str()).collect();
        let known = match names.as_slice() {
            [] => "are none".to_owned(),
            [one] => format!("is {one}"),
            several => format!("are {}", several.join(", ")),
        };
        ServerError::NoWorkspace {
            address: client.address().to_string(),
            name: name.clone(),
            known,
        }
    })
}

/// A workspace and those it inherits from.
fn chain<'w>(workspaces: &'w Workspaces, from: &'w WorkspaceId) -> Vec<&'w WorkspaceId> {
    let mut chain: Vec<&WorkspaceId> = Vec::new();
    let mut next = Some(from);
    while let Some(id) = next.filter(|id| !chain.contains(id)) {
        chain.push(id);
        next = workspaces.get(id).and_then(|workspace| workspace.base.as_ref());
    }
    chain
}

impl Client {
    pub(crate) fn found_workspaces(
        &self,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Workspaces, ServerError> {
        watch.say(format!("{}: workspaces", self.address()))?;
        let question = self.document("/topics/workspaces");
        let url = self.url(&question);
        let answer = self.ask_one(question, watch)?;
        let strange =
            |reason: &str| ServerError::NotCoflux { url: url.clone(), reason: reason.into() };
        let answer = answer.ok_or_else(|| strange("there is nothing (404)"))?;
        if answer.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(strange("what came is no JSON object"));
        }
        Ok(served::workspaces(&answer, &url)?)
    }

    /// A run with everything that any workspace of the chains shows of it, and if something still
    /// points to what none of them shows, all the others. None if there is no such run.
    fn run(
        &self,
        id: &RunId,
        from: &WorkspaceId,
        workspaces: &Workspaces,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Option<(Run, BTreeSet<WorkspaceId>)>, ServerError> {
        watch.say(format!("{}: run {id}", self.address()))?;
        let view = |workspace: &WorkspaceId, watch: &mut Watch<'_, '_>| {
            let question = self.document(run_path(workspace, id));
            let name = self.url(&question);
            let Some(bytes) = self.ask_one(question, watch)? else { return Ok(None) };
            let view = served::run(&bytes, &name)?;
            if view.id == *id {
                Ok(Some(view))
            } else {
                let reason = format!("it is run {}", view.id);
                Err(ServerError::NotCoflux { url: name, reason })
            }
        };
        let Some(mut run) = view(from, watch)? else { return Ok(None) };
        let home = views::home(&run).cloned();
        let mut shown: BTreeSet<WorkspaceId> = home.iter().chain([from]).cloned().collect();
        let inherited = home.as_ref().map(|home| chain(workspaces, home)).unwrap_or_default();
        let first = chain(workspaces, from).into_iter().chain(inherited);
        let first = first.map(|workspace| (workspace, true));
        let others = workspaces.keys().map(|workspace| (workspace, false));
        for (workspace, is_in_chain) in first.chain(others) {
            if (is_in_chain || views::dangles(&run))
                && shown.insert(workspace.clone())
                && let Some(further) = view(workspace, watch)?
            {
                views::add(&mut run, further);
            }
        }
        Ok(Some((run, shown)))
    }

    /// What persons were asked, and what they answered.
    fn inputs(&self, found: &mut FoundRun, watch: &mut Watch<'_, '_>) -> Result<(), ServerError> {
        let mut asked: BTreeMap<InputId, WorkspaceId> = BTreeMap::new();
        for execution in found.run.steps.values().flat_map(|step| step.executions.values()) {
            let own = execution.inputs.iter().flat_map(BTreeMap::keys);
            for id in own.chain(consumed_inputs(execution)).filter(|id| id.run == found.run.id) {
                asked.entry(id.clone()).or_insert_with(|| execution.workspace_id.clone());
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        watch.say(format!("{}: inputs of {}", self.address(), found.run.id))?;
        let questions = asked.keys().map(|id| Question {
            body: Some(json!({ "inputId": id.to_string() }).to_string()),
            ..self.document("/api/get_input")
        });
        let asked: Vec<(&InputId, &WorkspaceId)> = asked.iter().collect();
        let mut inputs = BTreeMap::new();
        let name = |id| format!("{} input {id}", self.address());
        self.ask_all(questions.collect(), watch, |index, answer, _| {
            if let (Some(bytes), (id, workspace)) = (answer, asked[index]) {
                let input = served::input(&bytes, &name(id), id.clone(), workspace.clone())?;
                inputs.insert(id.clone(), input);
            }
            Ok(())
        })?;
        found.inputs = inputs.into_values().collect();
        Ok(())
    }

    /// The files of assets. Of an asset of one file, the run itself tells it.
    fn assets(&self, found: &mut FoundRun, watch: &mut Watch<'_, '_>) -> Result<(), ServerError> {
        let mut wanted = BTreeSet::new();
        let mut told: BTreeMap<AssetId, Vec<AssetEntry>> = BTreeMap::new();
        each_asset(&found.run, &mut |id, asset| match &asset.entry {
            Some(entry) if asset.total_count == 1 => {
                told.insert(id.clone(), vec![entry.clone()]);
            }
            _ => drop(wanted.insert(id.clone())),
        });
        wanted.retain(|id| !told.contains_key(id));
        if !wanted.is_empty() {
            watch.say(format!("{}: assets of {}", self.address(), found.run.id))?;
        }
        let wanted: Vec<AssetId> = wanted.into_iter().collect();
        let path = |id: &AssetId| format!("/topics/asset/{}", encoded(id.as_str()));
        let questions = wanted.iter().map(|id| self.document(path(id)));
        self.ask_all(questions.collect(), watch, |index, answer, _| {
            let id = &wanted[index];
            if let Some(bytes) = answer {
                let name = self.address().with(&path(id));
                told.insert(id.clone(), served::asset(&bytes, &name)?);
            }
            Ok(())
        })?;
        found.assets = told;
        Ok(())
    }

    fn telemetry(
        &self,
        run: &RunId,
        shown: &BTreeSet<WorkspaceId>,
        found: &mut Found,
        watch: &mut Watch<'_, '_>,
    ) -> Result<(), ServerError> {
        let shown: Vec<String> = shown.iter().map(|id| encoded(id.as_str())).collect();
        let query = format!("run={}&workspaces={}", encoded(run.as_str()), shown.join(","));
        watch.say(format!("{}: logs of {run}", self.address()))?;
        let lines = self.pages(&format!("/logs?{query}"), served::logs, watch)?;
        watch.say(format!("{}: metrics of {run}", self.address()))?;
        let points = self.pages(&format!("/metrics?{query}"), served::points, watch)?;
        // What is of another run is not what was asked for.
        found.logs.push(lines.into_iter().filter(|line| line.execution.run() == run).collect());
        found.points.push(points.into_iter().filter(|of| of.execution.run() == run).collect());
        Ok(())
    }

    /// Fetches the blobs that are not here. Returns how many came, and how many are not there.
    fn blobs(
        &self,
        found: &mut Found,
        holding: &Arc<Holding>,
        has: &dyn Fn(&BlobKey) -> bool,
        watch: &mut Watch<'_, '_>,
    ) -> Result<(usize, usize), ServerError> {
        let needed = needed_blobs(&found.runs, found.logs.iter().flatten());
        let (held, mut wanted): (Vec<_>, Vec<_>) =
            needed.into_iter().filter(|(key, _)| !has(key)).partition(|(key, _)| holding.has(key));
        watch.expect(wanted.iter().map(|(_, size)| *size).fold(0, u64::saturating_add));
        watch.say(format!("{}: {} blobs", self.address(), wanted.len()))?;
        let mut here: Vec<BlobKey> = held.into_iter().map(|(key, _)| key).collect();
        let mut missing = Vec::new();
        let before = here.len();
        for round in 1..=BLOB_ROUNDS {
            let mut wrong = Vec::new();
            let questions = wanted.iter().map(|(key, size)| self.blob(key, *size)).collect();
            self.ask_all(questions, watch, |index, answer, watch| {
                let (key, size) = wanted[index];
                watch.say(format!("{}: blob {key}", self.address()))?;
                let Some(bytes) = answer else {
                    missing.push(key);
                    return Ok(());
                };
                let content = BlobKey::of(&bytes);
                if content == key {
                    holding.put(key, &bytes)?;
                    here.push(key);
                } else if round < BLOB_ROUNDS {
                    wrong.push((key, size));
                } else {
                    let url = self.url(&self.blob(&key, size));
                    return Err(ServerError::WrongBlob { url, key, found: content });
                }
                Ok(())
            })?;
            wanted = wrong;
        }
        if !missing.is_empty() {
            missing.sort();
            let count = missing.len();
            let message = format!(
                "{count} of the blobs are not on the server, such as {}; its workers may keep them elsewhere",
                missing[0]
            );
            let source = self.address().to_string();
            found.findings.push(Finding { source, place: "blobs".into(), message });
        }
        let fetched = here.len() - before;
        let source: Arc<dyn BlobSource> = Arc::<Holding>::clone(holding);
        found.blobs.extend(here.into_iter().map(|key| (key, Arc::clone(&source))));
        Ok((fetched, missing.len()))
    }

    fn blob(&self, key: &BlobKey, size: u64) -> Question {
        let limit = size.saturating_add(SPARE).min(self.patience().blob);
        Question { path: format!("/blobs/{key}"), body: None, limit }
    }
}

fn consumed_inputs(execution: &Execution) -> impl Iterator<Item = &InputId> {
    execution.dependencies.values().filter_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Input { input_id, .. }) => Some(input_id),
        _ => None,
    })
}

/// Every asset that a run mentions.
fn each_asset(run: &Run, visit: &mut impl FnMut(&AssetId, &Asset)) {
    for step in run.steps.values() {
        step.arguments.iter().for_each(|value| assets_of(value, visit));
        for execution in step.executions.values() {
            execution.assets.iter().for_each(|(id, asset)| visit(id, asset));
            for dependency in execution.dependencies.values() {
                if let Dependency::Typed(TypedDependency::Asset { asset_id, asset, .. }) =
                    dependency
                {
                    visit(asset_id, asset);
                }
            }
            let mut outcome = execution.result.as_ref();
            while let Some(Outcome { ended, resolved, .. }) = outcome {
                if let hindcast_model::Ended::Value(value) = ended {
                    assets_of(value, visit);
                }
                outcome = match resolved {
                    Resolved::Known(outcome) => Some(outcome),
                    Resolved::Absent | Resolved::Pending => None,
                };
            }
        }
    }
}

fn assets_of(value: &Value, visit: &mut impl FnMut(&AssetId, &Asset)) {
    for reference in value.references() {
        if let Reference::Asset { asset_id, asset, .. } = reference {
            visit(asset_id, asset);
        }
    }
}
