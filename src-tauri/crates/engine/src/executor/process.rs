//! The process of an execution: one of its own, or a fork of a warm Python. From then on they are
//! the same.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

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
    server: &Arc<Server>,
    description: &Description,
    scratch: &Path,
    mark: &str,
) -> Result<(Body, Streams), WarmError> {
    let (ours, theirs) = Streams::new()?;
    let environment = json!({"TMPDIR": scratch.join("tmp"), guardian::MARK: mark});
    let fork = server.fork(description, &environment, theirs).await?;
    Ok((Body::Forked(fork), ours))
}

/// A process's standard input. It closes once this is dropped and what was said is written.
#[derive(Debug)]
pub(super) struct Stdin {
    pipe: Arc<pipe::Sender>,
    /// What the pipe had no room for.
    rest: UnboundedSender<Vec<u8>>,
    /// How many pieces of it are not written yet.
    waiting: Arc<AtomicUsize>,
}

impl Stdin {
    pub(super) fn new(pipe: pipe::Sender) -> Self {
        let (pipe, waiting) = (Arc::new(pipe), Arc::new(AtomicUsize::new(0)));
        let (rest, pieces) = mpsc::unbounded_channel();
        tokio::spawn(write_rest(Arc::clone(&pipe), pieces, Arc::clone(&waiting)));
        Self { pipe, rest, waiting }
    }

    /// Writes a line: at once if there is room, else in a task of its own, so that a process that does
    /// not read keeps nobody from reading it. One that is gone reads nothing.
    pub(super) fn write(&self, line: String) {
        let mut bytes = line.into_bytes();
        if self.waiting.load(Ordering::Acquire) == 0
            && let Ok(written) = self.pipe.try_write(&bytes)
        {
            bytes.drain(..written);
        }
        if !bytes.is_empty() {
            self.waiting.fetch_add(1, Ordering::AcqRel);
            let _ = self.rest.send(bytes);
        }
    }
}

async fn write_rest(
    pipe: Arc<pipe::Sender>,
    mut pieces: UnboundedReceiver<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
) {
    while let Some(piece) = pieces.recv().await {
        let mut left = piece.as_slice();
        while !left.is_empty() {
            match pipe.try_write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if pipe.writable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
        waiting.fetch_sub(1, Ordering::AcqRel);
    }
}
