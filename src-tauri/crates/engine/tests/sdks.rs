//! One small run under every SDK we speak with, by the rules: what it records is the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use hindcast_model::{Ended, Execution, Run};
use support::fresh::{Fresh, submission};
use support::{VERSIONS, python};

const FLOW: &str = r#"
import os
import time
import coflux as cf

@cf.task(memo=True)
def doubles(number):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write("doubled\n")
    return number * 2

@cf.task()
def fails(country):
    raise KeyError(country)

@cf.task()
def persists():
    with open("a.txt", "w") as file:
        file.write("kept")
    return cf.asset(match="*.txt")

@cf.task()
def sleeps():
    time.sleep(600)

@cf.workflow()
def flow():
    with cf.group("pair"):
        first = doubles.submit(4)
        second = doubles.submit(4)
    try:
        fails("CH")
    except Exception as error:
        caught = f"{type(error).__name__}: {error.args[0]}"
    cf.log_info("{n} calls", n=3)
    kept = [entry.path for entry in persists().entries]
    sleeper = sleeps.submit()
    sleeper.cancel()
    return [first.result(), second.result(), first.id == second.id, caught, kept]
"#;

/// The only execution of a target.
fn only<'a>(run: &'a Run, target: &str) -> &'a Execution {
    let mut steps = run.steps.values().filter(|step| step.target == target);
    let (step, None) = (steps.next().unwrap(), steps.next()) else { panic!("{target} twice") };
    let (_, execution) = step.executions.last_key_value().unwrap();
    execution
}

fn ended<'a>(run: &'a Run, target: &str) -> &'a Ended {
    &only(run, target).result.as_ref().unwrap().ended
}

#[test]
fn a_run_records_the_same_under_every_sdk() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        let notes = folder.path().join("notes");
        let variables = [("NOTES", notes.to_str().unwrap())];
        let fresh = Fresh::new(folder.path(), &[("app.py", FLOW)], &variables);
        let engine = fresh.engine();
        let root = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let submission = submission("app:flow", Vec::new(), fresh.environment);
            let root = engine.submit(submission, fresh.project(version)).await.unwrap();
            engine.idle().await.unwrap();
            root
        });
        engine.shutdown();
        let run = fresh.store.load(root.run()).unwrap().run;
        let Ended::Value(value) = ended(&run, "flow") else {
            panic!("{version}: {:?}", ended(&run, "flow"))
        };
        let value = value.decode(fresh.store.blobs()).python(10_000);
        assert_eq!(value, r#"[8, 8, True, "KeyError: 'CH'", ['a.txt']]"#, "{version}");
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), "doubled\n", "{version}: no memo");
        assert!(matches!(ended(&run, "sleeps"), Ended::Cancelled), "{version}");
        let Ended::Error { error, .. } = ended(&run, "fails") else { panic!("{version}") };
        assert_eq!((error.kind.as_str(), error.message.as_str()), ("builtins.KeyError", "'CH'"));
        let caller = only(&run, "flow");
        assert_eq!(caller.groups[&0].as_deref(), Some("pair"), "{version}");
        assert_eq!(caller.children[0].group_id, Some(0), "{version}");
        assert_eq!(only(&run, "persists").assets.len(), 1, "{version}");
        let logs = fresh.store.logs(root.run(), None).unwrap();
        let told = logs.iter().any(|log| log.template.as_deref() == Some("{n} calls"));
        assert!(told && logs.iter().all(|log| log.execution == root), "{version}: {logs:?}");
    }
}

/// A fork calls what `python -m coflux execute` comes to, where it is known to come to that.
#[test]
fn it_is_known_what_the_command_line_of_every_sdk_comes_to() {
    let known = include_str!("../src/bootstrap/sdk.py");
    let digest = "import hashlib, coflux.__main__ as m; \
                  print(hashlib.sha256(open(m.__file__, 'rb').read()).hexdigest())";
    for version in VERSIONS {
        let said = std::process::Command::new(python(version)).args(["-c", digest]).output();
        let digest = String::from_utf8(said.unwrap().stdout).unwrap();
        assert!(digest.len() > 60 && known.contains(digest.trim()), "{version}: {digest:?}");
    }
}
