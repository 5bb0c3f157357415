//! The main job on the command line: a production run in, steps re-run here, nothing sent twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hindcast_demo::{Outside, Project, Sdk};
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

#[test]
fn with_the_newest_sdk() {
    tell(Sdk::NEWEST);
}

#[test]
fn with_the_sdk_of_the_recording() {
    tell(Sdk::RECORDED);
}

/// The story, in the order in which a developer meets it.
fn tell(sdk: Sdk) {
    let desk = Desk::new(sdk);
    desk.hindcast(&["import", &format!("{SHOP}/R6Lf.json")]).ends_with(0);
    let production = read(&format!("{SHOP}/R6Lf.json"));
    assert_eq!(desk.run_in("production"), production, "the round trip");

    let as_it_is = desk.rerun("R6Lf:36", &[]).ends_with(1);
    assert!(as_it_is.contains("KeyError: 'CH'"), "{as_it_is}");
    assert_eq!(desk.run_in("production"), production, "production is unchanged");

    desk.project.add_vat_rate().unwrap();
    desk.rerun("R6Lf:36", &[]).ends_with(0);
    let recorded = read(&format!("{SHOP}/development/after-rerun-36.json"));
    assert_eq!(
        newest_value(&desk.run_in("development"), "R6Lf:36"),
        newest_value(&recorded, "R6Lf:36")
    );

    let stopped = desk.rerun("R6Lf:1", &[]).ends_with(3);
    assert!(stopped.contains("charge_card") && stopped.contains("20260304-008"), "{stopped}");
    assert_eq!(desk.outside.connections(), 0, "nothing may leave this machine");
    let seen = desk.run_in("development");
    assert_eq!(ran_here(&seen, &production, "load_orders"), 0);
    assert_eq!(ran_here(&seen, &production, "charge_card"), 0);
    assert_eq!(ran_here(&seen, &production, "send_receipt"), 0);
    assert_eq!(pinned_calls(&seen, &production, "load_orders"), 1);
    assert_eq!(pinned_calls(&seen, &production, "charge_card"), 11);
    assert_eq!(pinned_calls(&seen, &production, "send_receipt"), 11);

    desk.rerun("R6Lf:1", &["--on-miss", "run"]).ends_with(0);
    let (charges, mails) = (desk.outside.charges(), desk.outside.mails());
    assert_eq!((desk.outside.connections(), charges.len(), mails.len()), (2, 1, 1));
    assert!(charges[0].contains("20260304-008") && charges[0].contains("97.72"), "{charges:?}");
    assert!(mails[0].contains("To: gret@example.test"), "{mails:?}");
    let recorded = read(&format!("{SHOP}/development/after-rerun-1.json"));
    assert_eq!(
        newest_value(&desk.run_in("development"), "R6Lf:1"),
        newest_value(&recorded, "R6Lf:1")
    );
    assert_eq!(desk.run_in("production"), production, "production is still unchanged");
}

/// A developer's desk: a store, a copy of the project, and a world outside that keeps count.
struct Desk {
    home: TempDir,
    project: Project,
    python: PathBuf,
    outside: Outside,
}

impl Desk {
    fn new(sdk: Sdk) -> Self {
        let home = tempfile::tempdir().unwrap();
        let project = Project::copy(Path::new(SHOP), &home.path().join("project")).unwrap();
        Self { home, project, python: sdk.for_tests(target()), outside: Outside::start().unwrap() }
    }

    fn hindcast(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.args(arguments).env("HINDCAST_STORE", self.home.path().join("store"));
        let line = format!("hindcast {}", arguments.join(" "));
        Ended { line, output: command.output().unwrap() }
    }

    fn rerun(&self, step: &str, more: &[&str]) -> Ended {
        let variables = self.outside.variables().map(|(name, value)| format!("{name}={value}"));
        let mut arguments =
            vec!["rerun", step, "--project", self.project.folder().to_str().unwrap()];
        arguments.extend(["--python", self.python.to_str().unwrap()]);
        for variable in &variables {
            arguments.extend(["--var", variable]);
        }
        arguments.extend(more);
        self.hindcast(&arguments)
    }

    /// The run as `inspect --json` gives it: the export's own form.
    fn run_in(&self, environment: &str) -> Value {
        let said = self.hindcast(&["inspect", "R6Lf", "--env", environment, "--json"]);
        serde_json::from_str(&said.ends_with(0)).unwrap()
    }
}

struct Ended {
    line: String,
    output: Output,
}

impl Ended {
    /// Its standard output, if it ended with this exit status.
    fn ends_with(self, status: i32) -> String {
        let said = String::from_utf8(self.output.stdout).unwrap();
        let complained = String::from_utf8_lossy(&self.output.stderr);
        let line = self.line;
        assert_eq!(self.output.status.code(), Some(status), "{line}\n{said}\n{complained}");
        said
    }
}

fn read(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The value of the newest attempt of a step that has one.
fn newest_value(run: &Value, step: &str) -> Value {
    let attempts = run["steps"][step]["executions"].as_object().unwrap();
    let with_value = attempts.iter().filter(|(_, attempt)| attempt["result"]["type"] == "value");
    let newest = with_value.max_by_key(|(number, _)| number.parse::<u32>().unwrap());
    newest.unwrap_or_else(|| panic!("{step} has no value")).1["result"]["value"].clone()
}

/// How many executions of a target there are with a value that production does not have.
fn ran_here(run: &Value, production: &Value, target: &str) -> usize {
    let theirs: HashSet<_> = executions(production).map(|(_, id, _)| id).collect();
    let with_value = executions(run).filter(|(_, _, attempt)| attempt["result"]["type"] == "value");
    with_value.filter(|(of, id, _)| *of == target && !theirs.contains(id)).count()
}

/// How many of production's executions of a target are what a call made here was answered with.
fn pinned_calls(run: &Value, production: &Value, target: &str) -> usize {
    let theirs: HashSet<_> =
        executions(production).filter(|(of, ..)| *of == target).map(|(_, id, _)| id).collect();
    let all: HashSet<_> = executions(production).map(|(_, id, _)| id).collect();
    let here = executions(run).filter(|(_, id, _)| !all.contains(id));
    let children = here.flat_map(|(_, _, attempt)| attempt["children"].as_array().unwrap());
    let answers: HashSet<_> = children
        .map(|child| format!("{}:{}", child["stepId"].as_str().unwrap(), child["attempt"]))
        .collect();
    answers.iter().filter(|id| theirs.contains(id.as_str())).count()
}

/// Every execution of a run, with its target and its id.
fn executions(run: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    run["steps"].as_object().unwrap().values().flat_map(|step| {
        let target = step["target"].as_str().unwrap();
        let attempts = step["executions"].as_object().unwrap().values();
        attempts.map(move |attempt| (target, attempt["executionId"].as_str().unwrap(), attempt))
    })
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}
