//! What is imported before a fork, what is not, and what a fork has of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use hindcast_engine::warm::{Warm, WarmReport, WarmState};
use hindcast_engine::{ChosenAdapter, Project};

use super::support::{Place, VERSIONS};
use super::{Ended, begin, end, eventually, lives, place, run, value, write};

const APP: &str = r#"
import os, random, sys, threading, time
import coflux as cf

@cf.task()
def state():
    """What a process has of its own."""
    names = os.listdir("/proc/self/fd")
    links = [os.readlink(f"/proc/self/fd/{n}") for n in names if os.path.lexists(f"/proc/self/fd/{n}")]
    with open("/proc/self/environ") as file:
        marks = [p for p in file.read().split("\0") if p.startswith("HINDCAST_EXECUTION=")]
    return {
        "leads its group": os.getpid() == os.getpgrp(),
        "other threads": [t.name for t in threading.enumerate() if t is not threading.main_thread()
                          and "coflux" not in t.name and "dispatch" not in t.name],
        "sockets": sum(link.startswith("socket:") for link in links),
        "temporary": os.path.basename(os.path.dirname(os.environ["TMPDIR"])),
        "mark": os.environ["HINDCAST_EXECUTION"],
        "marked": marks == ["HINDCAST_EXECUTION=" + os.environ["HINDCAST_EXECUTION"]],
        "drawn": random.random(),
        "blas": os.environ.get("OPENBLAS_NUM_THREADS"),
        "arguments": sys.argv[1:],
        "parent": os.getppid(),
    }

@cf.task()
def imports():
    import slow, starts_threads, holds_a_socket, wants_our_code, helper
    return [slow.PID == os.getpid(), starts_threads.NAME, helper.NAME, os.getppid()]

@cf.task()
def waits(pids):
    child = os.fork()
    if child == 0:
        # Has left the group, and is nobody's child any more.
        os.setsid()
        if os.fork() == 0:
            with open(pids + ".tmp", "w") as file:
                file.write(f"{os.getpid()} {os.getppid()}")
            os.rename(pids + ".tmp", pids)
            time.sleep(600)
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(600)

@cf.task()
def ends_late():
    import atexit
    atexit.register(print, "bye")
    threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
"#;

/// Third-party modules: beneath a folder called `site-packages`.
const LIBRARY: [(&str, &str); 4] = [
    ("slow.py", "import os\nPID = os.getpid()\n"),
    (
        "starts_threads.py",
        "import threading, time\nNAME = 'starts'\n\
         threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n",
    ),
    ("holds_a_socket.py", "import socket\nHELD = socket.socket()\n"),
    ("wants_our_code.py", "import helper\n"),
];

/// A place with those libraries.
fn with_library() -> (Place, PathBuf) {
    let mut place = place(&[("app.py", APP), ("helper.py", "NAME = 'helper'\n")], Warm::Always);
    let library = place.folder.path().join("elsewhere/site-packages");
    for (name, text) in LIBRARY {
        write(&library, name, text);
    }
    place.variables.push(("PYTHONPATH".into(), library.to_str().unwrap().into()));
    (place, library)
}

fn report(place: &Place, project: &Project) -> WarmReport {
    place.workshop.warm.report(project)
}

