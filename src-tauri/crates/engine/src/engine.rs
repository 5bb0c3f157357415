//! One task that owns the orchestrator of this process.
//!
//! Every event is handled inside one write transaction of the store: what other processes recorded
//! goes in first, then the event, and every record that comes out is kept. Only after the commit are
//! the other effects carried out, so nothing is visible, and no body starts, before it is durable.
//! Only what starts nothing is answered first (see `owing`).

mod ask;
mod carry_out;
mod clock;
mod code;
mod copying;
mod handle;
mod held_up;
mod inquire;
mod knowledge;
mod neighbours;
mod owing;
mod session;
mod turn;
mod warmth;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hindcast_model::record::{Input, Record};
use hindcast_model::{ExecutionId, RunId};
use hindcast_orchestrator::{Event, Orchestrator, Question};
use hindcast_store::{BlobStore, Store, StoreError};
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::debug::DebugError;
use crate::executor::{Executor, Report, Workshop};
use crate::preview::PreviewError;
use crate::recorded::Reader;
use crate::warm::Warm;
use crate::{DiscoverError, Project, ServerNumbers};
use ask::{Answer, Ask, Waiter};
use clock::Clock;
use code::Codes;
use copying::Copying;
pub use handle::{Handle, Rerun, Submission};
use owing::Owing;
use session::Session;

/// How often other processes' writes are looked for.
const POLL: Duration = Duration::from_millis(150);

/// How many reports of executors may wait to be handled; a process that says more is held up.
const REPORTS: usize = 256;

/// How much happens in one transaction at most.
const BATCH: usize = 64;

/// How many news a follower may be behind before it has to read the journal instead.
const NEWS: usize = 4096;

/// What an engine goes by.
#[derive(Debug, Clone)]
pub struct Config {
    /// The store's folder.
    pub store: PathBuf,
    /// The program that is started as guardian: one that calls `guardian::main_if_asked` first.
    pub guardian: PathBuf,
    /// How many bodies may run at once. Those that wait for others do not count.
    pub slots: usize,
    /// When Pythons are warmed.
    pub warm: Warm,
}

impl Config {
    /// The usual: this very program as guardian, as many bodies at once as Coflux's own worker.
    ///
    /// # Errors
    /// If this program's own path is not known.
    pub fn new(store: PathBuf) -> std::io::Result<Self> {
        // The link still works after the file was replaced by a newer build.
        let link = PathBuf::from("/proc/self/exe");
        let guardian = if link.exists() { link } else { std::env::current_exe()? };
        let warm = Warm::from_environment().unwrap_or_default();
        Ok(Self { store, guardian, slots: Self::usual_slots(), warm })
    }

    /// How many bodies run at once where nobody says: as many as Coflux's own worker has, so that
    /// bodies that race each other do so here as well.
    pub fn usual_slots() -> usize {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        (cores + 4).min(32)
    }
}

