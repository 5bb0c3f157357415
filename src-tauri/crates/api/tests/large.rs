//! Large values never cross to the window whole: every answer about a step with an argument, a result,
//! an error and log lines of many megabytes stays small, and all of each value can be read bit by bit.
#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::path::Path;

use hindcast_api::Api;
use hindcast_api::view::{StepView, ValueKind};
use hindcast_import::{Options, read};
use hindcast_model::Timestamp;
use hindcast_model::record::{LogEntry, LogLevel};
use hindcast_store::{Naming, Store};
use serde_json::{Value, json};

/// How large a result is, in bytes.
const LARGE: usize = 50_000_000;

/// How large an argument, a text of an error and a log line are, in bytes.
const LONG: usize = 5_000_000;

/// How large an answer may be, in bytes.
const MOST: usize = 400_000;

fn export() -> Value {
    let text =
        |letter: &str, size| json!({"type": "raw", "data": letter.repeat(size), "references": []});
    let execution = |number: u32, result: Value| {
        json!({"1": {
            "executionId": format!("R1:{number}:1"), "workspaceId": "W1", "createdAt": 1, "createdBy": null,
            "executeAfter": null, "assignedAt": 2, "completedAt": 3, "groups": {}, "assets": {},
            "dependencies": {}, "children": [], "inputs": {}, "metrics": {}, "result": result,
        }})
    };
    let step = |number: u32, arguments: Value, result: Value| {
        json!({
            "stepNumber": number, "module": "m", "target": "t", "cacheConfig": null,
            "cacheKey": null, "memoKey": null, "retries": null, "recurrent": false, "timeout": 0,
            "createdAt": 1, "arguments": arguments, "requires": {},
            "parentId": (number > 1).then_some("R1:1:1"), "executions": execution(number, result),
        })
    };
    let frame = json!({"file": "/m.py", "line": 1, "name": "t", "code": "c".repeat(LONG)});
    let error = json!({"type": "error", "createdBy": null, "retry": null, "retryable": null, "error": {
        "type": "builtins.ValueError", "message": "e".repeat(LONG), "frames": [frame],
    }});
    json!({
        "createdAt": 1, "createdBy": null, "parent": null, "requires": {},
        "steps": {
            "R1:1": step(1, json!([text("a", LONG)]), json!({"type": "value", "createdBy": null, "value": text("r", LARGE)})),
            "R1:2": step(2, json!([]), error),
        },
    })
}

fn import(folder: &Path) {
    let file = folder.join("R1.json");
    std::fs::write(&file, export().to_string()).unwrap();
    let mut found = read(&[file], &Options::default(), &mut |_| true).unwrap();
    let line = LogEntry {
        execution: "R1:1:1".parse().unwrap(),
        at: Timestamp(2),
        level: LogLevel::Info,
        template: Some("l".repeat(LONG)),
        values: std::collections::BTreeMap::new(),
    };
    found.logs.push(vec![line]);
    Store::open(&folder.join("store")).unwrap().import(found, &Naming::default()).unwrap();
}

#[tokio::test]
async fn no_answer_holds_a_large_value_whole() {
    let home = tempfile::tempdir().unwrap();
    import(home.path());
    let api = Api::open(home.path().join("store")).await.unwrap();
    let overview = api.call("overview", json!({})).await.unwrap();
    let overview: Value = serde_json::from_str(overview.get()).unwrap();
    let at = &overview["environments"][0]["name"];
    let (one, two) = ("R1:1", "R1:2");
    let (handle, argument) = (format!("result/{one}:1"), format!("argument/{one}/0"));
    for (name, params) in [
        ("step", json!({"step": one, "environment": at})),
        ("step", json!({"step": two, "environment": at})),
        ("top", json!({"handle": argument})),
        ("value", json!({"handle": argument, "path": [], "offset": 0, "limit": 1000})),
        ("text", json!({"handle": handle, "path": [], "offset": 0, "limit": 100_000})),
        ("findInValue", json!({"handle": argument, "path": [], "text": "a"})),
        ("run", json!({"run": "R1", "environment": at, "unfolded": []})),
        ("run", json!({"run": "R1", "environment": at, "unfolded": [], "whole": true})),
        ("logs", json!({"run": "R1", "environment": at, "step": one, "after": null})),
        ("search", json!({"run": "R1", "environment": at, "text": "r"})),
        ("plan", json!({"steps": [one, two], "environment": null, "policy": "memo"})),
        ("overview", json!({})),
    ] {
        let answer = api.call(name, params.clone()).await.unwrap();
        let size = answer.get().len();
        assert!(size <= MOST, "{name} {params}: {size} bytes");
    }
    let params = json!({"handle": argument, "path": [], "form": "python"});
    assert!(api.call("copyValue", params).await.unwrap_err().message.contains("save it as a file"));

    let step = api.call("step", json!({"step": one, "environment": at})).await.unwrap();
    let step: StepView = serde_json::from_str(step.get()).unwrap();
    let argument = &step.arguments[0].value;
    assert_eq!((argument.kind, argument.text.as_str()), (ValueKind::Unread, "5.0 MB"));
    let top = api.call("top", json!({"handle": argument.handle})).await.unwrap();
    let top: Value = serde_json::from_str(top.get()).unwrap();
    assert_eq!((&top["kind"], &top["size"]), (&json!("str"), &json!(LONG)));
}
