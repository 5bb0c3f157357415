//! `hindcast assets`

use std::path::Path;

use hindcast_api::Api;
use hindcast_api::calls::{ExportAssets, GetAssets};
use hindcast_api::view::{AssetFile, AssetView};

use super::absolute;
use crate::arguments::Assets;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, assets: Assets) -> Done {
    if let Some(folder) = assets.output.as_deref() {
        return write(api, screen, folder, &assets).await;
    }
    let listed = api.ask(GetAssets { execution: assets.execution.clone() }).await?;
    if assets.json.json {
        screen.json(&listed)?;
        return Ok(Exit::Well);
    }
    if listed.is_empty() {
        screen
            .line(&format!("{} persisted no assets", screen.ink(Ink::Bold, &assets.execution)))?;
    }
    for asset in listed {
        print(screen, asset)?;
    }
    Ok(Exit::Well)
}

fn print(screen: &mut Screen, asset: AssetView) -> std::io::Result<()> {
    let id = screen.ink(Ink::Bold, &asset.asset);
    let name = asset.name.map(|name| format!(" {name}")).unwrap_or_default();
    let files = count(usize::try_from(asset.count).unwrap_or(usize::MAX), "file");
    let what = format!("{name} ({files}, {} bytes)", asset.size);
    screen.line(&format!("{id}{}", screen.ink(Ink::Plain, &what)))?;
    let unlisted = asset.count.saturating_sub(asset.files.len() as u64);
    table::print(screen, &asset.files.into_iter().map(row).collect::<Vec<_>>())?;
    tell_unlisted(screen, unlisted)
}

fn row(file: AssetFile) -> Vec<table::Cell> {
    let here = if file.here { "" } else { "not in the store" };
    vec![
        (Ink::Plain, format!("  {}", file.path)),
        (Ink::Plain, format!("{} bytes", file.size)),
        (Ink::Faint, file.media_type.unwrap_or_default()),
        (Ink::Notice, here.to_owned()),
    ]
}

async fn write(api: &Api, screen: &mut Screen, folder: &Path, assets: &Assets) -> Done {
    let (execution, folder) = (assets.execution.clone(), absolute(folder)?);
    let report = api.ask(ExportAssets { execution, folder }).await?;
    if assets.json.json {
        screen.json(&report)?;
        return Ok(Exit::Well);
    }
    for file in &report.written {
        screen.line(&screen.ink(Ink::Plain, &file.path))?;
    }
    let below = format!("{} below {}", count(report.written.len(), "file"), report.folder);
    screen.line(&screen.ink(Ink::Bold, &below))?;
    for file in &report.missing {
        let text = format!("{} of {} is not in the store", file.path, file.asset);
        screen.line(&screen.ink(Ink::Notice, &text))?;
    }
    tell_unlisted(screen, report.unlisted)?;
    Ok(Exit::Well)
}

fn tell_unlisted(screen: &mut Screen, files: u64) -> std::io::Result<()> {
    if files == 0 {
        return Ok(());
    }
    let text = format!("{files} more that the export does not list");
    screen.line(&screen.ink(Ink::Notice, &text))
}
