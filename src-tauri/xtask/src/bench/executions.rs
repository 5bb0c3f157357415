//! The loop of a developer: save, look. Measured by `loop_speed` (an example of the api), here made
//! into a table. And how long the command line takes to begin at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hindcast_demo::Sdk;

use super::optimised;
use crate::command::{answer, command};
use crate::{Failure, Result, paths};

/// How often each is done; the median counts.
const TIMES: usize = 20;

/// What the module of the second table imports.
const IMPORTED: &str = "pandas";

/// What things took, in ms.
type Times = BTreeMap<String, Vec<f64>>;

/// Measures and prints a part: `loop`, `children`, `memoised` or `start`.
///
/// # Errors
/// When something cannot be built, installed or run.
pub(super) fn measure(folder: &Path, part: &str) -> Result {
    let words = ["--package=hindcast-api", "--example=loop_speed"];
    let program = optimised(&words, "examples/loop_speed")?;
    let python = python()?;
    let mut measuring = command(program, [&python]);
    // A warm Python is waited for: it is what is measured.
    measuring.env("HINDCAST_WARM", "always").arg(folder.join("loop"));
    measuring.arg(TIMES.to_string()).arg(part);
    let said = answer(&mut measuring).ok_or_else(|| Failure::new("loop_speed gave no answer"))?;
    let times = parse(&said).ok_or_else(|| Failure::new(format!("loop_speed says {said:?}")))?;
    for kind in ["plain", IMPORTED] {
        print_loop(kind, &times);
        print_children(kind, &times);
    }
    print_memoised(&times);
    if times.contains_key("plain start") {
        print_start(&times, &folder.join("loop/plain/store"))?;
    }
    Ok(())
}

/// Lines of `WHAT: MS MS …`.
fn parse(said: &str) -> Option<Times> {
    let line = |line: &str| {
        let (what, times) = line.split_once(": ")?;
        let times = times.split(' ').map(str::parse).collect::<std::result::Result<_, _>>();
        Some((what.to_owned(), times.ok()?))
    };
    said.lines().map(line).collect()
}

fn print_loop(kind: &str, times: &Times) {
    if !times.contains_key(&format!("{kind} process")) {
        return;
    }
    let of = |what: &str| of(times, &format!("{kind} {what}"));
    let (process, fork) = (of("process"), of("fork"));
    println!("\na body that does nothing, in a module that imports {kind}; median of {TIMES}\n");
    println!("{:<36} {:>10} {:>10} {:>14}", "", "to a fork", "time", "to a process");
    let rows = [
        ("python -m coflux execute", process),
        ("a bare fork", fork),
        ("command to result", of("command")),
        ("save and command to result", of("save")),
        ("watched save to result", of("watched")),
    ];
    for (name, ms) in rows {
        println!("{name:<36} {:>9.2}x {ms:>7.1} ms {:>13.3}x", ms / fork, ms / process);
    }
    let own = (of("command") - fork).max(0.0);
    println!("of command to result, our own: {own:.1} ms, {:.0} %", 100.0 * own / of("command"));
    println!("wanted: command at most 2x the fork; watched save at most 150 ms, towards 50");
}

fn print_children(kind: &str, times: &Times) {
    if !times.contains_key(&format!("{kind} children")) {
        return;
    }
    let of = |what: &str| of(times, &format!("{kind} {what}"));
    let (children, forks) = (of("children"), of("children, forks"));
    println!("\na parent with 200 children, in a module that imports {kind}; median of 7");
    println!(
        "  {:.2}x as many bare forks, one after another: {children:.0} ms, {forks:.0} ms",
        children / forks
    );
    for (what, parent) in
        [("children that end by themselves", "parent"), ("children that each wait", "parents")]
    {
        println!(
            "  {what}: at most {:.0} processes at once, {:.0} MB in all, {:.0} descriptors of ours",
            of(&format!("{parent}, processes")),
            of(&format!("{parent}, MB")),
            of(&format!("{parent}, descriptors")),
        );
    }
}

fn print_memoised(times: &Times) {
    if !times.contains_key("plain memoised") {
        return;
    }
    // What each takes for 10,000 calls beyond what it takes for none.
    let more = |all: &str, none: &str| of(times, all) - of(times, none);
    let sdk = more("plain memoised, sdk", "plain memoised, process");
    let all = more("plain memoised", "plain memoised, command");
    println!("\na workflow of 10,000 memoised calls, all pinned; median of 7");
    println!(
        "  our share {:.0} %: {all:.0} ms, of which the SDK's own encoding, decoding and pipes {sdk:.0} ms",
        100.0 * (all - sdk).max(0.0) / all
    );
    println!("wanted: our share below 20 %");
}

fn print_start(times: &Times, store: &Path) -> Result {
    println!("\nstart; median of {TIMES}");
    println!("  the core, with its last run, of 10,000 calls: {:.1} ms", of(times, "plain start"));
    let program = optimised(&["--package=hindcast-cli", "--bin=hindcast"], "hindcast")?;
    for words in [&["--version"][..], &["runs"]] {
        let mut all = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            let asked = answer(command(&program, words).env("HINDCAST_STORE", store));
            asked.ok_or_else(|| Failure::new(format!("hindcast {words:?} failed")))?;
            all.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        println!("  hindcast {}: {:.1} ms", words.join(" "), median(all));
    }
    println!("wanted: the window, with its last run, within 1 s (measured with the window)");
    Ok(())
}

fn of(times: &Times, what: &str) -> f64 {
    median(times.get(what).cloned().unwrap_or_default())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A Python with the newest SDK and pandas: of its own, as tests need none.
fn python() -> Result<PathBuf> {
    crate::setup::python::ensure(&Sdk::NEWEST)?;
    let folder = paths::target().join(format!("python/bench-{}", Sdk::NEWEST.version));
    let python = folder.join("bin/python");
    if answer(&mut command(&python, ["-c", "import pandas, coflux; print(1)"])).is_none() {
        let sdk = format!("coflux=={}", Sdk::NEWEST.version);
        crate::setup::python::make(
            &folder,
            &crate::setup::python::find_python(Sdk::NEWEST.oldest_python())?,
            &[&sdk, IMPORTED],
        )?;
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_counts() {
        let times = parse("a: 9 1 2 100 3\n").unwrap();
        assert!((of(&times, "a") - 3.0).abs() < f64::EPSILON);
        assert!(of(&times, "b").is_nan());
    }
}
