//! Files made to exhaust: each gives what it must, in bounded memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;
#[path = "hostile/large.rs"]
mod large;

use std::process::Command;

use desk::Desk;
use large::{ALL, Gives, Large};

/// Names the case that a process of its own is to try.
const CASE: &str = "HINDCAST_HOSTILE_CASE";

/// Tries each case in a process of its own, so that its memory is its own, and a stack that overflows
/// ends no more than that.
#[test]
fn each_large_case_gives_what_it_must_in_bounded_memory() {
    let mut wrong = Vec::new();
    for case in ALL {
        let tried = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_case", "--nocapture", "--test-threads=1"])
            .env(CASE, case.name)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&tried.stdout);
        match (tried.status.success(), peak(&said)) {
            (true, Some(peak)) if peak <= case.memory => {
                println!("{:>6} MiB of {:>4}: {}", peak >> 20, case.memory >> 20, case.name);
            }
            (true, Some(peak)) => wrong.push(format!("{}: takes {} MiB", case.name, peak >> 20)),
            _ => {
                let complained = String::from_utf8_lossy(&tried.stderr);
                wrong.push(format!("{}: {} {said}{complained}", case.name, tried.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    let (desk, before) = (Desk::in_use(), Desk::in_use().content());
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
