//! The engine is killed at many points of a run. Whatever was acknowledged is there afterwards,
//! whatever was not is abandoned, and no process and no scratch directory is left.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hindcast_engine::{Config, Handle, News};
use hindcast_model::record::Record;
use hindcast_model::{Ended, Execution, ExecutionId, Run, Value};
use hindcast_store::Store;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};
use support::fresh::{Fresh, submission};
use support::guardian_program;

/// How many points. The flow makes more records than that, so each is another one.
const POINTS: usize = 50;

/// How many moments, drawn by chance, from before its first record to after its last.
const MOMENTS: u64 = 12;

const FLOW: &str = "
import os, time
import coflux as cf

def effect(name):
    with open(os.environ['EFFECTS'], 'a') as file:
        file.write(name + '\\n')

@cf.task(memo=True)
def part(n):
    effect(f'part {n}')
    print('part', n)
    return 'x' * 100 * n

@cf.task(retries=1)
def fails():
    effect('fails')
    raise ValueError('as it should')

@cf.workflow()
def whole():
    effect('whole')
    with cf.group('parts'):
        parts = [part.submit(n % 5) for n in range(8)]
    cf.log_info('{n} parts', n=len(parts))
    try:
        fails()
    except ValueError:
        pass
    return sum(len(part.result()) for part in parts)
";

/// What the killed engine is told by.
const FOLDER: &str = "HINDCAST_TEST_FOLDER";
const POINT: &str = "HINDCAST_TEST_POINT";

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_point() {
    let mut unfinished = 0;
    for point in 0..POINTS {
        let folder = tempfile::tempdir().unwrap();
        let ended = engine(folder.path(), Some(point)).wait().unwrap();
        assert_eq!(ended.signal(), Some(9), "point {point}: it was killed");
        nothing_is_left(folder.path());
        unfinished += survives(&format!("point {point}"), folder.path());
    }
    assert!(unfinished > POINTS / 2, "most points were in the middle of something");
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    for moment in 0..MOMENTS {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = engine(folder.path(), None);
        // Wherever in the run that is, on whatever machine.
        std::thread::sleep(Duration::from_millis(moment * moment * 7919 % 1201));
        engine.kill().unwrap();
        engine.wait().unwrap();
        nothing_is_left(folder.path());
        survives(&format!("moment {moment}"), folder.path());
    }
}

#[test]
fn what_is_left_when_the_guardian_is_killed_as_well_is_gone_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(folder.path(), None);
    let mark = format!("EFFECTS={}", folder.path().join("effects").display());
    wait_until("it runs something", || !marked(&mark).is_empty());
    let guardian = children(engine.id());
    for pid in guardian {
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }
    engine.kill().unwrap();
    engine.wait().unwrap();
    // Its processes find their input closed; whatever they still do, they hold nothing.
    wait_until("no process is left", || marked(&mark).is_empty());
    let left = || std::fs::read_dir(temporary(folder.path())).unwrap().count();
    assert!(left() > 0, "nobody was there to remove it");
    survives("with the guardian", folder.path());
    let other = tempfile::tempdir().unwrap();
    let mut next = engine_with(other.path(), &temporary(folder.path()), None);
    next.wait().unwrap();
    wait_until("nothing is left", || left() == 0);
}

/// Starts an engine in a process of its own, which kills itself at that point, if one is given.
fn engine(folder: &Path, point: Option<usize>) -> Child {
    let temporary = temporary(folder);
    std::fs::create_dir(&temporary).unwrap();
    engine_with(folder, &temporary, point)
}

fn engine_with(folder: &Path, temporary: &Path, point: Option<usize>) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "an_engine_that_kills_itself"])
        .env(FOLDER, folder)
        .env(POINT, point.unwrap_or(usize::MAX).to_string())
        .env("TMPDIR", temporary)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Its temporary files.
fn temporary(folder: &Path) -> PathBuf {
    folder.join("temporary")
}

