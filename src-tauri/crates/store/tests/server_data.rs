//! A server's data directory gives the same runs as the exports that the server made of them.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::{Path, PathBuf};

use hindcast_model::Key;
use hindcast_model::record::TargetKind;
use serde_json::Value;
use support::{fixture, import, store};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Every JSON file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Takes away what differs between a live export, a cold one and the database, as the notes on them
/// say: to what a superseded result was resolved, unknown waits, `1.0` or `1`; and the order of
/// children, which is the order of calls in a live export and in the database.
fn normalised(mut document: Value, keep_order: bool) -> Value {
    plain_numbers(&mut document);
    for step in document["steps"].as_object_mut().unwrap().values_mut() {
        if let Some(retries) = step["retries"].as_object_mut() {
            retries.remove("backoffMin");
            retries.remove("backoffMax");
        }
        for execution in step["executions"].as_object_mut().unwrap().values_mut() {
            let shares = ["cached", "deferred", "spawned"];
            if !shares.contains(&execution["result"]["type"].as_str().unwrap_or_default())
                && let Some(result) = execution["result"].as_object_mut()
            {
                result.remove("result");
            }
            if !keep_order {
                let children = execution["children"].as_array_mut().unwrap();
                children.sort_by_key(ToString::to_string);
            }
        }
    }
    document
}

fn plain_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().unwrap();
            *value = serde_json::json!(float);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_numbers),
        Value::Object(fields) => fields.values_mut().for_each(plain_numbers),
        _ => {}
    }
}

fn executions(document: &Value) -> Vec<&str> {
    let steps = document["steps"].as_object().unwrap().values();
    let executions = steps.flat_map(|step| step["executions"].as_object().unwrap().values());
    executions.map(|execution| execution["executionId"].as_str().unwrap()).collect()
}

#[test]
fn the_database_gives_the_runs_of_the_exports() {
    let (_folder, store) = store();
    import(&store, &["data-dir", "shop-data-dir"]);
    let (mut cold, mut live) = (0, 0);
    for path in ["cold", "conformance", "shop"].iter().flat_map(|name| files(&fixture(name))) {
        let recorded = json(&path);
        if recorded.get("steps").is_none() {
            continue;
        }
        let text = recorded.to_string();
        let environments = store.environments().unwrap();
        let id = executions(&recorded)[0].split(':').next().unwrap().parse().unwrap();
        // The environment that an export was taken from: its workspaces stand in it.
        let same = environments.iter().find_map(|environment| {
            let run = store.export_run(&id, environment.id).unwrap();
            let known = environment.workspaces.iter().any(|known| text.contains(known.as_str()));
            let exported = serde_json::to_value(run.document()).unwrap();
            let complete = known && executions(&exported) == executions(&recorded);
            complete.then_some(exported)
        });
        let is_cold = path.to_string_lossy().contains("/cold/");
        let Some(exported) = same else {
            assert!(!is_cold, "{} is not in the database", path.display());
            // Recorded before the last of what happened to the run.
            continue;
        };
        let pending = text.contains("\"result\":null");
        if pending {
            continue;
        }
        // This one's topic was read anew after the re-run: as a cold one, where memo hits come first.
        let by_call = !is_cold && !path.ends_with("development/after-rerun-1.json");
        let (from_database, from_export) =
            (normalised(exported, by_call), normalised(recorded, by_call));
        if from_database != from_export {
            difference(&from_database, &from_export, &path.display().to_string());
        }
        if is_cold { cold += 1 } else { live += 1 }
    }
    assert!(cold >= 21 && live >= 25, "compared {cold} cold and {live} live exports only");
}

/// Fails, naming the first place that differs.
fn difference(database: &Value, export: &Value, at: &str) {
    match (database, export) {
        (Value::Object(one), Value::Object(other)) => {
            assert!(one.keys().eq(other.keys()), "{at}: other fields");
            one.iter()
                .for_each(|(name, value)| difference(value, &other[name], &format!("{at} {name}")));
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter()
                .zip(other)
                .for_each(|(one, other)| difference(one, other, &format!("{at} []")));
        }
        _ => assert_eq!(database, export, "{at}"),
    }
}

#[test]
fn the_database_knows_more_than_the_exports() {
    let (_folder, store) = store();
    let summary = import(&store, &["data-dir"]);
    assert!(summary.logs_added > 0 && summary.points_added > 0 && summary.blobs_added > 0);
    let names: Vec<String> =
        store.environments().unwrap().iter().map(|known| known.name.to_string()).collect();
    assert!(names.contains(&"production".into()) && names.contains(&"development".into()));

    let orders = store.load(&"RkCd".parse().unwrap()).unwrap();
    let whole = |key: &Key| key.is_whole();
    assert!(orders.run.steps.values().filter_map(|step| step.memo_key.as_ref()).all(whole));
    assert_eq!(orders.declared[&1].kind, TargetKind::Workflow);
    assert_eq!(orders.memo, Some(false));
    let inputs = support::found(&["conformance/inputs/before.json"]).runs[0].run.id.clone();
    let inputs = store.inputs(&inputs).unwrap();
    assert!(inputs.iter().all(|input| input.response.is_some()));
    assert!(inputs.iter().any(|input| !input.placeholders.is_empty()));
    assert!(import(&store, &["data-dir"]).changed_nothing());
    // An export of the same is nothing new.
    import(&store, &["conformance/orders/before.json"]);
    let again = store.load(&"RkCd".parse().unwrap()).unwrap();
    assert!(again.run.steps.values().filter_map(|step| step.memo_key.as_ref()).all(whole));
}
