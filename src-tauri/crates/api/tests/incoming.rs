//! Looking before importing, and ending what is under way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

#[path = "../../server/tests/support/mod.rs"]
mod support;

use hindcast_api::calls::{
    CancelImport, Connect, GetOverview, GetServerRuns, GetServers, ImportFromServer, ImportLooked,
    InspectDrop, Look,
};
use hindcast_api::view::GivenToken;
use hindcast_api::{Api, ErrorCode};
use support::coflux::{Answers, fixture};
use support::{Manner, Served, TOKEN};
use tempfile::TempDir;

async fn desk() -> (Api, TempDir) {
    let home = tempfile::tempdir().unwrap();
    (Api::open(home.path().join("store")).await.unwrap(), home)
}

async fn runs(api: &Api) -> Vec<String> {
    let overview = api.ask(GetOverview {}).await.unwrap();
    overview.runs.into_iter().map(|run| run.id).collect()
}

fn look(file: &str) -> Look {
    Look { paths: vec![fixture(file).to_str().unwrap().to_owned()], environment: None }
}

#[tokio::test]
async fn what_was_looked_at_is_imported_once_and_only_as_chosen() {
    let (api, _home) = desk().await;
    let found = api.ask(look("shop-data-dir")).await.unwrap();
    let ids: Vec<&str> = found.runs.iter().map(|run| run.run.as_str()).collect();
    assert_eq!(ids, ["RPX9", "R6Lf"]);
    assert_eq!(found.runs[1].environments, ["production", "development"]);
    assert!(runs(&api).await.is_empty(), "a look imports nothing");

    let unknown = ImportLooked { look: found.look, runs: Some(vec!["Rnone".into()]) };
    assert_eq!(api.ask(unknown).await.unwrap_err().code, ErrorCode::NotFound);
    let found = api.ask(look("shop-data-dir")).await.unwrap();
    let one = ImportLooked { look: found.look, runs: Some(vec!["RPX9".into()]) };
    let report = api.ask(one.clone()).await.unwrap();
    assert!(report.blobs > 0 && report.blobs < found.blobs);
    assert_eq!(runs(&api).await, ["RPX9"]);
    // It is taken, and what is looked at next has another number.
    assert_eq!(api.ask(one).await.unwrap_err().code, ErrorCode::Refused);
    let next = api.ask(look("shop-data-dir")).await.unwrap();
    assert!(next.look > found.look && next.runs[0].here && !next.runs[1].here);
    api.ask(CancelImport {}).await.unwrap();
    let all = ImportLooked { look: next.look, runs: None };
    assert_eq!(api.ask(all).await.unwrap_err().code, ErrorCode::Refused, "let go of");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_that_is_dropped_is_not_read_from() {
    let (api, home) = desk().await;
    let pipe = home.path().join("run.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Whoever reads from it gets an export.
    let writer = pipe.clone();
    std::thread::spawn(move || std::fs::write(writer, "{}"));
    let paths = vec![pipe.to_str().unwrap().to_owned(), "/dev/zero".to_owned()];
    let seen = api.ask(InspectDrop { paths: paths.clone() }).await.unwrap();
    assert!(seen.items.iter().all(|item| item.what == "not a file" && !item.importable));
    for path in paths {
        let look = Look { paths: vec![path], environment: None };
        let error = api.ask(look).await.unwrap_err();
        assert!(error.message.contains("not an export: not a file"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_server_is_connected_to_listed_and_imported_from() {
    let answers = Answers::shop();
    let served = Served::start(move |asked| answers.reply(asked));
    let (api, _home) = desk().await;
    let (address, project) = (served.address().to_string(), Some("oracle".to_owned()));
    let token = Some(GivenToken::new(TOKEN.to_owned()));
    let connect =
        |token| Connect { address: address.clone(), project: project.clone(), token, keep: false };
    assert!(!format!("{:?}", connect(token.clone())).contains(TOKEN));
    let wrong = Some(GivenToken::new("cflx_wrong".to_owned()));
    assert_eq!(api.ask(connect(wrong)).await.unwrap_err().code, ErrorCode::Unauthorized);
    let connection = api.ask(connect(token)).await.unwrap();
    assert_eq!(connection.workspaces.len(), 2);
    let servers = api.ask(GetServers {}).await.unwrap();
    assert_eq!((servers.len(), &servers[0].project), (1, &project));

    // The token is known from here on, and so is the project.
    let at = (address.clone(), None::<String>, "production".to_owned());
    let list = GetServerRuns { address: at.0, project: at.1, workspace: at.2, search: None };
    assert!(!api.ask(list.clone()).await.unwrap().runs[0].here);
    let import = ImportFromServer {
        address: address.clone(),
        project: None,
        workspace: "production".to_owned(),
        runs: vec!["R6Lf".to_owned()],
    };
    let report = api.ask(import).await.unwrap();
    assert_eq!((report.runs[0].steps, report.runs[0].missing_values), (66, 0));
    assert!(report.command.starts_with("hindcast import --server http://127.0.0.1:"));
    assert!(!report.command.contains(TOKEN));
    assert!(api.ask(list).await.unwrap().runs.iter().any(|run| run.here));
}

#[tokio::test]
async fn a_silent_server_can_be_left() {
    let answers = Answers::shop();
    let served = Served::start(move |asked| answers.reply(asked).given(Manner::Never));
    let (api, _home) = desk().await;
    let address = served.address().to_string();
    let asking = api.clone();
    let connect = tokio::spawn(async move {
        asking.ask(Connect { address, project: None, token: None, keep: false }).await
    });
    while served.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    api.ask(CancelImport {}).await.unwrap();
    assert_eq!(connect.await.unwrap().unwrap_err().code, ErrorCode::Cancelled);
}
