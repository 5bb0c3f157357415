//! Exports of before 0.9 with something wrong in them: each gives one clear error that names the file
//! and the place, or opens with a finding.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use hindcast_import::{Options, read};
use hindcast_model::Found;
use serde_json::{Value as Any, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/seed-era")).join(name)
}

/// What reading a file of this content gives.
fn reading(name: &str, content: &[u8]) -> Result<Found, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    read(&[path], &Options::default(), &mut |_| true).map_err(|error| error.to_string())
}

/// Steps of the recorded run: its root, and one that refers to it.
const ROOT: &str = "/steps/SQnrP";
const CHARGE: &str = "/steps/SV2mZ";

#[test]
fn a_topic_with_something_wrong_is_refused_with_its_place() {
    let sound: Any =
        serde_json::from_slice(&std::fs::read(fixture("billing/1-production.json")).unwrap())
            .unwrap();
    let execution = |step: &str| format!("{step}/executions/1");
    let table: [(String, Any, &str); 26] = [
        ("/createdAt".into(), json!("soon"), "createdAt: invalid type"),
        ("/createdAt".into(), Any::Null, "createdAt is missing"),
        ("/parent".into(), json!({"runId": "../x"}), "parent: "),
        (format!("{ROOT}/parentId"), json!("78"), "no step is the root"),
        (format!("{CHARGE}/parentId"), Any::Null, "are both roots"),
        (format!("{CHARGE}/parentId"), json!("12"), "its parent 12 is before the run's first"),
        (format!("{CHARGE}/parentId"), json!("78"), "it is called by itself"),
        (format!("{CHARGE}/parentId"), json!(-3), "invalid type"),
        (format!("{CHARGE}/parentId"), json!("../../etc"), "an id: an integer, or a text"),
        (
            format!("{CHARGE}/arguments"),
            json!([{"type": "raw"}]),
            "RZC3:5: a value of type \"raw\"",
        ),
        (format!("{CHARGE}/arguments"), json!([{"type": "blob", "key": "x"}]), "a blob key"),
        (format!("{CHARGE}/arguments/0/content"), json!("{"), "RZC3:5: a value that is not JSON"),
        (format!("{CHARGE}/arguments/0/content"), json!("[".repeat(3000)), "nesting deeper"),
        (format!("{CHARGE}/executions"), json!({"0": 1}), "invalid type"),
        (format!("{}/executionId", execution(CHARGE)), json!("74"), "RZC3:1: two steps"),
        (format!("{}/executionId", execution(CHARGE)), json!("word"), "is no integer"),
        (format!("{}/executionId", execution(CHARGE)), json!("99999999999"), "no integer id"),
        (format!("{}/environmentId", execution(CHARGE)), Any::Null, "some executions say in which"),
        (
            format!("{}/environmentId", execution(CHARGE)),
            json!("a/b"),
            "an id: an integer, or a text",
        ),
        (format!("{}/children", execution(ROOT)), json!([7]), "a child that is neither"),
        (
            format!("{}/children", execution(ROOT)),
            json!([{"stepId": "SV2mZ", "attempt": 0}]),
            "RZC3:1:1: a child of attempt 0",
        ),
        (format!("{}/dependencies/78", execution(ROOT)), json!({}), "does not name an execution"),
        (format!("{}/dependencies/78/attempt", execution(ROOT)), json!(0), "an attempt 0"),
        (
            format!("{}/result/type", execution(CHARGE)),
            json!("eaten"),
            "a result of type \"eaten\"",
        ),
        (
            format!("{}/result", execution(CHARGE)),
            json!({"type": "value"}),
            "a value without its value",
        ),
        (
            format!("{}/result", execution(CHARGE)),
            json!({"type": "cached", "execution":
                   {"runId": "RZC3", "stepId": "SV2mZ", "attempt": 1}}),
            "results that go round in a circle",
        ),
    ];
    let mut wrong = Vec::new();
    for (pointer, value, expected) in table {
        let mut changed = sound.clone();
        *changed.pointer_mut(&pointer).unwrap() = value.clone();
        let error = reading("old.json", changed.to_string().as_bytes())
            .map(|_| ())
            .err()
            .unwrap_or_default();
        if !error.contains(expected) || !error.contains("old.json:") || error.contains('\n') {
            wrong.push(format!("{pointer} = {value}: {error}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let text = sound.to_string();
    for length in (1..text.len()).step_by(97) {
        let error = reading("old.json", &text.as_bytes()[..length]).map(|_| ()).unwrap_err();
        assert!(error.contains("old.json:1:"), "{length}: {error}");
    }
    let twice = text.replacen("\"SV2mZ\":{", "\"SV2mZ\":{},\"SV2mZ\":{", 1);
    assert!(reading("old.json", twice.as_bytes()).is_err());
    let both = text.replacen("\"SV2mZ\":{", "\"RZC3:5\":{", 1);
    assert!(reading("old.json", both.as_bytes()).is_err());
}

#[test]
fn what_is_merely_not_there_is_a_finding() {
    let child = std::fs::read(fixture("billing/1-child-RBpC-production.json")).unwrap();
    let told = |found: &Found| -> String {
        found
            .findings
            .iter()
            .map(|finding| format!("{}: {}", finding.place, finding.message))
            .collect::<Vec<_>>()
            .join("\n")
    };
    // Nothing in it says which run it is, except the file's name; and who called it is elsewhere.
    let found = reading("1-child-RBpC-production.json", &child).unwrap();
    assert_eq!(found.runs[0].run.id.as_str(), "RBpC");
    assert!(found.runs[0].run.parent.is_none());
    let findings = told(&found);
    assert!(
        findings
            .contains("RBpC: nothing that was read says which run it is; called after the file's")
    );
    assert!(
        findings.contains("RBpC: called by step SQnrP of run RZC3, which is not here"),
        "{findings}"
    );
    let found = reading("Report Rails.json", &child).unwrap();
    assert_eq!(found.runs[0].run.id.as_str(), "SbpPC");
    let mut far: Any =
        serde_json::from_slice(&std::fs::read(fixture("billing/1-production.json")).unwrap())
            .unwrap();
    // An execution of an environment that is not shown.
    far["steps"]["SV2mZ"]["parentId"] = json!("76");
    let found = reading("old.json", far.to_string().as_bytes()).unwrap();
    assert!(
        told(&found).contains("RZC3:5: its parent RZC3:3:1 is not in the file"),
        "{}",
        told(&found)
    );
}

#[test]
fn a_log_that_is_none_is_refused() {
    let table: [(&str, &str); 4] = [
        ("[1, 2]", "not an export: neither a JSON object"),
        ("[[1, 2, 3]]", "not an export: neither a JSON object"),
        ("[[1, 2, 3, \"x\", {}]", "old.json:1:"),
        ("[[1, 2, 9, \"x\", {}]]", "1 lines of executions that are not here"),
    ];
    for (content, expected) in table {
        let said = match reading("old.json", content.as_bytes()) {
            Ok(found) => found.findings.iter().map(ToString::to_string).collect(),
            Err(error) => error,
        };
        assert!(said.contains(expected) && said.contains("old.json"), "{content}: {said}");
    }
}

#[test]
fn a_database_with_something_wrong_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("UPDATE schema_migrations SET version = 9", "schema_migrations: schema version 9"),
        ("UPDATE runs SET external_id = '../x' WHERE id = 1", "runs: \"../x\" is not a run id"),
        ("UPDATE steps SET memo_key = 'x' WHERE memo_key IS NOT NULL", "steps: \"x\" is no key"),
        ("UPDATE steps SET memo_key = 7 WHERE memo_key IS NOT NULL", "steps: \"7\" is no key"),
        ("UPDATE steps SET target = x'ff'", "steps: "),
        (
            "UPDATE steps SET parent_id = 1 WHERE parent_id IS NULL AND run_id = 1",
            "no step is the root",
        ),
        ("UPDATE steps SET parent_id = 999999 WHERE id = 4", "R6s6:4: its parent R6s6:999999:1"),
        (
            "UPDATE executions SET attempt = 0 WHERE id = 3",
            "executions: a step, attempt or input of number 0",
        ),
        ("UPDATE executions SET environment_id = -1", "executions: "),
        ("DELETE FROM values_", "values_: there is no row"),
        ("UPDATE values_ SET content = '{' WHERE content IS NOT NULL", "a value that is not JSON"),
        ("UPDATE values_ SET content = x'ff' WHERE content IS NOT NULL", "values_: invalid utf-8"),
        ("UPDATE blobs SET blob_key = '../x'", "is not a blob key"),
        ("DELETE FROM errors", "errors: there is no row"),
        ("UPDATE results SET type = 77", "results: a result of type 77"),
        (
            "UPDATE results SET type = 5, value_id = NULL, successor_id = execution_id WHERE type = 1",
            "results that go round in a circle",
        ),
        (
            "UPDATE value_placeholders SET execution_id = 424242",
            "executions: there is no row 424242",
        ),
        ("UPDATE environment_versions SET name = ''", "environment_versions: "),
        ("UPDATE blob_metadata SET value = '{'", "blob_metadata: "),
        ("ALTER TABLE children RENAME TO kids", "no such table: children"),
        ("CREATE VIEW v AS SELECT 1", "\"view v\""),
    ];
    let mut wrong = Vec::new();
    for (index, (sql, expected)) in table.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}/bad.sqlite"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let sound = "data-dir/stopped/projects/pDH6KvS/orchestration.sqlite";
        std::fs::copy(fixture(sound), &path).unwrap();
        let sql = format!("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; {sql}");
        rusqlite::Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
        let said = match read(&[path], &Options::default(), &mut |_| true) {
            Ok(found) => {
                let told: Vec<String> = found.findings.iter().map(ToString::to_string).collect();
                told.join("\n")
            }
            Err(error) => error.to_string(),
        };
        if !said.contains("bad.sqlite") || !said.contains(expected) {
            wrong.push(format!("{sql}: {said}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let bytes =
        std::fs::read(fixture("data-dir/stopped/projects/pDH6KvS/orchestration.sqlite")).unwrap();
    for length in [10, 99, 4096, 100_000, bytes.len() - 4096] {
        let error = reading("bad.sqlite", &bytes[..length]).map(|_| ()).unwrap_err();
        assert!(error.contains("bad.sqlite"), "{error}");
    }
}
