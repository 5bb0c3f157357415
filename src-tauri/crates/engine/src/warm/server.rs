//! One warm Python.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex as AsyncMutex, oneshot, watch};
use tokio::time::timeout;

use super::channel::{Ears, Heard, Mouth, Ready, split};
use super::learned::Learned;
use crate::Project;
use crate::bootstrap::{self, Description};
use crate::guardian::{self, Guardian, Watch};

/// How long importing everything may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long a warm Python may take to answer. It does nothing else.
const ANSWER: Duration = Duration::from_secs(10);

/// How much of what it prints is kept, in bytes.
const WORDS: usize = 4 << 10;

/// Set in a warm Python unless the project sets it, so that `NumPy` and Arrow (whose own pools survive a
/// fork) start no threads in it; not in its children.
const ONE_THREAD: [(&str, &str); 2] =
    [("OPENBLAS_NUM_THREADS", "1"), ("JE_ARROW_MALLOC_CONF", "background_thread:false")];

/// A warm Python that cannot be had, or not any more.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum WarmError {
    /// It cannot be started.
    #[error("a warm Python cannot be started: {0}")]
    Start(Arc<io::Error>),
    /// It cannot be forked.
    #[error("{reason}")]
    Unfit {
        /// Why.
        reason: String,
        /// Modules to be left next time.
        spoiled: std::collections::BTreeMap<String, String>,
    },
    /// It ended.
    #[error("the warm Python ended: {0}")]
    Ended(String),
    /// It does not answer.
    #[error("the warm Python did not answer within {} s", ANSWER.as_secs())]
    Silent,
    /// The system refused.
    #[error("it cannot be forked: {0}")]
    Refused(String),
}

impl From<io::Error> for WarmError {
    fn from(error: io::Error) -> Self {
        Self::Start(Arc::new(error))
    }
}

/// How a fork's process ended.
#[derive(Debug, Clone)]
pub(crate) enum ForkExit {
    /// By itself or by a signal.
    Status(ExitStatus),
    /// The warm Python it was forked from ended, and with it whoever could tell. Why.
    Orphaned(String),
}

/// A fork's process.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) pid: i32,
    exit: watch::Receiver<Option<ForkExit>>,
    /// A warm Python lives as long as what was forked from it.
    _server: Arc<Server>,
}

impl Fork {
    /// Waits until it has ended.
    pub(crate) async fn wait(&mut self) -> ForkExit {
        match self.exit.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(exit)) => exit.clone(),
            _ => ForkExit::Orphaned("it is gone".to_owned()),
        }
    }
}

type Exits = HashMap<i32, watch::Sender<Option<ForkExit>>>;

/// What is under way.
#[derive(Debug, Default)]
struct Open {
    /// Forks that were asked for.
    asked: HashMap<u64, oneshot::Sender<Result<Begun, WarmError>>>,
    /// Forks that have not ended.
    exits: Exits,
    /// Pings that were not answered.
    pings: HashMap<u64, oneshot::Sender<u64>>,
    /// Why it is no use any more.
    over: Option<String>,
}

/// A fork that has begun.
type Begun = (i32, watch::Receiver<Option<ForkExit>>);

/// A running warm Python. It ends when this and all its forks are dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pid: i32,
    mark: String,
    pub(super) ready: Ready,
    mouth: AsyncMutex<Mouth>,
    open: Arc<Mutex<Open>>,
    count: AtomicU64,
    /// Sources that it has.
    has: Vec<&'static str>,
    remove: Vec<&'static str>,
    /// Held for their drops: the guardian forgets it, its folder vanishes.
    _watch: Watch,
    _scratch: TempDir,
}

