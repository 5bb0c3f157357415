//! A server's database that somebody changed: one error that names the file and the table, and the
//! store as it was; or it opens.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;

use desk::{Desk, fixture};
use rusqlite::Connection;

/// What is done to a sound database, and the error that must give; none where it must open.
const CHANGES: &[(&str, Option<&str>)] = &[
    ("SELECT 1", None),
    ("DROP INDEX steps_initial_step; UPDATE steps SET parent_id = NULL", Some("are both roots")),
    ("UPDATE steps SET parent_id = 1 WHERE parent_id IS NULL", Some("RPX9")),
    ("UPDATE steps SET number = 0 WHERE number = 2", Some("steps: ")),
    ("UPDATE steps SET number = -1 WHERE number = 2", Some("steps: ")),
    ("UPDATE steps SET number = 4294967297 WHERE number = 2", Some("steps: ")),
    ("UPDATE steps SET number = 3 WHERE number = 2", Some("there twice")),
    ("UPDATE steps SET number = NULL WHERE number = 2", Some("steps: ")),
    ("UPDATE steps SET type = 7", None),
    ("UPDATE steps SET module = CAST(x'ff' AS TEXT) WHERE number = 2", Some("steps: ")),
    ("UPDATE steps SET wait_for = -1", None),
    ("UPDATE steps SET memo_key = x'00' WHERE memo_key IS NOT NULL", Some("steps: ")),
    ("UPDATE steps SET retry_limit = -9223372036854775808", None),
    ("UPDATE steps SET delay = -1", Some("steps: ")),
    ("UPDATE executions SET attempt = 0 WHERE id = 2", Some("number 0")),
    ("UPDATE executions SET attempt = 4294967296 WHERE id = 2", Some("out of range")),
    ("UPDATE executions SET created_at = 9223372036854775807", None),
    ("UPDATE executions SET workspace_id = 99", Some("no step is the root")),
    ("UPDATE executions SET execute_after = 9223372036854775807", None),
    ("UPDATE runs SET external_id = '../' || external_id", Some("is not a run id")),
    ("UPDATE runs SET external_id = external_id || char(0)", Some("is not a run id")),
    ("UPDATE workspaces SET external_id = '../x' WHERE id = 1", Some("is not a workspace id")),
    ("UPDATE workspace_names SET name = char(27) || '[2J'", Some("is not an environment name")),
    ("UPDATE workspace_bases SET base_workspace_id = workspace_id", None),
    ("DELETE FROM workspaces", Some("no step is the root")),
    ("DELETE FROM values_", Some("values_: there is no row")),
    (
        "UPDATE values_ SET content = x'ff' WHERE content IS NOT NULL",
        Some("values_: invalid utf-8"),
    ),
    (
        "UPDATE values_ SET content = CAST('NaN' AS BLOB) WHERE content IS NOT NULL",
        Some("values_: "),
    ),
    (
        "UPDATE values_ SET content = CAST('1 2' AS BLOB) WHERE content IS NOT NULL",
        Some("values_: "),
    ),
    ("UPDATE blobs SET key = upper(key)", Some("is not a blob key")),
    ("UPDATE blobs SET key = substr(key, 2)", Some("is not a blob key")),
    ("UPDATE blobs SET size = -1", Some("values_: ")),
    ("UPDATE results SET type = 99", Some("a result of type 99")),
    (
        "UPDATE results SET type = 1, value_id = NULL, error_id = NULL",
        Some("a result without a value"),
    ),
    ("UPDATE results SET type = 0, error_id = NULL", Some("a result without an error")),
    (
        "UPDATE results SET type = 5, value_id = NULL, error_id = NULL, successor_id = execution_id",
        Some("results that go round in a circle"),
    ),
    ("UPDATE results SET type = 6, successor_id = 999999", Some("executions: there is no row")),
    ("UPDATE errors SET message = CAST(x'ff' AS TEXT)", Some("errors: ")),
    ("UPDATE OR IGNORE children SET child_id = parent_id", None),
    ("UPDATE children SET group_id = -1", Some("children: ")),
    ("DELETE FROM children", None),
    ("DELETE FROM executions WHERE id % 2", Some("are both roots")),
    ("DROP TABLE step_arguments", Some("no such table: step_arguments")),
    ("ALTER TABLE results DROP COLUMN retryable", Some("no such column: retryable")),
    ("CREATE TRIGGER t DELETE ON runs BEGIN SELECT 1; END", Some("which no Coflux server makes")),
    (
        "ALTER TABLE runs ADD COLUMN x TEXT AS (hex(zeroblob(400000000)))",
        Some("which no Coflux server makes"),
    ),
    ("PRAGMA journal_mode = wal", Some("a database in WAL mode")),
];

#[test]
fn each_change_gives_what_it_must() {
    let mut used = Desk::in_use();
    let before = used.content();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orchestration.sqlite");
    let sound = fixture("shop-data-dir/projects/oracle/orchestration.sqlite");
    let mut wrong = Vec::new();
    for (change, expected) in CHANGES {
        std::fs::copy(&sound, &path).unwrap();
        let database = Connection::open(&path).unwrap();
        let all =
            format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {change};");
        if let Err(error) = database.execute_batch(&all) {
            wrong.push(format!("{change}: cannot be done: {error}"));
            continue;
        }
        drop(database);
        let desk = if expected.is_some() { &used } else { &Desk::new() };
        match (desk.import(&path), expected) {
            (Err(said), Some(expected)) => {
                let fits = said.contains(expected) && said.contains("orchestration.sqlite");
                if !fits || said.contains('\n') {
                    wrong.push(format!("{change}: gives {said:?}, not {expected:?}"));
                }
                if used.content() != before {
                    wrong.push(format!("{change}: is refused, and the store changed"));
                    break;
                }
            }
            (Ok(summary), None) => summary.runs.iter().for_each(|run| desk.look_at(&run.id)),
            (Err(said), None) => wrong.push(format!("{change}: is refused: {said:?}")),
            (Ok(_), Some(_)) => {
                wrong.push(format!("{change}: opens"));
                used = Desk::in_use();
            }
        }
    }
    assert!(wrong.is_empty(), "{} changes:\n{}", wrong.len(), wrong.join("\n"));
}
