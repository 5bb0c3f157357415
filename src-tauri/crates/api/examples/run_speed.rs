//! Measures what the core answers about one large run, for `cargo xtask bench`:
//! `run_speed EXPORT STORE TIMES`. The store is made anew. Prints lines of `WHAT: NUMBER NUMBER …`:
//! times in ms; sizes of answers, as they go to the window, in kB; memory in MB.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hindcast_api::Api;
use hindcast_graph::{Folding, RunGraph};
use hindcast_store::Store;
use serde_json::{Value, json};

/// How many different steps are selected.
const SELECTED: usize = 50;

/// What was measured.
type Measured = BTreeMap<String, Vec<f64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [export, store, times] = words.as_slice() else {
        return Err("usage: run_speed EXPORT STORE TIMES".into());
    };
    let (store, times) = (PathBuf::from(store), times.parse()?);
    drop(std::fs::remove_dir_all(&store));
    let mut measured = Measured::new();
    tokio::runtime::Runtime::new()?.block_on(answers(export, &store, times, &mut measured))?;
    layout(&store, times, &mut measured)?;
    std::fs::remove_dir_all(&store)?;
    for (what, numbers) in measured {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:.3}")).collect();
        println!("{what}: {}", numbers.join(" "));
    }
    Ok(())
}

/// Placing every step of the run, from the run as it was read.
fn layout(store: &Path, times: usize, measured: &mut Measured) -> Result<(), Box<dyn Error>> {
    let store = Store::open(store)?;
    let id = store.runs()?.into_iter().next().ok_or("no run")?.id;
    let run = store.load(&id)?.run;
    let environments = store.environments()?;
    let from = environments.iter().next().ok_or("no environment")?.id;
    let folding = Folding { all: true, ..Folding::default() };
    for _ in 0..times {
        let begun = Instant::now();
        let placed = RunGraph::build(&run, &environments, from).layout(&folding).nodes.len();
        note(measured, "layout", ms(begun));
        if placed < run.steps.len() {
            return Err(format!("{placed} of {} steps were placed", run.steps.len()).into());
        }
    }
    Ok(())
}

async fn answers(
    export: &str,
    store: &Path,
    times: usize,
    measured: &mut Measured,
) -> Result<(), Box<dyn Error>> {
    let api = Api::open(store.to_owned()).await?;
    let export = std::path::absolute(export)?;
    let (took, report) =
        ask(&api, "import", json!({"paths": [export], "environment": null})).await?;
    note(measured, "import", took);
    let report: Value = serde_json::from_str(&report)?;
    let run = report["runs"][0]["run"].as_str().ok_or("no run was imported")?.to_owned();
    let steps = report["runs"][0]["steps"].as_u64().ok_or("no steps were imported")?;
    let environment = &report["runs"][0]["environment"];
    let seen = |more: Value| {
        let mut params = json!({"run": run, "environment": environment});
        if let (Some(params), Some(more)) = (params.as_object_mut(), more.as_object()) {
            params.extend(more.clone());
        }
        params
    };
    for _ in 0..times {
        // Nothing is known of the run: as after the start of the window.
        let fresh = Api::open(store.to_owned()).await?;
        let (took, answer) = ask(&fresh, "run", seen(json!({"unfolded": []}))).await?;
        note(measured, "open", took);
        note(measured, "open, size", kilobytes(&answer));
    }
    let root = format!("{run}:1");
    let plan = json!({"steps": [root], "environment": null, "policy": "memo"});
    for (what, name, params) in [
        ("drawn again", "run", seen(json!({"unfolded": []}))),
        ("every step", "run", seen(json!({"unfolded": [], "whole": true}))),
        ("plan", "plan", plan),
        ("search", "search", seen(json!({"text": "in no value"}))),
        ("filter", "search", seen(json!({"text": "", "states": ["failed"]}))),
        ("overview", "overview", json!({})),
    ] {
        for _ in 0..times {
            let (took, answer) = ask(&api, name, params.clone()).await?;
            note(measured, what, took);
            note(measured, &format!("{what}, size"), kilobytes(&answer));
        }
    }
    // All over the run, and those that called most.
    let spread = (0..SELECTED as u64).map(|at| 1 + at * (steps - 1) / (SELECTED as u64 - 1));
    for number in spread.chain(1..=10) {
        let step = json!({"step": format!("{run}:{number}"), "environment": environment});
        let (took, answer) = ask(&api, "step", step).await?;
        note(measured, "step", took);
        note(measured, "step, size", kilobytes(&answer));
    }
    note(measured, "memory", memory()?);
    Ok(())
}

/// Asks as the window does.
async fn ask(api: &Api, name: &str, params: Value) -> Result<(f64, String), Box<dyn Error>> {
    let begun = Instant::now();
    let answer = api.call(name, params).await?;
    Ok((ms(begun), answer.get().to_owned()))
}

fn note(measured: &mut Measured, what: &str, number: f64) {
    measured.entry(what.to_owned()).or_default().push(number);
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn kilobytes(answer: &str) -> f64 {
    answer.len() as f64 / 1000.0
}

/// The most memory this process had, in MB.
fn memory() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(peak.trim().trim_end_matches(" kB").parse::<f64>()? * 1.024 / 1000.0)
}
