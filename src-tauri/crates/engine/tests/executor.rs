//! Executors and codec against the real SDKs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hindcast_engine::codec::Start;
use hindcast_engine::executor::{Executor, Reported};
use hindcast_engine::{ChosenAdapter, Project};
use hindcast_model::{
    Asset, AssetEntry, BlobKey, ExecutionId, Extra, Failure, Json, Reference, Target, Value,
};
use hindcast_orchestrator::message::{
    Handle, Message, Reply, Request, RequestId, Select, Status, Submit,
};
use support::{Place, VERSIONS};

const APP: &str = include_str!("project/app.py");

fn raw(text: &str) -> Value {
    Value::raw(Json::parse(text).unwrap(), Vec::new())
}

fn start(id: &str, target: &str, arguments: Vec<Value>) -> Start {
    Start {
        execution: id.parse().unwrap(),
        target: Target::new("app", target),
        arguments,
        checkpoints: BTreeMap::new(),
        streams: None,
        encoding: hindcast_model::Encoding::default(),
    }
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
enum Ended {
    Value(Value),
    Raised(Failure),
    Silent(String),
}

/// Stands where the server stands, as simply as can be: every call runs, every wait is for one
/// execution.
struct Server {
    place: Place,
    project: Arc<Project>,
    executors: HashMap<ExecutionId, Executor>,
    ended: HashMap<ExecutionId, Ended>,
    waiting: Vec<(ExecutionId, RequestId, ExecutionId)>,
    logs: Vec<String>,
    submitted: Vec<Submit>,
    assets: Vec<Vec<AssetEntry>>,
}

impl Server {
    fn new(version: &str) -> Self {
        let place = Place::new(&[("app.py", APP)]);
        let project = place.with_sdk(version);
        Self::with(place, project)
    }

    fn with(place: Place, project: Arc<Project>) -> Self {
        Self {
            place,
            project,
            executors: HashMap::new(),
            ended: HashMap::new(),
            waiting: Vec::new(),
            logs: Vec::new(),
            submitted: Vec::new(),
            assets: Vec::new(),
        }
    }

    fn start(&mut self, start: Start) {
        let id = start.execution.clone();
        let workshop = Arc::clone(&self.place.workshop);
        self.executors.insert(id, Executor::start(start, Arc::clone(&self.project), workshop));
    }

    /// Runs an execution and all it calls to their ends; gives how the first ended.
    async fn run(&mut self, target: &str, arguments: Vec<Value>) -> Ended {
        let first: ExecutionId = "R1:1:1".parse().unwrap();
        self.start(start("R1:1:1", target, arguments));
        while !self.executors.is_empty() {
            let report = self.place.reports.recv().await.unwrap();
            match report.what {
                Reported::Begun | Reported::Loaded(_) | Reported::Locals(_) => {}
                Reported::Said(message) => self.said(report.execution, message),
                Reported::Exited(reason) => {
                    self.executors.remove(&report.execution);
                    self.ended.entry(report.execution).or_insert(Ended::Silent(reason));
                }
            }
        }
        self.ended[&first].clone()
    }

    fn said(&mut self, execution: ExecutionId, message: Message) {
        match message {
            Message::Result(value) => self.end(execution, Ended::Value(value)),
            Message::Failed { error, .. } => self.end(execution, Ended::Raised(error)),
            Message::Log { level, template, values } => {
                let text = template.unwrap_or_default();
                self.logs.push(format!("{level:?} {text} {}", values.len()));
            }
            Message::Request(request, asked) => self.asked(&execution, request, asked),
            Message::RegisterGroup { group, name } => {
                self.logs.push(format!("group {group} {}", name.unwrap_or_default()));
            }
            // Judged where the sentinel is.
            Message::Watched { .. } | Message::Effect { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn asked(&mut self, execution: &ExecutionId, request: RequestId, asked: Request) {
        match asked {
            Request::Submit(submit) => {
                self.submitted.push(*submit.clone());
                let id = format!("R1:{}:1", self.submitted.len() + 1);
                self.start(start(&id, &submit.target.name, submit.arguments));
                let target = submit.target;
                let reply = Reply::Submitted { execution: id.parse().unwrap(), target };
                self.executors[execution].answer(request, reply);
            }
            Request::Select(Select { handles, .. }) => {
                let Handle::Execution(awaited) = handles[0].clone() else { panic!("an input") };
                self.waiting.push((execution.clone(), request, awaited));
                self.answer_waiting();
            }
            Request::PersistAsset { name, entries } => {
                let asset = Asset {
                    name,
                    total_count: entries.len() as u64,
                    total_size: entries.iter().map(|entry| entry.size).sum::<u64>().into(),
                    entry: None,
                    extra: Extra::NONE,
                };
                self.assets.push(entries);
                let reply = Reply::AssetPersisted { id: "Abcd".parse().unwrap(), asset };
                self.executors[execution].answer(request, reply);
            }
            other => panic!("{other:?}"),
        }
    }

    fn end(&mut self, execution: ExecutionId, ended: Ended) {
        assert_eq!(self.ended.insert(execution, ended), None, "two ends");
        self.answer_waiting();
    }

    fn answer_waiting(&mut self) {
        let (ended, executors) = (&self.ended, &self.executors);
        self.waiting.retain(|(execution, request, awaited)| {
            let Some(ended) = ended.get(awaited) else { return true };
            let status = match ended.clone() {
                Ended::Value(value) => Status::Ok(value),
                Ended::Raised(error) => Status::Error(error),
                Ended::Silent(_) => Status::Abandoned,
            };
            executors[execution].answer(*request, Reply::Selected { winner: 0, status });
            false
        });
    }

    fn blob(&self, key: &BlobKey) -> Vec<u8> {
        std::fs::read(self.place.workshop.blobs.file(key).unwrap()).unwrap()
    }
}

fn data(ended: &Ended) -> &str {
    match ended {
        Ended::Value(Value::Raw { data, .. }) => data.text(),
        other => panic!("{other:?}"),
    }
}

fn failure(ended: Ended) -> Failure {
    match ended {
        Ended::Raised(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_values_errors_and_logs_pass_through_every_sdk() {
    for version in VERSIONS {
        let mut server = Server::new(version);
        let ended = server.run("calls", vec![raw("\"é\"")]).await;
        let Ended::Value(Value::Blob { key, references, .. }) = &ended else {
            panic!("{version}: {ended:?}")
        };
        let text = String::from_utf8(server.blob(key)).unwrap();
        let expected = format!(
            r#"[3,{{"items":["long","{}","raw",{{"index":0,"type":"ref"}}],"type":"dict"}},"KeyError: 'CH'"]"#,
            "é".repeat(100)
        );
        assert_eq!(text, expected, "{version}");
        let Reference::Fragment { format, blob_key, size: 5, .. } = &references[0] else {
            panic!("{references:?}")
        };
        assert_eq!((format.as_str(), server.blob(blob_key)), ("bytes", b"bytes".to_vec()));
        // Only 0.12 sends the default of `b`.
        let sent = if version == "0.12.0" { 2 } else { 1 };
        assert_eq!(server.submitted[0].arguments.len(), sent, "{version}");
        assert_eq!(server.submitted[0].group, Some(0));
        server.logs.sort();
        let logs = ["Info {n} calls 1", "Stderr careful 0", "Stdout adding 1 0", "group 0 pairs"];
        assert_eq!(server.logs, logs, "{version}");
        let raised = failure(server.ended[&"R1:4:1".parse().unwrap()].clone());
        assert_eq!((raised.kind.as_str(), raised.message.as_str()), ("builtins.KeyError", "'CH'"));
        let frame = &raised.frames[0];
        assert!(frame.file.ends_with("app.py"), "{frame:?}");
        assert_eq!(frame.code.as_deref(), Some("raise KeyError(what)"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_json_does_not_know_fail_the_step_and_say_where() {
    for version in ["0.11.1", "0.12.0"] {
        let run = async |place| Server::new(version).run("not_finite", vec![raw(place)]).await;
        let tail = "holds NaN at ['rates'][1], which JSON, and so Coflux, cannot keep";
        let result = failure(run("\"result\"").await);
        assert_eq!(result.kind, "hindcast.NotFinite");
        assert_eq!(result.message, format!("the result {tail}"));
        let argument = failure(run("\"argument\"").await);
        assert_eq!(argument.kind, "builtins.RuntimeError", "raised where it was called");
        assert_eq!(argument.message, format!("submit_error: argument 0 {tail}"));
        assert!(argument.frames.iter().any(|f| f.name.as_deref() == Some("not_finite")));
        assert_eq!(data(&run("\"log\"").await), "\"logged\"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_past_the_sdk_is_a_log_line_and_ends_nothing() {
    let mut server = Server::new("0.12.0");
    assert_eq!(data(&server.run("noise", Vec::new()).await), "\"quiet\"");
    server.logs.sort();
    let expected = [
        "Stderr raw error 0",
        "Stdout [1] 0",
        "Stdout from a child 0",
        "Stdout plain 0",
        "Stdout {\"method\": \"mine\", \"params\": {}} 0",
        "Stdout \u{fffd}\u{fffd} odd bytes 0",
    ];
    assert_eq!(server.logs, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_output_is_bounded_and_the_step_still_ends() {
    let mut server = Server::new("0.11.1");
    assert_eq!(data(&server.run("prints_a_lot", vec![raw("40")]).await), "\"done\"");
    let kept: usize = server.logs.iter().map(String::len).sum();
    assert!(kept < 11 << 20, "{kept} bytes kept");
    assert!(server.logs[0].contains("bytes in all"), "{:.80}", server.logs[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_surrogate_becomes_the_replacement_character() {
    let mut server = Server::new("0.12.0");
    assert_eq!(data(&server.run("surrogate", Vec::new()).await), "\"a\u{fffd}\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_leaves_its_last_words() {
    let ended = Server::new("0.12.0").run("dies", vec![raw("3")]).await;
    let expected = "exit status: 3; its last words:\nthe last words";
    assert_eq!(ended, Ended::Silent(expected.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_keep_their_sub_directories_and_scratch_vanishes() {
    for version in ["0.11.1", "0.12.0"] {
        let mut server = Server::new(version);
        let ended = server.run("persists", Vec::new()).await;
        let entries: Vec<_> = server.assets[0].iter().map(|e| (e.path.as_str(), e.size)).collect();
        assert_eq!(entries, [("b.txt", 5), ("data/a.csv", 10)], "{version}");
        let temporary = data(&ended).trim_matches('"');
        assert!(temporary.contains("hindcast-exec-"), "{temporary}");
        assert!(!std::path::Path::new(temporary).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_blob_is_named_and_nothing_is_started() {
    let place = Place::new(&[]);
    let project = place.project(ChosenAdapter::Command(vec!["/nowhere/adapter".into()]));
    let mut server = Server::with(place, project);
    let key = BlobKey::of(b"not here");
    let missing = Value::blob(key, 8, Vec::new());
    let error = failure(server.run("echo", vec![raw("1"), missing]).await);
    assert_eq!(error.kind, "hindcast.MissingValue");
    assert!(error.message.contains("argument 1 of app:echo"), "{}", error.message);
    assert!(error.message.contains(&format!("{key} (8 bytes)")), "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sdk_that_is_not_known_or_not_there_is_told_clearly() {
    let script = |text: &str| ChosenAdapter::Command(vec!["sh".into(), "-c".into(), text.into()]);
    let run = async |text: &str| {
        let place = Place::new(&[]);
        let project = place.project(script(text));
        Server::with(place, project).run("echo", Vec::new()).await
    };
    let newer = r#"echo '{"method":"ready","params":{"version":"0.13"}}'; sleep 600"#;
    let error = failure(run(newer).await);
    assert_eq!(error.kind, "hindcast.UnknownSdk");
    for known in ["\"0.13\"", "0.9", "0.10", "0.11", "0.12"] {
        assert!(error.message.contains(known), "{}", error.message);
    }
    let silent = run("echo 'No module named coflux' >&2; exit 1").await;
    let expected = "exit status: 1; its last words:\nNo module named coflux";
    assert_eq!(silent, Ended::Silent(expected.to_owned()));
}
