//! One body at a time.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use hindcast_engine::codec::Start;
use hindcast_engine::executor::{Executor, Reported};
use hindcast_engine::{ChosenAdapter, Project};
use hindcast_model::{Act, AssetId, Extra, Failure, Json, Target, Value};
use hindcast_orchestrator::message::{Message, Reply, Request};

use crate::support::{Place, python};

const QUIET: &str = include_str!("quiet.py");
const LOUD: &str = include_str!("loud.py");

/// What one body came to.
struct Ran {
    watched: Option<bool>,
    /// Acts in the order they were first told, with how often in all.
    acts: Vec<(Act, u64)>,
    value: Option<String>,
    failure: Option<Failure>,
}

impl Ran {
    /// `what target (file:line) × count`
    fn lines(&self) -> Vec<String> {
        self.acts.iter().map(|(act, count)| line(act, *count)).collect()
    }
}

fn line(act: &Act, count: u64) -> String {
    let place = act.place.as_ref().map_or("nowhere".to_owned(), |place| place.function.clone());
    let detail = act.detail.as_ref().map(|detail| format!(" [{detail}]")).unwrap_or_default();
    format!("{}{detail} ({place}) × {count}", act.words())
}

fn place() -> (Place, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let files = [
        ("quiet.py", QUIET),
        ("loud.py", LOUD),
        ("freshly_imported.py", "NUMBER = 1\n"),
        ("data.json", "{}"),
    ];
    let mut place = Place::new(&files);
    let port = listener.local_addr().unwrap().port();
    place.variables.push(("PORT".into(), port.to_string()));
    (place, listener)
}

async fn run(place: &mut Place, project: Project, module: &str, body: &str) -> Ran {
    let start = Start {
        execution: "R1:1:1".parse().unwrap(),
        target: Target::new(module, body),
        arguments: Vec::new(),
        checkpoints: BTreeMap::new(),
        streams: None,
        encoding: hindcast_model::Encoding::default(),
    };
    let executor = Executor::start(start, Arc::new(project), Arc::clone(&place.workshop));
    let mut ran = Ran { watched: None, acts: Vec::new(), value: None, failure: None };
    loop {
        match place.reports.recv().await.unwrap().what {
            Reported::Exited(_) => return ran,
            Reported::Said(Message::Request(request, Request::PersistAsset { .. })) => {
                let id: AssetId = "Abcd".parse().unwrap();
                let size = 0.into();
                let asset = hindcast_model::Asset {
                    name: None,
                    total_count: 1,
                    total_size: size,
                    entry: None,
                    extra: Extra::NONE,
                };
                executor.answer(request, Reply::AssetPersisted { id, asset });
            }
            Reported::Said(Message::Watched { locked }) => ran.watched = Some(locked),
            Reported::Said(Message::Effect { act, count }) => {
                match ran.acts.iter_mut().find(|(known, _)| *known == act) {
                    Some((_, so_far)) => *so_far += count,
                    None => ran.acts.push((act, count)),
                }
            }
            Reported::Said(Message::Result(Value::Raw { data, .. })) => {
                ran.value = Some(Json::text(&data).to_owned());
            }
            Reported::Said(Message::Result(_)) => ran.value = Some("large".to_owned()),
            Reported::Said(Message::Failed { error, .. }) => ran.failure = Some(error),
            Reported::Said(_) | Reported::Begun | Reported::Loaded(_) | Reported::Locals(_) => {}
        }
    }
}

