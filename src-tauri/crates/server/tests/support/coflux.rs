//! What a Coflux server would answer: recorded documents, or the same made from a store that read
//! the server's own data directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_import::Options;
use hindcast_model::record::{Input, InputResponse, LogEntry, MetricPoint};
use hindcast_model::{BlobKey, EnvironmentName, Found, RunId, WorkspaceId};
use hindcast_server::{Client, Fetched, Holding, ServerError, Wanted, Watch, fetch};
use hindcast_store::{Naming, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Asked, Reply, TOKEN};

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// Answers by path. Lists come in pages of three.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) documents: BTreeMap<String, Vec<u8>>,
    pub(crate) inputs: BTreeMap<String, Value>,
    pub(crate) logs: BTreeMap<String, Vec<Value>>,
    pub(crate) points: BTreeMap<String, Vec<Value>>,
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
}

const PAGE: usize = 3;

impl Answers {
    /// The shop, as its server's REST API answered.
    pub(crate) fn shop() -> Self {
        let mut answers = Self::default();
        for (path, file) in [
            ("/topics/workspaces", "shop/workspaces.json"),
            ("/topics/workspaces/WBcn/runs/R6Lf", "shop/R6Lf.topic.json"),
            ("/topics/workspaces/WBcn/runs/RPX9", "shop/RPX9.topic.json"),
            ("/topics/workspaces/WNXK/runs/R6Lf", "shop/development/after-rerun-1.json"),
            ("/topics/workspaces/WNXK/runs/RPX9", "shop/RPX9.topic.json"),
        ] {
            answers.documents.insert(path.into(), bytes(file));
        }
        let workflow = json!({"runs": {
            "R6Lf": {"id": "R6Lf", "createdAt": 1_795_361_799_000_i64, "createdBy": null},
            "RPX9": {"id": "RPX9", "createdAt": 1_795_361_700_000_i64, "createdBy": null},
        }});
        let modules = json!({"shop.workflows": {"workflows": {
            "fulfil_orders": {"activeRuns": []}, "other": {"activeRuns": ["RPX9"]},
        }}});
        for (path, document) in [
            ("/topics/workspaces/WBcn/modules", modules),
            ("/topics/workspaces/WBcn/workflows/shop.workflows/fulfil_orders", workflow),
        ] {
            answers.documents.insert(path.into(), document.to_string().into());
        }
        for run in ["R6Lf", "RPX9"] {
            let logs: Value =
                serde_json::from_slice(&bytes(&format!("shop/{run}.logs.rest.json"))).unwrap();
            answers.logs.insert(run.into(), logs["logs"].as_array().unwrap().clone());
        }
        answers.blobs_below("shop/blobs");
        answers.blobs_below("shop-data-dir/blobs");
        answers
    }

    fn blobs_below(&mut self, folder: &str) {
        let options = Options { blobs: vec![fixture(folder)], ..Options::default() };
        let found = hindcast_import::read(&[], &options, &mut |_| true).unwrap();
        for (key, source) in found.blobs {
            self.blobs.insert(key.to_string(), source.read(&key).unwrap());
        }
    }

    /// Everything in a store, as the server that it came from would answer.
    pub(crate) fn of(store: &Store) -> Self {
        let mut answers = Self::default();
        let workspaces = store.workspaces().unwrap();
        let named = workspaces.iter().map(|(id, workspace)| {
            let state = "active";
            let about = json!({"name": workspace.name, "baseId": workspace.base, "state": state});
            (id.to_string(), about)
        });
        let named = Value::Object(named.collect());
        answers.documents.insert("/topics/workspaces".into(), named.to_string().into());
        let environments = store.environments().unwrap();
        for run in store.runs().unwrap() {
            for workspace in workspaces.keys() {
                let environment = environments.of_workspace(workspace).unwrap().id;
                let seen = store.export_run(&run.id, environment).unwrap();
                let path = format!("/topics/workspaces/{workspace}/runs/{}", run.id);
                let document = serde_json::to_vec(&seen.document()).unwrap();
                answers.documents.insert(path, document);
                for execution in seen.steps.values().flat_map(|step| step.executions.values()) {
                    for id in execution.assets.keys() {
                        let files = store.asset_entries(id).unwrap().into_iter();
                        let files = files.map(|file| {
                            let about = json!({"blobKey": file.blob_key, "size": file.size,
                                "metadata": file.metadata});
                            (file.path, about)
                        });
                        let asset =
                            json!({"name": null, "entries": Value::Object(files.collect())});
                        let path = format!("/topics/asset/{id}");
                        answers.documents.insert(path, asset.to_string().into());
                    }
                }
            }
            let stored = store.load(&run.id).unwrap();
            answers.inputs.extend(
                stored.inputs.iter().map(|input| (input.id.to_string(), input_answer(input))),
            );
            let logs = store.logs(&run.id, None).unwrap();
            answers.logs.insert(run.id.to_string(), logs.iter().map(line).collect());
            let points = store.points(&run.id, None).unwrap();
            answers.points.insert(run.id.to_string(), points.iter().map(point).collect());
        }
        answers.blobs_below("data-dir/blobs");
        answers
    }

