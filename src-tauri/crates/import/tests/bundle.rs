//! A bundle holds what went in, in the same bytes every time, and refuses what is not one.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod later;

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_import::bundle::{Content, write};
use hindcast_import::{ImportError, Options, read};
use hindcast_model::{BlobKey, Found, RunId};
use hindcast_store::{Naming, Store};
use later::{add_everywhere, whole_run};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

fn found(paths: &[PathBuf]) -> Result<Found, ImportError> {
    read(paths, &Options::default(), &mut |_| true)
}

/// A bundle of the shop's run: two views of it, its blobs and logs.
fn bundle(folder: &Path) -> (Found, Vec<u8>) {
    let paths = [fixture("shop/R6Lf.json"), fixture("shop/development/after-rerun-1.json")];
    let mut found = found(&paths).unwrap();
    for view in &mut found.runs {
        let workspace = if view.source.contains("development") { "WNXK" } else { "WBcn" };
        view.taken_from = Some(workspace.parse().unwrap());
    }
    let blobs: HashMap<BlobKey, Arc<[u8]>> =
        found.blobs.iter().map(|(key, source)| (*key, source.read(key).unwrap().into())).collect();
    let content = Content {
        runs: found.runs.clone(),
        workspaces: found.workspaces.clone(),
        logs: found.logs.concat(),
        points: Vec::new(),
        source: Some(serde_json::json!({"commit": "abc"})),
    };
    let mut bytes = Cursor::new(Vec::new());
    let written = write(&content, &blobs, &mut bytes).unwrap();
    assert_eq!((written.runs, written.missing.len()), (1, 0));
    assert!(written.blobs > 50);
    std::fs::write(folder.join("shop.hindcast"), bytes.get_ref()).unwrap();
    (found, bytes.into_inner())
}

#[test]
fn what_goes_in_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let (before, bytes) = bundle(folder.path());
    assert_eq!(bytes, bundle(folder.path()).1, "the same content gave other bytes");

    let after = found(&[folder.path().join("shop.hindcast")]).unwrap();
    let runs = |found: &Found| {
        let mut runs: Vec<_> =
            found.runs.iter().map(|view| (view.taken_from.clone(), view.run.clone())).collect();
        runs.sort_by(|a, b| a.0.cmp(&b.0));
        runs
    };
    assert!(runs(&before) == runs(&after), "the views changed");
    assert_eq!(before.workspaces, after.workspaces);
    assert_eq!(before.logs.concat(), after.logs.concat());
    assert!(!after.logs.concat().is_empty());
    for (key, source) in &after.blobs {
        assert_eq!(BlobKey::of(&source.read(key).unwrap()), *key);
    }
}

/// The examples of the specification, by the entries they are of.
fn examples() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(fixture("BUNDLE.md")).unwrap();
    let (mut examples, mut entry, mut block) = (BTreeMap::new(), None, None::<String>);
    for line in text.lines() {
        match (&mut block, line) {
            (Some(_), "```") => {
                let text = block.take().unwrap();
                examples.insert(entry.take().unwrap(), text);
            }
            (Some(text), line) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(line);
            }
            (None, "```json") => block = Some(String::new()),
            (None, line) => {
                let named = line.strip_prefix('`').and_then(|rest| rest.split_once("`:"));
                entry = named.map(|(name, _)| name.to_owned()).or(entry);
            }
        }
    }
    examples
}

