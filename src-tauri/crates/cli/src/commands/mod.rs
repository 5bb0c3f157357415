//! The commands, one file each.

mod assets;
mod background;
mod cancel;
pub(crate) mod debug;
pub(crate) mod delete;
mod diff;
mod effects;
mod environments;
pub(crate) mod examine;
mod export;
mod import;
mod incoming;
mod inputs;
mod inspect;
mod ledger;
mod logs;
mod open;
mod outcomes;
mod pins;
mod plan;
mod project;
mod rerun;
mod result;
mod runs;
pub(crate) mod search;
mod servers;
pub(crate) mod settings;
mod step_diff;
mod streams;
mod submit;
mod targets;
pub(crate) mod value;
pub(crate) mod warm;
mod watch;
mod why;

use std::path::Path;
use std::process::ExitCode;

use hindcast_api::{Api, ErrorCode};

use crate::arguments::{Arguments, Command};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Screen, harmless};

/// Does what the command line says.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let done = match &arguments.command {
        None => open::run(&arguments.paths, arguments.store.as_deref()),
        Some(_) => match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime.block_on(run_command(arguments)),
            Err(error) => Err(Failure::Output(error)),
        },
    };
    done.unwrap_or_else(|failure| complain(&failure)).into()
}

/// Says what went wrong.
fn complain(failure: &Failure) -> Exit {
    if let Failure::Output(error) = failure
        && error.kind() == std::io::ErrorKind::BrokenPipe
    {
        // Whoever read has read enough.
        return Exit::Well;
    }
    if let Failure::Api(error) = failure
        && error.code == ErrorCode::Cancelled
    {
        eprintln!("hindcast: cancelled; the store is as it was");
        return Exit::Interrupted;
    }
    for line in failure.to_string().lines() {
        eprintln!("hindcast: {}", harmless(line));
    }
    Exit::BadInput
}

async fn run_command(arguments: Arguments) -> Done {
    let api = Api::open(hindcast_api::store_folder(arguments.store)?).await?;
    let mut screen = Screen::new();
    let screen = &mut screen;
    let done = match arguments.command {
        None => Ok(Exit::Well),
        Some(Command::Import(import)) => import::run(&api, screen, import).await,
        Some(Command::Runs(runs)) => runs::run(&api, screen, runs).await,
        Some(Command::Servers(servers)) => servers::run(&api, screen, servers).await,
        Some(Command::Environments(wish)) => environments::run(&api, screen, wish).await,
        Some(Command::Inspect(inspect)) => inspect::run(&api, screen, inspect).await,
        Some(Command::Result(outcome)) => result::run(&api, screen, outcome).await,
        Some(Command::Plan(plan)) => plan::run(&api, screen, plan).await,
        Some(Command::Outcomes(wish)) => outcomes::run(&api, screen, wish).await,
        Some(Command::Rerun(rerun)) => rerun::run(&api, screen, rerun).await,
        Some(Command::Pin(pin)) => pins::pin(&api, screen, pin).await,
        Some(Command::Unpin(unpin)) => pins::unpin(&api, screen, unpin).await,
        Some(Command::Mock(mock)) => pins::mock(&api, screen, mock).await,
        Some(Command::Pins(pins)) => pins::pins(&api, screen, pins).await,
        Some(Command::Match(rule)) => pins::matching(&api, screen, rule).await,
        Some(Command::Map(map)) => pins::map(&api, screen, map).await,
        Some(Command::Submit(submit)) => submit::run(&api, screen, submit).await,
        Some(Command::Streams(streams)) => streams::run(&api, screen, streams).await,
        Some(Command::Debug(wish)) => debug::run(&api, screen, wish).await,
        Some(Command::Warm(wish)) => warm::run(&api, screen, wish).await,
        Some(Command::Targets(targets)) => targets::run(&api, screen, targets).await,
        Some(Command::Project(wish)) => examine::run(&api, screen, wish).await,
        Some(Command::Cancel(cancel)) => cancel::run(&api, cancel).await,
        Some(Command::Search(search)) => search::run(&api, screen, search).await,
        Some(Command::Value(value)) => value::run(&api, screen, *value).await,
        Some(Command::Diff(diff)) => diff::run(&api, screen, diff).await,
        Some(Command::Why(why)) => why::run(&api, screen, why).await,
        Some(Command::Ledger(ledger)) => ledger::run(&api, screen, ledger).await,
        Some(Command::Logs(logs)) => logs::run(&api, screen, logs).await,
        Some(Command::Assets(assets)) => assets::run(&api, screen, assets).await,
        Some(Command::Inputs(inputs)) => inputs::run(&api, screen, inputs).await,
        Some(Command::Export(export)) => export::run(&api, screen, export).await,
        Some(Command::Delete(delete)) => delete::run(&api, screen, delete).await,
        Some(Command::Deleted(deleted)) => delete::deleted(&api, screen, deleted).await,
        Some(Command::Settings(settings)) => settings::run(&api, screen, settings).await,
    };
    api.shut_down().await;
    done
}

/// The path from the root, as text.
fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    Ok(absolute.to_string_lossy().into_owned())
}
