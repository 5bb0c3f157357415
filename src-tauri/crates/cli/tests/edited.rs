//! Edited arguments and tables of outcomes on the command line: what is planned, what ran, and what
//! tells of it afterwards.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// A copy of the shop's project beside a store with production's run.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let package = desk.0.path().join("shop");
        fs::create_dir(&package).unwrap();
        for entry in fs::read_dir(Path::new(SHOP).join("shop")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
            }
        }
        let (run, blobs) = (format!("{SHOP}/R6Lf.json"), format!("{SHOP}/blobs"));
        desk.json(&["import", "--json", &run, "--blobs", &blobs]);
        desk
    }

    fn said(&self, words: &[&str]) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        let output = command.arg("--store").arg(self.0.path().join("store")).args(words).output();
        let output = output.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    fn json(&self, words: &[&str]) -> Value {
        let (said, complaint) = self.said(words);
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("{words:?}: {said}{complaint}"))
    }

    fn rerun(&self, words: &[&str]) -> Value {
        let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target");
        let python = Sdk::NEWEST.for_tests(Path::new(target));
        let (project, python) = (self.0.path().to_str().unwrap(), python.to_str().unwrap());
        self.json(&[&["rerun", "--json", "--project", project, "--python", python], words].concat())
    }
}

#[test]
fn what_was_edited_is_planned_run_and_told_of_by_everything() {
    let desk = Desk::new();
    let edit = ["R6Lf:36", "--argument", "country='DE'"];
    let project = desk.0.path().to_str().unwrap();
    let plan = desk.json(&[&["plan", "--json", "--project", project], &edit[..]].concat());
    assert_eq!(plan["calls"][0]["reason"], "chosen, with edited arguments");
    let command = plan["command"].as_str().unwrap();
    assert!(command.ends_with(r"--argument 'country='\''DE'\'''"), "{command}");

    let result = desk.rerun(&edit);
    assert_eq!(result["results"][0]["value"]["total"], "107.58", "{result}");
    // No project is chosen in the store: nothing tells the parameters' names.
    let why = desk.json(&["why", "R6Lf:36", "--json"]);
    assert_eq!(why["edited"], serde_json::json!(["argument 2"]));
    let ledger = desk.json(&["ledger", "--json"]);
    assert_eq!(ledger["lines"][0]["edited"], serde_json::json!(["argument 2"]));
    let diff = desk.json(&["diff", "R6Lf:36", "--json"]);
    let step = &diff["steps"][0];
    assert_eq!((&step["edited"], &step["divergence"]), (&true.into(), &"inputsDiffer".into()));
    assert!(desk.said(&["diff", "R6Lf:36"]).0.contains("argument 2, edited"));

    // What has the value it was recorded with is no edit.
    desk.rerun(&["R6Lf:36", "--argument", "country='CH'"]);
    assert_eq!(desk.json(&["why", "R6Lf:36", "--json"])["edited"], serde_json::json!([]));
    let twice = ["plan", "R6Lf:36", "--argument", "2='DE'", "--argument", "2='FR'"];
    assert!(desk.said(&twice).1.contains("R6Lf:36: argument 2: it is given twice"));
}

#[test]
fn the_table_of_a_rerun_is_there_afterwards_and_its_plan_names_one_step() {
    let desk = Desk::new();
    let plan = desk.json(&["plan", "R6Lf:36", "--all-alike", "--json"]);
    assert_eq!(plan["run"], 12);
    let command = plan["command"].as_str().unwrap();
    assert!(
        command.ends_with(" --all-alike") && command.matches("R6Lf:").count() == 1,
        "{command}"
    );

    // The code is production's own: each comes out as there, the error too.
    desk.rerun(&["R6Lf:36", "--all-alike"]);
    let view = desk.json(&["outcomes", "--json"]);
    let rows = view["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &view["ended"]), (12, &Value::Bool(true)));
    assert_eq!(view["arguments"], serde_json::json!(["argument 1", "argument 2"]));
    let equal = rows.iter().filter(|row| row["ancestor"]["divergence"] == "equal").count();
    assert_eq!(equal, 12, "{view}");
    let (table, _) = desk.said(&["outcomes", "1"]);
    let line = table.lines().find(|line| line.starts_with("R6Lf:36")).unwrap();
    assert!(line.contains("argument 2='CH'") && line.ends_with("KeyError: 'CH'"), "{line}");
    assert!(table.ends_with("12 outcomes, 12 the same as the ancestor's\n"), "{table}");
}
