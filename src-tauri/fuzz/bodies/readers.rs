//! Any bytes at all, through the readers of exports. Whatever they are, reading ends in an error or in
//! something that can be written again.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use hindcast_import::bundle::{Content, write};
use hindcast_import::served::{self, ListedWorkflow};
use hindcast_import::{ImportError, Options, read};
use hindcast_model::{BlobKey, Blobs, Found, FoundRun, InputId};

/// An export of a run, or any other JSON document.
pub(crate) fn run(data: &[u8]) {
    let Some(found) = file("x.json", data) else { return };
    for view in &found.runs {
        // What goes out is the same document, and comes in as the same run.
        let text = serde_json::to_vec(&view.run.document()).expect("a run has a JSON form");
        let again = file("x.json", &text).expect("what was written cannot be read");
        assert!(again.runs[0].run == view.run, "the run came back otherwise");
    }
}

/// A bundle, or any other zip archive.
pub(crate) fn bundle(data: &[u8]) {
    if let Some(found) = file("x.hindcast", data) {
        written_again(found);
    }
}

/// A tar archive. It is compressed here: a fuzzer would hardly get past the checksum.
pub(crate) fn tar(data: &[u8]) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(data).expect("memory takes everything");
    let packed = packed.finish().expect("memory takes everything");
    if let Some(found) = file("x.tar.gz", &packed) {
        written_again(found);
    }
}

/// A database of a server.
pub(crate) fn database(data: &[u8]) {
    if let Some(found) = file("x.sqlite", data) {
        written_again(found);
    }
}

/// What a live server answers, to question after question. No JSON has a zero byte in it, so that one
/// ends an answer.
pub(crate) fn served(data: &[u8]) {
    let name = "http://x.example/answer";
    let workflow = ListedWorkflow { module: "m".into(), target: "t".into(), active: 0 };
    let mut found = Found::default();
    for answer in data.split(|byte| *byte == 0) {
        // To each reader: which one an answer goes to is not for the server to say.
        drop(told(served::workflows(answer, name)));
        drop(told(served::runs(answer, name, &workflow)));
        drop(told(served::matches(answer, name)));
        found.workspaces.extend(told(served::workspaces(answer, name)).unwrap_or_default());
        found.logs.extend(told(served::logs(answer, name)).map(|page| page.items));
        found.points.extend(told(served::points(answer, name)).map(|page| page.items));
        if let Some(run) = told(served::run(answer, name)) {
            let run = FoundRun::plain(name.to_owned(), run);
            found.runs.extend(told(served::checked(run, name, &mut found.findings)));
        }
        let Some(FoundRun { run, inputs, assets, .. }) = found.runs.last_mut() else { continue };
        let Some(root) = run.root().and_then(|root| root.executions.values().next()) else {
            continue;
        };
        let (id, workspace) = (InputId { run: run.id.clone(), number: 1 }, &root.workspace_id);
        *inputs = told(served::input(answer, name, id, workspace.clone())).into_iter().collect();
        if let Some(files) = told(served::asset(answer, name)) {
            assets.insert("A1".parse().expect("an asset's id"), files);
        }
    }
    written_again(found);
}

/// What was read; an error has to name the address.
fn told<T>(read: Result<T, ImportError>) -> Option<T> {
    read.inspect_err(|error| {
        let said = error.to_string();
        assert!(said.contains("http://x.example/answer"), "{said:?} does not name the address");
    })
    .ok()
}

/// What the readers find in a file of that name and content; none if they refuse it.
fn file(name: &str, data: &[u8]) -> Option<Found> {
    let folder = tempfile::tempdir_in(folder()).expect("a folder to work in");
    let path = folder.path().join(name);
    std::fs::write(&path, data).expect("the file is ours");
    let found = read(&[path], &Options::default(), &mut |_| true);
    match found {
        Ok(found) => {
            // A blob is read when it is taken in, and may be anything then; it must not be a crash.
            for (key, source) in &found.blobs {
                drop(source.read(key));
            }
            Some(found)
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(name) && !said.is_empty(), "{said:?} does not name the file");
            None
        }
    }
}

/// In memory, where there is such a folder.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// What was read from anywhere can be kept as a bundle, and read from that.
fn written_again(found: Found) {
    let runs = found.runs.len();
    let content = Content {
        runs: found.runs,
        workspaces: found.workspaces,
        logs: found.logs.concat(),
        points: found.points.concat(),
        source: None,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    write(&content, &Nothing, &mut bytes).expect("what was read can be written");
    let again = file("y.hindcast", bytes.get_ref()).expect("what was written cannot be read");
    assert!(again.runs.len() <= runs);
}

/// No blobs.
struct Nothing;

impl Blobs for Nothing {
    fn get(&self, _: &BlobKey) -> Option<std::sync::Arc<[u8]>> {
        None
    }
}
