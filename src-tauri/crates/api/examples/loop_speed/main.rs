//! Measures the loop of a developer, for `cargo xtask bench`: `loop_speed PYTHON FOLDER TIMES [PART…]`,
//! with a Python that has the SDK and pandas; a part is `loop`, `children`, `memoised` or `start`. Prints
//! a line for each thing that was done: how many ms it took each time.

mod baseline;
mod footprint;
mod ours;
mod watched;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use baseline::{BareFork, process};
use footprint::Looking;
use ours::Bench;
use watched::Watched;

/// Python's project files.
const FLOW: &str = include_str!("bench_flow.py");

/// How many calls the memoised workflow makes.
const CALLS: u64 = 10_000;

/// How many children the parent has.
const CHILDREN: u64 = 200;

/// How often what takes long is done.
const FEW: usize = 7;

/// What each thing took, in ms.
type Times = BTreeMap<String, Vec<f64>>;

/// What is measured.
struct Wanted {
    python: PathBuf,
    folder: PathBuf,
    times: usize,
    parts: Vec<String>,
}

impl Wanted {
    fn part(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| part == name)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    hindcast_engine::guardian::main_if_asked();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [python, folder, times, parts @ ..] = words.as_slice() else {
        return Err("usage: loop_speed PYTHON FOLDER TIMES [PART…]".into());
    };
    let (python, folder) = (PathBuf::from(python), PathBuf::from(folder));
    let wanted = Wanted { python, folder, times: times.parse()?, parts: parts.to_vec() };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut measured = Times::new();
    for (kind, module) in [("plain", None), ("pandas", Some("pandas"))] {
        let mut times = Times::new();
        runtime.block_on(measure(&wanted, kind, module, &mut times))?;
        measured.extend(times.into_iter().map(|(what, ms)| (format!("{kind} {what}"), ms)));
    }
    let mut out = std::io::stdout().lock();
    for (what, times) in measured {
        let times: Vec<String> = times.iter().map(ToString::to_string).collect();
        writeln!(out, "{what}: {}", times.join(" "))?;
    }
    Ok(())
}

/// Measures with a module that imports this one.
async fn measure(
    wanted: &Wanted,
    kind: &str,
    module: Option<&str>,
    measured: &mut Times,
) -> Result<(), Box<dyn Error>> {
    let with_module = wanted.part("loop") || wanted.part("children");
    if module.is_some() && !with_module {
        return Ok(());
    }
    let (python, place) = (&wanted.python, wanted.folder.join(kind));
    let code = place.join("code");
    drop(std::fs::remove_dir_all(&place));
    std::fs::create_dir_all(&code)?;
    let imports = module.map(|module| format!("import {module}")).unwrap_or_default();
    let flow = FLOW.replace("IMPORTS", &imports);
    std::fs::write(code.join("bench_flow.py"), &flow)?;
    let mut note = |what: &str, ms: f64| measured.entry(what.to_owned()).or_default().push(ms);
    let modules: Vec<&str> = module.into_iter().collect();
    let mut fork = BareFork::start(python, &code, &modules)?;
    let bench = Bench::open(python, &place, flow.clone(), &modules).await?;
    if wanted.part("loop") {
        // In turns, so that whatever else the machine does meets all of them.
        for turn in 0..wanted.times {
            note("process", process(python, &code, "one", &[])?);
            note("fork", fork.one()?);
            note("command", bench.command().await?);
            note("save", bench.save(turn).await?);
        }
    }
    if wanted.part("children") {
        for _ in 0..FEW {
            note("children", bench.children("parent", CHILDREN).await?);
            let mut forks = 0.0;
            for _ in 0..CHILDREN {
                forks += fork.one()?;
            }
            note("children, forks", forks);
        }
        for parent in ["parent", "parents"] {
            let looking = Looking::begin();
            bench.children(parent, CHILDREN).await?;
            let most = looking.end();
            note(&format!("{parent}, MB"), most.memory);
            note(&format!("{parent}, processes"), count(most.processes));
            note(&format!("{parent}, descriptors"), count(most.descriptors));
        }
    }
    if wanted.part("memoised") && module.is_none() {
        for _ in 0..FEW {
            note("memoised, sdk", process(python, &code, "memoised", &[CALLS])?);
            note("memoised, process", process(python, &code, "memoised", &[0])?);
            note("memoised", bench.memoised(CALLS).await?);
            note("memoised, command", bench.memoised(0).await?);
        }
    }
    if wanted.part("start") && !wanted.part("memoised") && module.is_none() {
        // The last run is a large one.
        bench.memoised(CALLS).await?;
    }
    let step = bench.step().clone();
    bench.close().await;
    if wanted.part("loop") {
        let mut watched = Watched::open(python, &place, flow, &step).await?;
        for turn in 0..wanted.times {
            note("watched", watched.save(turn).await?);
        }
    }
    if wanted.part("start") && module.is_none() {
        for _ in 0..wanted.times {
            note("start", ours::start(&place).await?);
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn count(of: usize) -> f64 {
    of as f64
}
