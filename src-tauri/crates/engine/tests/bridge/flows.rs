//! One flow for each thing that an SDK can do, under every old SDK that can do it.

use std::path::Path;

use hindcast_demo::Sdk;
use hindcast_model::record::LogEntry;
use hindcast_model::{Ended, Execution, Failure, Run};

use crate::support::fresh::{Fresh, submission};

/// What a flow recorded.
struct Recorded {
    run: Run,
    logs: Vec<LogEntry>,
    notes: String,
    folder: tempfile::TempDir,
    fresh: Fresh,
}

impl Recorded {
    /// Runs `app:flow` of this source under one SDK, from the beginning to the end.
    fn of(sdk: Sdk, flow: &str) -> Option<Self> {
        let python = interpreter(sdk)?;
        let folder = tempfile::tempdir().unwrap();
        let notes = folder.path().join("notes");
        std::fs::write(&notes, "").unwrap();
        let variables = [("NOTES", notes.to_str().unwrap())];
        let fresh = Fresh::new(folder.path(), &[("app.py", flow)], &variables);
        let engine = fresh.engine();
        let root = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let submission = submission("app:flow", Vec::new(), fresh.environment);
            let root = engine.submit(submission, fresh.project_with(&python)).await.unwrap();
            engine.idle().await.unwrap();
            root
        });
        engine.shutdown();
        let run = fresh.store.load(root.run()).unwrap().run;
        let logs = fresh.store.logs(root.run(), None).unwrap();
        let notes = std::fs::read_to_string(&notes).unwrap();
        Some(Self { run, logs, notes, folder, fresh })
    }

    fn executions(&self, target: &str) -> Vec<&Execution> {
        let steps = self.run.steps.values().filter(|step| step.target == target);
        steps.flat_map(|step| step.executions.values()).collect()
    }

    /// How the last execution of a target ended.
    fn ended(&self, target: &str) -> &Ended {
        &self.executions(target).last().unwrap().result.as_ref().unwrap().ended
    }

    /// What the flow returned, as Python writes it.
    fn value(&self) -> String {
        match self.ended("flow") {
            Ended::Value(value) => value.decode(self.fresh.store.blobs()).python(10_000),
            other => panic!("{other:?}, {:?}, {}", self.logs, self.folder.path().display()),
        }
    }

    fn error(&self, target: &str) -> &Failure {
        match self.ended(target) {
            Ended::Error { error, .. } => error,
            other => panic!("{other:?}"),
        }
    }

    fn lines(&self, of: &str) -> usize {
        self.notes.lines().filter(|line| *line == of).count()
    }
}

/// None for one that needs a Python which is not here; said, so that nobody takes it for tested.
#[expect(clippy::print_stdout, reason = "what is not tested is said")]
fn interpreter(sdk: Sdk) -> Option<std::path::PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let named = std::env::var_os(sdk.variable).is_some() || sdk.interpreter(target).is_file();
    if sdk.oldest_python() > 11 && !named {
        println!("Coflux {} is not tested: it needs Python 3.{}", sdk.version, sdk.oldest_python());
        return None;
    }
    Some(sdk.for_tests(target))
}

/// The flow under these SDKs.
fn under(versions: &[&str], flow: &str, check: impl Fn(&str, Recorded)) {
    for version in versions {
        let sdk = Sdk::OLD.into_iter().find(|sdk| sdk.version == *version).unwrap();
        let flow = format!("{BEGINNING}\n{flow}");
        if let Some(recorded) = Recorded::of(sdk, &flow) {
            check(sdk.version, recorded);
        }
    }
}

const ALL: [&str; 6] = ["0.2.6", "0.3.0", "0.4.0", "0.5.0", "0.7.0", "0.8.1"];

const BEGINNING: &str = r#"
import datetime as dt, decimal, os, sys, time
from pathlib import Path
import coflux as cf

def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(text + "\n")
"#;

