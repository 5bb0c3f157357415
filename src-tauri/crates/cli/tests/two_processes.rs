//! Commands in processes of their own on one store: each reaches what another has in hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::{Command, Output};

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

const CODE: &str = "
import os, time
import coflux as cf

@cf.task()
def held(folder: str) -> str:
    while not os.path.exists(os.path.join(folder, 'go')):
        time.sleep(0.01)
    return 'went on'

@cf.workflow()
def holds(folder: str) -> str:
    return held(folder)

go_on = cf.Prompt('Go on?', model=bool)

@cf.workflow()
def asks() -> str:
    return 'yes' if go_on() else 'no'
";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("flow.py"), CODE).unwrap();
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

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.hindcast(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts something that goes on in a process of its own; gives its first execution.
    fn start(&self, command: &[&str]) -> String {
        let folder = self.folder().to_str().unwrap().to_owned();
        let python =
            Sdk::NEWEST.for_tests(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        let rest = ["--project", &folder, "--python", python.to_str().unwrap(), "--no-wait"];
        let started = self.json(&[command, &rest].concat());
        started["executions"][0].as_str().unwrap().to_owned()
    }

    /// Waits for an input that is asked for. (The bound only ends a test that would hang.)
    fn first_input(&self) -> String {
        for _ in 0..1_000 {
            let open = self.json(&["inputs", "list"]);
            if let Some(input) = open.as_array().unwrap().first() {
                return input["input"].as_str().unwrap().to_owned();
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("nothing was asked for");
    }

    /// Waits until an execution stands so. (The bound only ends a test that would hang.)
    fn until(&self, execution: &str, wanted: &str) -> Value {
        for _ in 0..1_000 {
            // It may not have been called yet, and it may have failed.
            let output = self.hindcast(&["result", execution, "--json"]);
            let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            if result["state"] == wanted {
                return result;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("{execution} never was {wanted}");
    }
}

#[test]
fn another_process_answers_what_a_run_asks() {
    let desk = Desk::new();
    let execution = desk.start(&["submit", "flow:asks"]);
    let input = desk.first_input();
    assert!(desk.hindcast(&["inputs", "respond", &input, "true"]).status.success());
    assert_eq!(desk.until(&execution, "succeeded")["value"], "yes");
    let again = desk.hindcast(&["inputs", "respond", &input, "false"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("answered already"), "{again:?}");
}

#[test]
fn of_two_reruns_of_a_step_the_later_one_goes_on() {
    let desk = Desk::new();
    let folder = Value::from(desk.folder().to_str().unwrap()).to_string();
    let first = desk.start(&["submit", "flow:holds", &folder]);
    let step = first.rsplit_once(':').unwrap().0.to_owned();
    let run = step.rsplit_once(':').unwrap().0.to_owned();
    desk.until(&format!("{run}:2:1"), "running");
    let second = desk.start(&["rerun", &step, "--policy", "open"]);
    assert_ne!(first, second);
    desk.until(&first, "cancelled");
    desk.until(&format!("{run}:2:1"), "cancelled");
    desk.until(&format!("{run}:3:1"), "running");
    std::fs::write(desk.folder().join("go"), "").unwrap();
    assert_eq!(desk.until(&second, "succeeded")["value"], "went on");
    desk.until(&first, "cancelled");
}
