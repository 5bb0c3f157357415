//! What the command line says.

use std::path::PathBuf;

use clap::Parser;

use crate::failure::Failure;

/// The window of Hindcast.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Exports, bundles or folders to import at start.
    pub(crate) paths: Vec<PathBuf>,
    /// The store's folder [default: the platform's data folder].
    #[arg(long, env = "HINDCAST_STORE", value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// The project folder to choose.
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Trust that project folder until the window closes: its code may run.
    #[arg(long, requires = "project")]
    pub(crate) trust_project: bool,
}

/// The path as text, from the root.
///
/// # Errors
/// If the current folder is gone.
pub(crate) fn absolute(path: &std::path::Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Failure::Path { path: path.display().to_string(), error })?;
    Ok(absolute.to_string_lossy().into_owned())
}
