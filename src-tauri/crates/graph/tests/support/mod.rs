//! Recorded runs, and drawings of what is made of them.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use hindcast_graph::{CallTree, PlaceKind, RunGraph};
use hindcast_model::{
    BlobKey, Environment, EnvironmentId, Environments, Execution, Extra, Origin, Run, Step, StepId,
    Timestamp, WorkspaceId,
};
use serde::Deserialize;

pub const PRODUCTION: EnvironmentId = EnvironmentId(1);
pub const DEVELOPMENT: EnvironmentId = EnvironmentId(2);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    created_at: Timestamp,
    steps: BTreeMap<StepId, Step>,
}

/// A run as an export under `fixtures` has it.
pub fn run(fixture: &str) -> Run {
    let path = format!("{}/../../../fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let document: Document = serde_json::from_str(&text).unwrap();
    Run {
        id: document.steps.keys().next().unwrap().run.clone(),
        created_at: document.created_at,
        created_by: serde_json::Value::Null,
        requires: None,
        parent: None,
        steps: document.steps.into_iter().map(|(id, step)| (id.number, step)).collect(),
        extra: serde_json::Map::new(),
    }
}

/// `production`, and `development` on it. The workspaces are told apart by the root's attempts, as
/// all recorded runs began in production.
pub fn environments(run: &Run) -> Environments {
    let home = run.root().unwrap().executions[&1].workspace_id.clone();
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let other: Option<WorkspaceId> =
        executions.map(|execution| &execution.workspace_id).find(|id| **id != home).cloned();
    Environments::new(vec![
        environment(PRODUCTION, "production", None, Origin::Imported, vec![home]),
        environment(
            DEVELOPMENT,
            "development",
            Some(PRODUCTION),
            Origin::Local,
            other.into_iter().collect(),
        ),
    ])
}

pub fn environment(
    id: EnvironmentId,
    name: &str,
    base: Option<EnvironmentId>,
    origin: Origin,
    workspaces: Vec<WorkspaceId>,
) -> Environment {
    Environment { id, name: name.parse().unwrap(), base, origin, workspaces }
}

/// The shown tree and what else connects it, as text.
pub fn draw(graph: &RunGraph) -> String {
    let tree = graph.tree();
    let mut text = String::new();
    let mut stack: Vec<(usize, usize)> = tree.roots.iter().rev().map(|&root| (root, 0)).collect();
    while let Some((index, depth)) = stack.pop() {
        let indent = "  ".repeat(depth);
        writeln!(text, "{indent}{}", draw_place(graph, tree, index)).unwrap();
        stack.extend(tree.places[index].children.iter().rev().map(|&child| (child, depth + 1)));
    }
    for edge in &tree.memo_edges {
        let (from, to) = (&tree.places[edge.from].id, &tree.places[edge.to].id);
        writeln!(text, "{from} takes {to} ({})", edge.execution).unwrap();
    }
    for finding in graph.findings() {
        writeln!(text, "finding: {finding:?}").unwrap();
    }
    writeln!(text, "{} hidden", tree.hidden).unwrap();
    text
}

fn draw_place(graph: &RunGraph, tree: &CallTree, index: usize) -> String {
    let place = &tree.places[index];
    let node = place.step.and_then(|step| graph.node(step));
    let target = node.and_then(|node| node.target.as_ref()).map_or("?", |target| &*target.name);
    let mut text = format!("{} {target}", place.id);
    match &place.kind {
        PlaceKind::Called => {}
        PlaceKind::Pinned { execution, by } => write!(text, " pinned {execution} {by:?}").unwrap(),
        other => write!(text, " {other:?}").unwrap(),
    }
    if let Some(node) = node {
        let attempts = node.newest.as_ref().map_or(0, |newest| newest.attempt);
        let environment = if node.environment == Some(DEVELOPMENT) { "dev" } else { "prod" };
        write!(text, " {:?} {attempts}/{} {environment}", node.state, node.attempts.len()).unwrap();
        if let Some(error) = &node.error {
            write!(text, " {error}").unwrap();
        }
        if node.memoised {
            text.push_str(" memoised");
        }
    }
    if let Some(group) = place.group {
        let name = tree.group_names.get(&group).map_or("", |name| name);
        write!(text, " in group {} {name:?}", group.number).unwrap();
    }
    if place.superseded {
        text.push_str(" superseded");
    }
    text
}

/// A run whose steps are called as told: for each step but the first, its caller's number.
pub fn synthetic(callers: &[u32]) -> Run {
    let run_id = "Rtest".parse().unwrap();
    let mut steps: BTreeMap<u32, Step> = BTreeMap::new();
    for (number, caller) in (1u32..).zip(std::iter::once(None).chain(callers.iter().map(Some))) {
        let id = StepId::new(run_id_of(&run_id), number);
        steps.insert(
            number,
            step(&id, caller.map(|&caller| StepId::new(run_id_of(&run_id), caller))),
        );
        if let Some(caller) = caller.and_then(|caller| steps.get_mut(caller)) {
            let execution = caller.executions.get_mut(&1).unwrap();
            execution.children.push(hindcast_model::Child {
                step_id: id,
                attempt: 1,
                group_id: None,
                extra: Extra::NONE,
            });
        }
    }
    Run {
        id: run_id,
        created_at: Timestamp(0),
        created_by: serde_json::Value::Null,
        requires: None,
        parent: None,
        steps,
        extra: serde_json::Map::new(),
    }
}

fn run_id_of(id: &hindcast_model::RunId) -> hindcast_model::RunId {
    id.clone()
}

fn step(id: &StepId, caller: Option<StepId>) -> Step {
    let execution = execution(id, 1, "Wprd");
    let form = serde_json::json!({
        "stepNumber": id.number, "module": "m", "target": format!("t{}", id.number % 5),
        "parentId": caller.map(|caller| caller.attempt(1)), "cacheConfig": null, "cacheKey": null,
        "memoKey": null, "retries": null, "createdAt": id.number,
        "arguments": [{"type": "raw", "data": id.number, "references": []}], "executions": {},
    });
    let mut step: Step = serde_json::from_value(form).unwrap();
    step.executions.insert(1, execution);
    step
}

pub fn execution(step: &StepId, attempt: u32, workspace: &str) -> Execution {
    serde_json::from_value(serde_json::json!({
        "executionId": step.attempt(attempt), "workspaceId": workspace,
        "createdAt": u64::from(step.number) * 10 + u64::from(attempt), "executeAfter": null,
        "assignedAt": 1, "completedAt": 2,
        "result": {"type": "value", "createdBy": null,
            "value": {"type": "raw", "data": step.number, "references": []}},
    }))
    .unwrap()
}

/// The blobs beside an export, by the SHA-256 that is each file's name.
pub fn blobs(folder: &str) -> HashMap<BlobKey, Arc<[u8]>> {
    let path = format!("{}/../../../fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap();
            (name.parse().unwrap(), std::fs::read(&file).unwrap().into())
        })
        .collect()
}

/// Every recorded export of a run, as [`run`] takes it.
pub fn exports() -> Vec<String> {
    let root = format!("{}/../../../fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let recorded = ["shop", "conformance", "cold"];
    let mut folders: Vec<_> = recorded.iter().map(|name| Path::new(&root).join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            if path.is_dir() {
                folders.push(path);
            } else if is_json && std::fs::read_to_string(&path).unwrap().contains("\"steps\"") {
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
