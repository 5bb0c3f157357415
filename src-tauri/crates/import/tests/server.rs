//! A server's data directory: as a folder, as an archive of it, across epochs; and what is no such.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use hindcast_import::{ImportError, Options, read};
use hindcast_model::{BlobKey, Found, Run};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

fn found(path: &Path) -> Result<Found, ImportError> {
    read(&[path.to_owned()], &Options::default(), &mut |_| true)
}

fn runs(found: &Found) -> Vec<&Run> {
    let mut runs: Vec<&Run> = found.runs.iter().map(|found| &found.run).collect();
    runs.sort_by(|a, b| a.id.cmp(&b.id));
    runs
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path, inside: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{inside}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            all.extend(files(&path, &format!("{name}/")));
        } else {
            all.push((name, std::fs::read(&path).unwrap()));
        }
    }
    all
}

fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

#[test]
fn archives_of_a_data_directory_give_what_the_folder_gives() {
    let from_folder = found(&fixture("shop-data-dir")).unwrap();
    assert!(from_folder.runs.len() >= 2 && from_folder.blobs.len() > 50);
    let files = files(&fixture("shop-data-dir"), "backup/data/");
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("data.zip", zipped(&files)), ("data.tar.gz", tarred(&files))] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let from_archive = found(&path).unwrap();
        assert!(runs(&from_archive) == runs(&from_folder), "{name}: other runs");
        assert_eq!(from_archive.workspaces, from_folder.workspaces);
        assert_eq!(from_archive.logs, from_folder.logs);
        assert!(from_archive.blobs.keys().eq(from_folder.blobs.keys()));
        for (key, source) in &from_archive.blobs {
            assert_eq!(BlobKey::of(&source.read(key).unwrap()), *key);
        }
    }
}

#[test]
fn one_database_brings_what_lies_around_it() {
    let alone = found(&fixture("shop-data-dir/projects/oracle/orchestration.sqlite")).unwrap();
    let whole = found(&fixture("shop-data-dir")).unwrap();
    assert!(runs(&alone) == runs(&whole));
    assert_eq!(alone.logs, whole.logs);
    assert!(alone.blobs.keys().eq(whole.blobs.keys()));
    let logs = found(&fixture("shop-data-dir/projects/oracle/logs.sqlite")).unwrap();
    assert_eq!(logs.logs, whole.logs);
    assert!(logs.runs.is_empty());
}

/// A copy of the shop's orchestration database, changed.
fn database(path: &Path, sql: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::copy(fixture("shop-data-dir/projects/oracle/orchestration.sqlite"), path).unwrap();
    let sql = format!("PRAGMA foreign_keys = 0; {sql}");
    rusqlite::Connection::open(path).unwrap().execute_batch(&sql).unwrap();
}

#[test]
fn of_a_run_in_several_epochs_the_newest_copy_counts() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("projects/shop");
    let rename = |name: &str| format!("UPDATE steps SET target = '{name}' WHERE parent_id IS NULL");
    database(&project.join("orchestration/20260101_0001.sqlite"), &rename("oldest"));
    database(&project.join("orchestration/20260101_0002.sqlite"), &rename("older"));
    let gone = "PRAGMA foreign_keys = 1; DELETE FROM runs WHERE external_id = 'RPX9'";
    let newest = format!("{}; {gone}", rename("newest"));
    database(&project.join("orchestration.sqlite"), &newest);
    let found = found(folder.path()).unwrap();
    let targets: Vec<(String, String)> = runs(&found)
        .iter()
        .map(|run| (run.id.to_string(), run.root().unwrap().target.clone()))
        .filter(|(id, _)| ["R6Lf", "RPX9"].contains(&id.as_str()))
        .collect();
    let expected = [("R6Lf".into(), "newest".into()), ("RPX9".into(), "older".into())];
    assert_eq!(targets, expected);
}

#[test]
fn what_is_no_database_of_a_server_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("INSERT INTO schema_migrations VALUES (7)", "schema version 7; we read 1 to 3"),
        ("CREATE VIEW v AS SELECT 1", "\"view v\""),
        ("CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END", "\"trigger t\""),
        ("PRAGMA journal_mode = wal", "WAL mode"),
        ("DROP TABLE execution_refs", "not one of a Coflux server"),
        (
            "UPDATE results SET type = 5, value_id = NULL, successor_id = execution_id
             WHERE type = 1",
            "in a circle",
        ),
        ("DELETE FROM errors", "others point to it"),
        ("UPDATE blobs SET key = '../../' || id", "is not a blob key"),
    ];
    for (index, (sql, expected)) in table.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}/bad.sqlite"));
        database(&path, sql);
        let error = found(&path).unwrap_err().to_string();
        assert!(error.contains("bad.sqlite"), "names no file: {error}");
        assert!(error.contains(expected), "{expected:?} is not in {error:?}");
        let beside = path.parent().unwrap().read_dir().unwrap().count();
        assert_eq!(beside, 1, "{expected}: something was written beside it");
    }
}

