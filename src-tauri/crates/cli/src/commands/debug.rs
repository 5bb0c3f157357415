//! `hindcast rerun --debug` and `hindcast debug`

use std::io::Write as _;

use clap::Args;
use hindcast_api::Api;
use hindcast_api::calls::{GetActivity, GetDebugpy, InstallDebugpy, TakeBackLaunch, WriteLaunch};
use hindcast_api::choice::DebugChoice;
use hindcast_api::view::{
    DebugState, DebugView, DebugpyPlace, DebugpyView, LaunchDone, LaunchView,
};
use serde_json::json;

use super::project;
use crate::arguments::{Debugger, Json, Project};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};

/// `hindcast debug`
#[derive(Debug, Args)]
pub(crate) struct Debug {
    /// Only this execution [default: all that wait for a debugger or have one].
    pub(crate) execution: Option<String>,
    /// Say where debugpy is for the project. Asks its Python; imports nothing.
    #[arg(long, conflicts_with_all = ["execution", "launch_json", "take_back"])]
    pub(crate) debugpy: bool,
    /// Install a copy of debugpy from the package index into the store's folder, if the project's
    /// Python has none. The project's own environment is not changed.
    #[arg(long, conflicts_with_all = ["execution", "launch_json", "take_back"])]
    pub(crate) install: bool,
    /// Write the configuration that attaches VS Code into the project's .vscode/launch.json; what else
    /// is there stays.
    #[arg(long)]
    pub(crate) launch_json: bool,
    /// Take a configuration that Hindcast wrote out of .vscode/launch.json again [default: Hindcast].
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "Hindcast",
          conflicts_with_all = ["execution", "launch_json"])]
    pub(crate) take_back: Option<String>,
    #[command(flatten)]
    pub(crate) project: Project,
    #[command(flatten)]
    pub(crate) json: Json,
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Debug) -> Done {
    project::choose(api, wish.project)?;
    let json = wish.json.json;
    if wish.debugpy || wish.install {
        let found = if wish.install {
            api.ask(InstallDebugpy {}).await?
        } else {
            api.ask(GetDebugpy {}).await?
        };
        if json {
            screen.json(&found)?;
        } else {
            screen.line(&debugpy(&found))?;
        }
        let is_there = found.place != DebugpyPlace::Missing;
        return Ok(if is_there { Exit::Well } else { Exit::BadInput });
    }
    if let Some(name) = wish.take_back {
        let done = api.ask(TakeBackLaunch { name }).await?;
        if json {
            screen.json(&done)?;
        } else {
            screen.line(&launch(&done))?;
        }
        return Ok(Exit::Well);
    }
    let mut waiting = api.ask(GetActivity {}).await?.debug;
    if let Some(execution) = &wish.execution {
        waiting.retain(|one| one.execution == *execution);
    }
    let mut written = Vec::new();
    if wish.launch_json {
        if waiting.is_empty() {
            return Err(Failure::Usage("no execution waits for a debugger".to_owned()));
        }
        for one in &waiting {
            let execution = one.execution.clone();
            written.push(api.ask(WriteLaunch { execution }).await?);
        }
    }
    if json {
        screen.json(&json!({"debug": waiting, "launch": written}))?;
        return Ok(Exit::Well);
    }
    if waiting.is_empty() {
        screen.line("Nothing waits for a debugger.")?;
    }
    for one in &waiting {
        print(screen, one)?;
    }
    for done in &written {
        screen.line(&launch(done))?;
    }
    Ok(Exit::Well)
}

fn debugpy(found: &DebugpyView) -> String {
    match found.place {
        DebugpyPlace::Project => "The project's own environment has debugpy.".to_owned(),
        DebugpyPlace::Copy => format!("Hindcast keeps a copy of debugpy in {}.", found.folder),
        DebugpyPlace::Missing => format!(
            "The project's Python has no debugpy: install it with `{}`, or a copy beside its \
             environment, in {}, with `hindcast debug --install`.",
            found.mend, found.folder
        ),
    }
}

fn launch(LaunchView { file, name, done }: &LaunchView) -> String {
    match done {
        LaunchDone::Made => format!("made {file} with \"{name}\""),
        LaunchDone::Added => format!("added \"{name}\" to {file}; all else is as it was"),
        LaunchDone::Changed => format!("\"{name}\" in {file} has another port"),
        LaunchDone::Unchanged => format!("\"{name}\" in {file} is as it is to be"),
        LaunchDone::TakenOut => format!("took \"{name}\" out of {file}"),
        LaunchDone::Removed => {
            format!("took \"{name}\" out of {file}, which was then empty: removed")
        }
        LaunchDone::NotThere => format!("{file} has no \"{name}\" that Hindcast wrote"),
    }
}

/// The debugger as the api has it.
pub(super) fn choice(debug: &Debugger) -> Option<DebugChoice> {
    let is_wanted = debug.debug || !debug.debug_call.is_empty();
    is_wanted.then(|| DebugChoice {
        calls_only: !debug.debug,
        calls: debug.debug_call.clone(),
        port: debug.debug_port,
        at_raise: debug.at_raise,
        install: debug.install_debugpy,
        launch: debug.launch_json,
    })
}

/// Tells how an execution stands with its debugger: on standard error where JSON is printed, so that
/// whoever reads that can attach meanwhile.
pub(super) fn announce(debug: &DebugView, json: bool, screen: &mut Screen) -> std::io::Result<()> {
    if json {
        return writeln!(std::io::stderr(), "{}", head(debug));
    }
    if debug.state == DebugState::Waits {
        return print(screen, debug);
    }
    screen.line(&screen.ink(Ink::Notice, &head(debug)))
}

fn head(debug: &DebugView) -> String {
    let DebugView { execution, host, port, .. } = debug;
    match debug.state {
        DebugState::Waits => format!("{execution} waits for a debugger on {host}:{port}"),
        DebugState::Attached => format!("{execution} has a debugger on {host}:{port}"),
        DebugState::Detached => {
            format!("{execution} goes on without a debugger; one can attach on {host}:{port}")
        }
    }
}

fn print(screen: &mut Screen, debug: &DebugView) -> std::io::Result<()> {
    screen.line(&screen.ink(Ink::Bold, &head(debug)))?;
    screen.line(&screen.ink(Ink::Faint, "VS Code, in .vscode/launch.json:"))?;
    screen.line(&debug.vscode)?;
    screen.line(&format!("{} {}", screen.ink(Ink::Faint, "PyCharm:"), debug.pycharm))?;
    screen.line(&format!("{} {}", screen.ink(Ink::Faint, "Neovim:"), debug.neovim))
}