#[test]
fn memos_references_errors_and_logs_under_every_old_sdk() {
    let flow = r#"
@cf.task(memo=True)
def doubles(number):
    note("doubled")
    return number * 2

@cf.task(memo=True)
def adds(pair, named):
    note("added")
    return pair[0].result() + named["b"].result()

@cf.task()
def fails(country):
    print("about to fail", file=sys.stderr)
    raise KeyError(country)

@cf.workflow()
def flow():
    first, second = doubles.submit(4), doubles.submit(4)
    sums = [adds([first, second], {"b": first, "text": "{0}"}) for _ in range(2)]
    try:
        fails("CH")
    except Exception as error:
        caught = f"{type(error).__name__}: {error.args[0]}"
    cf.log_info("{n} calls", n=3)
    print("one line", end="")
    return {"sums": sums, "same": first.id == second.id, "caught": caught}
"#;
    under(&ALL, flow, |version, recorded| {
        let expected = r#"{'sums': [16, 16], 'same': True, 'caught': "RemoteException: 'CH'"}"#;
        let sorted = r#"{'caught': "RemoteException: 'CH'", 'same': True, 'sums': [16, 16]}"#;
        let value = recorded.value();
        assert!(value == expected || value == sorted, "{version}: {value}");
        assert_eq!((recorded.lines("doubled"), recorded.lines("added")), (1, 1), "{version}");
        let error = recorded.error("fails");
        assert_eq!(
            (error.kind.as_str(), error.message.as_str()),
            ("KeyError", "'CH'"),
            "{version}"
        );
        let [frame] = error.frames.as_slice() else { panic!("{version}: {error:?}") };
        assert_eq!(frame.name.as_deref(), Some("fails"), "{version}");
        let failed = &recorded.executions("fails")[0].execution_id;
        let captured = recorded.fresh.store.locals(failed).unwrap();
        let country = [("country".to_owned(), "'CH'".to_owned())];
        assert_eq!(captured.last().map(|frame| &frame.locals[..]), Some(&country[..]), "{version}");
        let said: Vec<_> = recorded.logs.iter().filter_map(|log| log.template.as_deref()).collect();
        assert_eq!(said, ["about to fail", "{n} calls", "one line"], "{version}");
        assert_eq!(recorded.logs[1].values.len(), 1, "{version}");
    });
}

#[test]
fn values_travel_as_they_did() {
    let flow = r#"
@cf.task()
def makes(kind):
    return {"date": {1: {dt.date(2024, 9, 1)}}, "bytes": b"\x00\x01", "many": ["x" * 200] + list(range(30000)),
            "text": {"s": ["smörgåsbord ☃", "{0} {1}", None, {"type": "dict"}], "n": [1.0, 2**60 + 1]},
            "odd": {"n": float("inf")}}[kind]

@cf.task()
def takes(values, handles, mixed):
    return [repr(value) for value in values], handles["a"].result() == handles["l"][0].result(), repr(mixed)

@cf.workflow()
def flow():
    kinds = ["date", "bytes", "many", "text"]
    if not hasattr(cf.Execution, "cancel") and not hasattr(cf, "suspend"):
        kinds.append("odd")
    made = {kind: makes.submit(kind) for kind in kinds}
    values = [made[kind].result() for kind in kinds]
    handle = made["text"]
    seen, same, mixed = takes(values, {"a": handle, "l": [handle, "{0}"]}, {"when": dt.date(2024, 1, 1), "handle": "{0}"})
    return [seen == [repr(value) for value in values], same, mixed, repr(values[3]["n"])]
"#;
    under(&["0.3.0", "0.5.0", "0.8.1"], flow, |version, recorded| {
        let value = recorded.value();
        let sorted = value.replace("'handle': '{0}', 'when': datetime.date(2024, 1, 1)", "…");
        let value = sorted.replace("'when': datetime.date(2024, 1, 1), 'handle': '{0}'", "…");
        let expected = r#"[True, True, "{…}", '[1.0, 1152921504606846977]']"#;
        assert_eq!(value, expected, "{version}");
    });
}

