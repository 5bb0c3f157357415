//! Looks at an object in a throw-away, locked Python of the project.

use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::Project;
use crate::bootstrap::{Description, Source, arguments};
use crate::guardian::{self, Guardian};

/// The part that says what the object is.
pub(crate) const SOURCE: Source =
    Source { name: "preview", text: include_str!("preview/preview.py") };

/// How long looking may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much the process may print, in bytes.
const OUTPUT: u64 = 8 << 20;
/// How much of what a failed one printed is told, in bytes.
const TOLD: usize = 4 << 10;

/// An object to look at.
#[derive(Debug, Clone)]
pub struct Object {
    /// `pickle` or `parquet`.
    pub format: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// An object that could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The process could not be run.
    #[error("{command} cannot be run: {source}")]
    Run {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// The project is run by a command of its own.
    #[error(
        "the project is run by {command}, not by a plain `python -m coflux`: no Python to look with"
    )]
    NoPython {
        /// The command.
        command: String,
    },
    /// It did not end in time.
    #[error("looking at the object took more than {} s", PATIENCE.as_secs())]
    TooSlow,
    /// Python could not load the object, or said too much.
    #[error("the object cannot be loaded with the project's Python:\n{words}")]
    Failed {
        /// The last of what the process printed.
        words: String,
    },
}

/// What Python says of the object, as `preview.py` has it. Its code runs, in a process that is gone
/// when this returns, and that may change and reach nothing as far as Python's audit hooks tell.
pub(crate) async fn preview(
    project: &Project,
    object: &Object,
    guardian: &Arc<Guardian>,
) -> Result<Value, PreviewError> {
    let adapter = project.adapter();
    let failed = |source| PreviewError::Run { command: adapter.command_line(), source };
    let no_python = || PreviewError::NoPython { command: adapter.command_line() };
    let arguments = arguments(adapter).ok_or_else(no_python)?;
    let scratch = guardian.scratch().map_err(failed)?;
    let mark = scratch.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = scratch.path().join("object");
    std::fs::write(&path, &object.bytes).map_err(failed)?;
    let options = json!({"format": object.format, "path": path});
    let description = Description::to_preview(project, scratch.path(), options);
    let input = scratch.path().join("description");
    std::fs::write(&input, description.line()).map_err(failed)?;
    let mut command = Command::new(&adapter.program);
    command
        .args(arguments)
        .current_dir(project.folder())
        .env_clear()
        .envs(project.variables())
        .env("TMPDIR", scratch.path())
        .env(guardian::MARK, &mark)
        .stdin(File::open(&input).map_err(failed)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    let _watch = guardian.watch(pid, &mark, scratch.path()).map_err(failed)?;
    let (printed, complained) = (child.stdout.take(), child.stderr.take());
    let said =
        timeout(PATIENCE, async { tokio::join!(bounded(printed), bounded(complained)) }).await;
    block_in_place(|| guardian::kill(pid, &mark));
    let (printed, complained) = said.map_err(|_| PreviewError::TooSlow)?;
    read(&printed, &complained)
}

/// What a process says, no more of it than is allowed.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // A pipe that breaks has said all it will say.
        let _ = pipe.take(OUTPUT).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn read(printed: &str, complained: &str) -> Result<Value, PreviewError> {
    let found = printed.lines().rev().find_map(|line| {
        let mut line: Value = serde_json::from_str(line).ok()?;
        line.get_mut("hindcast_preview").map(Value::take)
    });
    found.ok_or_else(|| {
        let from = complained.len().saturating_sub(TOLD);
        let from = (from..complained.len()).find(|at| complained.is_char_boundary(*at));
        PreviewError::Failed { words: complained[from.unwrap_or(0)..].trim_end().to_owned() }
    })
}
