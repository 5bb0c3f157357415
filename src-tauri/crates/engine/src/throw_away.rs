//! A Python of the project that answers one question and is gone then.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::Project;
use crate::bootstrap::Description;
use crate::guardian::{self, Guardian};

/// How much the process may print, in bytes.
const OUTPUT: u64 = 8 << 20;
/// How much of what a failed one printed is told, in bytes.
const TOLD: usize = 4 << 10;

/// What such a process said.
pub(crate) struct Said {
    printed: String,
    complained: String,
}

impl Said {
    /// The last line of JSON that has this member: what the member holds.
    pub(crate) fn answer(&self, member: &str) -> Option<Value> {
        self.printed.lines().rev().find_map(|line| {
            let mut line: Value = serde_json::from_str(line).ok()?;
            line.get_mut(member).map(Value::take)
        })
    }

    /// The last of what it complained of.
    pub(crate) fn complaint(&self) -> String {
        let from = self.complained.len().saturating_sub(TOLD);
        let mut places = from..self.complained.len();
        let from = places.find(|at| self.complained.is_char_boundary(*at));
        self.complained[from.unwrap_or(0)..].trim_end().to_owned()
    }
}

/// Runs it in the project's folder with the project's variables. None if it takes longer than
/// `patience`. No process of it is left when this returns.
pub(crate) async fn ask(
    project: &Project,
    guardian: &Arc<Guardian>,
    scratch: &TempDir,
    arguments: Vec<OsString>,
    description: &Description,
    patience: Duration,
) -> io::Result<Option<Said>> {
    let path: &Path = scratch.path();
    let mark = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let input = path.join("description");
    std::fs::write(&input, description.line())?;
    let mut child = Command::new(&project.adapter().program)
        .args(arguments)
        .current_dir(project.folder())
        .env_clear()
        .envs(project.variables())
        .env("TMPDIR", path)
        .env(guardian::MARK, &mark)
        .stdin(File::open(&input)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    let _watch = guardian.watch(pid, &mark, path)?;
    let (printed, complained) = (child.stdout.take(), child.stderr.take());
    let said =
        timeout(patience, async { tokio::join!(bounded(printed), bounded(complained)) }).await;
    block_in_place(|| guardian::kill(pid, &mark));
    Ok(said.ok().map(|(printed, complained)| Said { printed, complained }))
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