fn preloaded(report: &WarmReport) -> Vec<&str> {
    report.preloaded.iter().map(|module| module.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_slow_is_imported_before_the_fork_and_what_breaks_is_left() {
    let (mut place, library) = with_library();
    let project = place.with_sdk("0.12.0");
    let first = value(&mut place, &project, "imports").await;
    assert_eq!(first[0], true, "nothing was known of it, so the fork imported it itself");
    let warm = eventually(|| {
        let report = report(&place, &project);
        preloaded(&report).contains(&"slow").then_some(report)
    })
    .await;
    let left: BTreeMap<&str, &str> =
        warm.left.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
    assert_eq!(left["starts_threads"], "it starts threads");
    assert_eq!(left["holds_a_socket"], "it keeps a connection open");
    assert_eq!(left["wants_our_code"], "it imports the project's own helper.py");
    assert!(!preloaded(&warm).contains(&"helper") && !left.contains_key("helper"));

    // The module is the warm process's now; the project's code is the fork's own.
    write(place.folder.path(), "helper.py", "NAME = 'saved'\n");
    let second = value(&mut place, &project, "imports").await;
    let expected = serde_json::json!([false, "starts", "saved", warm.pid]);
    assert_eq!(second, expected);

    // What it rests on changes: the next one has been imported anew.
    write(&library, "slow.py", "import os\nPID = os.getpid()\n# other\n");
    place.workshop.warm.look_again(&project);
    let third = value(&mut place, &project, "imports").await;
    assert_eq!(third[0], false);
    let renewed = report(&place, &project);
    assert_ne!(renewed.pid, warm.pid);
    assert_eq!(renewed.problem.as_deref(), Some("the Python environment has changed"));
    eventually(|| (!lives(warm.pid.unwrap())).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_has_everything_of_its_own_under_every_sdk() {
    for version in VERSIONS {
        let mut place = place(&[("app.py", APP)], Warm::Always);
        let project = place.with_sdk(version);
        let one = value(&mut place, &project, "state").await;
        let warm = report(&place, &project);
        assert_eq!((&warm.state, warm.forks), (&WarmState::Ready, 1), "{version}: {warm:?}");
        let other = value(&mut place, &project, "state").await;
        for of in [&one, &other] {
            // The SDK's dictionaries are lists of pairs on the wire.
            let pairs = of["items"].as_array().unwrap();
            let get = |name: &str| {
                let at = pairs.iter().position(|key| key == name).unwrap();
                pairs[at + 1].clone()
            };
            assert_eq!(get("parent"), warm.pid.unwrap(), "{version}");
            assert_eq!(get("leads its group"), true, "{version}");
            assert_eq!(get("other threads"), serde_json::json!([]), "{version}");
            assert_eq!(get("sockets"), 0, "{version}");
            assert_eq!(get("marked"), true, "{version}");
            assert_eq!(get("temporary"), get("mark"), "{version}");
            assert_eq!(get("blas"), serde_json::Value::Null, "{version}");
            assert_eq!(get("arguments"), serde_json::json!(["execute"]), "{version}");
        }
        let of = |whole: &serde_json::Value, name: &str| {
            let pairs = whole["items"].as_array().unwrap().clone();
            let at = pairs.iter().position(|key| key == name).unwrap();
            pairs[at + 1].clone()
        };
        for name in ["drawn", "mark"] {
            assert_ne!(of(&one, name), of(&other, name), "{version} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_python_that_is_killed_is_replaced_and_its_execution_is_reported() {
    let mut place = place(&[("app.py", APP)], Warm::Always);
    let project = place.with_sdk("0.12.0");
    value(&mut place, &project, "state").await;
    let first = report(&place, &project).pid.unwrap();
    let pids = place.folder.path().join("pids");
    let _executor = begin(&place, &project, "waits", &[pids.to_str().unwrap()]);
    let stray: i32 = eventually(|| {
        let text = std::fs::read_to_string(&pids).ok()?;
        text.split(' ').next()?.parse().ok()
    })
    .await;
    assert!(lives(stray));
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    let Ended::Silent(reason) = end(&mut place).await else { panic!("it ended by itself") };
    assert!(reason.contains("the warm Python it was forked from ended: signal: 9"), "{reason}");
    eventually(|| (!lives(stray)).then_some(())).await;
    value(&mut place, &project, "state").await;
    let second = report(&place, &project);
    assert_ne!(second.pid, Some(first));
    assert_eq!(second.replaced, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_fork_ends_what_has_left_its_group() {
    let mut place = place(&[("app.py", APP)], Warm::Always);
    let project = place.with_sdk("0.12.0");
    value(&mut place, &project, "state").await;
    let pids = place.folder.path().join("pids");
    let executor = begin(&place, &project, "waits", &[pids.to_str().unwrap()]);
    let stray: i32 = eventually(|| {
        let text = std::fs::read_to_string(&pids).ok()?;
        text.split(' ').next()?.parse().ok()
    })
    .await;
    executor.stop();
    let Ended::Silent(reason) = end(&mut place).await else { panic!("it ended by itself") };
    assert_eq!(reason, "stopped");
    assert!(!lives(stray));
    let warm = report(&place, &project);
    assert!(lives(warm.pid.unwrap()), "only the fork is ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_forked_processes_are_plain_and_it_is_said_why() {
    let plain = place(&[("app.py", APP)], Warm::Off);
    let report = plain.workshop.warm.warm_up(&plain.with_sdk("0.12.0")).await;
    assert_eq!(report.state, WarmState::Off("warm Pythons are switched off".into()));

    let mut place = place(&[("app.py", APP)], Warm::Always);
    let custom = ChosenAdapter::Command(vec!["just".into(), "run".into()]);
    let report = place.workshop.warm.warm_up(&place.project(custom)).await;
    assert_eq!(report.state, WarmState::Off("`just run` is no plain `python -m coflux`".into()));

    // What comes with the interpreter itself has started a thread.
    let library = place.folder.path().join("elsewhere");
    let text = "import threading, time\n\
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n";
    write(&library, "sitecustomize.py", text);
    place.variables.push(("PYTHONPATH".into(), library.to_str().unwrap().into()));
    let project = place.with_sdk("0.12.0");
    let report = place.workshop.warm.warm_up(&project).await;
    let why = "it cannot be forked as it has threads of its own".to_owned();
    assert_eq!(report.state, WarmState::Failed(why));
    let Ended::Value(_) = run(&mut place, &project, "state").await else { panic!("it runs") };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_ends_as_any_python_does() {
    for mode in [Warm::Off, Warm::Always] {
        let mut place = place(&[("app.py", APP)], mode);
        let project = place.with_sdk("0.11.1");
        let _executor = begin(&place, &project, "ends_late", &[]);
        let mut printed = Vec::new();
        loop {
            use hindcast_engine::executor::Reported;
            use hindcast_orchestrator::message::Message;
            match place.reports.recv().await.unwrap().what {
                Reported::Said(Message::Log { template: Some(line), .. }) => printed.push(line),
                Reported::Exited(_) => break,
                _ => {}
            }
        }
        assert_eq!(printed, ["thread", "bye"], "{mode:?}");
    }
}
