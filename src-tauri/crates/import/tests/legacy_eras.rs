//! The forms of each release before 0.9, made by hand where nothing is recorded: the same small run as
//! its topic and as its database.

#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "a test may")]

#[path = "legacy/facts.rs"]
mod facts;

use std::fmt::Write;
use std::path::Path;

use facts::common;
use hindcast_import::{Options, read};
use hindcast_model::{
    BlobKey, Dependency, Ended, Found, FoundRun, Reference, Resolved, TypedDependency,
};
use rusqlite::Connection;
use serde_json::{Value as Any, json};

/// What differs from release to release. The number is that of 0.2 to 0.8.
#[derive(Clone, Copy)]
struct Era(u8);

impl Era {
    fn place(self) -> &'static str {
        match self.0 {
            7 => "workspace",
            8 => "space",
            _ => "environment",
        }
    }

    fn module(self) -> &'static str {
        if self.0 < 7 { "repository" } else { "module" }
    }

    fn has_content(self) -> bool {
        self.0 < 5
    }

    fn spawns(self) -> bool {
        self.0 >= 6
    }
}

fn blob() -> BlobKey {
    BlobKey::of(b"a pickle")
}

/// Run `Rera`: `main(3)` calls `load({"k": [1]})`, which is memoised and is tried twice; and `other(4)`,
/// a workflow, which becomes run `Rkid`. `load` persists a file, which `main` reads.
fn database(era: Era, path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    let sql = format!("BEGIN; {}{} COMMIT;", schema(era), rows(era));
    connection.execute_batch(&sql).unwrap();
}