/// Writes to a copy of the shop's database and leaves it in the middle, as a server that is killed
/// does: a connection that spills its pages, copied while its transaction is open.
fn killed_while_writing(folder: &Path) -> PathBuf {
    let busy = folder.join("busy.sqlite");
    let original = fixture("shop-data-dir/projects/oracle/orchestration.sqlite");
    std::fs::copy(original, &busy).unwrap();
    let connection = rusqlite::Connection::open(&busy).unwrap();
    connection
        .execute_batch(
            "PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;
             UPDATE steps SET target = target || '_changed';
             UPDATE executions SET created_at = 0;
             DELETE FROM results;
             CREATE TABLE more (filling TEXT);
             INSERT INTO more SELECT hex(randomblob(3000)) FROM steps;",
        )
        .unwrap();
    let killed = folder.join("orchestration.sqlite");
    std::fs::copy(&busy, &killed).unwrap();
    std::fs::copy(folder.join("busy.sqlite-journal"), folder.join("orchestration.sqlite-journal"))
        .unwrap();
    killed
}

#[test]
fn what_a_killed_server_had_begun_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let killed = killed_while_writing(folder.path());
    let before = found(&fixture("shop-data-dir/projects/oracle/orchestration.sqlite")).unwrap();
    let torn = std::fs::read(&killed).unwrap();
    let journal = std::fs::read(folder.path().join("orchestration.sqlite-journal")).unwrap();
    let whole =
        std::fs::read(fixture("shop-data-dir/projects/oracle/orchestration.sqlite")).unwrap();
    assert!(torn != whole && journal.len() > 10_000, "nothing was spilled");

    assert!(runs(&found(&killed).unwrap()) == runs(&before), "beside it on disk");
    assert!(std::fs::read(&killed).unwrap() == torn, "it was written to");
    let entries = vec![
        ("projects/oracle/orchestration.sqlite".to_owned(), torn.clone()),
        ("projects/oracle/orchestration.sqlite-journal".to_owned(), journal.clone()),
    ];
    for (name, bytes) in [("data.zip", zipped(&entries)), ("data.tar.gz", tarred(&entries))] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(runs(&found(&path).unwrap()) == runs(&before), "{name}");
    }

    // A journal that is damaged, of another database, or hardly begun hurts nobody.
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let mut cases = vec![vec![], journal[..20].to_vec(), vec![0; 600], journal[..5000].to_vec()];
    for at in (0..40).chain(510..540).chain((0..journal.len()).step_by(997)) {
        let mut damaged = journal.clone();
        damaged[at] ^= 0xff;
        cases.push(damaged);
    }
    for case in cases {
        std::fs::write(other.join("orchestration.sqlite"), &torn).unwrap();
        std::fs::write(other.join("orchestration.sqlite-journal"), case).unwrap();
        // Whether it opens or is refused with a sentence depends on the place; it does not panic.
        if let Err(error) = found(&other.join("orchestration.sqlite")) {
            assert!(error.to_string().contains("orchestration.sqlite"), "{error}");
        }
    }
}

#[test]
fn older_schemas_give_the_same_but_for_what_they_lack() {
    let seed = |version: &str| {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/database");
        found(&Path::new(seeds).join(version)).unwrap()
    };
    let newest = seed("0.11");
    for (version, has_metrics) in [("0.9", false), ("0.10", true)] {
        let older = seed(version);
        assert!(older.runs.len() > 5, "{version}: {} runs", older.runs.len());
        for found in &older.runs {
            let same = newest.runs.iter().find(|same| same.run.id == found.run.id).unwrap();
            let mut expected = same.run.clone();
            assert_eq!(found.memo.is_some(), has_metrics, "{version}");
            if !has_metrics {
                expected.requires = None;
            }
            for step in expected.steps.values_mut() {
                if !has_metrics {
                    (step.requires, step.timeout) = (None, None);
                }
                for execution in step.executions.values_mut() {
                    // Inputs came with 0.11.
                    execution.inputs = None;
                    execution.metrics = execution.metrics.take().filter(|_| has_metrics);
                }
            }
            assert!(found.run == expected, "{version}: {} came otherwise", found.run.id);
        }
        let metrics = older.runs.iter().flat_map(|found| found.run.steps.values());
        let mut metrics = metrics.flat_map(|step| step.executions.values());
        let defined = metrics.any(|execution| execution.metrics.iter().any(|all| !all.is_empty()));
        assert_eq!(defined, has_metrics, "{version}");
    }
}
