//! Whether Python can read files at all, before anything of them runs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::Project;
use crate::bootstrap::{Description, Source, arguments};
use crate::guardian::Guardian;
use crate::throw_away::ask;

/// The part that looks.
pub(crate) const SOURCE: Source = Source { name: "check", text: include_str!("check/check.py") };

/// How long looking may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file that Python cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// The file, below the project's folder.
    pub file: String,
    /// What Python calls it: `SyntaxError`, `IndentationError`, …
    pub kind: String,
    /// What Python says.
    pub message: String,
    /// The line, from 1, if it is in one.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The line's text.
    pub text: Option<String>,
}

/// The faults in these files, as the project's own Python sees them. Runs none of them. Where there
/// is no plain Python to ask, or it does not answer, none are known: running the code will tell.
pub(crate) async fn check(
    project: &Project,
    files: &BTreeSet<String>,
    guardian: &Arc<Guardian>,
) -> Vec<Fault> {
    let Some(arguments) = arguments(project.adapter()) else { return Vec::new() };
    let Ok(scratch) = guardian.scratch() else { return Vec::new() };
    let description = Description::to_check(project, scratch.path(), json!({"files": files}));
    let said = ask(project, guardian, &scratch, arguments, Some(&description), PATIENCE).await;
    let said = said.ok().flatten().and_then(|said| said.answer("hindcast_check"));
    said.and_then(|faults| serde_json::from_value(faults).ok()).unwrap_or_default()
}