    pub(crate) fn reply(&self, asked: &Asked) -> Reply {
        let token = asked.headers.get("authorization").map(String::as_str);
        if token != Some(&format!("Bearer {TOKEN}")) {
            return Reply::status(401, "unauthorized");
        }
        if asked.headers.get("x-project").map(String::as_str) != Some("oracle") {
            return Reply::status(400, "project_required");
        }
        let missing = Reply::status(404, "not_found");
        if asked.method == "POST" {
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            let input = self.inputs.get(body["inputId"].as_str().unwrap());
            return input.map_or(missing, |input| Reply::json(input.to_string()));
        }
        if let Some(key) = asked.path.strip_prefix("/blobs/") {
            return self.blobs.get(key).map_or(missing, |blob| Reply::json(blob.clone()));
        }
        let list = match asked.path.as_str() {
            "/logs" => Some(("logs", &self.logs)),
            "/metrics" => Some(("metrics", &self.points)),
            _ => None,
        };
        if let Some((name, all)) = list {
            return page(name, all.get(&asked.query["run"]).map_or(&[], Vec::as_slice), asked);
        }
        self.documents.get(&asked.path).map_or(missing, |document| Reply::json(document.clone()))
    }
}

fn page(name: &str, all: &[Value], asked: &Asked) -> Reply {
    let shown: Vec<&str> = asked.query["workspaces"].split(',').collect();
    let of = |item: &&Value| {
        item["workspaceId"].as_str().is_none_or(|workspace| shown.contains(&workspace))
    };
    let all: Vec<&Value> = all.iter().filter(of).collect();
    let from = asked.query.get("after").map_or(0, |cursor| cursor[1..].parse().unwrap());
    let items: Vec<&&Value> = all.iter().skip(from).take(PAGE).collect();
    let cursor = (!items.is_empty()).then(|| format!(":{}", from + items.len()));
    Reply::json(json!({ name: items, "cursor": cursor }).to_string())
}

fn line(line: &LogEntry) -> Value {
    json!({"executionId": line.execution, "timestamp": line.at, "level": line.level.number(),
        "template": line.template, "values": line.values})
}

fn point(point: &MetricPoint) -> Value {
    json!({"executionId": point.execution, "key": point.key, "value": point.value, "at": point.at})
}

fn input_answer(input: &Input) -> Value {
    let response = input.response.as_ref().map(|response| match response {
        InputResponse::Value { value, at } => {
            json!({"type": "value", "createdAt": at, "value": value})
        }
        InputResponse::Dismissed { at } => json!({"type": "dismissed", "createdAt": at}),
        InputResponse::Cancelled { at } => json!({"type": "cancelled", "createdAt": at}),
    });
    json!({"key": input.key, "template": input.template, "placeholders": input.placeholders,
        "schema": input.schema, "initial": input.initial, "title": input.title,
        "actions": input.actions, "requires": input.requires, "createdAt": input.created_at,
        "response": response})
}

/// A store, and what was fetched for it.
pub(crate) struct Desk {
    home: TempDir,
    pub(crate) store: Store,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        Self { home, store }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn holding(&self) -> Arc<Holding> {
        Holding::open(&self.home.path().join("incoming")).unwrap()
    }

    /// How many blobs wait in the holding.
    pub(crate) fn held(&self) -> usize {
        let folder = self.home.path().join("incoming").read_dir();
        folder.map_or(0, Iterator::count)
    }

    pub(crate) fn fetch(
        &self,
        client: &Client,
        workspace: &str,
        runs: &[&str],
    ) -> Result<Fetched, ServerError> {
        self.watched(client, workspace, runs, &mut |_| true)
    }

    pub(crate) fn watched(
        &self,
        client: &Client,
        workspace: &str,
        runs: &[&str],
        on_progress: &mut hindcast_import::OnProgress<'_>,
    ) -> Result<Fetched, ServerError> {
        let wanted = Wanted {
            workspace: workspace.parse::<EnvironmentName>().unwrap(),
            runs: runs.iter().map(|run| run.parse::<RunId>().unwrap()).collect(),
        };
        let blobs = self.store.blobs().clone();
        let has = |key: &BlobKey| blobs.has(key);
        fetch(client, &wanted, &self.holding(), &has, &mut Watch::new(on_progress))
    }

    pub(crate) fn import(&self, found: Found) {
        self.store.import(found, &Naming::default()).unwrap();
    }

    pub(crate) fn read(&self, files: &[&str]) {
        let paths: Vec<PathBuf> = files.iter().map(|file| fixture(file)).collect();
        let found = hindcast_import::read(&paths, &Options::default(), &mut |_| true).unwrap();
        self.import(found);
    }

    /// A run as its export shows it from a workspace.
    pub(crate) fn seen(&self, run: &str, workspace: &str) -> Value {
        let workspace: WorkspaceId = workspace.parse().unwrap();
        let environments = self.store.environments().unwrap();
        let environment = environments.of_workspace(&workspace).unwrap().id;
        let run = self.store.export_run(&run.parse().unwrap(), environment).unwrap();
        serde_json::to_value(run.document()).unwrap()
    }
}