#[test]
fn the_specification_is_what_is_read_and_written() {
    let examples = examples();
    assert_eq!(examples.len(), 8, "{:?}", examples.keys());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.hindcast");
    let entries: Vec<(&str, &[u8])> =
        examples.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    std::fs::write(&path, archive(&entries)).unwrap();
    let found = found(&[path]).unwrap();
    assert_eq!(found.findings, []);
    let blobs: HashMap<BlobKey, Arc<[u8]>> =
        found.blobs.iter().map(|(key, source)| (*key, source.read(key).unwrap().into())).collect();
    assert!(blobs.iter().all(|(key, bytes)| BlobKey::of(bytes) == *key));

    let content = Content {
        runs: found.runs,
        workspaces: found.workspaces,
        logs: found.logs.concat(),
        points: found.points.concat(),
        source: None,
    };
    let mut bytes = Cursor::new(Vec::new());
    assert!(write(&content, &blobs, &mut bytes).unwrap().missing.is_empty());
    let mut written = zip::ZipArchive::new(bytes).unwrap();
    assert_eq!(written.len(), examples.len());
    for (name, expected) in &examples {
        // One view of a run needs no workspace in its name.
        let mut entry = written.by_name(&name.replace("@Wdev", "")).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(json(&text), json(expected), "{name}");
    }
}

/// The entries of a bundle of what is in the store of some runs.
fn exported(store: &Store, runs: &[&str]) -> BTreeMap<String, String> {
    let runs: Vec<RunId> = runs.iter().map(|id| id.parse().unwrap()).collect();
    let content = Content {
        runs: runs.iter().flat_map(|id| store.views(id).unwrap()).collect(),
        workspaces: store.workspaces().unwrap(),
        logs: runs.iter().flat_map(|id| store.logs(id, None).unwrap()).collect(),
        ..Content::default()
    };
    let mut bytes = Cursor::new(Vec::new());
    write(&content, &HashMap::<BlobKey, Arc<[u8]>>::new(), &mut bytes).unwrap();
    let mut archive = zip::ZipArchive::new(bytes).unwrap();
    let mut entries = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        entries.insert(entry.name().unwrap().into_owned(), text);
    }
    entries
}

#[test]
fn what_a_newer_server_adds_anywhere_goes_through_the_store_and_comes_out_again() {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let added = serde_json::json!({"a": 1});
    let add = |at: &mut Value| add_everywhere(at, &added);
    let mut entries = examples();
    let before = entries.clone();
    entries.insert("runs/Rwhl@W2.json".to_owned(), whole_run().to_string());
    let mut places = 0;
    for (name, text) in &mut entries {
        let mut entry = json(text);
        match name.split('/').next().unwrap() {
            "runs" => places += add(&mut entry),
            "details" => {
                places += add(&mut entry["assets"]["A1"]);
                places += add(&mut entry["inputs"][0]["placeholders"]["n"]);
                places += add(&mut entry["checkpoints"][0]["values"]["at"]);
            }
            "streams" => {
                entry["end"] = serde_json::json!({"errored": {"type": "E", "message": "m", "frames": [
                    {"file": "f", "line": 1, "name": null, "code": null}]}});
                places += add(&mut entry["items"]) + add(&mut entry["end"]["errored"]);
            }
            "workspaces.json" => {
                entry["W1"] = serde_json::json!({"name": "one", "baseId": null});
                entry["W2"] = serde_json::json!({"name": "two", "baseId": "W1"});
            }
            _ => continue,
        }
        *text = entry.to_string();
    }
    assert_eq!(places, 78);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.hindcast");
    let import = |store: &Store, entries: &BTreeMap<String, String>| {
        let entries: Vec<(&str, &[u8])> =
            entries.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        std::fs::write(&path, archive(&entries)).unwrap();
        let summary =
            store.import(found(std::slice::from_ref(&path)).unwrap(), &Naming::default()).unwrap();
        let otherwise = summary.findings.iter().find(|finding| finding.message.contains("ended"));
        assert_eq!(otherwise, None);
        summary
    };

    let store = Store::open(&folder.path().join("new")).unwrap();
    import(&store, &entries);
    let after = exported(&store, &["Rbun", "Rwhl"]);
    for (name, expected) in &entries {
        // What is of production goes out with that one's view.
        let name = name.replace("streams/Rbun@Wdev", "streams/Rbun@Wprd");
        match name.split('/').next().unwrap() {
            "runs" | "details" | "streams" => {
                assert!(json(&after[&name]) == json(expected), "{name}: {}", after[&name]);
            }
            _ => {}
        }
    }

    // A newer export adds them to what is there, and an older one takes none away.
    let mut older = before;
    let mut run = whole_run();
    // But the run's caller is as it was first told.
    run["parent"] = json(&entries["runs/Rwhl@W2.json"])["parent"].take();
    older.insert("runs/Rwhl@W2.json".to_owned(), run.to_string());
    older.insert("workspaces.json".to_owned(), entries["workspaces.json"].clone());
    let store = Store::open(&folder.path().join("extended")).unwrap();
    import(&store, &older);
    import(&store, &entries);
    assert!(import(&store, &older).changed_nothing());
    let after = exported(&store, &["Rbun", "Rwhl"]);
    for name in ["runs/Rbun@Wdev.json", "runs/Rwhl@W2.json"] {
        assert!(json(&after[name]) == json(&entries[name]), "{name}: {}", after[name]);
    }
}

