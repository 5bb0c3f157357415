//! What a document is, and what is wrong with it: one error that names the file and the place.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use hindcast_import::{ImportError, Options, read};
use hindcast_model::Found;
use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

fn found(path: &Path) -> Result<Found, ImportError> {
    read(&[path.to_owned()], &Options::default(), &mut |_| true)
}

fn reading(text: &str) -> Result<Found, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.json");
    std::fs::write(&path, text).unwrap();
    found(&path)
}

/// A small export, changed.
fn export(change: impl FnOnce(&mut Value)) -> String {
    let bytes = std::fs::read(fixture("conformance/orders/before.json")).unwrap();
    let mut document = serde_json::from_slice(&bytes).unwrap();
    change(&mut document);
    document.to_string()
}

#[test]
fn a_folder_brings_all_it_holds() {
    let telemetry = found(&fixture("conformance/telemetry")).unwrap();
    assert_eq!(telemetry.runs.len(), 3);
    assert_eq!(telemetry.logs.len(), 2);
    assert_eq!(telemetry.points.len(), 2);
    assert!(!telemetry.blobs.is_empty());
    // An input's own document does not say of which run it is.
    let inputs = found(&fixture("conformance/inputs")).unwrap();
    assert!(inputs.findings.iter().any(|finding| finding.source.ends_with("input-1.json")));
    // A server's layout of blobs.
    assert!(found(&fixture("data-dir/blobs")).unwrap().blobs.len() > 50);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let step = |document: &mut Value, change: &dyn Fn(&mut Value)| {
        change(&mut document["steps"]["RkCd:2"]);
    };
    let deep = format!(r#"{{"steps": {}1{}}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    let deep_extra = format!(r#"{{"x": {}1{}}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    let whole = export(|_| {});
    let table: Vec<(String, &str)> = vec![
        (whole[..whole.len() / 2].to_owned(), "export.json:1:"),
        (String::new(), "it is empty"),
        ("[1, 2]".into(), "neither a JSON object nor an archive"),
        ("{}".into(), "without steps, logs"),
        (r#"{"steps": {}, "createdAt": 1}"#.into(), "without steps (it has no id"),
        (deep, "whose steps are no map"),
        (deep_extra, "recursion limit"),
        (whole.replacen("\"steps\"", "\"steps\":{},\"steps\"", 1), "is there twice"),
        (
            export(|d| step(d, &|s| drop(s.as_object_mut().unwrap().remove("executions")))),
            "missing field `executions`",
        ),
        (export(|d| step(d, &|s| s["memoKey"] = json!(12))), "invalid type: integer `12`"),
        (export(|d| step(d, &|s| s["stepNumber"] = json!(9))), "says that its number is 9"),
        (export(|d| step(d, &|s| s["parentId"] = Value::Null)), "are both roots"),
        (export(|d| step(d, &|s| s["parentId"] = json!("RkCd:2:1"))), "called by itself"),
        (
            export(|d| {
                d["steps"]["RkCd:2"]["parentId"] = json!("RkCd:3:1");
                d["steps"]["RkCd:3"]["parentId"] = json!("RkCd:2:1");
            }),
            "called by itself",
        ),
        (export(|d| step(d, &|s| s["parentId"] = json!("Rxxx:1:1"))), "of another run"),
        (
            export(|d| step(d, &|s| s["executions"]["1"]["executionId"] = json!("RkCd:2:4"))),
            "RkCd:2:1: it says that it is RkCd:2:4",
        ),
        (
            export(|d| {
                step(d, &|s| {
                    s["executions"]["1"]["result"] = json!({"type": "value", "value":
                    {"type": "blob", "key": "AB".repeat(32), "size": 3, "references": []}});
                });
            }),
            "is not a blob key",
        ),
        (export(|d| d["createdAt"] = json!(1e300)), "createdAt"),
        (whole.replacen("\"createdAt\":1", "\"createdAt\":NaN1", 1), "export.json:1:"),
    ];
    for (text, expected) in table {
        let error = reading(&text).unwrap_err().to_string();
        assert!(error.contains("export.json"), "names no file: {error}");
        assert!(error.contains(expected), "{expected:?} is not in {error:?}");
    }
}

#[test]
fn what_is_merely_not_there_is_a_finding() {
    let text = export(|document| {
        document["steps"]["RkCd:3"]["parentId"] = json!("RkCd:77:1");
        document["steps"]["RkCd:4"]["executions"]["1"]["children"] =
            json!([{"stepId": "RkCd:88", "attempt": 1, "groupId": null}]);
        document["steps"]["RkCd:7"]["executions"] = json!({});
    });
    let found = reading(&format!("\u{feff}{text}")).unwrap();
    let places: Vec<&str> = found.findings.iter().map(|finding| finding.place.as_str()).collect();
    for place in ["RkCd:3", "RkCd:4:1", "RkCd:7"] {
        assert!(places.contains(&place), "{place} is not in {places:?}");
    }
    assert!(!found.runs[0].run.steps.contains_key(&7));
}

#[test]
fn deep_data_is_kept_as_its_text() {
    let deep = format!("{}1{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let text = export(|document| {
        document["steps"]["RkCd:2"]["arguments"] =
            json!([{"type": "raw", "data": "DEEP", "references": []}]);
    });
    let found = reading(&text.replace("\"DEEP\"", &deep)).unwrap();
    let hindcast_model::Value::Raw { data, .. } = &found.runs[0].run.steps[&2].arguments[0] else {
        panic!("not raw");
    };
    assert_eq!(data.text().len(), deep.len());
}

#[test]
fn a_person_can_stop_it() {
    let paths = [fixture("shop/R6Lf.json")];
    let stopped = read(&paths, &Options::default(), &mut |_| false);
    assert!(matches!(stopped, Err(ImportError::Cancelled)));
}

#[test]
fn what_would_take_far_more_than_its_size_is_refused_wherever_it_stands() {
    let sound = std::fs::read_to_string(fixture("hostile/json/sound.json")).unwrap();
    let zeros = format!("[{}0]", "0,".repeat(6_000_000));
    let sparse = format!("[{}0]", format!("{{\"\":0}},{}", " ".repeat(20)).repeat(450_000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dense.json");
    for (what, before, part) in [
        ("zeros in the run", "\"createdAt\"", zeros),
        ("objects, far apart, in a step", "\"stepNumber\"", sparse),
    ] {
        let dense = sound.replacen(before, &format!("\"unknown\":{part},{before}"), 1);
        assert!(dense.len() > part.len(), "{what}");
        std::fs::write(&path, dense).unwrap();
        let error = found(&path).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("MiB; no export does"), "{what}: {error}");
    }
}