/// Looks at a store whose engine was killed; gives how many executions it had not finished.
fn survives(point: &str, folder: &Path) -> usize {
    let store = Store::open(&folder.join("store")).unwrap();
    let unfinished = store.unfinished().unwrap().len();
    let mut config = Config::new(folder.join("store")).unwrap();
    guardian_program().clone_into(&mut config.guardian);
    let handle = Handle::start(config).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(handle.idle()).unwrap();
    handle.shutdown();

    assert_eq!(store.unfinished().unwrap(), [], "{point}: what had not ended is abandoned");
    let executions = executions(&store);
    for (id, acknowledged) in acknowledged(folder) {
        let result = executions[&id].result.as_ref().unwrap();
        assert_eq!(serde_json::to_string(&result.ended_word()).unwrap(), acknowledged, "{id}");
    }
    let mut ledger: BTreeMap<String, usize> = BTreeMap::new();
    for entry in store.ledger(None).unwrap() {
        *ledger.entry(entry.target.name.to_string()).or_default() += 1;
    }
    let effects = std::fs::read_to_string(folder.join("effects")).unwrap_or_default();
    for body in effects.lines().map(|line| line.split(' ').next().unwrap()).collect::<BTreeSet<_>>()
    {
        let ran = effects.lines().filter(|line| line.split(' ').next() == Some(body)).count();
        assert!(ran <= ledger.get(body).copied().unwrap_or(0), "{body} is in the ledger");
    }
    for (id, execution) in &executions {
        for (key, _) in execution.result.iter().filter_map(|o| o.value()).flat_map(Value::blobs) {
            assert!(store.blobs().read(&key).unwrap().is_some(), "{id} has its value");
        }
    }
    unfinished
}

/// One word for how an execution ended, in a form that can be written and compared.
trait EndedWord {
    fn ended_word(&self) -> String;
}

impl EndedWord for hindcast_model::Outcome {
    fn ended_word(&self) -> String {
        match &self.ended {
            Ended::Value(value) => format!("value {value:?}"),
            Ended::Error { error, .. } => format!("error {}", error.message),
            other => format!("{other:?}"),
        }
    }
}

fn executions(store: &Store) -> BTreeMap<ExecutionId, Execution> {
    let runs = store.runs().unwrap().into_iter().map(|run| store.load(&run.id).unwrap().run);
    let runs: Vec<Run> = runs.collect();
    let steps = runs.into_iter().flat_map(|run| run.steps.into_values());
    let executions = steps.flat_map(|step| step.executions.into_values());
    executions.map(|execution| (execution.execution_id.clone(), execution)).collect()
}

/// What followers of the killed engine had been told of executions that ended.
fn acknowledged(folder: &Path) -> Vec<(ExecutionId, String)> {
    let text = std::fs::read_to_string(folder.join("acknowledged")).unwrap_or_default();
    let line = |line: &str| {
        let (id, ended) = line.split_once(' ')?;
        // The last line may be cut short by the kill.
        serde_json::from_str::<String>(ended).ok()?;
        Some((id.parse().unwrap(), ended.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

/// The guardian works on when the engine is gone, but not for long.
fn nothing_is_left(folder: &Path) {
    let mark = format!("EFFECTS={}", folder.join("effects").display());
    wait_until("no process is left", || marked(&mark).is_empty());
    let temporary = temporary(folder);
    let empty = || std::fs::read_dir(&temporary).unwrap().next().is_none();
    wait_until("no scratch directory is left", empty);
}

/// (The bound only ends a test that would hang.)
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "not so: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The processes with this in their environment.
fn marked(mark: &str) -> Vec<i32> {
    let carries = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes())
    };
    processes().filter(carries).collect()
}

/// The processes that this one started.
fn children(parent: u32) -> Vec<i32> {
    let wanted = format!("PPid:\t{parent}");
    let status = |pid: &i32| std::fs::read_to_string(format!("/proc/{pid}/status"));
    processes()
        .filter(|pid| status(pid).is_ok_and(|status| status.lines().any(|line| line == wanted)))
        .filter(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.split(|byte| *byte == 0).any(|word| word == b"__guardian")
        })
        .collect()
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[test]
#[ignore = "the process that the test above has killed"]
fn an_engine_that_kills_itself() {
    let (Ok(folder), Ok(point)) = (std::env::var(FOLDER), std::env::var(POINT)) else { return };
    let folder = Path::new(&folder);
    let effects = folder.join("effects").to_str().unwrap().to_owned();
    let fresh = Fresh::new(folder, &[("flow.py", FLOW)], &[("EFFECTS", &effects)]);
    let handle = fresh.engine();
    let mut news = handle.subscribe();
    let mut told = std::fs::File::create(folder.join("acknowledged")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let submission = submission("flow:whole", Vec::new(), fresh.environment);
        let root = handle.submit(submission, fresh.project("0.12.0")).await.unwrap();
        let mut left = point.parse::<usize>().unwrap();
        while let Ok(news) = news.recv().await {
            let News::Recorded { records, .. } = news else { continue };
            for record in records.iter() {
                if let Record::ExecutionFinished { execution, outcome, .. } = record {
                    let ended = serde_json::to_string(&outcome.ended_word()).unwrap();
                    told.write_all(format!("{execution} {ended}\n").as_bytes()).unwrap();
                    if *execution == root {
                        return;
                    }
                }
                if left == 0 {
                    kill(getpid(), Signal::SIGKILL).unwrap();
                }
                left -= 1;
            }
        }
    });
}
