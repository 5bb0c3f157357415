//! Forks of a warm Python, and the code they run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod code;
mod crowd;
mod forks;
mod fresh;
mod owed;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_engine::Project;
use hindcast_engine::codec::Start;
use hindcast_engine::executor::{Executor, Reported, Workshop};
use hindcast_engine::warm::{Stable, Warm};
use hindcast_model::{Failure, Json, Target, Value};
use hindcast_orchestrator::message::Message;
use support::Place;

/// How an execution ended.
#[derive(Debug)]
enum Ended {
    Value(serde_json::Value),
    Raised(Failure),
    Silent(String),
}

/// The place, with Pythons warmed at once and waited for, or with none.
fn place(files: &[(&str, &str)], mode: Warm) -> Place {
    let mut place = Place::new(files);
    let Workshop { blobs, numbers, guardian, bodies, reports, .. } = &*place.workshop;
    let guardian = Arc::clone(guardian);
    let warm = Stable::new(mode, place.folder.path().join("warm"), Arc::clone(&guardian));
    let (blobs, numbers, reports) = (Arc::clone(blobs), Arc::clone(numbers), reports.clone());
    let bodies = Arc::clone(bodies);
    place.workshop = Arc::new(Workshop { blobs, numbers, guardian, warm, bodies, reports });
    place
}

fn begin(place: &Place, project: &Arc<Project>, body: &str, arguments: &[&str]) -> Executor {
    let argument = |text: &&str| {
        let data = Json::from(&serde_json::Value::from(*text));
        Value::raw(data, Vec::new())
    };
    let start = Start {
        execution: "R1:1:1".parse().unwrap(),
        target: Target::new("app", body),
        arguments: arguments.iter().map(argument).collect(),
        checkpoints: BTreeMap::new(),
        streams: None,
        encoding: hindcast_model::Encoding::default(),
    };
    Executor::start(start, Arc::clone(project), Arc::clone(&place.workshop))
}

/// How the execution under way ends.
async fn end(place: &mut Place) -> Ended {
    let mut ended = None;
    loop {
        match place.reports.recv().await.unwrap().what {
            Reported::Said(Message::Result(Value::Raw { data, .. })) => {
                ended = Some(Ended::Value(serde_json::from_str(data.text()).unwrap()));
            }
            Reported::Said(Message::Result(Value::Blob { key, .. })) => {
                let file = place.workshop.blobs.file(&key).unwrap();
                let text = std::fs::read_to_string(file).unwrap();
                ended = Some(Ended::Value(serde_json::from_str(&text).unwrap()));
            }
            Reported::Said(Message::Failed { error, .. }) => ended = Some(Ended::Raised(error)),
            Reported::Exited(reason) => return ended.unwrap_or(Ended::Silent(reason)),
            _ => {}
        }
    }
}

async fn run(place: &mut Place, project: &Arc<Project>, body: &str) -> Ended {
    let _executor = begin(place, project, body, &[]);
    end(place).await
}

async fn value(place: &mut Place, project: &Arc<Project>, body: &str) -> serde_json::Value {
    match run(place, project, body).await {
        Ended::Value(value) => value,
        other => panic!("{body}: {other:?}"),
    }
}

/// Waits for what is to come, however long the machine takes. The bound only ends a test that would
/// hang.
async fn eventually<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < end, "it did not come to pass");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whether the process is there and not merely waiting to be reaped.
fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
