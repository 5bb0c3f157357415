//! `hindcast export`

use hindcast_api::Api;
use hindcast_api::calls::Export as Wish;

use super::absolute;
use crate::arguments::Export;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, export: Export) -> Done {
    let path = absolute(&export.output)?;
    let report = api.ask(Wish { run: export.run, path }).await?;
    if export.json.json {
        screen.json(&report)?;
        return Ok(Exit::Well);
    }
    let (runs, blobs) = (report.runs.len(), report.blobs as usize);
    let what = format!("{}, {}", count(runs, "run"), count(blobs, "blob"));
    screen.line(&format!("{} ({what})", screen.ink(Ink::Bold, &report.path)))?;
    if report.missing_blobs > 0 {
        let missing = count(report.missing_blobs as usize, "blob");
        let text = format!("{missing} that its values need are not in the store");
        screen.line(&screen.ink(Ink::Notice, &text))?;
    }
    Ok(Exit::Well)
}
