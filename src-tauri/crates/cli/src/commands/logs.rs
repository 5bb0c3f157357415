//! `hindcast logs`

use hindcast_api::Api;
use hindcast_api::calls::{GetLogs, GetTree};
use hindcast_api::view::{Level, LogLine};

use crate::arguments::Logs;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::moment;

pub(crate) async fn run(api: &Api, screen: &mut Screen, logs: Logs) -> Done {
    let (run, step) = match logs.id.split_once(':') {
        Some((run, _)) => (run.to_owned(), Some(logs.id.clone())),
        None => (logs.id.clone(), None),
    };
    let environment = logs.from.environment;
    let tree = api.ask(GetTree { run: run.clone(), environment }).await?;
    let environment = tree.environment;
    let page = api.ask(GetLogs { run, environment, step, after: None, limit: None }).await?;
    if logs.json.json {
        screen.json(&page)?;
        return Ok(Exit::Well);
    }
    table::print(screen, &page.lines.into_iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Well)
}

fn row(line: LogLine) -> Vec<table::Cell> {
    let (level, ink) = match line.level {
        Level::Debug => ("debug", Ink::Faint),
        Level::Stdout => ("stdout", Ink::Plain),
        Level::Info => ("info", Ink::Plain),
        Level::Stderr => ("stderr", Ink::Plain),
        Level::Warning => ("warning", Ink::Notice),
        Level::Error => ("error", Ink::Bad),
    };
    let values = line.values.iter().map(|(name, value)| format!("  {name}={value}"));
    let text = line.text + &values.collect::<String>();
    vec![
        (Ink::Faint, moment(line.at)),
        (Ink::Faint, line.execution),
        (ink, level.to_owned()),
        (ink, text),
    ]
}
