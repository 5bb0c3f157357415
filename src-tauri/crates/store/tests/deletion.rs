//! Deleting, bringing back, purging.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use hindcast_model::record::{Because, LogEntry, LogLevel, NewExecution, Record};
use hindcast_model::{EnvironmentName, Outcome, RunId, Timestamp};
use hindcast_store::{Doomed, Naming, Store, StoreError};
use support::{found, import, store};

/// A store with an imported run and a local re-run of its step 2, ended, with a log line.
fn with_local_work(store: &Store) {
    import(store, &["conformance/orders/before.json", "shop/RPX9.json"]);
    let production = store.environments().unwrap().iter().next().unwrap().id;
    let local = store.create_local(&development(), Some(production)).unwrap();
    let execution = "RkCd:2:2".parse::<hindcast_model::ExecutionId>().unwrap();
    let outcome: Outcome =
        serde_json::from_str(r#"{"type": "value", "value": {"type": "raw", "data": 1}}"#).unwrap();
    let records = [
        Record::ExecutionCreated(NewExecution {
            id: execution.clone(),
            environment: local.id,
            workspace: local.workspaces[0].clone(),
            created_at: Timestamp(5),
            execute_after: None,
            because: Because::Rerun,
            edited_arguments: None,
        }),
        Record::Logged(LogEntry {
            execution: execution.clone(),
            at: Timestamp(6),
            level: LogLevel::Info,
            template: Some("ran here".to_owned()),
            values: std::collections::BTreeMap::default(),
        }),
        Record::ExecutionFinished { execution, at: Timestamp(7), outcome },
    ];
    store.transaction(|transaction| transaction.apply("test", &records)).unwrap();
}

fn development() -> EnvironmentName {
    "development".parse().unwrap()
}

fn orders() -> RunId {
    "RkCd".parse().unwrap()
}

/// Everything a person could tell the store by.
fn picture(store: &Store) -> String {
    let runs = store.runs().unwrap();
    let loaded: Vec<_> = runs.iter().map(|run| store.load(&run.id).unwrap()).collect();
    let logs: Vec<_> = runs.iter().map(|run| store.logs(&run.id, None).unwrap()).collect();
    format!("{:?} {runs:?} {loaded:?} {logs:?}", store.environments().unwrap())
}

#[test]
fn what_is_deleted_is_gone_and_comes_back_as_it_was() {
    let (_folder, store) = store();
    with_local_work(&store);
    let before = picture(&store);
    for what in [Doomed::Run(orders()), Doomed::Environment(development())] {
        let would = store.would_delete(&what).unwrap();
        assert_eq!(picture(&store), before, "a look changes nothing");
        let deleted = store.delete(&what, Timestamp(9)).unwrap();
        assert_eq!((deleted.local_executions, deleted.logs), (1, 1), "{what:?}");
        assert_eq!(would, hindcast_store::Deletion { id: 0, at: Timestamp(0), ..deleted.clone() });
        match what {
            Doomed::Run(_) => assert!(matches!(store.load(&orders()), Err(StoreError::NoRun(_)))),
            Doomed::Environment(_) => {
                assert!(store.environments().unwrap().named(&development()).is_none());
                let step = &store.load(&orders()).unwrap().run.steps[&2];
                assert_eq!(step.executions.len(), 1);
            }
        }
        assert_eq!(store.deletions().unwrap(), std::slice::from_ref(&deleted));
        assert!(store.restore(deleted.id).unwrap().renamed.is_empty());
        assert_eq!(picture(&store), before, "{what:?}");
        assert!(matches!(store.restore(deleted.id), Err(StoreError::NoDeletion(_))));
    }
    // What came back is as immutable as it was.
    let changed = store.import(found(&["conformance/orders/before.json"]), &Naming::default());
    assert!(changed.unwrap().changed_nothing());
}

#[test]
fn numbers_of_deleted_work_are_not_given_again() {
    let (_folder, store) = store();
    with_local_work(&store);
    store.delete(&Doomed::Environment(development()), Timestamp(9)).unwrap();
    assert_eq!(store.load(&orders()).unwrap().retired.get(&2), Some(&2));
    // Neither to an export that brings an attempt of that number.
    store.import(found(&["conformance/orders/after.json"]), &Naming::default()).ok();
    let here = store.load(&orders()).unwrap().run;
    assert!(here.steps[&2].executions.keys().all(|attempt| *attempt != 2));
}

#[test]
fn an_environment_comes_back_beside_one_that_took_its_name() {
    let (_folder, store) = store();
    with_local_work(&store);
    let deleted = store.delete(&Doomed::Environment(development()), Timestamp(9)).unwrap();
    store.create_local(&development(), None).unwrap();
    let renamed = store.restore(deleted.id).unwrap().renamed;
    assert_eq!(renamed, [(development(), "development-2".parse().unwrap())]);
    let environments = store.environments().unwrap();
    let back = environments.named(&"development-2".parse().unwrap()).unwrap();
    let run = store.load(&orders()).unwrap().run;
    let workspace = &run.steps[&2].executions[&2].workspace_id;
    assert_eq!(environments.of_workspace(workspace).unwrap().id, back.id);
}

#[test]
fn what_must_not_go_is_refused() {
    let (_folder, store) = store();
    with_local_work(&store);
    let production = store.environments().unwrap().iter().next().unwrap().clone();
    let local = store.environments().unwrap().named(&development()).unwrap().clone();
    let what = Doomed::Environment(production.name);
    assert!(matches!(store.delete(&what, Timestamp(9)), Err(StoreError::ImportedStays(_))));
    let running = Record::ExecutionCreated(NewExecution {
        id: "RkCd:3:2".parse().unwrap(),
        environment: local.id,
        workspace: local.workspaces[0].clone(),
        created_at: Timestamp(8),
        execute_after: None,
        because: Because::Rerun,
        edited_arguments: None,
    });
    store.transaction(|transaction| transaction.apply("test", [&running])).unwrap();
    let before = picture(&store);
    for what in [Doomed::Run(orders()), Doomed::Environment(development())] {
        let refused = store.delete(&what, Timestamp(9)).unwrap_err().to_string();
        assert_eq!(refused, "RkCd:3:2 has not ended; cancel it first, or wait for it");
    }
    assert_eq!(picture(&store), before);
}

#[test]
fn a_run_does_not_come_back_beside_itself() {
    let (_folder, store) = store();
    with_local_work(&store);
    let deleted = store.delete(&Doomed::Run(orders()), Timestamp(9)).unwrap();
    import(&store, &["conformance/orders/before.json"]);
    assert!(matches!(store.restore(deleted.id), Err(StoreError::HereAgain { .. })));
    store.delete(&Doomed::Run(orders()), Timestamp(10)).unwrap();
    store.restore(deleted.id).unwrap();
}

#[test]
fn what_a_deletion_belongs_to_comes_back_before_it() {
    let (_folder, store) = store();
    with_local_work(&store);
    let before = picture(&store);
    let first = store.delete(&Doomed::Environment(development()), Timestamp(9)).unwrap();
    let second = store.delete(&Doomed::Run(orders()), Timestamp(10)).unwrap();
    let refused = store.restore(first.id).unwrap_err().to_string();
    assert_eq!(refused, "run RkCd is not here any more; bring that back first, or import it");
    store.restore(second.id).unwrap();
    store.restore(first.id).unwrap();
    assert_eq!(picture(&store), before);

    let first = store.delete(&Doomed::Run(orders()), Timestamp(11)).unwrap();
    let second = store.delete(&Doomed::Environment(development()), Timestamp(12)).unwrap();
    let refused = store.restore(first.id).unwrap_err().to_string();
    assert!(refused.starts_with("environment development is not here any more"), "{refused}");
    store.restore(second.id).unwrap();
    store.restore(first.id).unwrap();
    assert_eq!(picture(&store), before);
}

#[test]
fn a_purge_removes_blobs_that_nothing_else_needs() {
    let (_folder, store) = store();
    import(&store, &["shop/R6Lf.json", "shop/RPX9.json"]);
    let (failed, good): (RunId, RunId) = ("R6Lf".parse().unwrap(), "RPX9".parse().unwrap());
    let missing = |run: &RunId| store.missing_blobs(&store.load(run).unwrap().run).len();
    assert_eq!((missing(&failed), missing(&good)), (0, 0), "all are here");
    let deleted = store.delete(&Doomed::Run(failed.clone()), Timestamp(9)).unwrap();
    store.restore(deleted.id).unwrap();
    assert_eq!(missing(&failed), 0, "nothing is lost before the purge");

    let run = store.load(&failed).unwrap().run;
    let deleted = store.delete(&Doomed::Run(failed), Timestamp(9)).unwrap();
    let purged = store.purge(Some(deleted.id)).unwrap();
    assert!(purged.bytes > 0, "{purged:?}");
    let gone = store.missing_blobs(&run).len();
    assert!(gone > 0 && gone as u64 == purged.blobs, "{gone} of {purged:?}");
    assert_eq!(missing(&good), 0, "what the other run needs stays");
    assert!(matches!(store.restore(deleted.id), Err(StoreError::NoDeletion(_))));
}
