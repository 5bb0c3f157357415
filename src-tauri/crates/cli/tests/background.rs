//! `--no-wait`: the work goes on without the command that asked for it, and others can reach it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::{Command, Output};

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

/// The body ends only once the file `go` is there, so no clock decides who is first.
const CODE: &str = "
import os, time
import coflux as cf

@cf.task()
def held(folder: str) -> str:
    while not os.path.exists(os.path.join(folder, 'go')):
        time.sleep(0.01)
    return 'went on'
";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("held.py"), CODE).unwrap();
        Self(home)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn hindcast(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hindcast"))
            .arg("--store")
            .arg(self.folder().join("store"))
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Submits the body that waits, and gives its execution.
    fn submit(&self) -> String {
        let folder = self.folder().to_str().unwrap().to_owned();
        let python =
            Sdk::NEWEST.for_tests(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        let argument = Value::from(folder.as_str()).to_string();
        let submit = ["submit", "held:held", &argument, "--project", &folder];
        let rest = ["--python", python.to_str().unwrap(), "--no-wait", "--json"];
        let output = self.hindcast(&[&submit[..], &rest[..]].concat());
        assert!(output.status.success(), "{output:?}");
        let started: Value = serde_json::from_slice(&output.stdout).unwrap();
        started["executions"][0].as_str().unwrap().to_owned()
    }

    /// How an execution stands, once it does as `wanted` says.
    fn until(&self, execution: &str, wanted: &str) -> Value {
        loop {
            let output = self.hindcast(&["result", execution, "--json"]);
            let result: Value = serde_json::from_slice(&output.stdout).unwrap();
            let state = result["state"].as_str().unwrap();
            if state == wanted {
                return result;
            }
            assert!(["queued", "running"].contains(&state), "{state} instead of {wanted}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn the_work_goes_on_after_the_command_has_returned() {
    let desk = Desk::new();
    let execution = desk.submit();
    desk.until(&execution, "running");
    std::fs::write(desk.folder().join("go"), "").unwrap();
    assert_eq!(desk.until(&execution, "succeeded")["value"], "went on");
}

#[test]
fn another_command_cancels_it() {
    let desk = Desk::new();
    let execution = desk.submit();
    desk.until(&execution, "running");
    assert!(desk.hindcast(&["cancel", &execution]).status.success());
    desk.until(&execution, "cancelled");
}

#[test]
fn what_cannot_be_started_is_said_by_the_command_itself() {
    let desk = Desk::new();
    let output =
        desk.hindcast(&["submit", "held:held", "--project", "no/such/folder", "--no-wait"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/folder"), "{output:?}");
}
