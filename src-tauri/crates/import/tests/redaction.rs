//! What a pattern fits is in no byte of a bundle.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_import::bundle::{Content, write};
use hindcast_import::redact::redact;
use hindcast_import::{Options, read};
use hindcast_model::BlobKey;
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
    assert!(write(&content, &blobs, &mut bytes).unwrap().missing.is_empty());
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
fn values_of_before_0_5_are_looked_into() {
    let paths = ["seed-era/rollout/1-production.json", "seed-era/blobs"];
    let (before, _) = unpacked_of(&paths, &[]);
    assert!(before.contains("delivered with the spring batch"));
    let (after, _) = unpacked_of(&paths, &["notes"]);
    assert!(!after.contains("delivered with the spring batch"));
    assert!(after.contains("oslo-12"));
}
