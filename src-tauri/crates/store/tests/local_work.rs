//! Facts about local work: kept in the journal as they were said, and seen in the run.

#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "a test may")]

mod support;

use hindcast_model::record::Record;
use hindcast_model::{Environment, RunId};
use hindcast_store::{Store, StoreError};
use serde_json::{Value, json};
use support::store;

const RUN: &str = "Rloc";

fn value(data: i64) -> Value {
    json!({"type": "raw", "data": data, "references": []})
}

fn record(record: Value) -> Record {
    // Through text: raw values are lost in a tree.
    serde_json::from_str(&record.to_string()).unwrap()
}

fn new_execution(local: &Environment, id: &str, because: &str) -> Record {
    record(json!({"ExecutionCreated": {
        "id": id, "environment": local.id, "workspace": local.workspaces[0], "created_at": 10,
        "execute_after": null, "because": because, "edited_arguments": null}}))
}

fn finished(id: &str, outcome: Value) -> Record {
    record(json!({"ExecutionFinished": {"execution": id, "at": 30, "outcome": outcome}}))
}

/// One fact of every kind, about a run that begins here.
fn everything(local: &Environment) -> Vec<Record> {
    let declared = json!({"kind": "task", "memo": true, "defer": null, "defer_key": null,
        "wait_for": [], "delay": 0, "streams": null});
    let step = |number: u32, parent: Value| {
        record(json!({"StepCreated": {
            "id": format!("{RUN}:{number}"), "target": "shop:price", "parent": parent,
            "created_at": 10, "arguments": [value(1)], "memo_key": "ab".repeat(32), "cache": null,
            "cache_key": null, "retries": null, "recurrent": false, "timeout": 0, "requires": {},
            "declared": declared}}))
    };
    let root = format!("{RUN}:1:1");
    let child = format!("{RUN}:2:1");
    let call = |ordinal: u32, answer: Value| {
        record(json!({"CallAnswered": {"caller": root, "ordinal": ordinal, "at": 12,
            "target": "shop:price", "arguments": [value(1)], "group": 0, "memo": true,
            "memo_key": "ab".repeat(32), "answer": answer}}))
    };
    let miss = json!({"reason": "neverCalled", "nearest": null});
    let input = json!({"id": format!("{RUN}/i1"), "workspace": local.workspaces[0], "key": "k",
        "template": "sure?", "placeholders": {}, "schema": null, "initial": null, "title": "Sure",
        "actions": null, "requires": {}, "created_at": 13, "response": null});
    let entry = json!({"path": "a/b.txt", "blobKey": "cd".repeat(32), "size": 3, "metadata": {}});
    vec![
        record(json!({"RunCreated": {"id": RUN, "created_at": 10, "parent": null, "memo": true,
            "requires": {}}})),
        step(1, Value::Null),
        new_execution(local, &root, "called"),
        record(json!({"BodyStarted": {"execution": root, "target": "shop:price",
            "arguments_hash": "00", "at": 11, "allowed_by": "freshrun", "code": null}})),
        record(json!({"GroupRegistered": {"execution": root, "group": 0, "name": "all"}})),
        call(0, json!({"Blocked": {"miss": miss}})),
        step(2, json!(root)),
        new_execution(local, &child, "called"),
        call(0, json!({"Run": {"execution": child, "allowed": "guard", "miss": miss}})),
        call(1, json!({"Pinned": {"execution": child, "rule": "Key"}})),
        finished(&child, json!({"type": "suspended", "successor": 2})),
        record(json!({"Resolved": {"execution": child,
            "outcome": {"type": "value", "value": value(2)}}})),
        record(json!({"Depended": {"execution": root, "id": child, "dependency": {
            "type": "result",
            "execution": {"executionId": child, "module": "shop", "target": "price"}}}})),
        record(json!({"Logged": {"execution": root, "at": 14, "level": "warning",
            "template": "{n} left", "values": {"n": value(3)}}})),
        record(json!({"MetricDefined": {"execution": root, "key": "loss", "definition": {
            "group": null, "groupUnits": null, "groupLower": null, "groupUpper": null,
            "scale": null, "units": null, "progress": true, "lower": 0, "upper": 1}}})),
        record(json!({"Measured": {"execution": root, "key": "loss", "value": 0.5, "at": 1.5}})),
        record(json!({"AssetPersisted": {"execution": root, "asset_id": "Aloc", "asset": {
            "name": "files", "totalCount": 1, "totalSize": 3, "entry": entry},
            "entries": [entry]}})),
        record(json!({"InputSubmitted": {"execution": root, "input": input}})),
        record(json!({"InputAnswered": {"input": format!("{RUN}/i1"),
            "response": {"Dismissed": {"at": 15}}}})),
        record(json!({"CheckpointsChanged": {"execution": root,
            "values": {"kept": value(4), "gone": null}}})),
        record(json!({"Watched": {"execution": root, "locked": false}})),
        record(json!({"EffectSeen": {"execution": root, "at": 16, "count": 2, "act": {
            "kind": "connection", "target": "a:1", "detail": null, "refused": false,
            "place": {"file": "a.py", "line": 3, "function": "f"}}}})),
        finished(&root, json!({"type": "value", "value": value(9)})),
    ]
}

