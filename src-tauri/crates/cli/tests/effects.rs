//! What bodies do outside of themselves, on the command line: seen, told, and refused where locked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::Command;

use hindcast_demo::{Outside, Project, Sdk};
use serde_json::{Value, json};
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// A developer's desk with the shop imported.
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
        desk.hindcast(&["import", &format!("{SHOP}/R6Lf.json")], 0);
        desk
    }

    fn hindcast(&self, arguments: &[&str], status: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.args(arguments).env("HINDCAST_STORE", self.home.path().join("store"));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}\n{complaint}");
        said + &complaint
    }

    fn rerun(&self, step: &str, more: &[&str], status: i32) -> String {
        let variables = self.outside.variables().map(|(name, value)| format!("{name}={value}"));
        let python = interpreter();
        let mut arguments =
            vec!["rerun", step, "--project", self.project.folder().to_str().unwrap()];
        arguments.extend(["--python", &python]);
        for variable in &variables {
            arguments.extend(["--var", variable]);
        }
        arguments.extend(more);
        self.hindcast(&arguments, status)
    }

    fn step(&self, step: &str) -> Value {
        serde_json::from_str(&self.hindcast(&["inspect", step, "--json"], 0)).unwrap()
    }

    /// Where the payments go.
    fn payments(&self) -> String {
        let [(_, url), ..] = self.outside.variables();
        url.trim_start_matches("http://").split('/').next().unwrap().to_owned()
    }
}

/// The interpreter with the newest SDK.
fn interpreter() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = Sdk::NEWEST.for_tests(target);
    python.to_str().unwrap().to_owned()
}

/// The line of `shop/outside.py` that says this.
fn line_of(code: &str) -> usize {
    let text = std::fs::read_to_string(format!("{SHOP}/shop/outside.py")).unwrap();
    text.lines().position(|line| line.contains(code)).unwrap() + 1
}

#[test]
fn what_a_body_reaches_is_told_as_it_runs_and_kept() {
    let desk = Desk::new();
    let (payments, line) = (desk.payments(), line_of("urlopen("));
    let told = desk.rerun("R6Lf:16", &[], 0);
    let expected =
        format!("connected to {payments} (shop/outside.py:{line}), POST http://{payments}");
    assert!(told.contains(&expected), "{expected} is not in\n{told}");
    assert!(desk.hindcast(&["inspect", "R6Lf:16"], 0).contains(&expected));
    let seen = desk.step("R6Lf:16");
    let effects = json!([{
        "what": format!("connected to {payments}"),
        "does": format!("connect to {payments}"),
        "detail": format!("POST http://{payments}/charges"),
        "place": {"file": "shop/outside.py", "line": line, "function": "charge"},
        "count": 1,
        "refused": false,
        "execution": "R6Lf:16:2",
    }]);
    assert_eq!(seen["effects"], effects);
    assert_eq!((&seen["sentinel"], &seen["memoCandidate"]), (&json!("watching"), &json!(false)));
    let rerun: Value = serde_json::from_str(&desk.rerun("R6Lf:16", &["--json"], 0)).unwrap();
    assert_eq!(rerun["effects"][0]["what"], effects[0]["what"]);

    // One that does nothing of the kind, and one that never ran here.
    desk.rerun("R6Lf:12", &[], 0);
    let quiet = desk.step("R6Lf:12");
    assert_eq!((&quiet["effects"], &quiet["sentinel"]), (&json!([]), &json!("watching")));
    assert_eq!(desk.step("R6Lf:39")["sentinel"], Value::Null);
}

#[test]
fn an_unmemoised_step_that_reaches_outside_is_a_candidate_for_a_memo() {
    let desk = Desk::new();
    let file = desk.project.folder().join("shop/workflows.py");
    let code = std::fs::read_to_string(&file).unwrap();
    let writes = "open(__file__ + '.seen', 'w').close(); rate = VAT[country]";
    std::fs::write(&file, code.replace("rate = VAT[country]", writes)).unwrap();
    desk.rerun("R6Lf:12", &[], 0);
    let seen = desk.step("R6Lf:12");
    assert_eq!(seen["effects"][0]["what"], "wrote shop/workflows.py.seen");
    assert_eq!((&seen["memoised"], &seen["memoCandidate"]), (&json!(false), &json!(true)));
    assert!(desk.hindcast(&["inspect", "R6Lf:12"], 0).contains("memo=True"));
}

#[test]
fn locked_nothing_leaves_and_the_line_that_tried_is_named() {
    let desk = Desk::new();
    let (payments, line) = (desk.payments(), line_of("urlopen("));
    let told = desk.rerun("R6Lf:16", &["--locked"], 1);
    let refused = format!("refused to connect to {payments} (shop/outside.py:{line})");
    assert!(told.contains(&refused), "{refused} is not in\n{told}");
    assert!(told.contains("this re-run is locked"), "{told}");
    assert_eq!(desk.outside.connections(), 0);
    let seen = desk.step("R6Lf:16");
    assert_eq!(
        (&seen["sentinel"], &seen["effects"][0]["refused"]),
        (&json!("locked"), &json!(true))
    );

    let folder = desk.project.folder().to_str().unwrap();
    let own = ["rerun", "R6Lf:16", "--project", folder, "--adapter", "just run", "--locked"];
    let complaint = desk.hindcast(&own, 2);
    assert!(complaint.contains("just run"), "{complaint}");
}

#[test]
fn help_says_what_locked_is_not() {
    let help = Desk::new().hindcast(&["rerun", "--help"], 0);
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("it is no sandbox: native code does what it likes"), "{help}");
}
