//! Node modules and the built window content.

use std::fs;
use std::process::Command;

use super::stamp::Stamp;
use crate::command::{answer, command, run, run_quietly};
use crate::paths;
use crate::{Failure, Result};

/// Installs the window's Node modules when `package-lock.json` asks for others than are there.
pub(crate) fn ensure_modules() -> Result {
    let ui = paths::ui();
    let modules = ui.join("node_modules");
    // Inside the folder it speaks of, so that it goes when that goes.
    let stamp = Stamp::new(modules.join(".hindcast"), &[ui.join("package-lock.json")])?;
    if stamp.is_current() {
        return Ok(());
    }
    ensure_node()?;
    println!("Node modules for the window, as ui/package-lock.json lists them:");
    run(command("npm", ["ci"]).current_dir(ui))?;
    stamp.set()
}

/// Builds what the window shows into `ui/dist` when its sources changed.
pub(crate) fn ensure_built() -> Result {
    let ui = paths::ui();
    let mut sources: Vec<_> = fs::read_dir(&ui)
        .map_err(Failure::io("list", &ui))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| !path.ends_with("node_modules") && !path.ends_with("dist"))
        .collect();
    sources.sort();
    let stamp = Stamp::new(paths::target().join("xtask/ui-built"), &sources)?;
    if stamp.is_current() && ui.join("dist/index.html").is_file() {
        return Ok(());
    }
    run_quietly(&mut npm_run("build"))?;
    stamp.set()
}

/// A script of `ui/package.json`.
pub(crate) fn npm_run(script: &str) -> Command {
    let mut command = command("npm", ["run", "--silent", script]);
    command.current_dir(paths::ui());
    command
}

fn ensure_node() -> Result {
    let version = answer(&mut command("node", ["--version"])).unwrap_or_default();
    match major(version.trim_start_matches('v')) {
        Some(20..) => Ok(()),
        Some(_) => Err(Failure::new(format!("Node {version} is too old: 20 or newer is needed"))),
        None => Err(Failure::new("Node is missing: 20 or newer is needed, with npm")),
    }
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}
