//! `hindcast export`

use hindcast_api::Api;
use hindcast_api::calls::{Export as Wish, ExportFromServer};
use hindcast_api::view::ExportReport;

use super::absolute;
use super::incoming::{self, At, watched};
use crate::arguments::incoming::Export;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, export: Export) -> Done {
    let Export { mut runs, output, redact, server, json } = export;
    let path = absolute(&output)?;
    let redacts = !redact.is_empty();
    let report = if let Some(At { address, project, workspace }) = incoming::at(server)? {
        let wish = ExportFromServer { address, project, workspace, runs, path, redact };
        watched(api, api.ask(wish)).await?
    } else {
        let run = runs.remove(0);
        watched(api, api.ask(Wish { run, also: runs, path, redact })).await?
    };
    if json.json {
        screen.json(&report)?;
        return Ok(Exit::Well);
    }
    let (runs, blobs) = (report.runs.len(), report.blobs as usize);
    let what = format!("{}, {}", count(runs, "run"), count(blobs, "blob"));
    screen.line(&format!("{} ({what})", screen.ink(Ink::Bold, &report.path)))?;
    if redacts {
        tell_removed(screen, &report)?;
    }
    if report.missing_blobs > 0 {
        let missing = count(report.missing_blobs as usize, "blob");
        let text = format!("{missing} that its values need could not be had");
        screen.line(&screen.ink(Ink::Notice, &text))?;
    }
    Ok(Exit::Well)
}

/// Says what was taken out, and what nobody looked into.
fn tell_removed(screen: &mut Screen, report: &ExportReport) -> std::io::Result<()> {
    let values = report.removed.iter().map(|removed| removed.values as usize).sum();
    if values == 0 {
        screen.line("Nothing was replaced: no pattern fits anything")?;
    } else {
        let places = count(report.removed.len(), "place");
        screen.line(&format!("{} replaced, in {places}:", count(values, "value")))?;
    }
    for removed in &report.removed {
        let number = screen.ink(Ink::Faint, &count(removed.values as usize, "value"));
        screen.line(&format!("  {}  {number}", screen.ink(Ink::Plain, &removed.place)))?;
    }
    if !report.not_looked_into.is_empty() {
        let blobs = count(report.not_looked_into.len(), "blob");
        let text = format!(
            "{blobs} could not be looked into (pickles, bytes, files of assets) and are in as they were:"
        );
        screen.line(&screen.ink(Ink::Notice, &text))?;
        for key in &report.not_looked_into {
            screen.line(&format!("  {}", screen.ink(Ink::Faint, key)))?;
        }
    }
    Ok(())
}
