//! `hindcast delete`, `hindcast deleted`

use std::io::{IsTerminal, Write};

use clap::{Args, Subcommand};
use hindcast_api::Api;
use hindcast_api::calls::{Delete as Wish, GetDeletion, GetDeletions, Purge, Restore};
use hindcast_api::view::{DeleteTarget, DeletionView};

use crate::arguments::Json;
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::moment;
use crate::words::count;

/// `hindcast delete`
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// Run id: it goes in all environments, with the runs it spawned.
    #[arg(required_unless_present = "environment")]
    pub(crate) run: Option<String>,
    /// A local environment instead: it goes with all that ran in it, and those that stand on it.
    #[arg(long = "env", value_name = "ENV", conflicts_with = "run")]
    pub(crate) environment: Option<String>,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast deleted`
#[derive(Debug, Args)]
pub(crate) struct Deleted {
    #[command(subcommand)]
    pub(crate) command: DeletedCommand,
}

/// What to do with what was deleted.
#[derive(Debug, Subcommand)]
pub(crate) enum DeletedCommand {
    /// List what can be brought back.
    List(Json),
    /// Bring one back.
    Restore {
        /// Its number in the list.
        number: i64,
        #[command(flatten)]
        json: Json,
    },
    /// Remove it for good, with the values that nothing else refers to.
    Purge {
        /// Its number in the list [default: everything deleted].
        number: Option<i64>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        json: Json,
    },
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, delete: Delete) -> Done {
    let what = match (delete.run, delete.environment) {
        (_, Some(name)) => DeleteTarget::Environment(name),
        (Some(run), None) => DeleteTarget::Run(run),
        (None, None) => return Err(Failure::Usage("name a run, or --env".to_owned())),
    };
    if !delete.yes {
        let would = api.ask(GetDeletion { what: what.clone() }).await?;
        ask(&format!("Delete {}? The ledger stays.", goes(&would)))?;
    }
    let deleted = api.ask(Wish { what }).await?;
    if delete.json.json {
        screen.json(&deleted)?;
        return Ok(Exit::Well);
    }
    let number = deleted.id.unwrap_or_default();
    screen.line(&screen.ink(Ink::Plain, &format!("Deleted {}.", goes(&deleted))))?;
    screen.line(&format!("Bring it back with: hindcast deleted restore {number}"))?;
    Ok(Exit::Well)
}

pub(crate) async fn deleted(api: &Api, screen: &mut Screen, deleted: Deleted) -> Done {
    match deleted.command {
        DeletedCommand::List(json) => list(api, screen, json).await,
        DeletedCommand::Restore { number, json } => {
            let restored = api.ask(Restore { deletion: number }).await?;
            if json.json {
                screen.json(&restored)?;
                return Ok(Exit::Well);
            }
            let back = format!("Brought back {}.", goes(&restored.deletion));
            screen.line(&screen.ink(Ink::Plain, &back))?;
            for renamed in restored.renamed {
                let line = format!("{} is called {} now.", renamed.from, renamed.to);
                screen.line(&screen.ink(Ink::Notice, &line))?;
            }
            Ok(Exit::Well)
        }
        DeletedCommand::Purge { number, yes, json } => {
            if !yes {
                let what =
                    number.map_or("everything deleted".to_owned(), |n| format!("number {n}"));
                ask(&format!("Remove {what} for good? It cannot be brought back then."))?;
            }
            let purged = api.ask(Purge { deletion: number }).await?;
            if json.json {
                screen.json(&purged)?;
                return Ok(Exit::Well);
            }
            let blobs = usize::try_from(purged.blobs).unwrap_or(usize::MAX);
            screen.line(&format!(
                "Removed for good, with {} of {} bytes.",
                count(blobs, "blob"),
                purged.bytes
            ))?;
            Ok(Exit::Well)
        }
    }
}

async fn list(api: &Api, screen: &mut Screen, json: Json) -> Done {
    let deletions = api.ask(GetDeletions {}).await?;
    if json.json {
        screen.json(&deletions)?;
    } else if deletions.is_empty() {
        screen.line("Nothing deleted can be brought back.")?;
    } else {
        table::print(screen, &deletions.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(Exit::Well)
}

fn row(deletion: &DeletionView) -> Vec<table::Cell> {
    vec![
        (Ink::Bold, deletion.id.unwrap_or_default().to_string()),
        (Ink::Faint, moment(deletion.at.unwrap_or_default())),
        (Ink::Plain, goes(deletion)),
    ]
}

/// What goes, in words.
fn goes(deletion: &DeletionView) -> String {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let runs = deletion.runs.join(", ");
    match (&deletion.what, deletion.runs.len()) {
        (DeleteTarget::Run(_), 1) => parts.push(format!("run {runs}")),
        (_, 0) => {}
        _ => parts.push(format!("runs {runs}")),
    }
    match deletion.environments.len() {
        0 => {}
        1 => parts.push(format!("environment {}", deletion.environments[0])),
        _ => parts.push(format!("environments {}", deletion.environments.join(", "))),
    }
    let here = deletion.local_executions;
    format!(
        "{}: {}, {} ({here} made here), {}",
        parts.join(" and "),
        count(size(deletion.steps), "step"),
        count(size(deletion.executions), "execution"),
        count(size(deletion.logs), "log line"),
    )
}

/// Asks a person; anything but yes is no. Where there is no terminal, nobody can be asked.
fn ask(question: &str) -> Result<(), Failure> {
    let question = crate::screen::harmless(question);
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("{question} Nobody can be asked here: say --yes")));
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::Usage("nothing was changed".to_owned()))
    }
}
