//! Every recorded export comes out of the store as it went in, field for field.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use hindcast_import::{Options, read};
use hindcast_model::Found;
use hindcast_store::{Change, Naming, Store};
use serde_json::Value;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures");

fn found(paths: &[PathBuf]) -> Found {
    read(paths, &Options::default(), &mut |_| true).unwrap()
}

/// Every run document below `folder`.
fn exports(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(exports(&path));
        } else if path.extension().is_some_and(|end| end == "json")
            && json(&path).get("steps").is_some()
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_export_comes_out_as_it_went_in() {
    let mut count = 0;
    for folder in ["shop", "conformance", "cold"] {
        for path in exports(&Path::new(FIXTURES).join(folder)) {
            let store = tempfile::tempdir().unwrap();
            let store = Store::open(store.path()).unwrap();
            let summary =
                store.import(found(std::slice::from_ref(&path)), &Naming::default()).unwrap();
            let run = &summary.runs[0];
            let exported = store.export_run(&run.id, run.environment).unwrap();
            let exported = serde_json::to_value(exported.document()).unwrap();
            assert!(exported == json(&path), "{} changed", path.display());

            let again =
                store.import(found(std::slice::from_ref(&path)), &Naming::default()).unwrap();
            assert!(again.changed_nothing(), "{}: {again:?}", path.display());
            assert_eq!(again.runs[0].change, Change::Unchanged);
            count += 1;
        }
    }
    assert!(count >= 80, "only {count} exports were found");
}