impl Server {
    /// Starts one for a project, and waits until it is ready.
    pub(super) async fn start(
        project: &Project,
        learned: &Learned,
        guardian: &Arc<Guardian>,
    ) -> Result<Self, WarmError> {
        let scratch = guardian.scratch()?;
        let mark = guardian::mark_of(scratch.path());
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let is_own = |name: &str| !project.variables().contains_key(OsStr::new(name));
        let single = ONE_THREAD.into_iter().filter(|(name, _)| is_own(name));
        let remove: Vec<&'static str> = single.clone().map(|(name, _)| name).collect();
        let mut command = command(project, &scratch, &mark)?;
        command.stdin(OwnedFd::from(theirs)).envs(single);
        let mut child = command.spawn()?;
        // It holds their end of the socket.
        drop(command);
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
        let watch = guardian.watch(pid, &mark, scratch.path())?;
        let words = Arc::new(Mutex::new(String::new()));
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(keep_words(stdout, Arc::clone(&words)));
            tokio::spawn(keep_words(stderr, Arc::clone(&words)));
        }
        let (mut ears, mut mouth) = split(UnixStream::from_std(ours)?);
        let description = Description::warm(project);
        let options = json!({
            "project": project.folder(), "candidates": learned.modules,
            "trusted": learned.trusted, "left": learned.left,
        });
        mouth.write(&description.warm_line(&options)).await?;
        let kill = Kill { pid, mark: mark.clone(), done: false };
        let ready = match timeout(PATIENCE, ears.next::<Heard>()).await {
            Ok(Ok(Some(Heard::Ready(ready)))) => ready,
            Ok(Ok(Some(Heard::Unfit { unfit, spoiled }))) => {
                return Err(WarmError::Unfit { reason: unfit, spoiled });
            }
            Ok(_) => {
                let how = timeout(ANSWER, child.wait()).await;
                return Err(WarmError::Ended(ended(how.ok().and_then(Result::ok), &words)));
            }
            Err(_) => return Err(WarmError::Silent),
        };
        kill.forget();
        let open = Arc::new(Mutex::new(Open::default()));
        tokio::spawn(listen(ears, child, Arc::clone(&open), Arc::clone(&words)));
        Ok(Self {
            pid,
            mark,
            ready,
            mouth: AsyncMutex::new(mouth),
            open,
            count: AtomicU64::new(0),
            has: description.names(),
            remove,
            _watch: watch,
            _scratch: scratch,
        })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> i32 {
        self.ready.pid
    }

    /// How many forks of it are alive.
    pub(super) fn alive(&self) -> usize {
        lock(&self.open).exits.len()
    }

    /// How many forks were asked for.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Why it is of no use any more, if it is not.
    pub(super) fn over(&self) -> Option<String> {
        lock(&self.open).over.clone()
    }

