//! Deleting under a running engine: what it knew is forgotten, and no number is given twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use hindcast_api::calls::{Delete, GetLedger, GetOverview, Import, Rerun, Restore};
use hindcast_api::choice::{MissChoice, PolicyChoice};
use hindcast_api::view::{DeleteTarget, RerunStarted};
use hindcast_api::{Adapter, Api, ErrorCode, Note, ProjectChoice};

const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop/R6Lf.json");

/// Re-runs step 36, whose executor ends at once, and waits until that is over.
async fn rerun(api: &Api) -> RerunStarted {
    let wish = serde_json::json!({
        "steps": ["R6Lf:36"], "environment": null, "policy": PolicyChoice::Memo,
        "onMiss": MissChoice::Fail, "allow": [], "locked": false,
    });
    let wish: Rerun = serde_json::from_value(wish).unwrap();
    let (started, mut notes) = api.rerun(wish).await.unwrap();
    while !matches!(notes.next().await, Some(Note::Done(_)) | None) {}
    started
}

/// This very program is started again as the engine's guardian, with this test's name as its word.
#[test]
fn __guardian() {
    hindcast_engine::guardian::main_if_asked();
}

#[tokio::test]
async fn a_deleted_environment_is_made_anew_and_its_numbers_are_not() {
    let home = tempfile::tempdir().unwrap();
    let api = Api::open(home.path().join("store")).await.unwrap();
    api.ask(Import { paths: vec![RUN.to_owned()], environment: None }).await.unwrap();
    let code = home.path().join("code");
    std::fs::create_dir(&code).unwrap();
    api.choose_for_session(ProjectChoice {
        folder: Some(code),
        trusted: true,
        adapter: Some(Adapter::Command(vec!["false".to_owned()])),
        ..ProjectChoice::default()
    })
    .unwrap();
    assert_eq!(rerun(&api).await.executions, ["R6Lf:36:2"]);

    let what = DeleteTarget::Environment("development".to_owned());
    let deleted = api.ask(Delete { what }).await.unwrap();
    assert_eq!((deleted.local_executions, deleted.runs.len()), (1, 0));
    let again = rerun(&api).await;
    assert_eq!((&*again.environment, &*again.executions[0]), ("development", "R6Lf:36:3"));
    let ledger = api.ask(GetLedger { run: None }).await.unwrap().lines;
    let ran: Vec<&str> = ledger.iter().map(|line| &*line.execution).collect();
    assert_eq!(ran, ["R6Lf:36:2", "R6Lf:36:3"], "the ledger keeps what ran");

    let restored = api.ask(Restore { deletion: deleted.id.unwrap() }).await.unwrap();
    assert_eq!(restored.renamed[0].to, "development-2");
    let environments = api.ask(GetOverview {}).await.unwrap().environments;
    let names: Vec<&str> = environments.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["production", "development", "development-2"]);

    let run = || DeleteTarget::Run("R6Lf".to_owned());
    let gone = api.ask(Delete { what: run() }).await.unwrap();
    let none = api.ask(Delete { what: run() }).await.unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound);
    api.ask(Restore { deletion: gone.id.unwrap() }).await.unwrap();
    assert_eq!(rerun(&api).await.executions, ["R6Lf:36:4"]);
    api.shut_down().await;
}