/// Something that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine could not be started.
    #[error("the engine cannot be started: {0}")]
    Start(std::io::Error),
    /// The rules do not allow it.
    #[error("{0}")]
    Rejected(String),
    /// There is no such execution.
    #[error("there is no execution {0}")]
    NoExecution(ExecutionId),
    /// Code could not be asked what it declares.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// An object could not be looked at.
    #[error(transparent)]
    Preview(#[from] PreviewError),
    /// Nothing could be debugged.
    #[error(transparent)]
    Debug(#[from] DebugError),
    /// The engine has ended.
    #[error("the engine has ended")]
    Ended,
}

/// What followers hear, after it has become durable.
#[derive(Debug, Clone)]
pub enum News {
    /// Something was recorded, here or by another process.
    Recorded {
        /// What, in order.
        records: Arc<[Record]>,
        /// The journal's end after it.
        until: i64,
    },
    /// A call waits at the guard.
    Asked(Arc<Question>),
    /// A person is asked for an input.
    AskedInput(Arc<Input>),
    /// The engine lost hold of what was under way: the store could not be written. Why.
    Broken(Arc<str>),
}

/// The engine itself, in its own thread.
struct Engine {
    config: Config,
    /// What is owed is kept beside the loop, by the same connection.
    store: Arc<Mutex<Store>>,
    blobs: BlobStore,
    session: Session,
    /// None until the first command, so that opening a store costs nothing.
    orchestrator: Option<Orchestrator>,
    /// What the store looked like when the orchestrator's world was read.
    world_version: i64,
    /// What the store looked like when it was last looked at.
    seen_version: i64,
    /// When it was.
    looked_around: Instant,
    /// How far the journal was read.
    seen: i64,
    executors: HashMap<ExecutionId, Executor>,
    /// The code of every command that goes on.
    codes: Codes,
    /// The code each run under way is run with.
    projects: BTreeMap<RunId, Arc<Project>>,
    clock: Clock,
    /// When executions were last looked for whose session is gone.
    orphans_sought: Instant,
    copying: Copying,
    /// What was answered and is not kept yet.
    owing: Owing,
    /// Events that follow from effects.
    backlog: VecDeque<Event>,
    waiters: Vec<Waiter>,
    idlers: Vec<Answer<()>>,
    /// Requests to other sessions, by number.
    asked: HashMap<i64, oneshot::Sender<Result<Vec<ExecutionId>, EngineError>>>,
    workshop: Option<Arc<Workshop>>,
    /// What reads the runs of the store.
    recorded: Arc<Reader>,
    /// What recorded executions were called by where they were recorded.
    numbers: Arc<ServerNumbers>,
    reports_sender: mpsc::Sender<Report>,
    reports: mpsc::Receiver<Report>,
    /// Events that come of what was done beside the loop.
    heard_sender: mpsc::UnboundedSender<Event>,
    heard: mpsc::UnboundedReceiver<Event>,
    news: broadcast::Sender<News>,
}

/// Starts the engine in a thread of its own, and waits until it has the store.
fn start(
    config: Config,
    news: broadcast::Sender<News>,
    asks: mpsc::UnboundedReceiver<Ask>,
) -> Result<JoinHandle<()>, EngineError> {
    let (ready, started) = std::sync::mpsc::channel();
    let body = move || match Engine::open(config, news) {
        Ok((engine, runtime)) => {
            // The starter waits for exactly this one word.
            let _ = ready.send(Ok(()));
            // A task among the executors' own: what passes between tasks of one worker wakes no
            // other thread, and a call is answered within one turn of it.
            let engine = runtime.spawn(engine.run(asks));
            // It ends by itself; if it panicked, whoever waits for it hears that it has ended.
            let _ = runtime.block_on(engine);
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
        Err(error) => {
            let _ = ready.send(Err(error));
        }
    };
    let thread = std::thread::Builder::new().name("hindcast-engine".to_owned()).spawn(body);
    let thread = thread.map_err(EngineError::Start)?;
    started.recv().map_err(|_| EngineError::Ended)??;
    Ok(thread)
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    fn open(config: Config, news: broadcast::Sender<News>) -> Result<(Self, Runtime), EngineError> {
        let store = Store::open(&config.store)?;
        let session = Session::open(&config.store).map_err(EngineError::Start)?;
        // One worker: what takes long makes way for others (`block_in_place`), and of several the idle
        // ones would be woken at each line that a process says, to find that it is read already.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.enable_all().worker_threads(1).build().map_err(EngineError::Start)?;
        let (reports_sender, reports) = mpsc::channel(REPORTS);
        let (heard_sender, heard) = mpsc::unbounded_channel();
        let (seen, seen_version) = (store.journal_end()?, store.data_version()?);
        let codes = Codes::new(&config.store);
        let recorded = Arc::new(Reader::new(config.store.clone()));
        let engine = Self {
            config,
            blobs: store.blobs().clone(),
            store: Arc::new(Mutex::new(store)),
            session,
            orchestrator: None,
            world_version: 0,
            seen_version,
            looked_around: Instant::now(),
            seen,
            executors: HashMap::new(),
            codes,
            projects: BTreeMap::new(),
            clock: Clock::default(),
            orphans_sought: Instant::now(),
            copying: Copying::default(),
            owing: Owing::default(),
            backlog: VecDeque::new(),
            waiters: Vec::new(),
            idlers: Vec::new(),
            asked: HashMap::new(),
            workshop: None,
            numbers: Arc::new(ServerNumbers::new(Arc::clone(&recorded))),
            recorded,
            reports_sender,
            reports,
            heard_sender,
            heard,
            news,
        };
        Ok((engine, runtime))
    }
}
