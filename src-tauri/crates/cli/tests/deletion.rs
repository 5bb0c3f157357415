//! Deleting on the command line: it asks, says what goes, and brings it back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// What a command says, and its exit status.
fn hindcast(home: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
    let output =
        command.args(arguments).env("HINDCAST_STORE", home.join("store")).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn json(home: &Path, arguments: &[&str]) -> Value {
    let (status, said) = hindcast(home, arguments);
    assert_eq!(status, 0, "{said}");
    serde_json::from_str(&said).unwrap()
}

#[test]
fn a_run_goes_and_comes_back_and_is_gone_once_purged() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    for run in ["R6Lf", "RPX9"] {
        hindcast(home, &["import", &format!("{SHOP}/{run}.json")]);
    }
    let runs = || {
        let listed = json(home, &["runs", "--json"]);
        let runs = listed["runs"].as_array().unwrap();
        runs.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = json(home, &["inspect", "RPX9", "--json"]);

    let (status, said) = hindcast(home, &["delete", "RPX9"]);
    assert_eq!(status, 2, "without a terminal nobody can be asked");
    assert!(said.contains("run RPX9: 64 steps, 64 executions (0 made here)"), "{said}");
    assert_eq!(runs().len(), 2);

    let deleted = json(home, &["delete", "RPX9", "--yes", "--json"]);
    assert_eq!((&deleted["runs"][0], &deleted["executions"]), (&"RPX9".into(), &64.into()));
    assert_eq!(runs(), ["R6Lf"]);
    let number = deleted["id"].to_string();
    let (status, said) = hindcast(home, &["deleted", "restore", &number]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(json(home, &["inspect", "RPX9", "--json"]), before, "as it was, field for field");

    hindcast(home, &["delete", "RPX9", "--yes"]);
    let purged = json(home, &["deleted", "purge", "--yes", "--json"]);
    assert_eq!(purged["deletions"], 1);
    assert!(purged["blobs"].as_u64().unwrap() > 0, "{purged}");
    assert_eq!(json(home, &["deleted", "list", "--json"]), Value::Array(Vec::new()));

    let (status, said) = hindcast(home, &["delete", "--env", "production", "--yes"]);
    assert_eq!(status, 2);
    assert!(said.contains("production is imported and cannot be deleted as a whole"), "{said}");
}

#[test]
fn settings_are_checked_before_they_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    for (name, value, status) in [
        ("editor", "code --goto {file}:{line}", 0),
        ("editor", "'open", 2),
        ("theme", "pink", 2),
        ("text-size", "150", 0),
        ("text-size", "15", 2),
    ] {
        assert_eq!(hindcast(home, &["settings", "set", name, value]).0, status, "{name} {value}");
    }
    let code = home.join("code");
    std::fs::create_dir(&code).unwrap();
    let code = code.to_str().unwrap();
    let (status, said) = hindcast(home, &["settings", "project", code, "--var", "2B=3"]);
    assert_eq!(status, 2);
    assert!(said.contains("2B: not the name and value of an environment variable"), "{said}");
    hindcast(home, &["settings", "project", code, "--adapter", "my adapter", "--var", "A=secret"]);
    let set = json(home, &["settings", "list", "--json"]);
    assert_eq!(
        (&set["editor"], &set["textSize"]),
        (&"code --goto {file}:{line}".into(), &"150".into())
    );
    assert_eq!(set["projectSettings"]["adapter"], "my adapter");
    assert_eq!(set["project"]["trusted"], false, "to choose is not to trust");
    let (_, said) = hindcast(home, &["settings", "list"]);
    assert!(!said.contains("secret"), "values are not for everyone to see: {said}");
}