fn project(place: &Place, version: &str) -> Project {
    Project::clone(&place.with_sdk(version))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_keeps_to_itself_is_not_accused_of_anything() {
    let bodies = ["imports", "logs", "temporary_files", "asset", "reads", "awaits", "large_result"];
    for version in ["0.9.1", "0.11.1", "0.12.0"] {
        for body in bodies {
            let (mut place, _listener) = place();
            let open = project(&place, version);
            let ran = run(&mut place, open.clone(), "quiet", body).await;
            assert_eq!(ran.failure, None, "{version} {body}");
            assert!(ran.lines().is_empty(), "{version} {body}: {:?}", ran.lines());
            assert_eq!(ran.watched, Some(false));
            let locked = run(&mut place, open.locked().unwrap(), "quiet", body).await;
            assert_eq!(locked.value, ran.value, "{version} {body} ends as it does unlocked");
            assert!(locked.value.is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_act_is_seen_once_with_its_line_and_its_count() {
    for version in ["0.11.1", "0.12.0"] {
        let (mut place, listener) = place();
        let open = project(&place, version);
        let port = listener.local_addr().unwrap().port();
        let expected = [
            (
                "writes",
                vec![
                    "wrote out.txt (writes) × 7".to_owned(),
                    "made the folder made (writes) × 1".into(),
                    "wrote made/copy.txt (writes) × 1".into(),
                    "renamed out.txt -> old.txt (writes) × 1".into(),
                    "removed old.txt (writes) × 1".into(),
                    "removed made [shutil.rmtree] (writes) × 1".into(),
                    "opened the database shop.db [sqlite3] (writes) × 1".into(),
                ],
            ),
            (
                "starts",
                vec![
                    "started true one (starts) × 1".into(),
                    "started true two (starts) × 1".into(),
                    "started true three (starts) × 1".into(),
                ],
            ),
            (
                "connects",
                vec![
                    format!("connected to localhost:{port} (connects) × 1"),
                    format!("connected to 127.0.0.1:{port} (connect) × 1"),
                    format!("connected to 127.0.0.1:{port} (<lambda>) × 1"),
                    "sent to 127.0.0.1:9 (connects) × 1".into(),
                    "listened on 127.0.0.1:0 (connects) × 1".into(),
                ],
            ),
        ];
        for (body, lines) in expected {
            let ran = run(&mut place, open.clone(), "loud", body).await;
            assert_eq!(ran.value.as_deref(), Some("1"), "{version} {body}: {:?}", ran.failure);
            assert_eq!(ran.lines(), lines, "{version} {body}");
            let first = ran.acts[0].0.place.as_ref().unwrap();
            assert_eq!(first.file, "loud.py");
            assert!(LOUD.lines().nth(first.line as usize - 1).unwrap().starts_with("    "));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_the_projects_own_whoever_it_calls() {
    let elsewhere = tempfile::tempdir().unwrap();
    let helper = elsewhere.path().join("helper.py");
    std::fs::write(&helper, "import os\ndef start():\n    return os.system('true')\n").unwrap();
    let (mut place, _listener) = place();
    place.variables.push(("HELPER".into(), helper.to_str().unwrap().into()));
    let open = project(&place, "0.12.0");
    let ran = run(&mut place, open, "loud", "through_a_helper").await;
    assert_eq!(ran.lines(), ["started true (through_a_helper) × 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_different_acts_are_counted_by_their_kind() {
    let (mut place, _listener) = place();
    let open = project(&place, "0.12.0");
    let ran = run(&mut place, open, "loud", "many").await;
    assert_eq!(ran.acts.len(), 101);
    assert_eq!(ran.lines()[100], "did more: write (nowhere) × 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_body_is_refused_at_its_line_and_nothing_happens() {
    for version in ["0.11.1", "0.12.0"] {
        let (mut place, listener) = place();
        listener.set_nonblocking(true).unwrap();
        let locked = project(&place, version).locked().unwrap();
        let lines = [
            ("starts", "subprocess.run([\"true\"", "refused to start true one"),
            ("connects", "create_connection((\"localhost\"", "refused to connect to localhost:"),
            ("many", "open(os.path.join(HERE, f", "refused to write 0.txt"),
        ];
        for (body, code, refused) in lines {
            let ran = run(&mut place, locked.clone(), "loud", body).await;
            let failure = ran.failure.unwrap();
            let last = failure.frames.last().unwrap();
            assert!(
                last.code.as_deref().unwrap().contains(code),
                "{version}: {:?}",
                failure.frames
            );
            assert!(last.file.ends_with("/loud.py"), "{last:?}");
            assert!(failure.kind.starts_with("hindcast."), "{}", failure.kind);
            assert!(failure.message.contains(&format!("loud.py:{}", last.line)));
            assert!(failure.message.contains("this re-run is locked"), "{}", failure.message);
            assert_eq!(ran.watched, Some(true));
            let [(act, 1)] = ran.acts.as_slice() else { panic!("{:?}", ran.acts) };
            assert!(act.refused && line(act, 1).starts_with(refused), "{act:?}");
        }
        assert!(listener.accept().is_err(), "nobody came");
        let ran = run(&mut place, locked, "loud", "goes_on_without").await;
        assert_eq!(ran.value.as_deref(), Some("\"WriteRefused\""));
        assert!(ran.acts[0].0.refused);
        for file in ["0.txt", "cache.txt"] {
            assert!(!place.folder.path().join(file).exists(), "{file}");
        }
    }
}

#[test]
fn a_command_of_ones_own_is_not_watched_and_cannot_be_locked() {
    let place = Place::new(&[]);
    let python = python("0.12.0").to_string_lossy().into_owned();
    let words = |words: &[&str]| {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Project::clone(&place.project(ChosenAdapter::Command(words)))
    };
    assert!(words(&[&python, "-m", "coflux"]).is_watched());
    let own = words(&["just", "run"]);
    assert!(!own.is_watched());
    let refused = own.locked().unwrap_err().to_string();
    assert!(refused.contains("just run"), "{refused}");
}
