//! What a pattern fits is in no byte of a bundle.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod later;

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_import::bundle::{Content, write};
use hindcast_import::redact::redact;
use hindcast_import::{Options, read};
use hindcast_model::BlobKey;
use later::{add_everywhere, whole_run};
use serde_json::{Value, json};
use zip::ZipArchive;

/// Everything in the bundle of the shop's run, unpacked.
fn unpacked(patterns: &[&str]) -> (String, usize) {
    unpacked_of(&["shop/R6Lf.json"], patterns)
}

fn unpacked_of(paths: &[&str], patterns: &[&str]) -> (String, usize) {
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures"));
    let paths: Vec<PathBuf> = paths.iter().map(|path| fixtures.join(path)).collect();
    let found = read(&paths, &Options::default(), &mut |_| true).unwrap();
    let blobs: HashMap<BlobKey, Arc<[u8]>> =
        found.blobs.iter().map(|(key, from)| (*key, from.read(key).unwrap().into())).collect();
    let mut content = Content { runs: found.runs, logs: found.logs.concat(), ..Content::default() };
    let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    let (report, blobs) = redact(&mut content, &blobs, &patterns);
    let mut bytes = Cursor::new(Vec::new());
    write(&content, &blobs, &mut bytes).unwrap();
    let mut archive = ZipArchive::new(bytes).unwrap();
    let mut all = String::new();
    for index in 0..archive.len() {
        archive.by_index(index).unwrap().read_to_string(&mut all).unwrap();
    }
    (all, report.places.values().sum())
}

#[test]
fn nothing_that_a_pattern_fits_is_left() {
    let (before, none) = unpacked(&[]);
    assert_eq!(none, 0);
    let addresses = before.matches("@example").count();
    assert!(addresses > 20, "only {addresses} addresses to take out");
    let (after, count) = unpacked(&["*@*"]);
    assert!(count >= addresses / 2, "only {count} values went");
    assert_eq!(after.matches("@example").count(), 0);
    assert!(after.contains("@xxxxxxx."), "the shape did not stay");
    // What no pattern fits is as it was.
    assert_eq!(before.matches("KeyError").count(), after.matches("KeyError").count());
}

#[test]
fn a_pattern_reaches_whatever_is_not_called_so_by_code() {
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/run/run");
    let mut document: Value = serde_json::from_slice(&std::fs::read(seed).unwrap()).unwrap();
    let secret = || Value::from("ana@example.com");
    let root = &mut document["steps"]["Rwhl:1"]["executions"]["1"];
    root["createdBy"] = json!({"type": "user", "externalId": secret()});
    root["groups"]["0"] = secret();
    root["inputs"]["Rwhl/i1"]["title"] = secret();
    root["dependencies"]["Rwhl/i1"]["title"] = secret();
    root["dependencies"]["A1"]["asset"]["name"] = secret();
    root["dependencies"]["odd"] = json!({"type": "odd", "by": secret()});
    root["result"]["createdBy"] = json!({"type": "user", "externalId": secret()});
    root["result"]["odd"] = json!([secret()]);
    root["result"]["value"]["references"][0]["metadata"] = json!({"by": secret()});
    root["result"]["value"]["references"][1]["asset"]["entry"]["metadata"] =
        json!({"by": secret()});
    root["odd"] = json!({"ana@example.com": 1});
    let step = &mut document["steps"]["Rwhl:2"];
    step["requires"] = json!({"for": [secret()]});
    step["odd"] = secret();
    step["arguments"][0]["data"] =
        json!({"type": "dict", "items": [secret(), {"plain": secret()}]});
    let failed = &mut step["executions"]["1"]["result"]["error"];
    failed["message"] = "no mail to ana@example.com".into();
    failed["frames"][0]["file"] = "/home/ana@example.com/flow.py".into();
    document["createdBy"]["externalId"] = secret();
    document["requires"] = json!({"by": [secret()]});
    document["odd"] = secret();
    let told = document.to_string().matches("ana@example.com").count();
    assert_eq!(told, 20);
    let (after, count) = redacted(&document);
    assert_eq!((after.matches("ana@example.com").count(), count), (0, told + 1), "{after}");
    // What is a name to code stays.
    assert!(after.contains("\"t2\"") && after.contains("\"loss\"") && after.contains("a.json"));
}

fn redacted(document: &Value) -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    std::fs::write(&path, document.to_string()).unwrap();
    unpacked_of(&[path.to_str().unwrap()], &["*@*"])
}

#[test]
fn a_pattern_reaches_what_is_unknown_wherever_it_stands() {
    let mut document = whole_run();
    let secret = json!({"by": ["ana@example.com"]});
    let places = add_everywhere(&mut document, &secret);
    let execution = &mut document["steps"]["Rwhl:1"]["executions"]["1"];
    execution["dependencies"]["Q1"]["by"] = secret.clone();
    execution["result"]["value"]["references"][4]["by"] = secret;
    let (after, count) = redacted(&document);
    assert_eq!((after.matches("ana@example.com").count(), count), (0, places + 2), "{after}");
    assert_eq!(after.matches("xxx@xxxxxxx.xxx").count(), count);
    assert_eq!(after.matches("\"queue\"").count(), 2);
}

#[test]
fn values_of_before_0_5_are_looked_into() {
    let paths = ["seed-era/rollout/1-production.json", "seed-era/blobs"];
    let (before, _) = unpacked_of(&paths, &[]);
    assert!(before.contains("delivered with the spring batch"));
    let (after, _) = unpacked_of(&paths, &["notes"]);
    assert!(!after.contains("delivered with the spring batch"));
    assert!(after.contains("oslo-12"));
}