fn schema(era: Era) -> String {
    let Era(version) = era;
    let (place, module) = (era.place(), era.module());
    let when = |of: bool, columns: &str| if of { columns.to_owned() } else { String::new() };
    let mut sql = "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY);
        INSERT INTO schema_migrations VALUES (1);"
        .to_owned();
    let mut table = |name: &str, columns: &[String]| {
        let columns: Vec<&str> =
            columns.iter().map(String::as_str).filter(|column| !column.is_empty()).collect();
        writeln!(sql, "CREATE TABLE {name} ({});", columns.join(", ")).unwrap();
    };
    let columns = |text: &str| vec![text.to_owned()];
    table(
        "runs",
        &[
            "id INTEGER PRIMARY KEY, external_id, parent_id, created_at".to_owned(),
            when(version < 6, "recurrent"),
        ],
    );
    table(
        "steps",
        &[
            format!("id INTEGER PRIMARY KEY, external_id, run_id, parent_id, {module}, target"),
            "created_at, cache_key, defer_key, memo_key, wait_for".to_owned(),
            if version < 4 { "retry_count" } else { "retry_limit" }.to_owned(),
            "retry_delay_min, retry_delay_max".to_owned(),
            when(version >= 4, "requires_tag_set_id"),
            when(version >= 6, "cache_config_id, type"),
        ],
    );
    table(
        "executions",
        &[
            "id INTEGER PRIMARY KEY, step_id, attempt, execute_after, created_at".to_owned(),
            when(version > 2, &format!("{place}_id")),
        ],
    );
    table("step_arguments", &columns("step_id, position, value_id"));
    table("assignments", &columns("execution_id PRIMARY KEY, session_id, created_at"));
    table(
        "children",
        &["parent_id, child_id, created_at".to_owned(), when(version >= 7, "group_id")],
    );
    table("result_dependencies", &columns("execution_id, dependency_id, created_at"));
    table("asset_dependencies", &columns("execution_id, asset_id, created_at"));
    table("checkpoints", &columns("id INTEGER PRIMARY KEY, execution_id, sequence, created_at"));
    table("checkpoint_arguments", &columns("checkpoint_id, position, value_id"));
    table("errors", &columns("id INTEGER PRIMARY KEY, hash, type, message"));
    table("error_frames", &columns("error_id, depth, file, line, name, code"));
    table(
        "results",
        &columns(
            "execution_id INTEGER PRIMARY KEY, type, error_id, value_id, successor_id, created_at",
        ),
    );
    if era.has_content() {
        table("blobs", &columns("id INTEGER PRIMARY KEY, hash, blob_key"));
        table("blob_metadata", &columns("blob_id, key, value"));
        table("values_", &columns("id INTEGER PRIMARY KEY, hash, format, content, blob_id"));
        table("value_placeholders", &columns("value_id, placeholder, execution_id, asset_id"));
    } else {
        table("blobs", &columns("id INTEGER PRIMARY KEY, key, size"));
        table("values_", &columns("id INTEGER PRIMARY KEY, hash, content, blob_id"));
        let columns_ = "value_id, position, fragment_id, execution_id, asset_id";
        table("value_references", &columns(columns_));
        let (names, name) = if version == 5 {
            ("serialisers", "serialiser_id")
        } else {
            ("fragment_formats", "format_id")
        };
        table(names, &columns("id INTEGER PRIMARY KEY, name"));
        table("fragments", &columns(&format!("id INTEGER PRIMARY KEY, hash, {name}, blob_id")));
        table("fragment_metadata", &columns("fragment_id, key, value"));
        table("message_templates", &columns("id INTEGER PRIMARY KEY, template"));
        let messages = "id INTEGER PRIMARY KEY, execution_id, timestamp, level, template_id";
        table("messages", &columns(messages));
        table("message_labels", &columns("id INTEGER PRIMARY KEY, label"));
        table("message_values", &columns("message_id, label_id, value_id"));
    }
    match version {
        2..=4 => {
            table("assets", &columns("id INTEGER PRIMARY KEY, execution_id, type, path, blob_id"));
        }
        5 => {
            table("assets", &columns("id INTEGER PRIMARY KEY, execution_id, type, path, blob_id"));
            table("asset_metadata", &columns("asset_id, key, value"));
        }
        6 | 7 => {
            table("assets", &columns("id INTEGER PRIMARY KEY, hash, type, path, blob_id"));
            table("asset_metadata", &columns("asset_id, key, value"));
            table("execution_assets", &columns("execution_id, asset_id, created_at"));
        }
        _ => {
            table("assets", &columns("id INTEGER PRIMARY KEY, external_id, name, hash"));
            table(
                "asset_entries",
                &columns("entry_id INTEGER PRIMARY KEY, asset_id, path, blob_id"),
            );
            table("asset_entry_metadata", &columns("asset_entry_id, key, value"));
            table("execution_assets", &columns("execution_id, asset_id, created_at"));
        }
    }
    if version >= 4 {
        table("tag_sets", &columns("id INTEGER PRIMARY KEY, hash"));
        table("tag_set_items", &columns("tag_set_id, key, value"));
    }
    if version >= 6 {
        let config = "id INTEGER PRIMARY KEY, hash, params, max_age, namespace, version";
        table("cache_configs", &columns(config));
    }
    if version >= 7 {
        table("groups", &columns("execution_id, group_id, name"));
    }
    match version {
        2 => {}
        3 => {
            table("environments", &columns("id INTEGER PRIMARY KEY"));
            let versions = "environment_id, version, name, base_id, status, created_at";
            table("environment_versions", &columns(versions));
        }
        _ => {
            table(&format!("{place}s"), &columns("id INTEGER PRIMARY KEY"));
            table(&format!("{place}_names"), &columns(&format!("{place}_id, name, created_at")));
            table(&format!("{place}_bases"), &columns(&format!("{place}_id, base_id, created_at")));
        }
    }
    sql
}

