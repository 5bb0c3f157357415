//! The fuzzers of the readers, for a moment.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may")]

#[path = "../../../fuzz/bodies/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/bodies/readers.rs"]
mod readers;
#[path = "../../../fuzz/bodies/values.rs"]
mod values;

use mutations::{seeds, try_all};

#[test]
fn runs() {
    let folders = ["fixtures/hostile/json", "fixtures/hostile/runs", "fixtures/conformance/orders"];
    let documents = seeds(&folders, |path, bytes| {
        path.extension().is_some_and(|end| end == "json").then_some(bytes)
    });
    try_all(&documents, readers::run);
}

#[test]
fn old_runs() {
    let folders = ["audit", "billing", "lambdas", "settle", "values"];
    let folders = folders.map(|scenario| format!("fixtures/seed-era/{scenario}"));
    let documents = seeds(&folders.each_ref().map(String::as_str), |path, bytes| {
        path.extension().is_some_and(|end| end == "json").then_some(bytes)
    });
    try_all(&documents, readers::run);
}

#[test]
fn bundles() {
    let folders = ["fixtures/hostile/archives", "src-tauri/fuzz/seeds/bundle"];
    let zipped = seeds(&folders, |_, bytes| bytes.starts_with(b"PK").then_some(bytes));
    try_all(&zipped, readers::bundle);
}

#[test]
fn tars() {
    let unpacked = seeds(&["fixtures/hostile/archives"], |_, bytes| {
        let mut tar = Vec::new();
        let gzipped = bytes.starts_with(b"\x1f\x8b");
        let read =
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut tar);
        (gzipped && read.is_ok()).then_some(tar)
    });
    let made = seeds(&["src-tauri/fuzz/seeds/tar"], |_, bytes| Some(bytes));
    try_all(&[unpacked, made].concat(), readers::tar);
}

#[test]
fn databases() {
    let all = seeds(&["fixtures/hostile/databases"], |_, bytes| Some(bytes));
    try_all(&all, readers::database);
}

#[test]
fn sound_databases() {
    let all = seeds(&["src-tauri/fuzz/seeds/database"], |_, bytes| Some(bytes));
    try_all(&all, readers::database);
}

#[test]
fn other_documents() {
    let all = seeds(&["src-tauri/fuzz/seeds/run"], |_, bytes| Some(bytes));
    try_all(&all, readers::run);
}

/// What the seeds of a target hold: whoever changes one goes on from there.
#[test]
fn every_reader_is_reached_by_a_seed() {
    let seed = |name: &str, file: &str| {
        let folder = tempfile::tempdir().expect("a folder to work in");
        let path = folder.path().join(file);
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds");
        let mut bytes = std::fs::read(format!("{seeds}/{name}")).expect("a seed");
        if file == "x.tar.gz" {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut packed, &bytes).expect("memory takes everything");
            bytes = packed.finish().expect("memory takes everything");
        }
        std::fs::write(&path, bytes).expect("the file is ours");
        let found =
            hindcast_import::read(&[path], &hindcast_import::Options::default(), &mut |_| true);
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        let lines: usize = found.logs.iter().map(Vec::len).sum();
        let points: usize = found.points.iter().map(Vec::len).sum();
        (found, lines, points)
    };
    for version in ["0.3", "0.5", "0.8", "0.9", "0.10", "0.11"] {
        let (found, ..) = seed(&format!("database/{version}"), "x.sqlite");
        assert!(found.runs.len() > 1, "{version}: {} runs", found.runs.len());
        let has_inputs = found.runs.iter().any(|run| !run.inputs.is_empty());
        assert_eq!(has_inputs, version == "0.11", "{version}");
    }
    assert!(seed("database/logs", "x.sqlite").1 > 0);
    assert!(seed("database/metrics", "x.sqlite").2 > 0);
    // Its lines are in a database that a journal has to be played back into.
    for (name, file) in [("bundle/data", "x.zip"), ("tar/data", "x.tar.gz")] {
        let (found, lines, _) = seed(name, file);
        assert!(found.runs.len() > 1 && found.blobs.len() == 1 && lines > 0, "{name}");
    }
    for (name, file) in [("bundle/exports", "x.zip"), ("tar/exports", "x.tar.gz")] {
        let (found, lines, _) = seed(name, file);
        assert!(found.runs.len() == 1 && found.workspaces.len() == 2 && lines == 1, "{name}");
    }
    let (found, lines, points) = seed("bundle/whole", "x.hindcast");
    let whole = |run: &hindcast_model::FoundRun| {
        let empty = [
            run.declared.is_empty(),
            run.inputs.is_empty(),
            run.assets.is_empty(),
            run.checkpoints.is_empty(),
        ];
        empty == [false; 4]
    };
    assert!(found.runs.len() == 2 && found.runs.iter().all(whole) && (lines, points) == (1, 1));
    assert!(found.runs.iter().any(|run| !run.streams.is_empty()) && !found.blobs.is_empty());
    assert!(seed("run/logs", "x.json").1 == 1 && seed("run/metrics", "x.json").2 == 1);
    assert!(!seed("run/workspaces", "x.json").0.workspaces.is_empty());
    assert!(!seed("run/environments", "x.json").0.workspaces.is_empty());
}

#[test]
fn decoded_values() {
    let folders = ["src-tauri/fuzz/seeds/value"];
    try_all(&seeds(&folders, |_, bytes| Some(bytes)), values::value);
}

#[test]
fn answers_of_a_live_server() {
    let folders = ["src-tauri/fuzz/seeds/served"];
    try_all(&seeds(&folders, |_, bytes| Some(bytes)), readers::served);
}
