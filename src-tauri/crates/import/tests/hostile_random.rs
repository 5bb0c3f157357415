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
    let zipped =
        seeds(&["fixtures/hostile/archives"], |_, bytes| bytes.starts_with(b"PK").then_some(bytes));
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
    try_all(&unpacked, readers::tar);
}

#[test]
fn databases() {
    let all = seeds(&["fixtures/hostile/databases"], |_, bytes| Some(bytes));
    try_all(&all, readers::database);
}

#[test]
fn old_databases() {
    let all = seeds(&["src-tauri/fuzz/seeds/database"], |_, bytes| Some(bytes));
    try_all(&all, readers::database);
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
