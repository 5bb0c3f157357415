//! `hindcast [PATH…]`: the window.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::{Done, Exit, Failure};

/// The window's program, which stands beside this one.
const PROGRAM: &str = "hindcast-desktop";

pub(crate) fn run(paths: &[PathBuf], store: Option<&Path>) -> Done {
    let is_link = |path: &&PathBuf| path.to_str().is_some_and(|text| text.starts_with("hindcast:"));
    let missing = paths.iter().filter(|path| !is_link(path)).find(|path| !path.exists());
    if let Some(missing) = missing {
        let message =
            format!("{} is no command and no file; see hindcast --help", missing.display());
        return Err(Failure::Usage(message));
    }
    let beside = std::env::current_exe().ok().map(|here| here.with_file_name(PROGRAM));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| PROGRAM.into());
    let mut command = Command::new(&program);
    command.args(paths);
    if let Some(store) = store {
        command.arg("--store").arg(store);
    }
    let status = command.status().map_err(|error| {
        Failure::Usage(format!("cannot open the window ({}): {error}", program.display()))
    })?;
    Ok(if status.success() { Exit::Well } else { Exit::BadInput })
}
