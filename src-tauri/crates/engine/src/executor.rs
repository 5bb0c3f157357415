//! One process per execution: the user's Python with the real SDK.

mod lines;
mod output;
mod process;
mod quickness;
mod stdout;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_model::ExecutionId;
use hindcast_orchestrator::message::{Message, Reply, RequestId};
use hindcast_store::FrameLocals;
use tempfile::TempDir;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::timeout;

use crate::bootstrap::Description;
use crate::codec::{self, Conversation, Greeting, Heard, Prepared, Start, Telling};
use crate::guardian::{self, Guardian, Watch};
use crate::locals;
use crate::warm::{Loaded, Stable};
use crate::{BlobFiles, Project, ServerNumbers};
use lines::{Line, Lines};
use output::{Budget, Errors};
use process::{Body, Exit, Stdin, Streams};
pub use quickness::Bodies;
use quickness::Quickness;
use stdout::Stdout;

/// How long a process may take to end after it said how it ended (as Coflux's own worker).
const GRACE: Duration = Duration::from_secs(5);

/// How long we wait for the rest of a dead process's output. Only a process that hid from us can
/// hold its end of the pipe longer.
const REST: Duration = Duration::from_secs(2);

/// A line of at most so many bytes is read where it came: handing it over would take longer.
const QUICK: usize = 2 << 10;

/// What an executor reports.
#[derive(Debug)]
pub struct Report {
    /// The execution it runs.
    pub execution: ExecutionId,
    /// What there is to report.
    pub what: Reported,
}

/// What there is to report.
#[derive(Debug)]
pub enum Reported {
    /// It was told what to run. (How long an execution may take counts from here: Coflux's own
    /// worker has its processes started beforehand.)
    Begun,
    /// It said something.
    Said(Message),
    /// The local variables of the frames it failed in; before it says that it failed.
    Locals(Vec<FrameLocals>),
    /// What it imported. Not told by every process.
    Loaded(Loaded),
    /// Its process and everything below it are gone; nothing comes after this. Why, for a person.
    Exited(String),
}

/// What all executors of an engine share.
pub struct Workshop {
    /// Where values are kept.
    pub blobs: Arc<dyn BlobFiles>,
    /// What recorded executions were called by where they were recorded.
    pub numbers: Arc<ServerNumbers>,
    /// Ends the processes should we be killed.
    pub guardian: Arc<Guardian>,
    /// Pythons to fork instead of starting new ones.
    pub warm: Arc<Stable>,
    /// How many bodies there are at once.
    pub bodies: Arc<Bodies>,
    /// Where reports go.
    pub reports: mpsc::Sender<Report>,
}

/// What a process is to hear.
#[derive(Debug)]
enum ToSay {
    Answer(RequestId, Reply),
    Tell(Telling),
}

/// A running executor. Dropping it stops it.
#[derive(Debug)]
pub struct Executor {
    to_say: UnboundedSender<ToSay>,
    stop: watch::Sender<bool>,
}

impl Executor {
    /// Starts an executor on the current tokio runtime, which must be one of threads. Whatever goes
    /// wrong is reported as a failure of the execution.
    pub fn start(start: Start, project: Arc<Project>, workshop: Arc<Workshop>) -> Self {
        let (to_say, said) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            let run = Run { start, project, workshop, stopped };
            run.until_gone(said).await;
        });
        Self { to_say, stop }
    }

    /// Answers a request. Without effect if the process is gone.
    pub fn answer(&self, request: RequestId, reply: Reply) {
        let _ = self.to_say.send(ToSay::Answer(request, reply));
    }

    /// Tells it something it did not ask for. Without effect if the process is gone.
    pub fn tell(&self, telling: Telling) {
        let _ = self.to_say.send(ToSay::Tell(telling));
    }

    /// Kills the process with everything below it.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// An execution that could not be run.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("no scratch directory can be made: {0}")]
    Scratch(std::io::Error),
    #[error("{program:?} cannot be started in {folder:?}: {source}")]
    Spawn { program: String, folder: PathBuf, source: std::io::Error },
    #[error("no guardian watches over it: {0}")]
    Guardian(std::io::Error),
    #[error("{0}")]
    Start(#[from] codec::StartError),
    #[error("{0}")]
    Version(#[from] codec::UnknownVersion),
}

impl RunError {
    /// What stands as the error's type.
    fn kind(&self) -> &'static str {
        match self {
            Self::Scratch(_) | Self::Spawn { .. } | Self::Guardian(_) => "hindcast.CannotStart",
            Self::Start(_) => "hindcast.MissingValue",
            Self::Version(_) => "hindcast.UnknownSdk",
        }
    }
}

