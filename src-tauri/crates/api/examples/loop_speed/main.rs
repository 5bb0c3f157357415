//! Measures the loop of a developer, for `cargo xtask bench`: `loop_speed PYTHON FOLDER TIMES`, with a
//! Python that has the SDK and pandas. Prints a line for each thing that was done: how many ms it
//! took each time.

mod baseline;
mod ours;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use baseline::{BareFork, process};
use ours::Bench;

/// Python's project files.
const FLOW: &str = include_str!("bench_flow.py");

/// How many calls the memoised workflow makes.
const CALLS: u64 = 10_000;

/// How many children the parent has.
const CHILDREN: u64 = 200;

/// What each thing took, in ms.
type Times = BTreeMap<String, Vec<f64>>;

fn main() -> Result<(), Box<dyn Error>> {
    hindcast_engine::guardian::main_if_asked();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [python, folder, times] = words.as_slice() else {
        return Err("usage: loop_speed PYTHON FOLDER TIMES".into());
    };
    let (python, folder) = (PathBuf::from(python), PathBuf::from(folder));
    let times: usize = times.parse()?;
    let mut measured = Times::new();
    let runtime = tokio::runtime::Runtime::new()?;
    for (kind, imports) in [("plain", ""), ("pandas", "import pandas")] {
        let place = folder.join(kind);
        drop(std::fs::remove_dir_all(&place));
        std::fs::create_dir_all(place.join("code"))?;
        let flow = FLOW.replace("IMPORTS", imports);
        std::fs::write(place.join("code/bench_flow.py"), &flow)?;
        let mut note = |what: &str, ms: f64| {
            measured.entry(format!("{kind} {what}")).or_default().push(ms);
        };
        let modules: &[&str] = if imports.is_empty() { &[] } else { &["pandas"] };
        let mut fork = BareFork::start(&python, &place.join("code"), modules)?;
        let bench = runtime.block_on(Bench::open(&python, &place, flow))?;
        // In turns, so that whatever else the machine does meets all of them.
        for turn in 0..times {
            note("process", process(&python, &place.join("code"), "one", &[])?);
            note("fork", fork.one()?);
            note("command", runtime.block_on(bench.command())?);
            note("save", runtime.block_on(bench.save(turn))?);
        }
        for _ in 0..3 {
            note("children", runtime.block_on(bench.children(CHILDREN))?);
            let mut forks = 0.0;
            for _ in 0..CHILDREN {
                forks += fork.one()?;
            }
            note("children, forks", forks);
        }
        if kind == "plain" {
            for _ in 0..3 {
                let arguments = [CALLS];
                note(
                    "memoised, sdk",
                    process(&python, &place.join("code"), "memoised", &arguments)?,
                );
                note("memoised", runtime.block_on(bench.memoised(CALLS))?);
            }
        }
        runtime.block_on(bench.close());
        if kind == "plain" {
            for _ in 0..times {
                note("start", runtime.block_on(ours::start(&place))?);
            }
        }
    }
    let mut out = std::io::stdout().lock();
    for (what, times) in measured {
        let times: Vec<String> = times.iter().map(ToString::to_string).collect();
        writeln!(out, "{what}: {}", times.join(" "))?;
    }
    Ok(())
}
