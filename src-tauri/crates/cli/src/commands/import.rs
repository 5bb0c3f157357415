//! `hindcast import`

use hindcast_api::{Api, Imports};

use crate::arguments::Import;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, import: Import) -> Done {
    let Import { paths, blobs, environment, json } = import;
    let report = api.import(Imports { paths, blobs, environment }).await?;
    if json.json {
        screen.json(&report)?;
        return Ok(Exit::Well);
    }
    let rows: Vec<_> = report
        .runs
        .iter()
        .map(|run| {
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
        })
        .collect();
    table::print(screen, &rows)?;
    if report.blobs > 0 {
        screen.line(&format!("{} added", count(report.blobs as usize, "blob")))?;
    }
    for finding in &report.findings {
        let text = format!("{}: {}", finding.place, finding.message);
        let line = format!("note: {}", screen.ink(Ink::Faint, &text));
        screen.line(&line)?;
    }
    Ok(Exit::Well)
}
