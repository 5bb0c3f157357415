//! Streams travel: what the real SDK produced in one store is in another, by way of a bundle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

const FLOW: &str = r#"
import os
import coflux as cf

def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word + "\n")

@cf.task(memo=True)
def letters():
    for letter in "abc":
        note(letter)
        yield letter

@cf.task(streams=cf.Streams(buffer=None))
def fails():
    yield {"large": "secret" * 1000}
    yield {1, 2}
    raise KeyError("CH")

@cf.task()
def reads(stream):
    return list(stream)

@cf.task()
def tells(stream):
    try:
        return [list(item) for item in stream]
    except Exception as error:
        return str(error)

@cf.workflow()
def main():
    return [reads(letters()), tells(fails())]
"#;

struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("code")).unwrap();
        std::fs::write(home.path().join("code/flow.py"), FLOW).unwrap();
        Self { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// What a command prints on that store.
    fn says(&self, store: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.args(arguments).env("HINDCAST_STORE", self.path(store));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}\n{said}\n{complained}");
        said
    }

    fn json(&self, store: &str, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.says(store, &[arguments, &["--json"]].concat())).unwrap()
    }

    fn runs_code(&self, store: &str, arguments: &[&str]) -> Value {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let python = Sdk::NEWEST.for_tests(target).display().to_string();
        let (folder, notes) = (self.path("code"), self.path("notes"));
        let notes = format!("NOTES={}", notes.display());
        let project = ["--project", folder.to_str().unwrap(), "--python", &python, "--var", &notes];
        self.json(store, &[arguments, &project].concat())
    }

    /// The bundle of a run, by its bytes.
    fn export(&self, store: &str, run: &str, name: &str) -> Vec<u8> {
        let path = self.path(name);
        self.says(store, &["export", run, "-o", path.to_str().unwrap()]);
        std::fs::read(path).unwrap()
    }

    /// The streams of a run, each with its items.
    fn streams(&self, store: &str, run: &str) -> (Value, Vec<Value>) {
        let streams = self.json(store, &["streams", run]);
        let items = streams.as_array().unwrap().iter().map(|stream| {
            let id = stream["stream"].as_str().unwrap();
            self.json(store, &["streams", id])
        });
        let items = items.collect();
        (streams, items)
    }
}

#[test]
fn a_bundle_carries_the_streams_of_a_run() {
    let desk = Desk::new();
    let submitted = desk.runs_code("first", &["submit", "flow:main"]);
    let run = submitted["run"].as_str().unwrap_or_else(|| panic!("{submitted:#}"));
    let there = desk.streams("first", run);
    let told = |index: usize| (&there.0[index]["ended"], &there.0[index]["items"]);
    assert_eq!(told(0), (&"complete".into(), &3.into()), "{there:#?}");
    assert_eq!(told(1), (&"errored".into(), &2.into()), "{there:#?}");

    let inspected = desk.json("first", &["inspect", run]);
    let step = |target: &str| {
        let steps = inspected["steps"].as_object().unwrap();
        let found = steps.iter().find(|(_, step)| step["target"] == target);
        found.map_or_else(|| panic!("no {target}"), |(id, _)| id.clone())
    };
    let bytes = desk.export("first", run, "run.hindcast");
    assert_eq!(bytes, desk.export("first", run, "again.hindcast"), "other bytes");
    let bundle = desk.path("run.hindcast");
    let bundle = bundle.to_str().unwrap();
    let imported = desk.json("second", &["import", bundle]);
    assert_eq!(imported["runs"][0]["new"], true, "{imported:#}");
    assert_eq!(imported["runs"][0]["missingValues"], 0, "{imported:#}");
    assert_eq!(desk.streams("second", run), there);
    let imported = desk.json("second", &["import", bundle]);
    assert_eq!(imported["runs"][0]["changed"], false, "{imported:#}");
    assert_eq!(bytes, desk.export("second", run, "second.hindcast"), "it goes on as it came");

    // A reader runs again on what was recorded.
    let notes = || std::fs::read_to_string(desk.path("notes")).unwrap().replace('\n', "");
    let rerun = desk.runs_code("second", &["rerun", &step("reads")]);
    assert_eq!(rerun["results"][0]["python"], "['a', 'b', 'c']", "{rerun:#}");
    assert_eq!(notes(), "abc", "it was produced once");
    // A producer that runs again has a stream of its own, beside the one that came.
    desk.runs_code("second", &["rerun", &step("letters")]);
    let (now, items) = desk.streams("second", run);
    assert_eq!((&now[0], &items[0]), (&there.0[0], &there.1[0]));
    assert_eq!(now[1]["stream"], format!("{}_1", step("letters")), "{now:#}");

    // What is deleted comes back with its streams.
    let before = desk.streams("second", run);
    let deleted = desk.json("second", &["delete", run, "--yes"]);
    let number = deleted["id"].to_string();
    desk.says("second", &["deleted", "restore", &number]);
    assert_eq!(desk.streams("second", run), before);

    let redacted = desk.path("redacted.hindcast");
    desk.says("first", &["export", run, "-o", redacted.to_str().unwrap(), "--redact", "large"]);
    desk.json("third", &["import", redacted.to_str().unwrap()]);
    let (_, items) = desk.streams("third", run);
    assert!(items[1].to_string().contains("large"));
    assert!(!items[1].to_string().contains("secret"));
}