#[test]
fn what_would_hang_ends_with_a_clear_error() {
    let flow = r#"
@cf.task()
def leaves():
    sys.exit(3)

@cf.task()
def dies():
    os._exit(3)

@cf.task()
def asks():
    return input()

@cf.task(name="gone")
def named():
    pass

@cf.workflow()
def flow():
    said = []
    for target in (leaves, dies, asks, named):
        try:
            target()
        except Exception as error:
            said.append(str(error))
    return said
"#;
    under(&["0.2.6", "0.3.0", "0.8.1"], flow, |version, recorded| {
        let value = recorded.value();
        assert!(
            value.contains("the body called sys.exit(3), so it has no result"),
            "{version}: {value}"
        );
        assert!(value.contains("there is no target app:gone"), "{version}: {value}");
        assert_eq!(recorded.error("asks").kind, "EOFError", "{version}: it has no standard input");
        assert_eq!(recorded.error("leaves").kind, "SystemExit", "{version}");
    });
}

#[test]
fn a_file_and_a_folder_are_persisted_and_restored() {
    let flow = r#"
@cf.task()
def persists():
    for name in ("tree/a.txt", "tree/sub/b.txt", "tree/c.csv"):
        path = Path.cwd() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    if hasattr(cf, "asset"):
        return {"one": cf.asset("tree/a.txt"), "all": cf.asset("tree"), "some": cf.asset(match="**/*.txt")}
    return {"one": cf.persist_asset("tree/a.txt"), "all": cf.persist_asset("tree"), "some": cf.persist_asset("tree", match="*.txt")}

@cf.task()
def restores(found):
    texts = []
    for name, asset in sorted(found.items()):
        if hasattr(cf, "asset"):
            paths = list(asset.restore(at=name).values())
        else:
            path = cf.restore_asset(asset, to=name) if hasattr(cf, "restore_asset") else asset.restore(to=name)
            paths = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        texts.append(sorted(p.read_text() for p in paths))
    return texts

@cf.workflow()
def flow():
    return restores(persists())
"#;
    let expected = "[['tree/a.txt', 'tree/c.csv', 'tree/sub/b.txt'], ['tree/a.txt'], \
                    ['tree/a.txt', 'tree/sub/b.txt']]";
    under(&["0.2.6", "0.7.0", "0.8.1"], flow, |version, recorded| {
        assert_eq!(recorded.value(), expected, "{version}");
        assert_eq!(recorded.executions("persists")[0].assets.len(), 3, "{version}");
    });
}

#[test]
fn retries_checkpoints_delay_defer_wait_and_cache() {
    let flow = r#"
old = not hasattr(cf, "suspend")

@cf.task(retries=(3, 0, 0))
def steps_on(position):
    note(f"at {position}")
    if position < 20:
        cf.checkpoint(position + 10)
        raise RuntimeError(f"stopped at {position}")
    return position

@cf.task(delay=0.3, **({"defer": lambda document, text: document} if old else {"defer": True, "defer_params": ["document"]}))
def publishes(document, text):
    note(f"published {text}")
    return text

@cf.task(wait=True)
def joins(a, b):
    note("joined")
    return [a.result(), b.result()]

@cf.task(**({"cache": 60.0, "cache_key": lambda a, b: a} if old else {"cache": 60.0, "cache_params": ["a"]}))
def cached(a, b):
    note("cached")
    time.sleep(0.2)
    note("done")
    return a + b

@cf.workflow()
def flow():
    first, second = publishes.submit("doc", "one"), publishes.submit("doc", "two")
    before = joins(cached.submit("x", "1"), cached.submit("y", "2"))
    return [steps_on(0), first.result(), second.result(), before, cached("x", "9")]
"#;
    under(&["0.3.0", "0.4.0", "0.8.1"], flow, |version, recorded| {
        assert_eq!(recorded.value(), "[20, 'two', 'two', ['x1', 'y2'], 'x1']", "{version}");
        let notes = &recorded.notes;
        assert_eq!(recorded.lines("published one"), 0, "{version}: {notes}");
        let at: Vec<_> = notes.lines().filter(|line| line.starts_with("at")).collect();
        assert_eq!(at, ["at 0", "at 10", "at 20"], "{version}: {notes}");
        assert_eq!(recorded.lines("cached"), 2, "{version}: {notes}");
        let joined = notes.find("joined").unwrap();
        assert_eq!(notes[..joined].matches("done").count(), 2, "{version}: {notes}");
    });
}

