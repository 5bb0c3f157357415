//! A Python of the project that answers one question and is gone then: a process of its own, or a fork
//! of a warm one.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::unix::pipe;
use tokio::process::Command;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::Project;
use crate::bootstrap::Description;
use crate::guardian::{self, Guardian};
use crate::warm::{ForkExit, Server};

/// How much the process may print, in bytes.
const OUTPUT: u64 = 8 << 20;
/// How much of what a failed one printed is told, in bytes.
const TOLD: usize = 4 << 10;

/// What such a process said.
#[derive(Debug)]
pub(crate) struct Said {
    printed: String,
    complained: String,
    /// How it ended, if it did so by itself.
    pub(crate) ended: Option<ExitStatus>,
}

impl Said {
    /// The last line of JSON that has this member: what the member holds.
    pub(crate) fn answer(&self, member: &str) -> Option<Value> {
        self.lines().rev().find_map(|line| held(line, member))
    }

    /// Every line of JSON that has this member, in order: what the member holds.
    pub(crate) fn answers(&self, member: &str) -> Vec<Value> {
        self.lines().filter_map(|line| held(line, member)).collect()
    }

    /// What it printed.
    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.printed.lines()
    }

    /// The last of what it complained of.
    pub(crate) fn complaint(&self) -> String {
        let from = self.complained.len().saturating_sub(TOLD);
        let mut places = from..self.complained.len();
        let from = places.find(|at| self.complained.is_char_boundary(*at));
        self.complained[from.unwrap_or(0)..].trim_end().to_owned()
    }
}

fn held(line: &str, member: &str) -> Option<Value> {
    let mut line: Value = serde_json::from_str(line).ok()?;
    line.get_mut(member).map(Value::take)
}

/// Runs the project's program with these arguments in the project's folder, with the project's
/// variables and these others, and has it read a description first, if there is one. None if it takes longer than
/// `patience`. No process of it is left when this returns.
pub(crate) async fn ask(
    project: &Project,
    guardian: &Arc<Guardian>,
    scratch: &TempDir,
    arguments: Vec<OsString>,
    variables: &[(OsString, OsString)],
    description: Option<&Description>,
    patience: Duration,
) -> io::Result<Option<Said>> {
    let (path, mark) = (scratch.path(), guardian::mark_of(scratch.path()));
    let mut child = Command::new(&project.adapter().program)
        .args(arguments)
        .current_dir(project.folder())
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .envs(project.variables())
        .env("TMPDIR", path)
        .env(guardian::MARK, &mark)
        .stdin(input(path, description)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    let _watch = guardian.watch(pid, &mark, path)?;
    let (printed, complained) = (child.stdout.take(), child.stderr.take());
    let ends = async {
        let ended = child.wait().await.ok();
        // What it has started may hold its pipes for ever.
        block_in_place(|| guardian::kill(pid, &mark));
        ended
    };
    let told = async { tokio::join!(bounded(printed), bounded(complained), ends) };
    let said = timeout(patience, told).await;
    block_in_place(|| guardian::kill(pid, &mark));
    Ok(said.ok().map(|(printed, complained, ended)| Said { printed, complained, ended }))
}

/// As [`ask`], with a fork of a warm Python of the project; none also if it cannot be had.
pub(crate) async fn ask_fork(
    server: &Arc<Server>,
    guardian: &Arc<Guardian>,
    scratch: &TempDir,
    description: &Description,
    patience: Duration,
) -> Option<Said> {
    let (path, mark) = (scratch.path(), guardian::mark_of(scratch.path()));
    let (output, printed) = pipe::pipe().ok()?;
    let (error, complained) = pipe::pipe().ok()?;
    let input = File::open("/dev/null").ok()?;
    let streams = [input.into(), output.into_blocking_fd().ok()?, error.into_blocking_fd().ok()?];
    let environment = json!({"TMPDIR": path, guardian::MARK: mark});
    let mut fork = server.fork(description, &environment, streams).await.ok()?;
    let end = End { pid: fork.pid, mark: &mark };
    let _watch = guardian.watch(fork.pid, &mark, path).ok()?;
    let told = async {
        let told = tokio::join!(bounded(Some(printed)), bounded(Some(complained)));
        (told, fork.wait().await)
    };
    let said = timeout(patience, told).await;
    block_in_place(|| drop(end));
    match said {
        Ok(((printed, complained), ForkExit::Status(status))) => {
            Some(Said { printed, complained, ended: Some(status) })
        }
        _ => None,
    }
}

/// Ends a fork, also where nobody waits for its answer any more.
struct End<'a> {
    pid: i32,
    mark: &'a str,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        guardian::kill(self.pid, self.mark);
    }
}

/// A description as the standard input of a process.
fn input(scratch: &Path, description: Option<&Description>) -> io::Result<Stdio> {
    let Some(description) = description else { return Ok(Stdio::null()) };
    let file = scratch.join("description");
    std::fs::write(&file, description.line())?;
    Ok(File::open(file)?.into())
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
