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

/// The oldest Node that builds the window, as `engines` of `ui/package.json` has it.
const OLDEST: (u32, u32) = (20, 19);

fn ensure_node() -> Result {
    let version = answer(&mut command("node", ["--version"])).unwrap_or_default();
    let (major, minor) = OLDEST;
    match parts(version.trim_start_matches('v')) {
        Some(known) if known >= OLDEST => Ok(()),
        Some(_) => Err(Failure::new(format!(
            "Node {version} is too old: {major}.{minor} or newer is needed"
        ))),
        None => Err(Failure::new(format!(
            "Node is missing: {major}.{minor} or newer is needed, with npm"
        ))),
    }
}

fn parts(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.split_once('.')?;
    Some((major.parse().ok()?, rest.split('.').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_node_is_the_one_that_the_window_asks_for() {
        let package = fs::read_to_string(paths::ui().join("package.json")).unwrap();
        let (major, minor) = OLDEST;
        assert!(package.contains(&format!("\"node\": \">={major}.{minor}\"")), "{package}");
        assert_eq!(parts("20.9.0"), Some((20, 9)));
        assert!(parts("22.1.0") > Some(OLDEST) && parts("20.9.0") < Some(OLDEST));
    }
}
