//! Pins and mocks as a person sets them, with the real SDK: what is pinned or mocked never runs, and
//! nothing leaves the machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::Command;

use hindcast_demo::{Outside, Project, Sdk};
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");
const PRICE: &str = "{'net': Decimal('81.43'), 'rate': Decimal('0.20'), 'total': Decimal('97.72'), 'vat': Decimal('16.29')}";

struct Desk {
    home: TempDir,
    project: Project,
    outside: Outside,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let project = Project::copy(Path::new(SHOP), &home.path().join("project")).unwrap();
        let desk = Self { home, project, outside: Outside::start().unwrap() };
        desk.json(&["import", &format!("{SHOP}/R6Lf.json"), "--json"], 0);
        desk
    }

    /// What a command prints, if it ends with this exit status.
    fn says(&self, arguments: &[&str], status: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.args(arguments).env("HINDCAST_STORE", self.home.path().join("store"));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}\n{complained}");
        if status == 2 { complained.into_owned() } else { said }
    }

    fn json(&self, arguments: &[&str], status: i32) -> Value {
        serde_json::from_str(&self.says(arguments, status)).unwrap()
    }

    fn rerun(&self, more: &[&str], status: i32) -> Value {
        let python = Sdk::NEWEST.for_tests(target());
        let folder = self.project.folder().to_str().unwrap();
        let variables =
            self.outside.variables().map(|(name, value)| format!("--var={name}={value}"));
        let mut arguments =
            vec!["rerun", "--json", "--project", folder, "--python", python.to_str().unwrap()];
        arguments.extend(variables.iter().map(String::as_str));
        arguments.extend(more);
        self.json(&arguments, status)
    }
}

#[test]
fn what_a_person_sets_is_what_the_rerun_takes() {
    let desk = Desk::new();
    desk.json(&["mock", "R6Lf:36", "--python", PRICE, "--name", "right", "--json"], 0);
    let plan = desk.json(&["plan", "R6Lf:20", "--json"], 0);
    assert_eq!(plan["calls"][2]["call"], "mocked");
    assert_eq!(plan["calls"][2]["mock"], "right");

    // The code goes on with the value, as the types it has, up to what production never did.
    let rerun = desk.rerun(&["R6Lf:20"], 3);
    assert_eq!(rerun["calls"][1]["call"], "mocked");
    let stopped = &rerun["calls"][2];
    assert_eq!(
        (&stopped["target"], &stopped["call"]),
        (&"shop.workflows:charge_card".into(), &"refused".into())
    );
    let actual = desk.json(&["plan", "--of", "last", "--json"], 0);
    assert_eq!(actual["calls"][2]["asPlanned"], true, "{actual:#}");
    assert_eq!(actual["calls"][3]["planned"], Value::Null);
    let why = desk.json(&["why", rerun["executions"][0].as_str().unwrap(), "--json"], 0);
    assert_eq!(why["calls"][1]["rule"], "byHand");
    assert_eq!(why["calls"][2]["miss"]["reason"], "argumentsDiffer");
    assert_eq!(why["calls"][2]["miss"]["differences"][0]["local"], "'20260304-008'");
    let ledger = desk.json(&["ledger", "R6Lf", "--json"], 0);
    let lines = ledger["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "only the chosen body ran: {ledger:#}");
    assert_eq!((&lines[0]["policy"], &lines[0]["allowedBy"]), (&"memo".into(), &"chosen".into()));

    // Pinned to another order's charge and receipt, it runs to its end; still nothing was charged.
    let given = ["R6Lf:20", "--on-miss", "pin"];
    desk.rerun(&given, 0);
    assert_eq!(desk.outside.connections(), 0, "nothing may leave this machine");

    let text = "{'net': 1";
    assert!(desk.says(&["mock", "R6Lf:36", "--python", text], 2).contains("line 1, column 10"));
    let folder = desk.project.folder().to_str().unwrap();
    desk.says(&["pins", "save", "--project", folder], 0);
    let saved = std::fs::read_to_string(desk.project.folder().join("hindcast-pins.toml")).unwrap();
    assert!(saved.contains("use = \"right\"") && saved.contains("Decimal('97.72')"), "{saved}");
    desk.says(&["pins", "undo"], 0);
    assert_eq!(desk.json(&["pins", "--json"], 0)["steps"], Value::Array(Vec::new()));
    let loaded = desk.json(&["pins", "load", "--project", folder, "--json"], 0);
    assert_eq!(loaded["steps"][0]["mock"], "right");
}

#[test]
fn a_rerun_of_steps_known_to_be_pure_is_locked_unless_a_person_says_otherwise() {
    let desk = Desk::new();
    assert_eq!(desk.json(&["plan", "R6Lf:12", "--json"], 0)["locked"], false, "not watched yet");
    assert_eq!(desk.rerun(&["R6Lf:12"], 0)["locked"], false);
    assert_eq!(desk.json(&["plan", "R6Lf:12", "--json"], 0)["locked"], true);
    assert_eq!(desk.rerun(&["R6Lf:12"], 0)["locked"], true);
    assert_eq!(desk.rerun(&["R6Lf:12", "--unlocked"], 0)["locked"], false);
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}