    /// Forks it: `streams` are the child's standard input, output and error, `environment` goes over
    /// the project's own.
    pub(crate) async fn fork(
        self: &Arc<Self>,
        description: &Description,
        environment: &serde_json::Value,
        streams: [OwnedFd; 3],
    ) -> Result<Fork, WarmError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let message = json!({
            "fork": number, "environment": environment, "remove": self.remove,
            "sources": description.sources_beyond(&self.has),
            "description": description.value(),
        });
        let (forked, answer) = oneshot::channel();
        {
            let mut open = lock(&self.open);
            if let Some(why) = &open.over {
                return Err(WarmError::Ended(why.clone()));
            }
            open.asked.insert(number, forked);
        }
        let said = async {
            let mut mouth = self.mouth.lock().await;
            mouth.say(&message.to_string(), &streams).await
        };
        let told = timeout(ANSWER, said).await;
        // Its own copies are with it by now.
        drop(streams);
        match told {
            Err(_) => return Err(self.give_up()),
            Ok(Err(error)) => return Err(WarmError::Ended(error.to_string())),
            Ok(Ok(())) => {}
        }
        match timeout(ANSWER, answer).await {
            Err(_) => Err(self.give_up()),
            Ok(Err(_)) => Err(WarmError::Ended(self.over().unwrap_or_default())),
            Ok(Ok(Err(error))) => Err(error),
            Ok(Ok(Ok((pid, exit)))) => Ok(Fork { pid, exit, _server: Arc::clone(self) }),
        }
    }

    /// Whether it answers; how much memory it has, in bytes.
    pub(super) async fn ping(&self) -> Result<u64, WarmError> {
        let number = self.count_of_pings();
        let (pong, answer) = oneshot::channel();
        lock(&self.open).pings.insert(number, pong);
        let asked = async {
            self.mouth.lock().await.say(&json!({"ping": number}).to_string(), &[]).await?;
            answer.await.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
        };
        match timeout(ANSWER, asked).await {
            Ok(Ok(memory)) => Ok(memory),
            Ok(Err(error)) => Err(WarmError::Ended(error.to_string())),
            Err(_) => Err(self.give_up()),
        }
    }

    fn count_of_pings(&self) -> u64 {
        lock(&self.open).pings.keys().max().map_or(0, |most| most + 1)
    }

    /// It does not answer: it is ended, and replaced when it is next needed.
    fn give_up(&self) -> WarmError {
        lock(&self.open).over.get_or_insert_with(|| WarmError::Silent.to_string());
        self.kill();
        WarmError::Silent
    }

    fn kill(&self) {
        guardian::kill(self.pid, &self.mark);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills what was started, unless it is forgotten.
struct Kill {
    pid: i32,
    mark: String,
    done: bool,
}

impl Kill {
    fn forget(mut self) {
        self.done = true;
    }
}

impl Drop for Kill {
    fn drop(&mut self) {
        if !self.done {
            guardian::kill(self.pid, &self.mark);
        }
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock_words(words: &Mutex<String>) -> MutexGuard<'_, String> {
    words.lock().unwrap_or_else(PoisonError::into_inner)
}

fn command(project: &Project, scratch: &TempDir, mark: &str) -> Result<Command, WarmError> {
    let unfit = || {
        let command = project.adapter().command_line();
        let reason = format!("`{command}` is no plain `python -m coflux`");
        WarmError::Unfit { reason, spoiled: std::collections::BTreeMap::new() }
    };
    let arguments = bootstrap::arguments(project.adapter()).ok_or_else(unfit)?;
    let mut command = Command::new(&project.adapter().program);
    command
        .args(arguments)
        .current_dir(project.folder())
        .env_clear()
        .envs(project.variables())
        .env("TMPDIR", scratch.path())
        .env(guardian::MARK, mark)
        // What its children have is a pipe as well, and Python asks only once.
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

/// Takes what a warm Python says to where it is waited for, until it ends.
async fn listen(
    mut ears: Ears,
    mut child: Child,
    open: Arc<Mutex<Open>>,
    words: Arc<Mutex<String>>,
) {
    while let Ok(Some(heard)) = ears.next::<Heard>().await {
        let mut open = lock(&open);
        match heard {
            Heard::Forked { forked, pid } => {
                let (exit, exited) = watch::channel(None);
                open.exits.insert(pid, exit);
                if let Some(asked) = open.asked.remove(&forked) {
                    // Who does not wait any more has given it up.
                    let _ = asked.send(Ok((pid, exited)));
                }
            }
            Heard::Refused { refused, reason } => {
                if let Some(asked) = open.asked.remove(&refused) {
                    let _ = asked.send(Err(WarmError::Refused(reason)));
                }
            }
            Heard::Exited { exited, status } => {
                if let Some(exit) = open.exits.remove(&exited) {
                    exit.send_replace(Some(ForkExit::Status(ExitStatus::from_raw(status))));
                }
            }
            Heard::Pong { pong, memory, tasks } => {
                if tasks != 1 {
                    let why = format!("it has {tasks} threads and cannot be forked any more");
                    open.over.get_or_insert(why);
                }
                if let Some(ping) = open.pings.remove(&pong) {
                    let _ = ping.send(memory);
                }
            }
            Heard::Ready(_) | Heard::Unfit { .. } => {}
        }
    }
    let status = timeout(ANSWER, child.wait()).await;
    let why = ended(status.ok().and_then(Result::ok), &words);
    let mut open = lock(&open);
    let why = open.over.get_or_insert(why).clone();
    open.asked.clear();
    open.pings.clear();
    for (_, exit) in open.exits.drain() {
        exit.send_replace(Some(ForkExit::Orphaned(why.clone())));
    }
}

/// How it ended, for a person.
fn ended(status: Option<ExitStatus>, words: &Mutex<String>) -> String {
    let how = status.map_or_else(|| "it is not known how".to_owned(), |how| how.to_string());
    let words = lock_words(words);
    if words.is_empty() { how } else { format!("{how}; its last words:\n{}", words.trim_end()) }
}

async fn keep_words(mut from: impl AsyncRead + Unpin, words: Arc<Mutex<String>>) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let mut words = lock_words(&words);
        words.push_str(&String::from_utf8_lossy(&bytes[..length]));
        let over = words.len().saturating_sub(WORDS);
        let from = (over..words.len()).find(|at| words.is_char_boundary(*at)).unwrap_or(over);
        words.drain(..from);
    }
}
