//! What people have: folders with everything in them, archives of archives, files called anyhow. What is an
//! export opens; what is left out is told.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use hindcast_import::{ImportError, Options, Progress, read};
use hindcast_model::Found;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

fn found(path: &Path) -> Result<Found, ImportError> {
    read(&[path.to_owned()], &Options::default(), &mut |_| true)
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

fn other_program(path: &Path) {
    let sql = "CREATE TABLE notes (text); CREATE VIEW v AS SELECT 1;
               CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END";
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_folder_opens_whatever_else_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    std::fs::copy(fixture("shop/R6Lf.json"), folder.path().join("R6Lf.json")).unwrap();
    other_program(&folder.path().join("notes.sqlite"));
    put("logs.sqlite", b"");
    put("package.json", br#"{"name": "x", "steps": ["a", "b"]}"#);
    put("sizes.json", br#"{"Width": 3, "Weight": {"kg": 2}}"#);
    put("report.json", br#"{"logs": 3, "metrics": ["a"]}"#);
    put("server.log.gz", &gzipped(b"started"));
    // Of these nothing is expected, so nothing is told.
    put("settings.ini", b"[server]\nport = 1\n");
    put("page.html", b"<html>");
    put("notes.txt", br#"{"a": 1}"#);
    put("effects.log", b"{\"a\": 1}\n{\"a\": 2}\n");

    let found = found(folder.path()).unwrap();
    assert_eq!(found.runs.len(), 1);
    let told: Vec<(String, &str)> = found
        .findings
        .iter()
        .map(|finding| {
            let name = Path::new(&finding.source).file_name().unwrap();
            (name.to_str().unwrap().to_owned(), finding.message.as_str())
        })
        .collect();
    let expected = [
        ("logs.sqlite", "it is empty"),
        ("notes.sqlite", "not one of a Coflux server"),
        ("package.json", "steps are no map"),
        ("report.json", "without steps"),
        ("server.log.gz", "no tar archive"),
        ("sizes.json", "without steps"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((name, message), (file, said)) in told.iter().zip(expected) {
        assert!(name == file && message.contains("left out") && message.contains(said), "{told:?}");
    }
}

#[test]
fn what_a_file_is_called_does_not_matter() {
    let database = fixture("shop-data-dir/projects/oracle/orchestration.sqlite");
    for (name, from) in [
        ("R6Lf", fixture("shop/R6Lf.json")),
        ("R6Lf.JSON", fixture("shop/R6Lf.json")),
        ("R6Lf.json.bak", fixture("shop/R6Lf.json")),
        ("orchestration.sqlite.bak", database.clone()),
        ("ORCHESTRATION.DB", database),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(from, folder.path().join(name)).unwrap();
        let found = found(folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!found.runs.is_empty() && found.findings.is_empty(), "{name}");
    }
    // One that cannot be read to its end is not passed over in silence.
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("shop/RPX9.json"), folder.path().join("RPX9.json")).unwrap();
    let text = std::fs::read(fixture("shop/R6Lf.json")).unwrap();
    std::fs::write(folder.path().join("R6Lf"), &text[..5000]).unwrap();
    let found = found(folder.path()).unwrap();
    let told = found.findings[0].to_string();
    assert!(told.contains("R6Lf") && told.contains("left out") && told.contains("EOF"), "{told}");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name));
    link(&fixture("shop-data-dir/blobs"), "blobs").unwrap();
    link(&fixture("shop/page.html"), "page.html").unwrap();
    let error = found(folder.path()).unwrap_err().to_string();
    assert!(error.contains("blobs: a link, which is not followed"), "{error}");
    std::fs::copy(fixture("shop/R6Lf.json"), folder.path().join("R6Lf.json")).unwrap();
    let found = found(folder.path()).unwrap();
    assert_eq!((found.runs.len(), found.blobs.len(), found.findings.len()), (1, 0, 1));
}

#[test]
fn archives_of_every_make_open_and_those_within_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dropped");
    let run = std::fs::read(fixture("shop/R6Lf.json")).unwrap();
    let other = std::fs::read(fixture("shop/RPX9.json")).unwrap();
    let inner = zipped(&[("RPX9.json", &other)]);
    let tar = tarred(&[("R6Lf.json", &run), ("RPX9.json", &other)]);
    // As packers do that work on parts at once.
    let parts = [gzipped(&tar[..100_000]), gzipped(&tar[100_000..])].concat();
    for (what, bytes, runs, told) in [
        ("tar", tar.clone(), 2, 0),
        ("tar, gzipped in parts", parts, 2, 0),
        ("zip in zip", zipped(&[("R6Lf.json", &run), ("more.zip", &inner)]), 1, 1),
        ("zip in tar", gzipped(&tarred(&[("R6Lf.json", &run), ("more.zip", &inner)])), 1, 1),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let found = found(&path).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((found.runs.len(), found.findings.len()), (runs, told), "{what}");
    }
    std::fs::write(&path, zipped(&[("more.zip", &inner)])).unwrap();
    let error = found(&path).unwrap_err().to_string();
    assert!(error.contains("such as more.zip: unpack it first"), "{error}");
    std::fs::write(&path, gzipped(&tar[..tar.len() / 2])).unwrap();
    let error = found(&path).unwrap_err().to_string();
    assert!(error.contains("\"R6Lf.json\": it is smaller than the archive says"), "{error}");
}

#[test]
fn progress_goes_up_to_the_whole_and_whoever_wants_no_more_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let run = std::fs::read(fixture("shop/R6Lf.json")).unwrap();
    let database = fixture("shop-data-dir/projects/oracle/orchestration.sqlite");
    let database = ("orchestration.sqlite", &*std::fs::read(&database).unwrap());
    let entries = [("R6Lf.json", &*run), database];
    let paths = [
        fixture("shop/R6Lf.json"),
        fixture("shop-data-dir"),
        fixture("shop-data-dir/projects/oracle/orchestration.sqlite"),
        file("x.zip", zipped(&entries)),
        file("x.tar.gz", gzipped(&tarred(&entries))),
    ];
    for path in paths {
        let mut told: Vec<Progress> = Vec::new();
        let paths = [path.clone()];
        read(&paths, &Options::default(), &mut |progress| {
            told.push(progress.clone());
            true
        })
        .unwrap();
        let shown = path.display();
        let last = told.last().unwrap();
        assert!(told.windows(2).all(|two| two[0].done <= two[1].done), "{shown} goes back");
        assert!(told.iter().all(|one| one.done <= one.total), "{shown} goes beyond: {last:?}");
        assert!(last.done * 10 >= last.total * 4, "{shown} ends early: {last:?}");
        for stop_at in 1..=told.len() {
            let mut asked = 0;
            let stopped = read(&paths, &Options::default(), &mut |_| {
                asked += 1;
                asked < stop_at
            });
            assert!(matches!(stopped, Err(ImportError::Cancelled)), "{shown} at {stop_at}");
            assert_eq!(asked, stop_at, "{shown}: asked again after it was wanted no more");
        }
    }
}
