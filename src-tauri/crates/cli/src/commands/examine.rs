//! `hindcast project`

use std::path::PathBuf;

use clap::Args;
use hindcast_api::Api;
use hindcast_api::calls::ExamineProject;
use hindcast_api::view::{ExaminationView, TroubleView};

use super::project;
use crate::arguments::{Json, Project};
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};

/// `hindcast project`
#[derive(Debug, Args)]
pub(crate) struct Examine {
    /// The folder, as with --project.
    #[arg(value_name = "DIR", conflicts_with = "folder")]
    pub(crate) place: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) project: Project,
    /// Import these modules [default: `worker.modules` of coflux.toml, else all that use Coflux].
    #[arg(long = "module", value_name = "MODULE")]
    pub(crate) modules: Vec<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Examine) -> Done {
    let mut named = wish.project;
    named.folder = named.folder.or(wish.place);
    project::choose(api, named)?;
    let found = api.ask(ExamineProject { modules: wish.modules }).await?;
    if wish.json.json {
        screen.json(&found)?;
    } else {
        print(screen, &found)?;
    }
    let hindered = found.troubles.iter().any(|trouble| trouble.hinders);
    Ok(if hindered { Exit::BadInput } else { Exit::Well })
}

fn print(screen: &mut Screen, found: &ExaminationView) -> std::io::Result<()> {
    let project = &found.project;
    screen.line(&screen.ink(Ink::Bold, &project.path))?;
    let by = project.found_by.as_ref().map(|by| format!(" (found by {by})")).unwrap_or_default();
    let runs = project.adapter.as_ref().map(|words| format!("{}{by}", words.join(" ")));
    let bridge = if project.by_bridge { ", by the bridge" } else { "" };
    let lines = [
        ("runs", runs),
        ("interpreter", found.interpreter.clone()),
        ("python", project.python.clone()),
        ("coflux", project.coflux.as_ref().map(|version| format!("{version}{bridge}"))),
        ("modules", (!found.modules.is_empty()).then(|| found.modules.join(", "))),
    ];
    for (what, text) in lines {
        if let Some(text) = text {
            screen.line(&format!("  {what:12} {text}"))?;
        }
    }
    for trouble in &found.troubles {
        print_trouble(screen, trouble)?;
    }
    if found.troubles.is_empty() {
        screen.line(&screen.ink(Ink::Good, "It can run."))?;
    }
    Ok(())
}

fn print_trouble(screen: &mut Screen, trouble: &TroubleView) -> std::io::Result<()> {
    let ink = if trouble.hinders { Ink::Bad } else { Ink::Notice };
    screen.line(&screen.ink(ink, &trouble.sentence))?;
    if let Some(text) = &trouble.text {
        screen.line(&screen.ink(Ink::Faint, &format!("    {text}")))?;
    }
    match &trouble.command {
        Some(command) => screen.line(&format!("  to mend it: {command}")),
        None => Ok(()),
    }
}