fn rows(era: Era) -> String {
    let Era(version) = era;
    let (place, module) = (era.place(), era.module());
    let blob = blob();
    let mut sql = String::new();
    let mut add = |text: &str| writeln!(sql, "{text};").unwrap();
    let key = match version {
        // Columns of type TEXT: hex digits, later the bytes.
        2 | 3 => format!("'{}'", "ab".repeat(32)),
        4 | 5 => format!("CAST(x'{}' AS TEXT)", "ab".repeat(32)),
        _ => format!("x'{}'", "ab".repeat(32)),
    };
    add("INSERT INTO runs (id, external_id, created_at) VALUES (1, 'Rera', 1000)");
    let parent = if era.spawns() { 4 } else { 1 };
    add(&format!(
        "INSERT INTO runs (id, external_id, parent_id, created_at) VALUES (2, 'Rkid', {parent}, 1040)"
    ));
    let columns = format!(
        "id, external_id, run_id, parent_id, {module}, target, created_at, memo_key, wait_for,
         {}, retry_delay_min, retry_delay_max",
        if version < 4 { "retry_count" } else { "retry_limit" }
    );
    let mut step = |row: &str| {
        let kind = if version < 6 {
            String::new()
        } else {
            format!(", {}", i32::from(row.contains("'Sroot'") || row.contains("kid'")))
        };
        let more = if version < 6 { "" } else { ", type" };
        add(&format!("INSERT INTO steps ({columns}{more}) VALUES ({row}{kind})"));
    };
    step("1, 'Sroot', 1, NULL, 'app', 'main', 1000, NULL, 0, 0, 0, 0");
    step(&format!("2, 'Sload', 1, 1, 'app', 'load', 1010, {key}, 1, 1, 2, 3"));
    if era.spawns() {
        step("3, 'Skid0', 1, 1, 'app', 'other', 1030, NULL, 0, 0, 0, 0");
    }
    step("4, 'Skid', 2, NULL, 'app', 'other', 1040, NULL, 0, 0, 0, 0");
    let at = if version == 2 { "" } else { ", 1" };
    let column = if version == 2 { String::new() } else { format!(", {place}_id") };
    for (id, step, attempt, created) in
        [(1, 1, 1, 1000), (2, 2, 1, 1010), (3, 2, 2, 1020), (4, 3, 1, 1030), (5, 4, 1, 1040)]
    {
        if id != 4 || era.spawns() {
            add(&format!(
                "INSERT INTO executions (id, step_id, attempt, created_at{column})
                 VALUES ({id}, {step}, {attempt}, {created}{at})"
            ));
        }
    }
    add("INSERT INTO assignments VALUES (1, 1, 1001), (2, 1, 1011), (3, 1, 1021), (5, 1, 1041)");
    let children = match version {
        2..=5 => "(1, 2, 1010), (1, 4, 1040)",
        6 => "(1, 2, 1010), (1, 4, 1030)",
        _ => "(1, 2, 1010, 0), (1, 4, 1030, NULL)",
    };
    add(&format!("INSERT INTO children VALUES {children}"));
    add("INSERT INTO result_dependencies VALUES (1, 3, 1025)");
    add("INSERT INTO asset_dependencies VALUES (1, 1, 1026)");
    add("INSERT INTO errors VALUES (1, x'01', 'ValueError', 'no')");
    add("INSERT INTO error_frames VALUES (1, 0, 'app.py', 3, 'load', 'raise')");
    let format = if era.has_content() { "'json', " } else { "" };
    let value = |id: u32, content: &str| {
        format!("INSERT INTO values_ VALUES ({id}, x'0{id}', {format}'{content}', NULL)")
    };
    add(&value(1, "3"));
    add(&value(5, "4"));
    add(&value(6, "9"));
    if era.has_content() {
        add(&value(2, r#"{"k":[1]}"#));
        add(&value(3, r#"{"a":"{1}","b":"{0}"}"#));
        add(&format!("INSERT INTO blobs VALUES (1, x'01', '{blob}')"));
        add("INSERT INTO blob_metadata VALUES (1, 'size', '8')");
        add("INSERT INTO values_ VALUES (4, x'04', 'pickle', NULL, 1)");
        add("INSERT INTO value_placeholders VALUES (3, 1, 2, NULL)");
    } else {
        add(&value(2, r#"{"items":["k",[1]],"type":"dict"}"#));
        add(&value(3, r#"{"items":["a",{"index":0,"type":"ref"}],"type":"dict"}"#));
        add(&value(4, r#"{"index":0,"type":"ref"}"#));
        add(&format!("INSERT INTO blobs VALUES (1, '{blob}', 8)"));
        let names = if version == 5 { "serialisers" } else { "fragment_formats" };
        add(&format!("INSERT INTO {names} VALUES (1, 'pickle')"));
        add("INSERT INTO fragments VALUES (1, x'01', 1, 1)");
        add("INSERT INTO fragment_metadata VALUES (1, 'type', '\"bytes\"')");
        add("INSERT INTO value_references VALUES (3, 0, NULL, 2, NULL), (4, 0, 1, NULL, NULL)");
        add("INSERT INTO message_templates VALUES (1, 'read {n}')");
        add("INSERT INTO messages VALUES (1, 3, 1022, 2, 1)");
        add("INSERT INTO message_labels VALUES (1, 'n')");
        add("INSERT INTO message_values VALUES (1, 1, 1)");
    }
    add("INSERT INTO step_arguments VALUES (1, 0, 1), (2, 0, 2), (4, 0, 5)");
    if era.spawns() {
        add("INSERT INTO step_arguments VALUES (3, 0, 5)");
        add("INSERT INTO results VALUES (4, 7, NULL, NULL, 5, 1035)");
    }
    add("INSERT INTO results VALUES (1, 1, NULL, 3, NULL, 1050), (2, 0, 1, NULL, 3, 1015),
                                    (3, 1, NULL, 4, NULL, 1024), (5, 1, NULL, 6, NULL, 1045)");
    match version {
        2..=5 => add("INSERT INTO assets VALUES (1, 3, 0, 'out.txt', 1)"),
        6 | 7 => add("INSERT INTO assets VALUES (1, x'01', 0, 'out.txt', 1)"),
        _ => {
            add("INSERT INTO assets VALUES (1, 'Aset', 'out', x'01')");
            add("INSERT INTO asset_entries VALUES (1, 1, 'out.txt', 1), (2, 1, 'more.txt', 1)");
        }
    }
    if version >= 6 {
        add("INSERT INTO execution_assets VALUES (3, 1, 1023)");
    }
    if version >= 4 {
        add("INSERT INTO tag_sets VALUES (1, x'01')");
        add("INSERT INTO tag_set_items VALUES (1, 'gpu', 'a')");
        add("UPDATE steps SET requires_tag_set_id = 1 WHERE id = 2");
    }
    if version >= 7 {
        add("INSERT INTO groups VALUES (1, 0, 'loads')");
    }
    match version {
        2 => {}
        3 => add("INSERT INTO environment_versions VALUES (1, 1, 'staging', NULL, 0, 1)"),
        _ => add(&format!(
            "INSERT INTO {place}s VALUES (1);
                           INSERT INTO {place}_names VALUES (1, 'older', 1), (1, 'staging', 2)"
        )),
    }
    sql
}

/// The topics of both runs.
fn topics(era: Era) -> [Any; 2] {
    let Era(version) = era;
    let (place, module) = (era.place(), era.module());
    let value = |content: &str, data: Any| {
        if era.has_content() {
            json!({"type": "raw", "content": content, "format": "json", "placeholders": {}})
        } else {
            json!({"type": "raw", "data": data, "references": []})
        }
    };
    let reference = |run: &str, step: &str, attempt: u32, target: &str| json!({"runId": run, "stepId": step, "attempt": attempt, module: "app", "target": target});
    let asset = match version {
        2..=4 => json!({"type": 0, "path": "out.txt", "metadata": {"size": 8}, "blobKey": blob(),
                        "createdAt": 1023}),
        5..=7 => {
            json!({"type": 0, "path": "out.txt", "metadata": {}, "blobKey": blob(), "size": 8})
        }
        _ => json!({"name": "out", "totalCount": 2, "totalSize": 16, "entry": null}),
    };
    let asset_id = if version == 8 { "Aset" } else { "1" };
    let handle = json!({"type": "execution", "executionId": "2",
                        "execution": reference("Rera", "Sload", 1, "load")});
    let (main, loaded) = if era.has_content() {
        (
            json!({"type": "raw", "content": r#"{"a":"{1}","b":"{0}"}"#, "format": "json",
                   "placeholders": {"1": handle}}),
            json!({"type": "blob", "key": blob(), "metadata": {"size": 8}, "format": "pickle",
                   "placeholders": {}}),
        )
    } else {
        let format = if version == 5 { "serialiser" } else { "format" };
        (
            json!({"type": "raw", "references": [handle], "data":
                   {"type": "dict", "items": ["a", {"type": "ref", "index": 0}]}}),
            json!({"type": "raw", "data": {"type": "ref", "index": 0}, "references": [
                   {"type": "fragment", format: "pickle", "blobKey": blob(), "size": 8,
                    "metadata": {"type": "bytes"}}]}),
        )
    };
    let on = |execution: Any, assets: Any| match version {
        2..=5 => {
            let mut fields = execution;
            fields["assets"] = assets;
            fields
        }
        _ => json!({"execution": execution}),
    };
    let execution = |id: u32, created: u32, assigned: Any, end: u32, result: Any| {
        let mut fields = json!({
            "executionId": id.to_string(), "createdAt": created, "executeAfter": null,
            "assignedAt": assigned, "completedAt": end, "assets": {}, "dependencies": {},
            "children": [], "result": result,
        });
        if version > 2 {
            fields[format!("{place}Id")] = json!("1");
        }
        if version >= 5 {
            fields["logCount"] = json!(0);
        }
        fields
    };
    let step = |target: &str, parent: Any, memoised: bool, created: u32, argument: Any| {
        let mut fields = json!({
            module: "app", "target": target, "parentId": parent, "createdAt": created,
            "arguments": [argument], "executions": {},
        });
        if version < 6 {
            fields["isMemoised"] = json!(memoised);
        } else {
            fields["memoKey"] = if memoised { json!("ababababab") } else { Any::Null };
            fields["cacheKey"] = Any::Null;
            fields["cacheConfig"] = Any::Null;
            fields["type"] = json!("task");
        }
        if version >= 4 {
            fields["requires"] = if target == "load" { json!({"gpu": ["a"]}) } else { json!({}) };
        }
        fields
    };
    let ended = |value: &Any| json!({"type": "value", "value": value});
    let mut root = step("main", Any::Null, false, 1000, value("3", json!(3)));
    let mut first = execution(1, 1000, json!(1001), 1050, ended(&main));
    let assets = json!({asset_id: asset});
    first["dependencies"] = json!({"3": on(reference("Rera", "Sload", 2, "load"), assets.clone())});
    first["children"] = match version {
        2..=5 => json!(["Sload", {"runId": "Rkid", "stepId": "Skid", "executionId": "5",
                                  module: "app", "target": "other", "createdAt": 1040}]),
        6 => json!([{"stepId": "Sload", "attempt": 1}, {"stepId": "Skid0", "attempt": 1}]),
        _ => json!([{"stepId": "Sload", "attempt": 1, "groupId": 0},
                    {"stepId": "Skid0", "attempt": 1, "groupId": null}]),
    };
    if version >= 7 {
        first["groups"] = json!({"0": "loads"});
    }
    root["executions"]["1"] = first;
    let argument = value(r#"{"k":[1]}"#, json!({"items": ["k", [1]], "type": "dict"}));
    let mut load = step("load", json!("1"), true, 1010, argument);
    let frames = json!([{"file": "app.py", "line": 3, "name": "load", "code": "raise"}]);
    let mut error = json!({"type": "error", "error":
                           {"type": "ValueError", "message": "no", "frames": frames}});
    match version {
        2..=5 => error["retryId"] = json!(3),
        _ => error["retry"] = json!(2),
    }
    load["executions"]["1"] = execution(2, 1010, json!(1011), 1015, error);
    load["executions"]["2"] = execution(3, 1020, json!(1021), 1024, ended(&loaded));
    load["executions"]["2"]["assets"] = assets;
    let mut steps = json!({"Sroot": root, "Sload": load});
    let nine = value("9", json!(9));
    if era.spawns() {
        let mut call = step("other", json!("1"), false, 1030, value("4", json!(4)));
        let spawned = json!({"type": "spawned", "execution": reference("Rkid", "Skid", 1, "other"),
                             "result": ended(&nine)});
        call["executions"]["1"] = execution(4, 1030, Any::Null, 1035, spawned);
        steps["Skid0"] = call;
    }
    let mut kid = step("other", Any::Null, false, 1040, value("4", json!(4)));
    kid["executions"]["1"] = execution(5, 1040, json!(1041), 1045, ended(&nine));
    let caller = match version {
        2..=5 => reference("Rera", "Sroot", 1, "main"),
        _ => reference("Rera", "Skid0", 1, "other"),
    };
    [
        json!({"createdAt": 1000, "parent": null, "steps": steps}),
        json!({"createdAt": 1040, "parent": caller, "steps": {"Skid": kid}}),
    ]
}

fn found(path: &Path) -> Found {
    read(&[path.to_owned()], &Options::default(), &mut |_| true).unwrap()
}

fn of<'f>(found: &'f Found, id: &str) -> &'f FoundRun {
    found.runs.iter().find(|found| found.run.id.as_str() == id).unwrap()
}

fn is_asset(on: &Dependency) -> bool {
    matches!(on, Dependency::Typed(TypedDependency::Asset { .. }))
}

#[test]
fn every_release_is_read_from_its_topic_and_from_its_database() {
    for version in 2..=8 {
        let era = Era(version);
        let folder = tempfile::tempdir().unwrap();
        let topics_in = folder.path().join("topics");
        std::fs::create_dir(&topics_in).unwrap();
        for (index, topic) in topics(era).iter().enumerate() {
            std::fs::write(topics_in.join(format!("{index}.json")), topic.to_string()).unwrap();
        }
        let inside = if version == 2 { "projects/p/staging" } else { "projects/p" };
        database(era, &folder.path().join("data").join(inside).join("orchestration.sqlite"));
        let (shown, kept) = (found(&topics_in), found(&folder.path().join("data")));
        let told =
            |found: &Found| found.findings.iter().map(ToString::to_string).collect::<String>();
        for found in [&shown, &kept] {
            let told = told(found);
            assert!(told.contains(&format!("Coflux 0.{version};")), "0.{version}: {told}");
        }
        for id in ["Rera", "Rkid"] {
            let (shown, mut kept) = (&of(&shown, id).run, of(&kept, id).run.clone());
            if era.spawns() {
                // Topics of these do not say which assets were consumed.
                let steps = kept.steps.values_mut();
                for execution in steps.flat_map(|step| step.executions.values_mut()) {
                    execution.dependencies.retain(|_, on| !is_asset(on));
                }
            }
            assert_eq!(common(shown, shown), common(&kept, &kept), "0.{version}: {id}");
            assert_eq!(shown.parent, kept.parent, "0.{version}");
        }
        let FoundRun { run, declared, .. } = of(&kept, "Rera");
        let load = &run.steps[&2];
        assert_eq!(load.memo_key.as_ref().unwrap().digits(), "ab".repeat(32), "0.{version}");
        let retries = load.retries.as_ref().unwrap();
        assert_eq!((retries.limit, retries.backoff_min), (Some(1), Some(2000)), "0.{version}");
        assert_eq!(declared[&2].wait_for, [0], "0.{version}");
        let staging = kept.workspaces.values().all(|known| known.name.as_str() == "staging");
        assert!(staging && !kept.workspaces.is_empty(), "0.{version}: {:?}", kept.workspaces);
        // The call that became a run is a step, which points to that run's root and knows its value.
        let call = run.steps.values().find(|step| step.target == "other").unwrap();
        let outcome = call.executions.get(&1).unwrap().result.clone().unwrap();
        let Ended::Spawned(root) = &outcome.ended else { panic!("0.{version}: {outcome:?}") };
        assert_eq!(root.execution_id.to_string(), "Rkid:1:1");
        assert!(matches!(outcome.resolved, Resolved::Known(_)), "0.{version}");
        let parent = of(&kept, "Rkid").run.parent.clone().unwrap();
        assert_eq!(parent.execution_id, run.step_id(call.step_number).attempt(1), "0.{version}");
        let root = run.root().unwrap().executions.get(&1).unwrap();
        assert!(root.dependencies.values().any(is_asset), "0.{version}");
        let loaded = load.executions.get(&2).unwrap().result.clone().unwrap();
        let pickle = loaded.value().unwrap().references().last().cloned();
        assert!(
            matches!(&pickle, Some(Reference::Fragment { format, .. }) if format == "pickle"),
            "0.{version}: {pickle:?}"
        );
        if version >= 5 {
            assert_eq!(kept.logs.concat().len(), 1, "0.{version}");
        }
        if version >= 7 {
            assert_eq!(root.groups[&0].as_deref(), Some("loads"), "0.{version}");
            assert_eq!(root.children[0].group_id, Some(0), "0.{version}");
        }
    }
}
