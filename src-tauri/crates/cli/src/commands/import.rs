//! `hindcast import`

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};

use hindcast_api::calls::{ImportFromServer, ImportLooked};
use hindcast_api::view::{FoundRunView, FoundView, ImportReport, ImportedRun};
use hindcast_api::{Api, Imports};

use super::incoming::{self, At, watched};
use crate::arguments::incoming::Import;
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen, harmless};
use crate::table;
use crate::time::moment;
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, import: Import) -> Done {
    let Import { what, blobs, environment, only, all, list, server, json } = import;
    if let Some(At { address, project, workspace }) = incoming::at(server)? {
        let runs = what.iter().map(|run| run.to_string_lossy().into_owned()).collect();
        let wish = ImportFromServer { address, project, workspace, runs };
        let report = watched(api, api.ask(wish)).await?;
        return tell(screen, &report, json.json);
    }
    let found = watched(api, api.look(Imports { paths: what, blobs, environment })).await?;
    if list && json.json {
        screen.json(&found)?;
        return Ok(Exit::Well);
    }
    let runs = if only.is_empty() { None } else { Some(with_spawned(&found, &only)?) };
    if (list || found.runs.len() > 1) && !json.json {
        show(screen, &found)?;
    }
    if list {
        return Ok(Exit::Well);
    }
    let asks = found.runs.len() > 1 && runs.is_none() && !all && !json.json;
    let runs = if asks && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        match ask(&found)? {
            Some(runs) => runs,
            None => return Ok(Exit::Interrupted),
        }
    } else {
        runs
    };
    let report = watched(api, api.ask(ImportLooked { look: found.look, runs })).await?;
    tell(screen, &report, json.json)
}

/// These runs and those that they spawned.
fn with_spawned(found: &FoundView, only: &[String]) -> Result<Vec<String>, Failure> {
    if let Some(other) = only.iter().find(|id| found.runs.iter().all(|run| run.run != **id)) {
        return Err(Failure::Usage(format!("run {other} is not among what was found")));
    }
    let mut chosen: BTreeSet<&str> = only.iter().map(String::as_str).collect();
    loop {
        let before = chosen.len();
        let spawned = found
            .runs
            .iter()
            .filter(|run| run.parent_run.as_deref().is_some_and(|parent| chosen.contains(parent)));
        let spawned: Vec<&str> = spawned.map(|run| run.run.as_str()).collect();
        chosen.extend(spawned);
        if chosen.len() == before {
            return Ok(chosen.into_iter().map(str::to_owned).collect());
        }
    }
}

/// Lists what was found, with counts.
fn show(screen: &mut Screen, found: &FoundView) -> std::io::Result<()> {
    let parts = [
        (found.runs.len(), "run"),
        (found.blobs as usize, "blob"),
        (found.logs as usize, "log line"),
        (found.points as usize, "metric point"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, what)| count(*number, what)).collect();
    screen.line(&format!("Found {}", parts.join(", ")))?;
    let row = |run: &FoundRunView| {
        let indent = if run.parent_run.is_some() { "  " } else { "" };
        vec![
            (Ink::Bold, format!("  {indent}{}", run.run)),
            (Ink::Plain, run.target.clone()),
            (Ink::Plain, run.environments.join(", ")),
            (Ink::Faint, moment(run.created_at)),
            (Ink::Faint, count(run.steps as usize, "step")),
            (Ink::Faint, count(run.executions as usize, "execution")),
            (Ink::Notice, if run.here { "is here already" } else { "" }.to_owned()),
        ]
    };
    table::print(screen, &found.runs.iter().map(row).collect::<Vec<_>>())
}

/// Which runs a person wants: `Some(None)` for all; none for nothing at all.
#[allow(clippy::option_option, reason = "nothing, everything, or these")]
fn ask(found: &FoundView) -> Result<Option<Option<Vec<String>>>, Failure> {
    loop {
        eprint!("Import all {}? [Y, n, or run ids] ", found.runs.len());
        std::io::stderr().flush()?;
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer)? == 0 {
            return Ok(None);
        }
        match answer.trim() {
            "" | "y" | "Y" | "yes" => return Ok(Some(None)),
            "n" | "N" | "no" => return Ok(None),
            ids => {
                let ids = ids.split([' ', ',']).filter(|id| !id.is_empty());
                let ids: Vec<String> = ids.map(str::to_owned).collect();
                match with_spawned(found, &ids) {
                    Ok(runs) => return Ok(Some(Some(runs))),
                    Err(failure) => eprintln!("{}", harmless(&failure.to_string())),
                }
            }
        }
    }
}

/// Says what an import did.
fn tell(screen: &mut Screen, report: &ImportReport, json: bool) -> Done {
    if json {
        screen.json(report)?;
        return Ok(Exit::Well);
    }
    table::print(screen, &report.runs.iter().map(row).collect::<Vec<_>>())?;
    if report.blobs > 0 {
        screen.line(&format!("{} added", count(report.blobs as usize, "blob")))?;
    }
    if report.lines > 0 {
        screen.line(&format!("{} added", count(report.lines as usize, "log or metric line")))?;
    }
    if report.blobs + report.lines == 0 && !report.runs.iter().any(|run| run.new || run.changed) {
        screen.line("nothing new")?;
    }
    for finding in &report.findings {
        let text = format!("{}: {}", finding.place, finding.message);
        let line = format!("note: {}", screen.ink(Ink::Faint, &text));
        screen.line(&line)?;
    }
    Ok(Exit::Well)
}

fn row(run: &ImportedRun) -> Vec<table::Cell> {
    let change = match (run.new, run.changed) {
        (true, _) => "new",
        (false, true) => "extended",
        (false, false) => "unchanged",
    };
    let missing = match run.missing_values {
        0 => String::new(),
        missing => format!("{} missing", count(missing as usize, "value")),
    };
    vec![
        (Ink::Bold, run.run.clone()),
        (Ink::Plain, run.environment.clone()),
        (Ink::Plain, change.to_owned()),
        (Ink::Faint, count(run.steps as usize, "step")),
        (Ink::Notice, missing),
    ]
}
