//! Streams of SDK 0.12, produced and read by the real one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use hindcast_engine::{Config, Handle, News, Rerun};
use hindcast_model::record::Record;
use hindcast_model::{Ended, ExecutionId, Outcome, StreamEnd, Value};
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use support::fresh::{Fresh, submission};

const FLOW: &str = r#"
import os
import coflux as cf

def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word + "\n")

@cf.task(memo=True)
def letters():
    for letter in "abcde":
        note(letter)
        yield letter

@cf.task(streams=cf.Streams(buffer=None))
def unbounded():
    yield from range(40)

@cf.task(streams=cf.Streams(buffer=5))
def ahead():
    yield from range(40)

@cf.task()
async def asynchronous():
    for number in range(20):
        yield {"number": number, "text": "x" * 200}

@cf.task()
def endless():
    number = 0
    while True:
        note(str(number))
        yield number
        number += 1

@cf.task()
def fails():
    yield 1
    raise KeyError("CH")

@cf.task(streams=cf.Streams(buffer=None, timeout=0.2))
def stalls():
    import time
    yield 1
    time.sleep(600)

@cf.task()
def paused():
    rest = cf.Checkpoint("rest", default=0)
    if rest.get() == 0:
        yield "before"
        rest.set(1)
        cf.suspend()
    yield "after"

@cf.task()
def reads(stream):
    return list(stream)

@cf.task()
async def reads_async(stream):
    return [item async for item in stream]

@cf.task()
def reads_some(stream, count):
    got = []
    for item in stream:
        got.append(item)
        if len(got) == count:
            break
    return got

@cf.task()
def reads_patiently(stream):
    got = cf.Checkpoint("got", default=[])
    with cf.suspense(0):
        for item in stream:
            got.set(got.get() + [item])
    return got.get()

@cf.task()
def tells(stream):
    got = []
    try:
        for item in stream:
            got.append(item)
    except Exception as error:
        return got + [type(error).__name__, str(error)]
    return got

@cf.workflow()
def flow(name, how):
    stream = globals()[name]()
    return globals()[how](stream)

@cf.workflow()
def some(name, count):
    return reads_some(globals()[name](), count)

@cf.workflow()
def split():
    stream = unbounded()
    odd = reads.submit(stream.partition(2, 1))
    few = reads.submit(stream.slice(3, 6))
    return [odd.result(), few.result()]

@cf.workflow()
def from_another_process(stream):
    return reads(cf.Stream(stream))

@cf.workflow()
def from_elsewhere(stream):
    return reads(cf.Stream("R9zz:7_0"))
"#;