/// A process under way.
struct Process {
    body: Body,
    pid: i32,
    mark: String,
    stdout: Lines<Stdout>,
    stdin: Option<Stdin>,
    errors: JoinHandle<Errors>,
    /// Whether it and everything below it are known to be dead.
    gone: bool,
    /// Held for its drop: the guardian forgets the process.
    _watch: Watch,
}

struct Run {
    start: Start,
    project: Arc<Project>,
    workshop: Arc<Workshop>,
    stopped: watch::Receiver<bool>,
}

impl Run {
    async fn until_gone(mut self, to_say: UnboundedReceiver<ToSay>) {
        let reason = match self.run(to_say).await {
            Ok(reason) => reason,
            Err(error) => {
                let reason = error.to_string();
                self.say(codec::failed(error.kind(), reason.clone())).await;
                reason
            }
        };
        self.report(Reported::Exited(reason)).await;
    }

    async fn report(&self, what: Reported) {
        let report = Report { execution: self.start.execution.clone(), what };
        // Nobody listens any more when the engine is ending.
        let _ = self.workshop.reports.send(report).await;
    }

    async fn say(&self, message: Message) {
        self.report(Reported::Said(message)).await;
    }

    async fn run(&mut self, to_say: UnboundedReceiver<ToSay>) -> Result<String, RunError> {
        let scratch = scratch(&self.workshop.guardian).map_err(RunError::Scratch)?;
        let working_dir = scratch.path().join("work");
        let start = self.start.clone();
        let prepared =
            block_in_place(|| codec::prepare(&start, &working_dir, &self.workshop.blobs))?;
        let budget = Budget::default();
        let mut process = self.spawn(&scratch, &budget).await?;
        let _body = self.workshop.bodies.begin();
        let said = self.converse(&mut process, prepared, to_say, &budget, &working_dir).await;
        let reason = self.finish(process, &budget).await;
        if let Some(loaded) = block_in_place(|| Loaded::read(scratch.path())) {
            // What a debugger imports is not the project's.
            if !self.is_debugged() {
                self.workshop.warm.learn(&self.project, &loaded);
            }
            self.report(Reported::Loaded(loaded)).await;
        }
        block_in_place(|| drop(scratch));
        said.map(|()| reason)
    }

    fn is_debugged(&self) -> bool {
        self.project.debug_options(&self.start.execution.step, &self.start.target).is_some()
    }

    /// A fork of a warm Python where there is one, else a process of its own.
    async fn spawn(&self, scratch: &TempDir, budget: &Budget) -> Result<Process, RunError> {
        let mark = guardian::mark_of(scratch.path());
        let (scratch, project) = (scratch.path(), &self.project);
        let description =
            project.is_watched().then(|| Description::of(project, &self.start, scratch));
        let forked = match &description {
            // A debugger gets a process that nothing else has been in.
            Some(description) if !self.is_debugged() => {
                self.fork(description, scratch, &mark).await
            }
            _ => None,
        };
        let is_forked = forked.is_some();
        let (body, Streams { stdin, stdout, stderr }) = match forked {
            Some(forked) => forked,
            None => process::start(project, scratch, &mark).map_err(|source| RunError::Spawn {
                program: project.adapter().program.to_string_lossy().into_owned(),
                folder: project.folder().to_owned(),
                source,
            })?,
        };
        let gone = || RunError::Scratch(std::io::ErrorKind::BrokenPipe.into());
        let pid = body.pid().ok_or_else(gone)?;
        let watch = self.workshop.guardian.watch(pid, &mark, scratch);
        let errors = Errors::drain(stderr, self.start.execution.clone(), &self.workshop, budget);
        let stdin = Stdin::new(stdin);
        if let (Some(description), false) = (description, is_forked) {
            stdin.write(description.line());
        }
        Ok(Process {
            body,
            pid,
            mark,
            stdout: Lines::new(Stdout::new(stdout), codec::LONGEST_LINE),
            stdin: Some(stdin),
            errors,
            gone: false,
            _watch: watch.map_err(RunError::Guardian)?,
        })
    }

