//! How shells speak to the engine.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use hindcast_model::record::{Input, InputResponse};
use hindcast_model::{
    BlobKey, EnvironmentId, ExecutionId, InputId, Outcome, RunId, StepId, Target, Timestamp, Value,
};
use hindcast_orchestrator::message::Submit;
use hindcast_orchestrator::{Command, Decision, Question, Rules};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::ask::{Answer, Ask, Waiter};
use super::{Config, EngineError, NEWS, News, clock::Clock, start};
use crate::Project;
use crate::codec::Declaration;
use crate::debug::Debugpy;
use crate::examine::{Examined, Wanted};
use crate::preview::Object;
use crate::warm::{Warm, WarmReport};

/// A person's wish to run steps again.
#[derive(Debug, Clone, PartialEq)]
pub struct Rerun {
    /// Which.
    pub steps: Vec<StepId>,
    /// In which local environment.
    pub environment: EnvironmentId,
    /// What may run.
    pub rules: Rules,
    /// Arguments to use instead of the recorded ones; only with a single step.
    pub edited_arguments: Option<Vec<Value>>,
}

/// A person's wish to start a run here.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The workflow (or task).
    pub target: Target,
    /// With what.
    pub arguments: Vec<Value>,
    /// In which local environment.
    pub environment: EnvironmentId,
    /// Whether every task in it is memoised unless it says otherwise.
    pub memo: bool,
    /// The target's own options, as its declaration has them.
    pub options: Submit,
    /// What may run.
    pub rules: Rules,
}