fn local(store: &Store) -> Environment {
    store.create_local(&"development".parse().unwrap(), None).unwrap()
}

#[test]
fn every_fact_is_in_the_journal_and_seen_in_the_run() {
    let (folder, store) = store();
    let local = local(&store);
    let facts = everything(&local);
    let version = Store::open(folder.path()).unwrap();
    let before = version.data_version().unwrap();
    let end = store.transaction(|transaction| transaction.apply("me", &facts)).unwrap();
    assert_ne!(version.data_version().unwrap(), before);

    let journal = version.journal_since(0).unwrap();
    assert!(journal.iter().map(|entry| &entry.record).eq(&facts));
    assert!(journal.iter().all(|entry| entry.session == "me"));
    assert_eq!(journal.last().unwrap().seq, end);
    assert!(version.journal_since(end).unwrap().is_empty());

    let run: RunId = RUN.parse().unwrap();
    let root = format!("{RUN}:1:1").parse().unwrap();
    let stored = version.load(&run).unwrap();
    let document = serde_json::to_value(stored.run.document()).unwrap();
    let execution = &document["steps"][format!("{RUN}:1")]["executions"]["1"];
    let child = format!("{RUN}:2:1");
    let expected = json!({
        "executionId": root, "workspaceId": local.workspaces[0], "createdAt": 10,
        "createdBy": null, "executeAfter": null, "assignedAt": 11, "completedAt": 30,
        "groups": {"0": "all"},
        "assets": {"Aloc": {"name": "files", "totalCount": 1, "totalSize": 3, "entry": {
            "path": "a/b.txt", "blobKey": "cd".repeat(32), "size": 3, "metadata": {}}}},
        "dependencies": {&child: {"type": "result", "execution": {
            "executionId": child, "module": "shop", "target": "price"}}},
        // Called twice, and stood before the guard once: still one child.
        "children": [{"stepId": format!("{RUN}:2"), "attempt": 1, "groupId": 0}],
        "inputs": {format!("{RUN}/i1"): {"title": "Sure", "status": "dismissed"}},
        "metrics": {"loss": {"group": null, "groupUnits": null, "groupLower": null,
            "groupUpper": null, "scale": null, "units": null, "progress": true, "lower": 0,
            "upper": 1}},
        "result": {"type": "value", "createdBy": null, "value": value(9)},
    });
    assert_eq!(execution, &expected);
    let suspended = &document["steps"][format!("{RUN}:2")]["executions"]["1"]["result"];
    assert_eq!(suspended["result"]["value"], value(2));

    assert_eq!(stored.memo, Some(true));
    assert_eq!(stored.declared.len(), 2);
    assert!(stored.inputs[0].response.is_some());
    assert_eq!(stored.checkpoints[&(1, 1)].len(), 2);
    assert!(stored.checkpoints[&(1, 1)]["gone"].is_none());
    assert_eq!(version.calls_of(&root).unwrap().len(), 2);
    assert_eq!(version.ledger(Some(&run)).unwrap().len(), 1);
    assert_eq!(version.logs(&run, Some(&root)).unwrap().len(), 1);
    assert_eq!(version.points(&run, None).unwrap()[0].value.to_string(), "0.5");
    assert_eq!(version.asset_entries(&"Aloc".parse().unwrap()).unwrap().len(), 1);
    let all = version.assets().unwrap();
    assert_eq!(all.keys().map(ToString::to_string).collect::<Vec<_>>(), ["Aloc"]);
    let summary = &version.runs().unwrap()[0];
    assert_eq!((summary.steps, summary.environments[0].unfinished), (2, 0));
    assert_eq!(summary.environments[0].root, Some((1, Some("value".into()))));
}

#[test]
fn an_execution_ends_once_and_a_failed_write_keeps_nothing() {
    let (_folder, store) = store();
    let local = local(&store);
    let facts = everything(&local);
    store.transaction(|transaction| transaction.apply("me", &facts)).unwrap();
    let end = store.journal_end().unwrap();

    let again = [
        new_execution(&local, &format!("{RUN}:2:2"), "resumed"),
        finished(&format!("{RUN}:1:1"), json!({"type": "cancelled"})),
    ];
    let error = store.transaction(|transaction| transaction.apply("me", &again)).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert_eq!(store.journal_end().unwrap(), end);
    assert_eq!(store.load(&RUN.parse().unwrap()).unwrap().run.steps[&2].executions.len(), 1);
}