#[test]
fn a_suspended_body_stops_at_once_and_goes_on_in_another_attempt() {
    let flow = r#"
@cf.task(memo=True)
def slow():
    time.sleep(0.4)
    return 1

@cf.task(memo=True)
def begins():
    note("began")
    return time.time()

@cf.task()
def suspends():
    first = begins()
    if time.time() - first < 0.3:
        cf.suspend(0.3)
        note("went on")
    return "resumed"

@cf.workflow()
def flow():
    waited = slow.submit()
    note("flow")
    with cf.suspense(0.05):
        value = waited.result()
    return [value, suspends()]
"#;
    under(&["0.4.0", "0.8.1"], flow, |version, recorded| {
        assert_eq!(recorded.value(), "[1, 'resumed']", "{version}: {}", recorded.notes);
        assert_eq!(recorded.lines("went on"), 0, "{version}: {}", recorded.notes);
        assert_eq!(recorded.lines("began"), 1, "{version}: {}", recorded.notes);
        assert_eq!(recorded.executions("suspends").len(), 2, "{version}");
        let first = recorded.executions("flow")[0].result.as_ref().unwrap();
        assert!(matches!(first.ended, Ended::Suspended { successor: 2 }), "{version}: {first:?}");
    });
}

#[test]
fn a_workflow_that_is_called_becomes_a_run_of_its_own() {
    let flow = r#"
@cf.task(memo=True)
def adds(a, b):
    note("added")
    return a + b

@cf.workflow()
def below(number):
    return adds(number, 1)

@cf.workflow()
def flow():
    return [below(1), below.submit(1).result(), adds(1, 1)]
"#;
    under(&["0.2.6", "0.8.1"], flow, |version, recorded| {
        assert_eq!(recorded.value(), "[2, 2, 2]", "{version}");
        assert_eq!(recorded.lines("added"), 3, "{version}: a memo holds within one run");
        assert!(matches!(recorded.ended("below"), Ended::Spawned(_)), "{version}");
    });
}

#[test]
fn groups_and_cancellation_from_0_7_on() {
    let flow = r#"
@cf.task()
def sleeps():
    time.sleep(600)

@cf.task()
def waits(handle):
    return 1

@cf.workflow()
def flow():
    with cf.group("pair"):
        sleeper = sleeps.submit()
        waits.submit(sleeper)
    sleeper.cancel()
    try:
        sleeper.result()
    except Exception as error:
        return str(error)
"#;
    under(&["0.7.0", "0.8.1"], flow, |version, recorded| {
        assert_eq!(recorded.value(), "'cancelled'", "{version}");
        assert!(matches!(recorded.ended("sleeps"), Ended::Cancelled), "{version}");
        let caller = recorded.executions("flow")[0];
        assert_eq!(caller.groups[&0].as_deref(), Some("pair"), "{version}");
        assert_eq!(caller.children[1].group_id, Some(0), "{version}");
    });
}

#[test]
fn a_result_counts_when_it_arrives_and_threads_may_linger() {
    let flow = r#"
import threading

@cf.task()
def lingers():
    def later():
        time.sleep(0.4)
        note("lingered")
    threading.Thread(target=later).start()
    return 1

@cf.workflow()
def flow():
    value = lingers()
    note("has it")
    return value
"#;
    under(&["0.3.0"], flow, |version, recorded| {
        assert_eq!(recorded.value(), "1", "{version}");
        assert_eq!(recorded.notes, "has it\nlingered\n", "{version}");
    });
}
