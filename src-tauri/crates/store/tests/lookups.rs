//! What is looked up over all runs is what reading all of them finds.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use hindcast_model::record::{Record, StoredRun};
use hindcast_model::{Asset, AssetId, EnvironmentId, Key, RunId, Step, Target, WorkspaceId};
use hindcast_store::Store;
use serde_json::json;
use support::{import, store};

const FIXTURES: [&str; 8] = [
    "shop/R6Lf.json",
    "shop/RPX9.json",
    "conformance/caching/after.json",
    "conformance/caching/cached-workflow-1.json",
    "conformance/memo-edges/after.json",
    "conformance/inputs/after-in-progress.json",
    "seed-era/rollout",
    "seed-era/settle",
];

/// Every run, whole, the newest first.
fn all(store: &Store) -> Vec<StoredRun> {
    store.runs().unwrap().iter().map(|run| store.load(&run.id).unwrap()).collect()
}

fn steps(all: &[StoredRun]) -> impl Iterator<Item = (&RunId, &Step)> {
    all.iter().flat_map(|stored| stored.run.steps.values().map(|step| (&stored.run.id, step)))
}

fn runs_with(all: &[StoredRun], which: impl Fn(&Step) -> bool) -> BTreeSet<RunId> {
    steps(all).filter(|(_, step)| which(step)).map(|(run, _)| run.clone()).collect()
}

fn set(runs: Vec<RunId>) -> BTreeSet<RunId> {
    runs.into_iter().collect()
}

/// Compares every lookup that anything recorded could be found by. Gives how many differ from each
/// other.
fn compare(store: &Store) -> [usize; 4] {
    let all = all(store);
    assert_eq!(set(store.run_ids().unwrap()), runs_with(&all, |_| true));
    let targets: BTreeSet<Target> = steps(&all).map(|(_, step)| step.target()).collect();
    let environments = store.environments().unwrap();
    let ids: Vec<EnvironmentId> = environments.iter().map(|known| known.id).collect();
    let mut ran = 0;
    for target in &targets {
        let calling = runs_with(&all, |step| step.target() == *target);
        assert_eq!(set(store.runs_calling(target).unwrap()), calling, "{target}");
        for id in &ids {
            let is_there = |step: &Step| {
                step.executions.values().any(|execution| {
                    environments.of_workspace(&execution.workspace_id).unwrap().id == *id
                })
            };
            let found = runs_with(&all, |step| {
                step.target() == *target && !step.is_memoised() && is_there(step)
            });
            let known = store.ran_unmemoised(target, *id).unwrap();
            assert_eq!(known, !found.is_empty(), "{target} in {id:?}");
            ran += usize::from(known);
        }
    }
    let keys: BTreeSet<String> =
        steps(&all).filter_map(|(_, step)| Some(step.cache_key.as_ref()?.shown().into())).collect();
    for shown in &keys {
        let cached = runs_with(&all, |step| {
            step.cache_key.as_ref().is_some_and(|known| known.shown() == shown)
        });
        assert_eq!(set(store.runs_cached_as(&shown.parse().unwrap()).unwrap()), cached, "{shown}");
    }
    let told = all.iter().flat_map(|stored| stored.run.steps.values());
    let told = told.flat_map(|step| step.executions.values()).flat_map(|one| one.assets.clone());
    let told: Vec<(AssetId, Asset)> = told.collect();
    assert_eq!(store.asset_summaries().unwrap(), told);
    [targets.len(), ran, keys.len(), told.len()]
}

#[test]
fn what_is_looked_up_is_what_reading_everything_finds() {
    let (_folder, store) = store();
    for name in FIXTURES {
        import(&store, &[name]);
    }
    let [targets, ran, keys, assets] = compare(&store);
    assert!(targets > 30 && ran > 10 && keys > 10 && assets > 1, "{targets} {ran} {keys} {assets}");

    let nobody: Key = "0123456789".parse().unwrap();
    assert_eq!(store.runs_cached_as(&nobody).unwrap(), []);
    let numbers = |run: &str| store.old_ids(&run.parse().unwrap()).unwrap();
    assert_eq!(numbers("R6Lf"), []);
    let old = all(&store).into_iter().find(|stored| {
        let mut executions = stored.run.steps.values().flat_map(|step| step.executions.values());
        executions.any(|execution| execution.old_id().is_some())
    });
    let old = old.unwrap().run;
    let recorded = old.steps.values().flat_map(|step| step.executions.values());
    let recorded = recorded.filter_map(|one| Some((one.execution_id.clone(), one.old_id()?)));
    assert_eq!(numbers(old.id.as_str()), recorded.collect::<Vec<_>>());
}

