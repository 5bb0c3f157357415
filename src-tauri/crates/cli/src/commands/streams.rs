//! `hindcast streams`

use hindcast_api::Api;
use hindcast_api::calls::{GetStreamItems, GetStreams};
use hindcast_api::view::StreamView;

use crate::arguments::Streams;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words::count;

/// How many items are asked for at once.
const PAGE: u32 = 1_000;

pub(crate) async fn run(api: &Api, screen: &mut Screen, streams: Streams) -> Done {
    if streams.id.contains('_') {
        return items(api, screen, streams).await;
    }
    let (run, step) = match streams.id.split_once(':') {
        Some((run, _)) => (run.to_owned(), Some(streams.id.clone())),
        None => (streams.id.clone(), None),
    };
    let found = api.ask(GetStreams { run, step }).await?;
    if streams.json.json {
        screen.json(&found)?;
    } else if found.is_empty() {
        screen.line("No streams of it are here.")?;
    } else {
        table::print(screen, &found.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(Exit::Well)
}

fn row(stream: &StreamView) -> Vec<table::Cell> {
    let ended = stream.ended.clone().unwrap_or_else(|| "goes on".to_owned());
    vec![
        (Ink::Bold, stream.stream.clone()),
        (Ink::Plain, stream.target.clone()),
        (Ink::Plain, stream.execution.clone()),
        (Ink::Plain, count(stream.items as usize, "item")),
        (Ink::Faint, ended),
        (Ink::Bad, stream.error.clone().unwrap_or_default()),
    ]
}

async fn items(api: &Api, screen: &mut Screen, streams: Streams) -> Done {
    let mut all = Vec::new();
    loop {
        let offset = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let wish = GetStreamItems { stream: streams.id.clone(), offset, limit: PAGE };
        let page = api.ask(wish).await?;
        let ended = page.items.is_empty();
        if !streams.json.json {
            for item in &page.items {
                screen.line(&item.python)?;
            }
        }
        all.extend(page.items);
        if ended {
            break;
        }
    }
    if streams.json.json {
        screen.json(&all)?;
    }
    Ok(Exit::Well)
}
