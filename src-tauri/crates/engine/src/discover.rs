//! Asks a project's SDK what its code declares.

use std::sync::Arc;
use std::time::Duration;

use crate::Project;
use crate::bootstrap::Description;
use crate::codec::{Declaration, manifest};
use crate::guardian::Guardian;
use crate::throw_away::{Said, ask};

/// How long importing a module may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Declarations that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The process could not be run.
    #[error("{command} cannot be run: {source}")]
    Run {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It did not end in time.
    #[error("importing {module} took more than {} s", PATIENCE.as_secs())]
    TooSlow {
        /// The module.
        module: String,
    },
    /// The module cannot be imported, or the command does not speak the protocol.
    #[error("the targets of {module} cannot be found:\n{words}")]
    Failed {
        /// The module.
        module: String,
        /// The last of what the process printed.
        words: String,
    },
}

/// The targets of a module. Imports it, in a process that is gone when this returns.
pub(crate) async fn discover(
    project: &Project,
    module: &str,
    guardian: &Arc<Guardian>,
) -> Result<Vec<Declaration>, DiscoverError> {
    let adapter = project.adapter();
    let failed = |source| DiscoverError::Run { command: adapter.command_line(), source };
    let scratch = guardian.scratch().map_err(failed)?;
    let described = Description::to_discover(project, scratch.path(), module);
    let (arguments, description) = described.unzip();
    let arguments = arguments.unwrap_or_else(|| {
        let words = ["discover", module].map(Into::into);
        adapter.arguments.iter().cloned().chain(words).collect()
    });
    let said =
        ask(project, guardian, &scratch, arguments, &[], description.as_ref(), PATIENCE).await;
    let said = said.map_err(failed)?;
    read(module, &said.ok_or_else(|| DiscoverError::TooSlow { module: module.to_owned() })?)
}

fn read(module: &str, said: &Said) -> Result<Vec<Declaration>, DiscoverError> {
    match said.lines().rev().find_map(manifest) {
        // Up to 0.11 a module that cannot be imported is no failure, only a warning.
        Some(targets) if !targets.is_empty() => Ok(targets),
        _ => {
            let how = said.ended.map(|status| status.to_string()).unwrap_or_default();
            let words = format!("{}\n{how}", said.complaint());
            Err(DiscoverError::Failed { module: module.to_owned(), words })
        }
    }
}
