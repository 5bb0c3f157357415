//! `cargo xtask bench`: how fast it is, as ratios to what people would use instead.

mod executions;
mod rows;
mod run;
mod window;

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{self, answer, command};
use crate::{Failure, Result, paths};

/// Of how many steps the large export is.
const STEPS: &str = "100000";

/// How often each is done; the median counts.
const TIMES: usize = 5;

/// Reads a file as the import does, and says the same of it.
const JSON_LOAD: &str = "
import json, resource, sys, time
begun = time.monotonic()
with open(sys.argv[1], 'rb') as file:
    document = json.load(file)
took = (time.monotonic() - begun) * 1000
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(round(took), peak, len(document['steps']))
";

/// What one run of something took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    ms: u64,
    /// The most memory it had, in KiB.
    peak: u64,
}

/// A part of it: measures and prints, in a folder, with the program that makes exports.
type Part = fn(&Path, &Path) -> Result;

/// The parts, in order.
const PARTS: [(&str, Part); 7] = [
    ("import", import),
    ("loop", |folder, _| executions::measure(folder, "loop")),
    ("children", |folder, _| executions::measure(folder, "children")),
    ("memoised", |folder, _| executions::measure(folder, "memoised")),
    ("start", |folder, _| executions::measure(folder, "start")),
    ("run", run::measure),
    ("window", window::measure),
];

/// Measures and prints every part with `word` in its name.
///
/// # Errors
/// When something cannot be built or run, or no part is called that.
pub(crate) fn bench(word: &str) -> Result {
    let parts: Vec<_> = PARTS.into_iter().filter(|(name, _)| name.contains(word)).collect();
    if parts.is_empty() {
        let names = PARTS.map(|(name, _)| name).join(", ");
        return Err(Failure::new(format!("no part has {word:?} in its name; there are {names}")));
    }
    // It makes, reads and imports exports.
    let words = ["--package=hindcast-import", "--example=import_size"];
    let program = optimised(&words, "examples/import_size")?;
    let folder = paths::target().join("bench");
    let failed = |error| Failure::new(format!("cannot write to {}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    parts.into_iter().try_for_each(|(_, measure)| measure(&folder, &program))
}

/// The import of a large export, against Python's `json.load` of it.
fn import(folder: &Path, program: &Path) -> Result {
    let failed = |error| Failure::new(format!("cannot write to {}: {error}", folder.display()));
    let export = folder.join("large.json");
    command::run(command(program, ["make"]).arg(&export).arg(STEPS))?;
    let size = export.metadata().map_err(failed)?.len();

    let store = folder.join("store");
    let mut costs = [Vec::new(), Vec::new(), Vec::new()];
    // In turns, so that whatever else the machine does meets all of them.
    for _ in 0..TIMES {
        costs[0].push(cost(&mut command("python3", ["-c", JSON_LOAD]), &export, None)?);
        costs[1].push(cost(&mut command(program, ["read"]), &export, None)?);
        drop(fs::remove_dir_all(&store));
        costs[2].push(cost(&mut command(program, ["import"]), &export, Some(&store))?);
    }
    drop(fs::remove_dir_all(&store));
    let [python, read, import] = costs.map(median);
    println!("\nan export of {STEPS} steps, {:.1} MB; median of {TIMES}\n", mb(size));
    println!(
        "{:<28} {:>9} {:>12} {:>9} {:>11}",
        "", "time", "to json.load", "memory", "to the file"
    );
    for (name, cost) in
        [("Python's json.load", python), ("read", read), ("read and kept in a store", import)]
    {
        println!(
            "{name:<28} {:>6} ms {:>11.2}x {:>6.0} MB {:>10.2}x",
            cost.ms,
            ratio(cost.ms, python.ms),
            mb(cost.peak << 10),
            ratio(cost.peak << 10, size),
        );
    }
    println!("\nwanted: at most 1x the time of json.load, and less than 3x the file in memory");
    Ok(())
}

/// Builds what these words of cargo name, optimised as what people use is. It is at `path` of where
/// cargo puts such programs.
fn optimised(words: &[&str], path: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command::run(command(cargo, ["build", "--release"]).args(words))?;
    Ok(paths::target().join("release").join(path))
}

/// Runs a program on the export, which prints `MS KIB STEPS`.
fn cost(program: &mut std::process::Command, export: &Path, store: Option<&Path>) -> Result<Cost> {
    let said = answer(program.arg(export).args(store));
    let parsed = said.as_deref().and_then(|said| parse(said, STEPS));
    parsed.ok_or_else(|| Failure::new(format!("{program:?} says {said:?}")))
}

fn parse(said: &str, steps: &str) -> Option<Cost> {
    match said.split(' ').collect::<Vec<_>>()[..] {
        [ms, peak, read] if read == steps => {
            Some(Cost { ms: ms.parse().ok()?, peak: peak.parse().ok()? })
        }
        _ => None,
    }
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_unstable();
    costs[costs.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other.max(1) as f64
}

fn mb(bytes: u64) -> f64 {
    ratio(bytes, 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_read_something_else_does_not_count() {
        assert_eq!(parse("12 3400 100000", "100000"), Some(Cost { ms: 12, peak: 3400 }));
        assert_eq!(parse("12 3400 99999", "100000"), None);
        assert_eq!(parse("failed", "100000"), None);
    }
}