#[cfg(unix)]
#[test]
fn a_file_may_have_a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let (before, bytes) = bundle(folder.path());
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.hindcast"));
    std::fs::write(&path, bytes).unwrap();
    let after = found(std::slice::from_ref(&path)).unwrap();
    assert_eq!(after.runs.len(), before.runs.len());
    for (key, source) in &after.blobs {
        assert_eq!(BlobKey::of(&source.read(key).unwrap()), *key);
    }
}

const MANIFEST: &str = r#"{"formatVersion": 1}"#;

/// An archive with these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn what_is_no_sound_bundle_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (_, whole) = bundle(folder.path());
    let manifest = MANIFEST.as_bytes();
    let mut twice =
        archive(&[("manifest.json", manifest), ("logs/R1.jsonl", b""), ("logs/R2.jsonl", b"")]);
    for at in 0..twice.len() - 13 {
        if &twice[at..at + 13] == b"logs/R2.jsonl" {
            twice[at + 6] = b'1';
        }
    }
    let bomb = vec![b' '; 100 << 20];
    let table: Vec<(Vec<u8>, &str)> = vec![
        (whole[..whole.len() / 2].to_vec(), "the archive"),
        (archive(&[("runs/R1.json", b"{}")]), "without manifest.json"),
        (archive(&[("manifest.json", br#"{"formatVersion": 2}"#)]), "format version 2"),
        (archive(&[("manifest.json", manifest), ("runs/R1.json", b"{")]), "runs/R1.json:1:1: EOF"),
        (archive(&[("manifest.json", manifest), ("runs/R1.json", b"{}")]), "without steps"),
        (archive(&[("manifest.json", manifest), ("logs/R1.jsonl", b"\n{")]), "logs/R1.jsonl:2"),
        (archive(&[("manifest.json", manifest), ("../blobs/x", b"")]), "leads out"),
        (archive(&[("manifest.json", manifest), ("/etc/x", b"")]), "leads out"),
        (archive(&[("manifest.json", manifest), ("C:x", b"")]), "leads out"),
        (archive(&[("manifest.json", manifest), ("runs/R1.json", &bomb)]), ": a bomb"),
        (twice, "two entries of one name"),
    ];
    for (bytes, expected) in table {
        let path = folder.path().join("bad.hindcast");
        std::fs::write(&path, bytes).unwrap();
        let error = found(std::slice::from_ref(&path)).unwrap_err().to_string();
        assert!(error.contains("bad.hindcast"), "names no file: {error}");
        assert!(error.contains(expected), "{expected:?} is not in {error:?}");
    }
    let unknown = archive(&[("manifest.json", manifest), ("notes.txt", b"hello")]);
    std::fs::write(folder.path().join("odd.hindcast"), unknown).unwrap();
    let odd = found(&[folder.path().join("odd.hindcast")]).unwrap();
    assert_eq!(odd.findings.len(), 1);
}
