//! The database itself keeps imported rows as they are, and local rows out of an import's reach.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use hindcast_model::Timestamp;
use hindcast_model::record::{Because, NewExecution, Record};
use hindcast_store::{Naming, Store};
use rusqlite::Connection;
use support::{found, import, store};

/// A store with an imported run, and a local re-run of its step 2.
fn with_local_work(store: &Store) {
    import(store, &["conformance/orders/before.json"]);
    let production = store.environments().unwrap().iter().next().unwrap().id;
    let local = store.create_local(&"development".parse().unwrap(), Some(production)).unwrap();
    let rerun = Record::ExecutionCreated(NewExecution {
        id: "RkCd:2:2".parse().unwrap(),
        environment: local.id,
        workspace: local.workspaces[0].clone(),
        created_at: Timestamp(5),
        execute_after: None,
        because: Because::Rerun,
        edited_arguments: None,
    });
    store.transaction(|transaction| transaction.apply("test", [&rerun])).unwrap();
}

const IMPORTED: &str = "run = 'RkCd' AND step = 2 AND attempt = 1";
const LOCAL: &str = "run = 'RkCd' AND step = 2 AND attempt = 2";

#[test]
fn raw_sql_is_refused() {
    let (folder, store) = store();
    with_local_work(&store);
    store.import(found(&["shop/RPX9.json"]), &Naming::default()).unwrap();
    let sql = Connection::open(folder.path().join("hindcast.sqlite")).unwrap();
    let row = "'RkCd', 2, 1";
    let refused = [
        format!("UPDATE executions SET result = '{{}}' WHERE {IMPORTED}"),
        format!("UPDATE executions SET environment = 2 WHERE {IMPORTED}"),
        format!("UPDATE executions SET environment = 1 WHERE {LOCAL}"),
        format!("DELETE FROM executions WHERE {IMPORTED}"),
        "INSERT OR REPLACE INTO executions SELECT run, step, 1, 1, environment, created_at,
         assigned_at, completed_at, ended, document, result, because, edited_arguments
         FROM executions WHERE run = 'RkCd' AND step = 2 AND attempt = 2"
            .into(),
        "INSERT INTO executions SELECT run, step, 9, 9, environment, created_at, assigned_at,
         completed_at, ended, document, result, because, edited_arguments
         FROM executions WHERE run = 'RkCd' AND step = 2 AND attempt = 1"
            .into(),
        "UPDATE steps SET document = '{}' WHERE run = 'RkCd'".into(),
        "UPDATE steps SET origin = 'local' WHERE run = 'RkCd'".into(),
        "DELETE FROM steps WHERE run = 'RkCd'".into(),
        "UPDATE runs SET document = '{}'".into(),
        "DELETE FROM runs".into(),
        "INSERT INTO runs VALUES ('Rnew', 'imported', 1, NULL, '{}')".into(),
        format!("INSERT INTO children VALUES ({row}, 0, 'RkCd:3:1', NULL)"),
        format!("INSERT INTO watched VALUES ({row}, 0)"),
        format!("INSERT INTO effects VALUES (NULL, {row}, '{{}}', 1)"),
        format!("INSERT INTO locals VALUES ({row}, '[]')"),
        format!("INSERT INTO parts VALUES ({row}, 'group', '0', 'null')"),
        format!("INSERT INTO checkpoints VALUES ({row}, 'name', NULL)"),
        format!("INSERT INTO logs (run, step, attempt, at, document) VALUES ({row}, 1, '{{}}')"),
        "DELETE FROM logs".into(),
        "UPDATE logs SET document = '{}'".into(),
        "UPDATE environments SET origin = 'local'".into(),
        "DELETE FROM workspaces".into(),
        "UPDATE journal SET record = '{}'".into(),
        "DELETE FROM journal".into(),
    ];
    for statement in refused {
        let error = sql.execute(&statement, []);
        assert!(error.is_err(), "was not refused: {statement}");
    }
    // What is local is ours to change.
    let changed = sql.execute(&format!("UPDATE executions SET assigned_at = 7 WHERE {LOCAL}"), []);
    assert_eq!(changed.unwrap(), 1);
}

#[test]
fn an_import_neither_deletes_nor_touches_local_work() {
    let (folder, store) = store();
    with_local_work(&store);
    let mut sql = Connection::open(folder.path().join("hindcast.sqlite")).unwrap();
    let import = sql.transaction().unwrap();
    import.execute("INSERT INTO importing VALUES (1)", []).unwrap();
    for statement in [
        format!("UPDATE executions SET assigned_at = 7 WHERE {LOCAL}"),
        format!("DELETE FROM executions WHERE {LOCAL}"),
        format!("DELETE FROM executions WHERE {IMPORTED}"),
        format!("UPDATE executions SET ended = 'error' WHERE {IMPORTED}"),
    ] {
        assert!(import.execute(&statement, []).is_err(), "was not refused: {statement}");
    }
    let filled = format!("UPDATE executions SET assigned_at = 7 WHERE {IMPORTED}");
    assert_eq!(import.execute(&filled, []).unwrap(), 1);
}