    async fn fork(
        &self,
        description: &Description,
        scratch: &Path,
        mark: &str,
    ) -> Option<(Body, Streams)> {
        let warm = &self.workshop.warm;
        let server = warm.server(&self.project).await?;
        match process::fork(&server, description, scratch, mark).await {
            Ok(forked) => Some(forked),
            Err(error) => {
                // Nothing of the execution has begun.
                warm.failed(&self.project, &error);
                None
            }
        }
    }

    /// Speaks with the process until it has said how it ended, or cannot say any more.
    async fn converse(
        &mut self,
        process: &mut Process,
        prepared: Prepared<'_>,
        mut to_say: UnboundedReceiver<ToSay>,
        budget: &Budget,
        working_dir: &Path,
    ) -> Result<(), RunError> {
        let Some(version) = self.greet(process, budget).await? else { return Ok(()) };
        process.write(prepared.line(version, &self.workshop.numbers));
        self.report(Reported::Begun).await;
        if self.project.is_watched() {
            self.say(Message::Watched { locked: self.project.is_locked() }).await;
        }
        let (blobs, encoding) = (Arc::clone(&self.workshop.blobs), self.start.encoding);
        let execution = self.start.execution.clone();
        let mut conversation =
            Conversation::new(version, &execution, working_dir.to_owned(), blobs, encoding)
                .with_numbers(&self.workshop.numbers);
        let mut stop = self.stopped.clone();
        let mut stop = pin!(stopped(&mut stop));
        let mut quickness = Quickness::default();
        loop {
            if let Some(until) = quickness.soon()
                && to_say.is_empty()
                && self.workshop.bodies.is_alone()
            {
                process.stdout.look(until);
            }
            let next = tokio::select! {
                biased;
                () = &mut stop => return Ok(()),
                Some(to_say) = to_say.recv() => {
                    let is_answer = matches!(to_say, ToSay::Answer(..));
                    process.write(say(&mut conversation, to_say));
                    if is_answer {
                        quickness.answered(Instant::now());
                    }
                    if conversation.is_over() {
                        return Ok(());
                    }
                    continue;
                }
                line = process.next_line() => line,
            };
            quickness.said(Instant::now());
            let Some(line) = next else { return Ok(()) };
            let heard = hear(&mut conversation, &line);
            if matches!(heard, Heard::Answer(_)) {
                quickness.answered(Instant::now());
            }
            if let (Heard::Says(Message::Failed { .. }), Some(scratch)) =
                (&heard, working_dir.parent())
                && let Some(frames) = block_in_place(|| locals::read(scratch))
            {
                self.report(Reported::Locals(frames)).await;
            }
            if self.pass_on(heard, process, budget).await || conversation.is_over() {
                return Ok(());
            }
        }
    }

    /// Waits for `ready`. None if the process ended, or was stopped, before.
    async fn greet(
        &mut self,
        process: &mut Process,
        budget: &Budget,
    ) -> Result<Option<codec::SdkVersion>, RunError> {
        loop {
            let next = tokio::select! {
                biased;
                () = stopped(&mut self.stopped) => return Ok(None),
                line = process.next_line() => line,
            };
            let Some(line) = next else { return Ok(None) };
            let (Line::Whole(text) | Line::Long { beginning: text, .. }) = line;
            match codec::greeting(&text) {
                Greeting::Ready(version) => return Ok(Some(version)),
                Greeting::Unknown(unknown) => {
                    process.kill();
                    return Err(unknown.into());
                }
                Greeting::Debugger(debugger) => self.say(Message::Debugger(debugger)).await,
                Greeting::Other => {
                    self.pass_on(codec::printed(&text), process, budget).await;
                }
            }
        }
    }

    /// Whether the process is given up.
    async fn pass_on(&self, heard: Heard, process: &mut Process, budget: &Budget) -> bool {
        match heard {
            Heard::Answer(line) => process.write(line),
            Heard::Fatal(message) => {
                process.kill();
                self.say(message).await;
                return true;
            }
            Heard::Says(message) => {
                if let Some(message) = budget.spend(message) {
                    self.say(message).await;
                }
            }
        }
        false
    }

