//! Asks a project's SDK what its code declares.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::Project;
use crate::bootstrap::Description;
use crate::codec::{Declaration, manifest};
use crate::guardian::{self, Guardian};

/// How long importing a module may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of what a failed import printed is told, in bytes.
const TOLD: usize = 4 << 10;

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
    let mark = scratch.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut command = Command::new(&adapter.program);
    let described = Description::to_discover(project, scratch.path(), module);
    let input = if let Some((arguments, description)) = described {
        command.args(arguments);
        input(scratch.path(), &description).map_err(failed)?
    } else {
        command.args(&adapter.arguments).args(["discover", module]);
        Stdio::null()
    };
    command
        .current_dir(project.folder())
        .env_clear()
        .envs(project.variables())
        .env("TMPDIR", scratch.path())
        .env(guardian::MARK, &mark)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let child = command.spawn().map_err(failed)?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    let _watch = guardian.watch(pid, &mark, scratch.path()).map_err(failed)?;
    let output = timeout(PATIENCE, child.wait_with_output()).await;
    block_in_place(|| guardian::kill(pid, &mark));
    match output {
        Err(_) => Err(DiscoverError::TooSlow { module: module.to_owned() }),
        Ok(output) => read(module, &output.map_err(failed)?),
    }
}

/// A description as the standard input of a process.
fn input(scratch: &Path, description: &Description) -> io::Result<Stdio> {
    let file = scratch.join("description");
    std::fs::write(&file, description.line())?;
    Ok(File::open(file)?.into())
}

fn read(module: &str, output: &Output) -> Result<Vec<Declaration>, DiscoverError> {
    let printed = String::from_utf8_lossy(&output.stdout);
    let found = printed.lines().rev().find_map(manifest);
    match found {
        // Up to 0.11 a module that cannot be imported is no failure, only a warning.
        Some(targets) if !targets.is_empty() => Ok(targets),
        _ => {
            let words = String::from_utf8_lossy(&output.stderr);
            let from = words.len().saturating_sub(TOLD);
            let from = (from..words.len()).find(|at| words.is_char_boundary(*at)).unwrap_or(0);
            let words = format!("{}{}", &words[from..], output.status);
            Err(DiscoverError::Failed { module: module.to_owned(), words })
        }
    }
}
