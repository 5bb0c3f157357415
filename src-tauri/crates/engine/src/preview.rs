//! Looks at an object in a throw-away, locked Python of the project.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Project;
use crate::bootstrap::{Description, Source, arguments};
use crate::guardian::Guardian;
use crate::throw_away::ask;

/// The part that says what the object is.
pub(crate) const SOURCE: Source =
    Source { name: "preview", text: include_str!("preview/preview.py") };

/// How long looking may take.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let path = scratch.path().join("object");
    std::fs::write(&path, &object.bytes).map_err(failed)?;
    let options = json!({"format": object.format, "path": path});
    let description = Description::to_preview(project, scratch.path(), options);
    let said = ask(project, guardian, &scratch, arguments, &[], Some(&description), PATIENCE).await;
    let said = said.map_err(failed)?.ok_or(PreviewError::TooSlow)?;
    said.answer("hindcast_preview").ok_or_else(|| PreviewError::Failed { words: said.complaint() })
}
