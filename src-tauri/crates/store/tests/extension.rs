//! A newer export of a run with local work extends what was imported, and changes nothing local.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeMap;

use hindcast_import::{Options, read};
use hindcast_model::record::{
    Because, Declared, NewExecution, NewStep, Record, StoredRun, TargetKind,
};
use hindcast_model::{Environment, RunId, Target, Timestamp};
use hindcast_store::{Change, Naming, Store};
use serde_json::Value;
use support::{fixture, found, import, store};

fn run_id() -> RunId {
    "RkCd".parse().unwrap()
}

fn environment(store: &Store, name: &str) -> Environment {
    store.environments().unwrap().named(&name.parse().unwrap()).unwrap().clone()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

fn shown(store: &Store, environment: &Environment) -> Value {
    let run = store.export_run(&run_id(), environment.id).unwrap();
    serde_json::to_value(run.document()).unwrap()
}

/// Local work on numbers that production will use next: attempt 2 of step 1, and a step.
fn work(store: &Store, local: &Environment, step: u32) {
    let execution = |id: &str, because| {
        Record::ExecutionCreated(NewExecution {
            id: id.parse().unwrap(),
            environment: local.id,
            workspace: local.workspaces[0].clone(),
            created_at: Timestamp(5),
            execute_after: None,
            because,
            edited_arguments: None,
        })
    };
    let made = Record::StepCreated(NewStep {
        id: format!("RkCd:{step}").parse().unwrap(),
        target: Target::new("local", "work"),
        parent: Some("RkCd:1:2".parse().unwrap()),
        created_at: Timestamp(6),
        arguments: Vec::new(),
        memo_key: None,
        cache: None,
        cache_key: None,
        retries: None,
        recurrent: false,
        timeout: 0,
        requires: serde_json::json!({}),
        declared: Declared {
            kind: TargetKind::Task,
            memo: None,
            defer: None,
            defer_key: None,
            wait_for: Vec::new(),
            delay: 0,
            streams: None,
        },
    });
    let records = [
        execution("RkCd:1:2", Because::Rerun),
        made,
        execution(&format!("RkCd:{step}:1"), Because::Called),
    ];
    store.transaction(|transaction| transaction.apply("test", &records)).unwrap();
}

/// What is local of a run: whole executions by id.
fn local(stored: &StoredRun, local: &Environment) -> BTreeMap<String, String> {
    let executions = stored.run.steps.values().flat_map(|step| {
        step.executions.values().map(|execution| (step.module.clone(), execution.clone()))
    });
    executions
        .filter(|(_, execution)| local.workspaces.contains(&execution.workspace_id))
        .map(|(module, execution)| {
            (execution.execution_id.to_string(), format!("{module} {execution:?}"))
        })
        .collect()
}

#[test]
fn newcomers_give_way_to_local_work_and_go_out_under_their_own_numbers() {
    const NEWER: &str = "conformance/orders/after-4-production-root-rerun.json";
    let (_folder, store) = store();
    import(&store, &["conformance/orders/before.json"]);
    let production = environment(&store, "production");
    let development =
        store.create_local(&"development".parse().unwrap(), Some(production.id)).unwrap();
    work(&store, &development, 14);
    let before = local(&store.load(&run_id()).unwrap(), &development);
    assert_eq!(before.len(), 2);

    // In the recording, development's own attempts stand between production's; here, as if they
    // had been production's: its numbers then collide with the local ones.
    let mut newer = json(NEWER);
    let text = newer.to_string().replace("RkCd:1:4", "RkCd:1:2");
    newer = serde_json::from_str(&text).unwrap();
    let attempts = newer["steps"]["RkCd:1"]["executions"].as_object_mut().unwrap();
    let fourth = attempts.remove("4").unwrap();
    attempts.insert("2".into(), fourth);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.json");
    std::fs::write(&path, newer.to_string()).unwrap();
    let again = || read(std::slice::from_ref(&path), &Options::default(), &mut |_| true).unwrap();

    let summary = store.import(again(), &Naming::default()).unwrap();
    assert_eq!(summary.runs[0].change, Change::Extended);
    let after = store.load(&run_id()).unwrap();
    assert_eq!(local(&after, &development), before, "local work changed");
    assert!(shown(&store, &production) == newer, "production does not come out as it went in");
    // In the store, the newcomer has a number of its own, and so has what refers to it.
    assert_eq!(after.run.steps[&1].executions.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let children = after.run.steps.values().filter_map(|step| step.parent_id.as_ref());
    assert!(children.clone().any(|parent| parent.to_string() == "RkCd:1:3"));
    assert_eq!(after.run.steps[&14].module, "local");
    assert_eq!(children.filter(|parent| parent.to_string() == "RkCd:1:2").count(), 1);

    let summary = store.import(again(), &Naming::default()).unwrap();
    assert!(summary.changed_nothing(), "{summary:?}");
}

#[test]
fn what_was_pending_is_completed_and_later_blobs_fill_in() {
    let (_folder, store) = store();
    let id: RunId = found(&["conformance/inputs/before.json"]).runs[0].run.id.clone();
    import(&store, &["conformance/inputs/in-progress-1.json"]);
    assert!(store.runs().unwrap()[0].environments[0].unfinished > 0);

    let summary = import(&store, &["conformance/inputs/before.json"]);
    assert_eq!(summary.runs[0].change, Change::Extended);
    assert!(summary.executions_extended > 0);
    let production = environment(&store, "production");
    let run = store.export_run(&id, production.id).unwrap();
    let mut exported = serde_json::to_value(run.document()).unwrap();
    let mut expected = json("conformance/inputs/before.json");
    // Live exports leave waits out at first; nothing else may differ.
    for document in [&mut exported, &mut expected] {
        for step in document["steps"].as_object_mut().unwrap().values_mut() {
            step.as_object_mut().unwrap().remove("retries");
        }
    }
    assert!(exported == expected);

    let (_folder, store) = support::store();
    let mut bare = found(&["shop/R6Lf.json"]);
    let blobs = std::mem::take(&mut bare.blobs);
    let summary = store.import(bare, &Naming::default()).unwrap();
    assert!(summary.blobs_missing > 0);
    let summary =
        store.import(hindcast_model::Found { blobs, ..Default::default() }, &Naming::default());
    assert!(summary.unwrap().blobs_added > 0);
    let run = store.load(&"R6Lf".parse().unwrap()).unwrap().run;
    assert!(store.missing_blobs(&run).is_empty());
}

#[test]
fn fields_that_nobody_knows_stay_and_a_newer_export_fills_them() {
    let (_folder, store) = store();
    let folder = tempfile::tempdir().unwrap();
    let import = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, document.to_string()).unwrap();
        support::import_paths(&store, &[&path])
    };
    // Of a server to come: its step 5 ran, or goes on.
    let with = |ended: bool| {
        let mut document = json("conformance/orders/before.json");
        document["color"] = serde_json::json!({"a": [1]});
        let step = &mut document["steps"]["RkCd:5"];
        step["color"] = if ended { serde_json::json!(1) } else { Value::Null };
        let execution = &mut step["executions"]["1"];
        execution["completion"] =
            serde_json::json!({"kind": if ended { "normal" } else { "none" }});
        if ended {
            execution["result"]["color"] = serde_json::json!(["blue"]);
        } else {
            (execution["result"], execution["completedAt"]) = (Value::Null, Value::Null);
        }
        document
    };
    import("before.json", &with(false));
    let production = environment(&store, "production");
    assert_eq!(shown(&store, &production), with(false));
    assert_eq!(import("after.json", &with(true)).runs[0].change, Change::Extended);
    assert_eq!(shown(&store, &production), with(true));
    assert!(import("after.json", &with(true)).changed_nothing());
    // What had ended is not begun again.
    assert!(import("before.json", &with(false)).changed_nothing());
}

#[test]
fn a_wrong_blob_leaves_the_store_as_it_was() {
    let (_folder, store) = store();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("shop/R6Lf.json"), folder.path().join("R6Lf.json")).unwrap();
    let blobs = folder.path().join("blobs");
    std::fs::create_dir(&blobs).unwrap();
    std::fs::write(blobs.join("ab".repeat(32)), "not that").unwrap();
    let found = read(&[folder.path().join("R6Lf.json")], &Options::default(), &mut |_| true);
    let error = store.import(found.unwrap(), &Naming::default()).unwrap_err().to_string();
    assert!(error.contains(&"ab".repeat(32)) && error.contains("blobs"), "{error}");
    assert!(store.runs().unwrap().is_empty());
    assert_eq!(store.environments().unwrap().iter().count(), 0);
}
