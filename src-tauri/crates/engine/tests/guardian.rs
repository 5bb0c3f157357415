//! No process outlives what started it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod support;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_engine::codec::Start;
use hindcast_engine::executor::{Executor, Reported};
use hindcast_model::{Json, Target, Value};
use support::Place;

const APP: &str = include_str!("project/app.py");
const FOLDER: &str = "HINDCAST_TEST_FOLDER";

/// Starts a body that starts others and writes all their ids to the file.
fn start_family(place: &Place, pids: &Path) -> Executor {
    let argument = Json::from(&serde_json::Value::from(pids.to_str().unwrap()));
    let start = Start {
        execution: "R1:1:1".parse().unwrap(),
        target: Target::new("app", "starts_others"),
        arguments: vec![Value::raw(argument, Vec::new())],
        checkpoints: BTreeMap::new(),
        streams: None,
        encoding: hindcast_model::Encoding::default(),
    };
    Executor::start(start, place.with_sdk("0.12.0"), Arc::clone(&place.workshop))
}

/// Waits for a condition that is to come, however long the machine takes. The bound only ends a
/// test that would hang.
fn eventually<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < end, "it did not come to pass");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn family(pids: &Path) -> Vec<u32> {
    let text = eventually(|| std::fs::read_to_string(pids).ok());
    text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Whether the process is there and has memory, so that it can do anything: one that is on its way
/// out, or waits to be reaped, has none.
fn lives(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|words| !words.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_an_execution_kills_everything_below_it() {
    let mut place = Place::new(&[("app.py", APP)]);
    let pids = place.folder.path().join("pids");
    let executor = start_family(&place, &pids);
    let family = tokio::task::block_in_place(|| family(&pids));
    assert_eq!(family.len(), 4);
    assert!(family.iter().all(|pid| lives(*pid)), "all four run before");
    executor.stop();
    while let Some(report) = place.reports.recv().await {
        if let Reported::Exited(reason) = report.what {
            assert_eq!(reason, "stopped");
            break;
        }
    }
    let left: Vec<_> = family.into_iter().filter(|pid| lives(*pid)).collect();
    assert_eq!(left, [0; 0], "nothing is left once it is said to have exited");
}

#[test]
fn nothing_outlives_an_engine_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "an_engine_to_be_killed"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let family = family(&folder.path().join("pids"));
    let scratch = std::fs::read_to_string(folder.path().join("scratch")).unwrap();
    assert!(family.iter().all(|pid| lives(*pid)) && Path::new(&scratch).exists());
    engine.kill().unwrap();
    engine.wait().unwrap();
    eventually(|| family.iter().all(|pid| !lives(*pid)).then_some(()));
    eventually(|| (!Path::new(&scratch).exists()).then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that the test above kills"]
async fn an_engine_to_be_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let tell =
        "import os\nopen(os.environ['TELL'], 'w').write(os.path.dirname(os.environ['TMPDIR']))\n";
    let mut place = Place::new(&[("app.py", &format!("{tell}{APP}"))]);
    place.variables = vec![("TELL".into(), folder.join("scratch").to_str().unwrap().into())];
    let _executor = start_family(&place, &folder.join("pids"));
    std::future::pending::<()>().await;
}