    /// Sees the process off: it may end by itself if it said how it ended, is killed otherwise, and
    /// what it printed last is still reported. Gives the reason it ended.
    async fn finish(&self, mut process: Process, budget: &Budget) -> String {
        process.stdin = None;
        let was_stopped = *self.stopped.borrow();
        let mut exit = None;
        let mut stop = self.stopped.clone();
        if !was_stopped {
            tokio::select! {
                biased;
                () = stopped(&mut stop) => {}
                ended = timeout(GRACE, drain(self, &mut process, budget)) => exit = ended.ok(),
            }
        }
        process.kill();
        let exit = match exit {
            Some(exit) => exit,
            None => process.body.wait().await,
        };
        process.gone = true;
        // Everything below it is dead now, so its pipes end.
        let _ = timeout(REST, async {
            while let Some(line) = process.next_line().await {
                self.report_rest(line, budget).await;
            }
        })
        .await;
        let errors = match timeout(REST, &mut process.errors).await {
            Ok(Ok(errors)) => errors.tail(),
            _ => String::new(),
        };
        process.errors.abort();
        describe(was_stopped || *self.stopped.borrow(), &exit, &errors)
    }

    /// What is printed after the end is a log line, whatever it says.
    async fn report_rest(&self, line: Line, budget: &Budget) {
        let (Line::Whole(text) | Line::Long { beginning: text, .. }) = line;
        if let Heard::Says(message) = codec::printed(&text)
            && let Some(message) = budget.spend(message)
        {
            self.say(message).await;
        }
    }
}

/// Reads what is left until the process is gone.
async fn drain(run: &Run, process: &mut Process, budget: &Budget) -> Exit {
    let mut open = true;
    loop {
        tokio::select! {
            exit = process.body.wait() => return exit,
            line = process.stdout.next(), if open => match line {
                Ok(Some(line)) => run.report_rest(line, budget).await,
                _ => open = false,
            },
        }
    }
}

impl Process {
    /// The next line of its stdout; none when there will be no more. A process that has ended may
    /// have left others that hold its stdout: they end with it.
    async fn next_line(&mut self) -> Option<Line> {
        tokio::select! {
            biased;
            line = self.stdout.next() => return line.ok().flatten(),
            _ = self.body.wait() => {}
        }
        self.kill();
        timeout(REST, self.stdout.next()).await.ok()?.ok().flatten()
    }

    fn write(&self, line: String) {
        if let Some(stdin) = &self.stdin {
            stdin.write(line);
        }
    }

    fn kill(&self) {
        block_in_place(|| guardian::kill(self.pid, &self.mark));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.gone {
            guardian::kill(self.pid, &self.mark);
        }
    }
}

/// An answer to a call, or to a wait, names files and reads none: it takes less time than making way
/// for others would.
fn say(conversation: &mut Conversation, to_say: ToSay) -> String {
    match to_say {
        ToSay::Answer(request, reply @ (Reply::Submitted { .. } | Reply::Selected { .. })) => {
            conversation.answer(request, reply)
        }
        ToSay::Answer(request, reply) => block_in_place(|| conversation.answer(request, reply)),
        ToSay::Tell(telling) => block_in_place(|| conversation.tell(telling)),
    }
}

/// A short line that tells of no file is read at once.
fn hear(conversation: &mut Conversation, line: &Line) -> Heard {
    match line {
        Line::Whole(text) if text.len() <= QUICK && !tells_of_file(text) => conversation.hear(text),
        Line::Whole(text) => block_in_place(|| conversation.hear(text)),
        Line::Long { beginning, length } => conversation.hear_long(beginning, *length),
    }
}

/// Whether a line may have a file read.
fn tells_of_file(line: &str) -> bool {
    ["path", "fragment", "asset"].iter().any(|word| line.contains(word))
}

/// Resolves once the executor is to stop: asked to, or dropped.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the executor was dropped.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A fresh scratch directory: `work` is where the body runs, `tmp` holds the SDK's own files.
fn scratch(guardian: &Guardian) -> std::io::Result<TempDir> {
    let scratch = guardian.scratch()?;
    for folder in ["work", "tmp"] {
        std::fs::create_dir(scratch.path().join(folder))?;
    }
    Ok(scratch)
}

/// Why a process ended, for a person.
fn describe(was_stopped: bool, exit: &Exit, errors: &str) -> String {
    if was_stopped {
        return "stopped".to_owned();
    }
    let exit = match exit {
        Exit::Status(status) => status.to_string(),
        Exit::Untold(why) => why.clone(),
    };
    if errors.is_empty() { exit } else { format!("{exit}; its last words:\n{errors}") }
}