/// An engine that runs. Clones speak to the same engine; it ends when the last is dropped.
#[derive(Debug, Clone)]
pub struct Handle {
    asks: mpsc::UnboundedSender<Ask>,
    news: broadcast::Sender<News>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Handle {
    /// Starts an engine on a store. It runs in a thread of its own; no Python is started, and no run
    /// is read, before the first command.
    ///
    /// # Errors
    /// If the store cannot be opened.
    pub fn start(config: Config) -> Result<Self, EngineError> {
        let (asks, asked) = mpsc::unbounded_channel();
        let (news, _) = broadcast::channel(NEWS);
        let thread = start(config, news.clone(), asked)?;
        Ok(Self { asks, news, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    async fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Ask) -> Result<T, EngineError> {
        let (done, answer) = oneshot::channel();
        self.asks.send(ask(done)).map_err(|_| EngineError::Ended)?;
        answer.await.map_err(|_| EngineError::Ended)?
    }

    async fn command(
        &self,
        command: Command,
        project: Option<Arc<Project>>,
    ) -> Result<Vec<ExecutionId>, EngineError> {
        self.ask(|done| Ask::Command { command, project, done }).await
    }

    /// Runs steps again with the code of `project`; gives the new executions, in the steps' order.
    /// They are durable, and may have started, when this returns.
    ///
    /// # Errors
    /// If the rules do not allow it, or the store fails.
    pub async fn rerun(
        &self,
        rerun: Rerun,
        project: Arc<Project>,
    ) -> Result<Vec<ExecutionId>, EngineError> {
        let Rerun { steps, environment, rules, edited_arguments } = rerun;
        let command = Command::Rerun { steps, environment, rules, edited_arguments };
        self.command(command, Some(project)).await
    }

    /// Starts a run with the code of `project`; gives its first execution.
    ///
    /// # Errors
    /// If the rules do not allow it, or the store fails.
    pub async fn submit(
        &self,
        submission: Submission,
        project: Arc<Project>,
    ) -> Result<ExecutionId, EngineError> {
        let Submission { target, arguments, environment, memo, options, rules } = submission;
        let command = Command::Submit {
            run: fresh_run(),
            target,
            arguments,
            environment,
            memo,
            options: Box::new(options),
            rules,
        };
        let made = self.command(command, Some(project)).await?;
        made.into_iter().next().ok_or(EngineError::Ended)
    }

    /// What the code of a module declares. Imports the module, in a process of its own.
    ///
    /// # Errors
    /// If it cannot be imported.
    pub async fn discover(
        &self,
        project: Arc<Project>,
        module: &str,
    ) -> Result<Vec<Declaration>, EngineError> {
        let module = module.to_owned();
        self.ask(|done| Ask::Discover { project, module, done }).await
    }

    /// What an object is, as a throw-away Python of the project says that loads it; `preview.py` has
    /// the form. Runs the object's code, locked.
    ///
    /// # Errors
    /// If it cannot be loaded.
    pub async fn preview(
        &self,
        project: Arc<Project>,
        object: Object,
    ) -> Result<serde_json::Value, EngineError> {
        self.ask(|done| Ask::Preview { project, object, done }).await
    }

    /// Whether a project's Python has debugpy. Runs that Python, and nothing of the project.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub async fn find_debugpy(&self, project: Arc<Project>) -> Result<Debugpy, EngineError> {
        self.ask(|done| Ask::FindDebugpy { project, done }).await
    }

    /// Installs a copy of debugpy into `packages`, as a whole or not at all. The project's environment
    /// is not changed.
    ///
    /// # Errors
    /// If it cannot be had from the package index.
    pub async fn install_debugpy(
        &self,
        project: Arc<Project>,
        packages: PathBuf,
    ) -> Result<(), EngineError> {
        self.ask(|done| Ask::InstallDebugpy { project, packages, done }).await
    }

    /// What keeps a project's code from running, as far as it is wanted. Runs nothing of the project,
    /// unless its text leaves doubts: then its modules are imported, in a process of its own.
    ///
    /// # Errors
    /// If the engine cannot start a process.
    pub async fn examine(
        &self,
        project: Arc<Project>,
        wanted: Wanted,
    ) -> Result<Examined, EngineError> {
        self.ask(|done| Ask::Examine { project, wanted, done }).await
    }

    /// How a project's warm Python is; with `start` it is warmed first, and waited for.
    ///
    /// # Errors
    /// If the engine has ended.
    pub async fn warm(
        &self,
        project: Arc<Project>,
        start: bool,
    ) -> Result<WarmReport, EngineError> {
        self.ask(|done| Ask::Warm { project, start, done }).await
    }

    /// How many bodies run at once from now on, and when Pythons are warmed. What runs goes on.
    pub fn configure(&self, slots: usize, warm: Warm) {
        // An engine that has ended runs nothing.
        let _ = self.asks.send(Ask::Configure { slots, warm });
    }

    /// Cancels an execution and what it called, whichever process runs it.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn cancel(&self, execution: ExecutionId) -> Result<(), EngineError> {
        self.command(Command::Cancel(execution), None).await.map(drop)
    }

    /// Decides about a call that waits at the guard.
    ///
    /// # Errors
    /// If it does not wait, or the decision does not fit.
    pub async fn decide(
        &self,
        caller: ExecutionId,
        ordinal: u32,
        decision: Decision,
    ) -> Result<(), EngineError> {
        self.command(Command::Decide { caller, ordinal, decision }, None).await.map(drop)
    }

    /// Answers an input, whichever process asked for it.
    ///
    /// # Errors
    /// If it is not there or was answered.
    pub async fn respond(
        &self,
        input: InputId,
        response: InputResponse,
    ) -> Result<(), EngineError> {
        self.command(Command::Respond { input, response }, None).await.map(drop)
    }

    /// How an execution finally ends, every retry and sharing followed.
    ///
    /// # Errors
    /// If it is not there, or the engine ends before it does.
    pub async fn outcome(&self, execution: ExecutionId) -> Result<Outcome, EngineError> {
        self.ask(|done| Ask::Outcome(Waiter { execution, done })).await
    }

    /// Calls that wait at the guard in this process.
    ///
    /// # Errors
    /// If the engine has ended.
    pub async fn questions(&self) -> Result<Vec<Question>, EngineError> {
        self.ask(Ask::Questions).await
    }

    /// Inputs that were asked for and are not answered.
    ///
    /// # Errors
    /// If the engine has ended.
    pub async fn inputs(&self) -> Result<Vec<Input>, EngineError> {
        self.ask(Ask::Inputs).await
    }

    /// Executions under way in this process.
    ///
    /// # Errors
    /// If the engine has ended.
    pub async fn under_way(&self) -> Result<Vec<ExecutionId>, EngineError> {
        self.ask(Ask::UnderWay).await
    }

    /// Returns once nothing is under way in this process: also what an execution called that had
    /// not ended when the execution itself did.
    ///
    /// # Errors
    /// If the engine ends before.
    pub async fn idle(&self) -> Result<(), EngineError> {
        self.ask(Ask::Idle).await
    }

    /// Everything that becomes durable from now on. A follower that is told it lags behind reads the
    /// journal from where it was.
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Ends the engine: kills every process it started, and returns once all are gone. What had not
    /// ended is abandoned when a store is next worked on.
    pub fn shutdown(&self) {
        // An engine that has ended needs no telling.
        let _ = self.asks.send(Ask::Shutdown);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// A run id as Coflux's own, of eight characters: unlikely enough to be taken, and refused if it is.
fn fresh_run() -> RunId {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let Timestamp(now) = Clock::now();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    run_of(&BlobKey::of(format!("{now} {} {count}", std::process::id()).as_bytes()))
}

/// Coflux's alphabet: no vowels, nothing that reads like another.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ23456789";

fn run_of(seed: &BlobKey) -> RunId {
    loop {
        let letter = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
        let text: String = std::iter::once('R').chain(seed.0[..8].iter().map(letter)).collect();
        // A word of letters and digits is always a run id.
        if let Ok(id) = text.parse() {
            return id;
        }
    }
}
