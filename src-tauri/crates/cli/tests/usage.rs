//! What the command line says to wrong input, and what it prints for programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures");

struct Ended {
    status: i32,
    said: String,
    complained: String,
}

fn hindcast(home: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
    command.args(arguments).env("HINDCAST_STORE", home.join("store")).current_dir(home);
    let output = command.output().unwrap();
    Ended {
        status: output.status.code().unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

fn with_shop() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let imported = hindcast(home.path(), &["import", &format!("{FIXTURES}/shop/R6Lf.json")]);
    assert_eq!(imported.status, 0, "{}", imported.complained);
    home
}

#[test]
fn wrong_input_ends_with_2_and_one_clear_sentence() {
    let home = with_shop();
    std::fs::write(home.path().join("no.json"), "{\"a\": 1}").unwrap();
    std::fs::create_dir(home.path().join("code")).unwrap();
    for (arguments, sentence) in [
        (&["import", "no.json"][..], "no.json: not an export"),
        (&["import", "nowhere.json"], "nowhere.json"),
        (&["inspect", "RXXX"], "there is no run RXXX"),
        (&["inspect", "R6Lf", "--env", "staging"], "there is no environment staging"),
        (&["result", "R6Lf:36:9"], "there is no execution R6Lf:36:9"),
        (&["rerun", "R6Lf:36"], "name it with --project"),
        (&["rerun", "R6Lf:x", "--project", "code"], "is not a step id"),
        (&["rerun", "R6Lf:36", "--project", "gone"], "gone"),
        (
            &["rerun", "R6Lf:36", "--project", "code", "--env", "production"],
            "production is imported",
        ),
        (&["rerun", "R6Lf:36", "--project", "code", "--var", "NAME"], "not NAME=VALUE"),
        (&["diff", "R6Lf"], "nothing below it"),
        (&["flarb"], "flarb is no command and no file"),
        (&["rerun"], "required"),
    ] {
        let ended = hindcast(home.path(), arguments);
        assert_eq!(ended.status, 2, "{arguments:?}: {}{}", ended.said, ended.complained);
        assert!(ended.complained.contains(sentence), "{arguments:?}: {}", ended.complained);
        assert_eq!(ended.said, "", "{arguments:?}");
    }
}

#[test]
fn the_tree_of_a_run_shows_who_called_what_and_how_it_ended() {
    let home = with_shop();
    let ended = hindcast(home.path(), &["inspect", "R6Lf"]);
    assert_eq!(ended.status, 0);
    assert!(!ended.said.contains('\u{1b}'), "no colours where nobody looks");
    let lines: Vec<&str> = ended.said.lines().collect();
    assert_eq!(lines.len(), 67, "a line for the run and one for each step");
    assert!(lines[1].starts_with("✗ fulfil_orders") && lines[1].ends_with("KeyError"));
    let price = lines.iter().find(|line| line.contains("R6Lf:36:1")).unwrap();
    assert!(price.contains("✗ price_order") && price.contains("failed"), "{price}");
}

#[test]
fn a_failed_step_is_told_by_the_exit_status_too() {
    let home = with_shop();
    let failed = hindcast(home.path(), &["result", "R6Lf:36", "--json"]);
    let result: Value = serde_json::from_str(&failed.said).unwrap();
    assert_eq!((failed.status, &result["succeeded"]), (1, &Value::Bool(false)));
    assert_eq!(result["error"]["class"], "KeyError");
    let well = hindcast(home.path(), &["result", "R6Lf:12", "--json"]);
    let result: Value = serde_json::from_str(&well.said).unwrap();
    assert_eq!((well.status, &result["value"]["total"]), (0, &Value::from("78.48")));
}

#[test]
fn an_assets_path_that_leads_out_of_the_folder_writes_nothing() {
    let content = "from elsewhere";
    for path in ["../stolen", "/stolen", "a/../../stolen", "C:\\stolen", "..\\stolen", "sto\0len"] {
        let home = with_asset(path, content);
        let ended = hindcast(home.path(), &["assets", "R6Lf:2:1", "-o", "out/below"]);
        assert_eq!(ended.status, 2, "{path:?}: {}", ended.said);
        assert!(ended.complained.contains("asset Aevil is not written"), "{}", ended.complained);
        let found: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert!(!home.path().join("out").exists() && found.len() == 3, "{path:?}: {found:?}");
    }
}

#[test]
fn an_asset_is_written_once_and_never_over_what_is_there() {
    let home = with_asset("report/today.txt", "all is well");
    let listed = hindcast(home.path(), &["assets", "R6Lf:2:1"]);
    assert!(listed.said.contains("report/today.txt  11 bytes"), "{}", listed.said);
    let write = || hindcast(home.path(), &["assets", "R6Lf:2:1", "-o", "out", "--json"]);
    let report: Value = serde_json::from_str(&write().said).unwrap();
    assert_eq!(report["written"].as_array().unwrap().len(), 1, "{report}");
    let file = home.path().join("out/Aevil/report/today.txt");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "all is well");

    std::fs::write(&file, "mine").unwrap();
    let again = write();
    assert_eq!((again.status, again.complained.contains("is there already")), (2, true));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

/// A store with the run of the shop, one of whose executions persisted a file under that path.
fn with_asset(path: &str, content: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let blobs = home.path().join("blobs");
    std::fs::create_dir(&blobs).unwrap();
    let digest = Sha256::digest(content);
    let key = digest.iter().fold(String::new(), |key, byte| key + &format!("{byte:02x}"));
    std::fs::write(blobs.join(&key), content).unwrap();
    let text = std::fs::read_to_string(format!("{FIXTURES}/shop/R6Lf.json")).unwrap();
    let mut run: Value = serde_json::from_str(&text).unwrap();
    let entry = json!({"path": path, "blobKey": key, "size": content.len(), "metadata": {}});
    run["steps"]["R6Lf:2"]["executions"]["1"]["assets"] = json!({
        "Aevil": {"name": null, "totalCount": 1, "totalSize": content.len(), "entry": entry}
    });
    std::fs::write(home.path().join("run.json"), run.to_string()).unwrap();
    let imported = hindcast(home.path(), &["import", "run.json", "--blobs", "blobs"]);
    assert_eq!(imported.status, 0, "{}", imported.complained);
    home
}
