//! Files made to exhaust: each gives what it must, in bounded memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;
#[path = "hostile/large.rs"]
mod large;

use std::num::NonZero;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use desk::Desk;
use large::{ALL, Gives, Large};

/// Names the case that a process of its own is to try.
const CASE: &str = "HINDCAST_HOSTILE_CASE";

#[test]
fn each_large_case_gives_what_it_must_in_bounded_memory() {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    // Several at once, as many as there are processors.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(case) = ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match tried(case) {
                        Ok(peak) => {
                            let (peak, most) = (peak >> 20, case.memory >> 20);
                            println!("{peak:>6} MiB of {most:>4}: {}", case.name);
                        }
                        Err(why) => wrong.lock().unwrap().push(format!("{}: {why}", case.name)),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How much memory a case takes, in bytes, if it gives what it must. It is tried in a process of its
/// own, so that its memory is its own, and a stack that overflows ends no more than that.
fn tried(case: &Large) -> Result<u64, String> {
    let tried = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_case", "--nocapture", "--test-threads=1"])
        .env(CASE, case.name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tried.stdout);
    match (tried.status.success(), peak(&said)) {
        (true, Some(peak)) if peak <= case.memory => Ok(peak),
        (true, Some(peak)) => Err(format!("takes {} MiB", peak >> 20)),
        _ => {
            let complained = String::from_utf8_lossy(&tried.stderr);
            Err(format!("{} {said}{complained}", tried.status))
        }
    }
}

fn peak(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.strip_prefix("peak "))?.parse().ok()
}

/// Tries the case that the environment names; none where it names none.
#[test]
fn one_case() {
    let Ok(name) = std::env::var(CASE) else { return };
    let case = ALL.iter().find(|case| case.name == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = (case.make)(folder.path());
    let desk = Desk::in_use();
    let before = desk.content();
    // What was needed to make it does not count.
    forget_peak();
    let start = memory("VmRSS");
    try_case(case, &desk, &path);
    println!("\npeak {}", memory("VmHWM").saturating_sub(start));
    if matches!(case.gives, Gives::Error(_)) {
        assert_eq!(desk.content().len(), before.len());
        assert!(desk.content() == before, "the store was changed");
    }
}

fn try_case(case: &Large, desk: &Desk, path: &std::path::Path) {
    match (desk.import(path), &case.gives) {
        (Err(said), Gives::Error(expected)) => {
            assert!(said.contains(expected), "gives {said:?}, not {expected:?}");
            assert!(said.len() < 1000, "says {} bytes", said.len());
        }
        (Ok(summary), Gives::Findings(count)) => {
            assert_eq!(summary.findings.len(), *count, "{:?}", summary.findings.first());
        }
        (Err(said), _) => panic!("is refused: {said}"),
        (Ok(summary), _) => panic!("opens, telling {:?}", summary.findings),
    }
}

/// Writing 5 there makes the peak what is taken now. (Linux: proc(5), `clear_refs`.)
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// A line of what the system says of this process, in bytes.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let value = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    let kib: u64 = value.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").parse().unwrap();
    kib << 10
}