struct Bench {
    folder: tempfile::TempDir,
    fresh: Fresh,
    engine: Handle,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let notes = folder.path().join("notes");
        let variables = [("NOTES", notes.to_str().unwrap())];
        let fresh = Fresh::new(folder.path(), &[("flow.py", FLOW)], &variables);
        // With one slot, whoever waits for an item, or for a reader, must give it back.
        let mut config = Config::new(folder.path().join("store")).unwrap();
        support::guardian_program().clone_into(&mut config.guardian);
        config.slots = 1;
        let engine = Handle::start(config).unwrap();
        Self { folder, fresh, engine }
    }

    async fn submit(&self, target: &str, arguments: &[&str]) -> (ExecutionId, Outcome) {
        let raw = |text: &&str| Value::raw(hindcast_model::Json::parse(*text).unwrap(), Vec::new());
        let arguments = arguments.iter().map(raw).collect();
        let submission = submission(target, arguments, self.fresh.environment);
        let project = self.fresh.project("0.12.0");
        let root = self.engine.submit(submission, project).await.unwrap();
        let outcome = self.engine.outcome(root.clone()).await.unwrap();
        self.engine.idle().await.unwrap();
        (root, outcome)
    }

    /// A run whose reader never gets to the end of a stream, once it has got some of it.
    async fn under_way(&self) -> ExecutionId {
        let word = |text: &str| {
            Value::raw(hindcast_model::Json::parse(format!("\"{text}\"")).unwrap(), Vec::new())
        };
        let arguments = vec![word("endless"), word("reads")];
        let submission = submission("flow:flow", arguments, self.fresh.environment);
        let mut news = self.engine.subscribe();
        let root = self.engine.submit(submission, self.fresh.project("0.12.0")).await.unwrap();
        let third = |record: &Record| matches!(record, Record::StreamAppended { sequence: 3, .. });
        loop {
            let News::Recorded { records, .. } = news.recv().await.unwrap() else { continue };
            if records.iter().any(third) {
                return root;
            }
        }
    }

    /// What a run's first step returns, as Python would write it.
    async fn result(&self, target: &str, arguments: &[&str]) -> String {
        let (_, outcome) = self.submit(target, arguments).await;
        self.python(&outcome)
    }

    fn python(&self, outcome: &Outcome) -> String {
        match &outcome.ended {
            Ended::Value(value) => value.decode(self.fresh.store.blobs()).python(10_000),
            ended => format!("{ended:?}"),
        }
    }

    fn notes(&self) -> Vec<String> {
        let notes = std::fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default();
        notes.lines().map(str::to_owned).collect()
    }

    /// How the only stream of a run ended, and how long it is.
    fn stream(&self, root: &ExecutionId) -> (u64, Option<StreamEnd>) {
        let run = self.fresh.store.load(root.run()).unwrap();
        let (_, stream) = run.streams.first_key_value().unwrap();
        (stream.length, stream.end.clone())
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

#[test]
fn one_task_reads_what_another_yields() {
    let bench = Bench::new();
    run(async {
        let forty: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let forty = format!("[{}]", forty.join(", "));
        for (name, how, expected) in [
            ("letters", "reads", "['a', 'b', 'c', 'd', 'e']"),
            ("letters", "reads_async", "['a', 'b', 'c', 'd', 'e']"),
            ("unbounded", "reads", forty.as_str()),
            ("ahead", "reads_async", forty.as_str()),
            ("letters", "reads_patiently", "['a', 'b', 'c', 'd', 'e']"),
            ("paused", "reads", "['before', 'after']"),
        ] {
            let arguments = [format!("\"{name}\""), format!("\"{how}\"")];
            let arguments = [arguments[0].as_str(), arguments[1].as_str()];
            let (root, outcome) = bench.submit("flow:flow", &arguments).await;
            assert_eq!(bench.python(&outcome), expected, "{name} {how}");
            assert_eq!(bench.stream(&root).1, Some(StreamEnd::Complete), "{name} {how}");
        }
        let (root, outcome) = bench.submit("flow:flow", &["\"asynchronous\"", "\"reads\""]).await;
        assert!(bench.python(&outcome).contains("'number': 19"), "{}", bench.python(&outcome));
        assert_eq!(bench.stream(&root), (20, Some(StreamEnd::Complete)));
    });
    bench.engine.shutdown();
}

#[test]
fn views_of_a_stream_get_their_own_items() {
    let bench = Bench::new();
    run(async {
        let odd: Vec<String> = (1..40).step_by(2).map(|number| number.to_string()).collect();
        let expected = format!("[[{}], [3, 4, 5]]", odd.join(", "));
        assert_eq!(bench.result("flow:split", &[]).await, expected);
    });
    bench.engine.shutdown();
}

#[test]
fn a_body_goes_no_further_than_it_is_read_and_is_not_left_behind() {
    let bench = Bench::new();
    run(async {
        let (root, outcome) = bench.submit("flow:some", &["\"endless\"", "3"]).await;
        assert_eq!(bench.python(&outcome), "[0, 1, 2]");
        // It was still working on the third item when it stopped reading.
        assert_eq!(bench.notes(), ["0", "1", "2"]);
        assert_eq!(bench.stream(&root), (3, Some(StreamEnd::Abandoned)));
        assert_eq!(bench.fresh.store.draining().unwrap(), []);
    });
    bench.engine.shutdown();
}

#[test]
fn to_cancel_a_run_ends_its_streams() {
    let bench = Bench::new();
    run(async {
        let root = bench.under_way().await;
        bench.engine.cancel(root.clone()).await.unwrap();
        bench.engine.idle().await.unwrap();
        assert_eq!(bench.stream(&root).1, Some(StreamEnd::Cancelled));
        let run = bench.fresh.store.load(root.run()).unwrap().run;
        let ended = |number: u32| run.steps[&number].executions[&1].result.clone().unwrap().ended;
        assert!(matches!(ended(2), Ended::Value(_)), "its result was known: {:?}", ended(2));
        assert_eq!((ended(1), ended(3)), (Ended::Cancelled, Ended::Cancelled));
    });
    bench.engine.shutdown();
}

#[test]
fn a_stream_of_another_process_is_refused_until_it_has_ended() {
    let bench = Bench::new();
    run(async {
        let root = bench.under_way().await;
        let other = bench.fresh.engine();
        let stream = format!("\"{}:2_0\"", root.run());
        let reads = async || {
            let data = hindcast_model::Json::parse(stream.clone()).unwrap();
            let arguments = vec![Value::raw(data, Vec::new())];
            let target = "flow:from_another_process";
            let submission = submission(target, arguments, bench.fresh.environment);
            let root = other.submit(submission, bench.fresh.project("0.12.0")).await.unwrap();
            bench.python(&other.outcome(root).await.unwrap())
        };
        let refused = reads().await;
        assert!(refused.contains("is still being produced by another"), "{refused}");
        bench.engine.cancel(root.clone()).await.unwrap();
        bench.engine.idle().await.unwrap();
        let told = reads().await;
        assert!(told.contains("ExecutionCancelled"), "it hears how it ended: {told}");
        other.shutdown();
    });
    bench.engine.shutdown();
}

#[test]
fn streams_of_a_process_that_is_gone_are_found_abandoned() {
    let bench = Bench::new();
    run(async {
        let root = bench.under_way().await;
        bench.engine.shutdown();
        assert_eq!(bench.stream(&root).1, None);
        let next = bench.fresh.engine();
        let abandoned = Ended::Abandoned { retry: None };
        assert_eq!(next.outcome(root.clone()).await.unwrap().ended, abandoned);
        assert_eq!(bench.stream(&root).1, Some(StreamEnd::Abandoned));
        assert_eq!(bench.fresh.store.draining().unwrap(), []);
        next.shutdown();
    });
}

#[test]
fn how_a_stream_ends_is_told_to_who_reads_it() {
    let bench = Bench::new();
    run(async {
        let (_, outcome) = bench.submit("flow:flow", &["\"fails\"", "\"tells\""]).await;
        assert_eq!(bench.python(&outcome), r#"[1, 'KeyError', '"\'CH\'"']"#);
        let (root, outcome) = bench.submit("flow:flow", &["\"stalls\"", "\"tells\""]).await;
        assert!(bench.python(&outcome).contains("ExecutionTimeout"), "{outcome:?}");
        assert_eq!(bench.stream(&root).1, Some(StreamEnd::Timeout));
        let Ended::Error { error, .. } =
            bench.submit("flow:from_elsewhere", &["null"]).await.1.ended
        else {
            panic!("it got items from nowhere")
        };
        assert!(error.message.contains("the items of stream R9zz:7_0 are not in the store"));
    });
    bench.engine.shutdown();
}

#[test]
fn a_reader_runs_again_on_the_stream_that_was_recorded() {
    let bench = Bench::new();
    run(async {
        let (root, _) = bench.submit("flow:flow", &["\"letters\"", "\"reads\""]).await;
        let rules = Rules {
            policy: Policy::Memo,
            on_miss: OnMiss::Fail,
            allow: Vec::new(),
            ..Rules::default()
        };
        let rerun = |number| Rerun {
            steps: vec![hindcast_model::StepId::new(root.run().clone(), number)],
            environment: bench.fresh.environment,
            rules: rules.clone(),
            edited_arguments: None,
        };
        // The reader, by itself; then all of it, the producer being memoised.
        for number in [3, 1] {
            let project = bench.fresh.project("0.12.0");
            let again = bench.engine.rerun(rerun(number), project).await.unwrap().remove(0);
            let outcome = bench.engine.outcome(again).await.unwrap();
            assert_eq!(bench.python(&outcome), "['a', 'b', 'c', 'd', 'e']");
            bench.engine.idle().await.unwrap();
        }
        assert_eq!(bench.notes(), ["a", "b", "c", "d", "e"], "it was produced once");
    });
    bench.engine.shutdown();
}
