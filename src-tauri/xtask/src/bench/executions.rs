//! The loop of a developer: save, look. Measured by `loop_speed` (an example of the api), here made
//! into a table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hindcast_demo::Sdk;

use crate::command::{answer, command, run};
use crate::{Failure, Result, paths};

/// How often each is done; the median counts.
const TIMES: &str = "20";

/// What the module of the second table imports.
const IMPORTED: &str = "pandas";

/// What things took, in ms.
type Times = BTreeMap<String, Vec<f64>>;

/// Measures and prints.
///
/// # Errors
/// When something cannot be built, installed or run.
pub(super) fn measure(folder: &Path) -> Result {
    let program = built()?;
    let python = python()?;
    let mut measuring = command(program, [&python]);
    let measuring = measuring.arg(folder.join("loop")).arg(TIMES);
    let said = answer(measuring).ok_or_else(|| Failure::new("loop_speed gave no answer"))?;
    let times = parse(&said).ok_or_else(|| Failure::new(format!("loop_speed says {said:?}")))?;
    for kind in ["plain", "pandas"] {
        print(kind, &times);
    }
    print_memoised(&times);
    println!(
        "\nopen the store and its last run, of 10,000 calls: {:.0} ms (wanted: the app within 1 s)",
        of(&times, "plain start")
    );
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

fn print(kind: &str, times: &Times) {
    let of = |what: &str| of(times, &format!("{kind} {what}"));
    let (process, fork) = (of("process"), of("fork"));
    println!("\na body that does nothing, in a module that imports {kind}; median of {TIMES}\n");
    println!("{:<36} {:>10} {:>12} {:>10}", "", "time", "to a process", "to a fork");
    let rows = [
        ("python -m coflux execute", process),
        ("a bare fork", fork),
        ("command to result", of("command")),
        ("save to result", of("save")),
    ];
    for (name, ms) in rows {
        println!("{name:<36} {ms:>7.1} ms {:>11.2}x {:>9.2}x", ms / process, ms / fork);
    }
    let own = (of("command") - fork).max(0.0);
    println!("of command to result, our own: {own:.1} ms, {:.0} %", 100.0 * own / of("command"));
    let (children, forks) = (of("children"), of("children, forks"));
    println!(
        "a parent with 200 children: {children:.0} ms; as many bare forks, one after another: {forks:.0} ms, {:.2}x; as many processes: about {:.0} ms, {:.2}x",
        children / forks,
        process * 200.0,
        children / (process * 200.0),
    );
    println!(
        "wanted: command to result at most 2x the fork; with pandas save to result at most 150 ms"
    );
}

fn print_memoised(times: &Times) {
    let process = of(times, "plain process");
    // What the SDK takes for its messages, with whoever answers at once.
    let sdk = of(times, "plain memoised, sdk") - process;
    let all = of(times, "plain memoised");
    let share = 100.0 * (all - sdk).max(0.0) / all;
    println!("\na workflow of 10,000 memoised calls, all pinned; median of 3");
    println!(
        "  {all:.0} ms; the SDK's own encoding, decoding and pipes {sdk:.0} ms; our share {share:.0} %"
    );
    println!("wanted: our share below 20 %");
}

fn of(times: &Times, what: &str) -> f64 {
    let mut all = times.get(what).cloned().unwrap_or_default();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The program that measures, optimised as what people use is.
fn built() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["build", "--release", "--package", "hindcast-api", "--example", "loop_speed"];
    run(&mut command(cargo, words))?;
    Ok(paths::target().join("release/examples/loop_speed"))
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
