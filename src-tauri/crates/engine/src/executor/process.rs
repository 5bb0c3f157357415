//! The process of an execution: one of its own, or a fork of a warm Python. From then on they are
//! the same.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Once;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::Project;
use crate::bootstrap::{self, Description};
use crate::guardian;
use crate::warm::{Fork, ForkExit, Server, WarmError};

/// More descriptors than this are of no use.
const DESCRIPTORS: u64 = 16_384;

/// A process that runs one execution.
#[derive(Debug)]
pub(super) enum Body {
    /// Started by us.
    Own(Child),
    /// Forked from a warm Python.
    Forked(Fork),
}

/// How a process ended.
#[derive(Debug)]
pub(super) enum Exit {
    /// As the system tells it.
    Status(ExitStatus),
    /// The system tells only who started it, and that is gone. Why.
    Untold(String),
}

impl Body {
    /// Waits until it has ended.
    pub(super) async fn wait(&mut self) -> Exit {
        match self {
            Self::Own(child) => child
                .wait()
                .await
                .map_or_else(|_| Exit::Untold("it is not known how it ended".into()), Exit::Status),
            Self::Forked(fork) => match fork.wait().await {
                ForkExit::Status(status) => Exit::Status(status),
                ForkExit::Orphaned(why) => {
                    Exit::Untold(format!("the warm Python it was forked from ended: {why}"))
                }
            },
        }
    }

    /// Its process id, by which its group is known as well. None if it is gone already.
    pub(super) fn pid(&self) -> Option<i32> {
        match self {
            Self::Own(child) => child.id().and_then(|pid| i32::try_from(pid).ok()),
            Self::Forked(fork) => Some(fork.pid),
        }
    }
}

/// A process's standard streams: our ends.
pub(super) struct Streams {
    pub(super) stdin: pipe::Sender,
    pub(super) stdout: pipe::Receiver,
    pub(super) stderr: pipe::Receiver,
}

impl Streams {
    /// Our ends, and the process's: its standard input, output and error.
    fn new() -> io::Result<(Self, [OwnedFd; 3])> {
        static RAISED: Once = Once::new();
        RAISED.call_once(raise_descriptors);
        let (stdin, input) = pipe::pipe()?;
        let (output, stdout) = pipe::pipe()?;
        let (error, stderr) = pipe::pipe()?;
        let theirs =
            [input.into_blocking_fd()?, output.into_blocking_fd()?, error.into_blocking_fd()?];
        Ok((Self { stdin, stdout, stderr }, theirs))
    }
}

/// A process that waits for others holds three descriptors of ours, and there may be hundreds: as many
/// are allowed as the system lets us have, up to a bound.
fn raise_descriptors() {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let wanted = hard.min(DESCRIPTORS);
    if soft < wanted {
        // Then there are fewer; a process that cannot be started says so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard);
    }
}

/// Starts a process for an execution. It leads a group of its own, and it, with whatever it starts,
/// carries `mark`.
pub(super) fn start(project: &Project, scratch: &Path, mark: &str) -> io::Result<(Body, Streams)> {
    let (ours, [input, output, error]) = Streams::new()?;
    let adapter = project.adapter();
    let mut command = Command::new(&adapter.program);
    match bootstrap::arguments(adapter) {
        Some(own) => command.args(own),
        None => command.args(&adapter.arguments).arg("execute"),
    };
    let child = command
        .current_dir(project.folder())
        .env_clear()
        .envs(project.variables())
        .env("TMPDIR", scratch.join("tmp"))
        .env(guardian::MARK, mark)
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .stderr(Stdio::from(error))
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    Ok((Body::Own(child), ours))
}

/// Forks a warm Python for an execution; as [`start`] otherwise.
pub(super) async fn fork(
    server: &std::sync::Arc<Server>,
    description: &Description,
    scratch: &Path,
    mark: &str,
) -> Result<(Body, Streams), WarmError> {
    let (ours, theirs) = Streams::new()?;
    let environment = json!({"TMPDIR": scratch.join("tmp"), guardian::MARK: mark});
    let fork = server.fork(description, &environment, theirs).await?;
    Ok((Body::Forked(fork), ours))
}

/// Writes lines to the process in a task of its own, so that a process that does not read keeps
/// nobody from reading it. Its stdin closes when the sender is dropped.
pub(super) fn writer(mut stdin: pipe::Sender) -> UnboundedSender<String> {
    let (lines, mut to_write) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        while let Some(line) = to_write.recv().await {
            if stdin.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    lines
}