#[test]
fn what_happens_here_is_found_as_well() {
    let (_folder, store) = store();
    import(&store, &["conformance/caching/before.json"]);
    let run = store.run_ids().unwrap().remove(0);
    import(&store, &["seed-era/rollout"]);
    let environments = store.environments().unwrap();
    let production = store.load(&run).unwrap().run.steps[&1].executions[&1].workspace_id.clone();
    let base = environments.of_workspace(&production).unwrap().id;
    let local = store.create_local(&"mine".parse().unwrap(), Some(base)).unwrap();
    let root = format!("{run}:1:2");
    let own: Key = "ab".repeat(32).parse().unwrap();
    let asked = |number: u32, workspace: &WorkspaceId| {
        let input = json!({"id": format!("{run}/i{number}"), "workspace": workspace, "key": null,
            "template": "sure?", "placeholders": {}, "schema": null, "initial": null,
            "title": null, "actions": null, "requires": {}, "created_at": 13, "response": null});
        json!({"InputSubmitted": {"execution": root, "input": input}})
    };
    let facts = [
        json!({"ExecutionCreated": {"id": root, "environment": local.id, "created_at": 10,
            "workspace": local.workspaces[0], "execute_after": null, "because": "rerun",
            "edited_arguments": null}}),
        json!({"AssetPersisted": {"execution": root, "asset_id": "Aloc", "asset": {
            "name": "files", "totalCount": 2, "totalSize": 3, "entry": null}, "entries": []}}),
        json!({"OwnKeysMade": [[format!("{run}:2"), {"cache": own}]]}),
        asked(1, &production),
        asked(2, &local.workspaces[0]),
    ];
    let facts: Vec<Record> =
        facts.iter().map(|fact| serde_json::from_str(&fact.to_string()).unwrap()).collect();
    assert_eq!(store.runs_cached_as(&own).unwrap(), []);
    let apply =
        |facts: &[Record]| store.transaction(|transaction| transaction.apply("me", facts)).unwrap();
    // What was asked elsewhere is answered elsewhere.
    apply(&facts[..4]);
    assert_eq!(store.runs_asking().unwrap(), []);
    apply(&facts[4..]);
    let [.., assets] = compare(&store);
    assert!(assets > 1);
    assert_eq!(store.runs_asking().unwrap(), std::slice::from_ref(&run));
    assert_eq!(store.runs_cached_as(&own).unwrap(), std::slice::from_ref(&run));
    let (_, own_keys) = store.find(&run).unwrap().unwrap();
    assert_eq!(own_keys[&2].cache.as_ref(), Some(&own));
    assert_eq!(store.find(&"Rnot".parse().unwrap()).unwrap(), None);

    let answer = json!({"InputAnswered": {"input": format!("{run}/i2"),
        "response": {"Dismissed": {"at": 15}}}});
    let answer: Record = serde_json::from_str(&answer.to_string()).unwrap();
    apply(&[answer]);
    assert_eq!(store.runs_asking().unwrap(), []);
}

#[test]
fn a_document_that_sqlite_cannot_read_fits_every_lookup() {
    let (folder, store) = store();
    let text = support::fixture("conformance/caching/before.json");
    let text = std::fs::read_to_string(text).unwrap();
    let mut run: serde_json::Value = serde_json::from_str(&text).unwrap();
    for step in run["steps"].as_object_mut().unwrap().values_mut() {
        step["arguments"] = json!([{"type": "raw", "data": "DEEP", "references": []}]);
    }
    let deep = format!("{}1{}", "[".repeat(1500), "]".repeat(1500));
    let path = folder.path().join("deep.json");
    std::fs::write(&path, run.to_string().replace("\"DEEP\"", &deep)).unwrap();
    support::import_paths(&store, &[Path::new(&path)]);

    let all = all(&store);
    let [_, ran, keys, _] = compare(&store);
    assert!(ran > 1 && keys > 1);
    let nobody: Key = "0123456789".parse().unwrap();
    assert_eq!(store.runs_cached_as(&nobody).unwrap(), std::slice::from_ref(&all[0].run.id));
}
