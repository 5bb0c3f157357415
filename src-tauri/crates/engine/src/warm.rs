//! Warm Pythons: processes that have imported what a project's code imports, but none of that code,
//! and are forked for each execution.
//!
//! There is one for each project with its command and variables. While there is none that can be
//! used (it is still importing, its environment has changed, it cannot be forked), executions are
//! processes of their own: nothing depends on a warm Python but time.

mod channel;
mod learned;
mod server;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::block_in_place;
use tokio::time::{sleep, timeout};

use crate::Project;
use crate::guardian::Guardian;
pub use channel::Preloaded;
use learned::{Environment, Learned};
pub(crate) use server::{Fork, ForkExit, Server, WarmError};

use crate::bootstrap::Source;

/// The part that is the warm Python.
pub(crate) const SOURCE: Source = Source { name: "warm", text: include_str!("warm/warm.py") };

/// The part that tells what an execution imported.
pub(crate) const LOADED: Source = Source { name: "loaded", text: include_str!("warm/loaded.py") };

/// Where that is told, in the scratch folder.
const LOADED_FILE: &str = "loaded.json";

/// The longest such file that is read, in bytes.
const LONGEST: u64 = 4 << 20;

/// The environment variable that overrides when Pythons are warmed: `off`, `auto`, `on`, `always`.
pub const VARIABLE: &str = "HINDCAST_WARM";

/// So many warm Pythons are kept at most.
const MOST: usize = 4;

/// One that was not used for so long is ended.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// How often each is asked whether it is well.
const PINGS: Duration = Duration::from_secs(10);

/// How often at most the files that a warm Python rests on are looked at.
const LOOKS: Duration = Duration::from_millis(200);

/// How long new imports are gathered before a warm Python is replaced by one that has them.
const GATHER: Duration = Duration::from_millis(300);

/// How long `always` waits for a warm Python.
const WAIT: Duration = Duration::from_secs(120);

/// So often in a row one may fail before it is tried only now and then.
const FAILURES: u32 = 3;

/// How long it is left then.
const PAUSE: Duration = Duration::from_secs(60);

/// When Pythons are warmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Warm {
    /// Never: every execution is a process of its own.
    Off,
    /// With a project's second execution: for a process that may end after the first.
    #[default]
    WhenWorthIt,
    /// With its first execution, or when asked to: for a window or a watch.
    AtOnce,
    /// As before, and executions wait for it: for tests and measurements.
    Always,
}

impl Warm {
    /// What a word means: `off`, `auto`, `on`, `always`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "off" => Self::Off,
            "auto" => Self::WhenWorthIt,
            "on" => Self::AtOnce,
            "always" => Self::Always,
            _ => return None,
        })
    }

    /// What the environment says, if it says anything.
    pub fn from_environment() -> Option<Self> {
        Self::parse(std::env::var(VARIABLE).ok()?.as_str())
    }
}

/// What there is to know of a project's warm Python.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmReport {
    /// The project's folder.
    pub project: PathBuf,
    /// The command whose Python it is.
    pub command: String,
    /// How it is.
    pub state: WarmState,
    /// Its process id, if it runs.
    pub pid: Option<i32>,
    /// Memory it has, in bytes, as last heard.
    pub memory: u64,
    /// How many executions were forked from it.
    pub forks: u64,
    /// How many of them are alive.
    pub alive: usize,
    /// What it has imported.
    pub preloaded: Vec<Preloaded>,
    /// What it leaves for its children to import, with the reasons.
    pub left: BTreeMap<String, String>,
    /// How many were replaced since this process began.
    pub replaced: u32,
    /// Why the last one was replaced, or could not be used.
    pub problem: Option<String>,
}

/// How a project's warm Python is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarmState {
    /// There is none, and will be none: why.
    Off(String),
    /// It was not needed yet.
    Cold,
    /// It is importing.
    Starting,
    /// It can be forked.
    Ready,
    /// It could not be had: why.
    Failed(String),
}

/// What an execution imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Loaded {
    /// Files of the project.
    pub project: Vec<PathBuf>,
    /// Names of third-party and standard modules.
    pub libraries: Vec<String>,
}

impl Loaded {
    /// What was told in this scratch folder, if anything was.
    pub(crate) fn read(scratch: &Path) -> Option<Self> {
        let file = scratch.join(LOADED_FILE);
        let length =
            std::fs::symlink_metadata(&file).ok().filter(std::fs::Metadata::is_file)?.len();
        if length > LONGEST {
            return None;
        }
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }
}

/// All warm Pythons of an engine.
#[derive(Debug)]
pub struct Stable {
    mode: Mutex<Warm>,
    /// Where is kept what was learned.
    folder: PathBuf,
    guardian: Arc<Guardian>,
    stalls: Mutex<HashMap<Key, Arc<Stall>>>,
}

/// What a warm Python is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    folder: PathBuf,
    command: String,
    variables: Vec<(std::ffi::OsString, std::ffi::OsString)>,
}

/// The place of one warm Python.
#[derive(Debug)]
struct Stall {
    project: Project,
    file: PathBuf,
    state: Mutex<State>,
    /// Whenever a start has come to its end.
    settled: Notify,
}

#[derive(Debug)]
struct State {
    server: Option<Arc<Server>>,
    environment: Option<Environment>,
    /// When the files it rests on were last looked at.
    looked: Option<Instant>,
    starting: bool,
    /// Something was learned since the running one was started.
    stale: bool,
    learned: Learned,
    begun: u64,
    used: Instant,
    memory: u64,
    replaced: u32,
    failures: u32,
    /// When the last one failed.
    failed: Option<Instant>,
    problem: Option<String>,
}

impl State {
    /// Whether it is to be left alone for now.
    fn is_given_up(&self) -> bool {
        self.failures >= FAILURES && self.failed.is_some_and(|at| at.elapsed() < PAUSE)
    }
}

impl Stall {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stable {
    /// A stable that keeps what it learns in `folder`. Starts nothing.
    pub fn new(mode: Warm, folder: PathBuf, guardian: Arc<Guardian>) -> Arc<Self> {
        let mode = Mutex::new(mode);
        Arc::new(Self { mode, folder, guardian, stalls: Mutex::default() })
    }

    fn mode(&self) -> Warm {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on Pythons are warmed so. Those that are of no use any more end.
    pub(crate) fn set_mode(&self, mode: Warm) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
        if mode == Warm::Off {
            self.stalls.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Why no warm Python can be had for a project, if so.
    fn refuses(&self, project: &Project) -> Option<String> {
        if self.mode() == Warm::Off {
            return Some("warm Pythons are switched off".to_owned());
        }
        if !cfg!(target_os = "linux") {
            return Some(
                "Python is not forked on this system: what its libraries start does not \
                survive it"
                    .to_owned(),
            );
        }
        if !project.is_watched() {
            let command = project.adapter().command_line();
            return Some(format!("`{command}` is no plain `python -m coflux`"));
        }
        None
    }

    fn stall(&self, project: &Project) -> Arc<Stall> {
        let command = project.adapter().command_line();
        let variables = project.variables().iter();
        let key = Key {
            folder: project.folder().to_owned(),
            command: command.clone(),
            variables: variables.map(|(name, value)| (name.clone(), value.clone())).collect(),
        };
        let mut stalls = self.stalls.lock().unwrap_or_else(PoisonError::into_inner);
        let stall = stalls.entry(key).or_insert_with(|| {
            let file = learned::file(&self.folder, project.folder(), &command);
            let mut learned = Learned::read(&file);
            project.folder().clone_into(&mut learned.project);
            let now = Instant::now();
            Arc::new(Stall {
                project: project.clone(),
                file,
                state: Mutex::new(State {
                    server: None,
                    environment: None,
                    looked: None,
                    starting: false,
                    stale: false,
                    learned,
                    begun: 0,
                    used: now,
                    memory: 0,
                    replaced: 0,
                    failures: 0,
                    failed: None,
                    problem: None,
                }),
                settled: Notify::new(),
            })
        });
        Arc::clone(stall)
    }

    /// A warm Python to fork for an execution; none if it is to be a process of its own.
    pub(crate) async fn server(self: &Arc<Self>, project: &Project) -> Option<Arc<Server>> {
        if self.refuses(project).is_some() {
            return None;
        }
        let stall = self.stall(project);
        let now = Instant::now();
        {
            let mut state = stall.state();
            state.begun += 1;
            state.used = now;
        }
        if let Some(server) = block_in_place(|| stall.usable(project)) {
            return Some(server);
        }
        let begun = stall.state().begun;
        if self.mode() != Warm::WhenWorthIt || begun > 1 {
            self.start(&stall);
        }
        if self.mode() != Warm::Always {
            return None;
        }
        let ready = timeout(WAIT, stall.until_settled()).await;
        ready.ok().and_then(|()| stall.usable(project))
    }

    /// A warm Python that runs already, to fork for what is no execution.
    pub(crate) fn at_hand(&self, project: &Project) -> Option<Arc<Server>> {
        if self.refuses(project).is_some() {
            return None;
        }
        let stall = self.stall(project);
        stall.state().used = Instant::now();
        block_in_place(|| stall.usable(project))
    }

    /// Warms a project's Python and waits until it is warm, or cannot be.
    pub async fn warm_up(self: &Arc<Self>, project: &Project) -> WarmReport {
        if let Some(why) = self.refuses(project) {
            return report_of(project, WarmState::Off(why));
        }
        let stall = self.stall(project);
        if block_in_place(|| stall.usable(project)).is_none() {
            stall.state().failures = 0;
            self.start(&stall);
            // What it came to is in the report.
            let _ = timeout(WAIT, stall.until_settled()).await;
        }
        self.report(project)
    }

    /// A person runs something: what it rests on is looked at before the next fork, however recently
    /// that was done.
    pub fn look_again(&self, project: &Project) {
        if self.refuses(project).is_none() {
            self.stall(project).state().looked = None;
        }
    }

    /// How a project's warm Python is.
    pub fn report(&self, project: &Project) -> WarmReport {
        if let Some(why) = self.refuses(project) {
            return report_of(project, WarmState::Off(why));
        }
        let stall = self.stall(project);
        let state = stall.state();
        let server = state.server.as_ref();
        let how = match (server, state.starting) {
            (Some(_), _) => WarmState::Ready,
            (None, true) => WarmState::Starting,
            (None, false) if state.failures > 0 => {
                WarmState::Failed(state.problem.clone().unwrap_or_default())
            }
            (None, false) => WarmState::Cold,
        };
        WarmReport {
            pid: server.map(|server| server.pid()),
            memory: state.memory,
            forks: server.map_or(0, |server| server.count()),
            alive: server.map_or(0, |server| server.alive()),
            preloaded: server.map(|server| server.ready.preloaded.clone()).unwrap_or_default(),
            left: state.learned.left.clone(),
            replaced: state.replaced,
            problem: state.problem.clone(),
            ..report_of(project, how)
        }
    }

    /// Takes in what an execution imported.
    pub(crate) fn learn(self: &Arc<Self>, project: &Project, loaded: &Loaded) {
        if loaded.libraries.is_empty() || self.refuses(project).is_some() {
            return;
        }
        let stall = self.stall(project);
        let renew = {
            let mut state = stall.state();
            if !state.learned.add(&loaded.libraries) {
                return;
            }
            // A hint that cannot be kept is learned again.
            let _ = state.learned.write(&stall.file);
            let first = !std::mem::replace(&mut state.stale, true);
            first && (state.server.is_some() || state.starting)
        };
        if renew {
            let stable = Arc::downgrade(self);
            tokio::spawn(async move {
                sleep(GATHER).await;
                while stall.state().starting {
                    sleep(GATHER).await;
                }
                if let Some(stable) = stable.upgrade() {
                    stable.start(&stall);
                }
            });
        }
    }

    /// A fork that could not be had.
    pub(crate) fn failed(self: &Arc<Self>, project: &Project, error: &WarmError) {
        let stall = self.stall(project);
        stall.state().problem = Some(error.to_string());
    }

    /// Starts a warm Python in the background, unless one is being started. One that runs serves
    /// until then.
    fn start(self: &Arc<Self>, stall: &Arc<Stall>) {
        let learned = {
            let mut state = stall.state();
            if state.starting || state.is_given_up() {
                return;
            }
            state.starting = true;
            state.stale = false;
            state.learned.clone()
        };
        self.make_room(stall);
        let (stable, stall, guardian) =
            (Arc::downgrade(self), Arc::clone(stall), Arc::clone(&self.guardian));
        tokio::spawn(async move {
            stall.begin(learned, &guardian).await;
            stall.settled.notify_waiters();
            stall.keep_well(&stable).await;
        });
    }

    /// Ends the one that was not used for longest, if there are as many as there may be.
    fn make_room(&self, keep: &Arc<Stall>) {
        let stalls = self.stalls.lock().unwrap_or_else(PoisonError::into_inner);
        let others = stalls.values().filter(|stall| !Arc::ptr_eq(stall, keep));
        let mut running: Vec<(Instant, &Arc<Stall>)> = others
            .filter_map(|stall| {
                let state = stall.state();
                state.server.is_some().then_some((state.used, stall))
            })
            .collect();
        running.sort_by_key(|(used, _)| *used);
        let over = (running.len() + 1).saturating_sub(MOST);
        for (_, stall) in running.into_iter().take(over) {
            let server = stall.state().server.take();
            drop(server);
        }
    }
}

impl Stall {
    /// The warm Python, if it is still what a fresh one would be with this code.
    fn usable(&self, project: &Project) -> Option<Arc<Server>> {
        let mut state = self.state();
        let server = state.server.clone()?;
        let mut problem = server.over().map(|why| format!("the warm Python ended: {why}"));
        if problem.is_none() && state.looked.is_none_or(|at| at.elapsed() >= LOOKS) {
            state.looked = Some(Instant::now());
            let holds = state.environment.as_ref().is_none_or(Environment::holds);
            problem = (!holds).then(|| "the Python environment has changed".to_owned());
        }
        let own = || server.ready.taken.iter().find_map(|name| project.snapshot()?.top(name));
        if problem.is_none()
            && let Some(own) = own()
        {
            problem =
                Some(format!("the project's own {own} is now in the place of what was imported"));
        }
        if problem.is_some() {
            state.problem = problem;
            state.replaced += 1;
            state.server = None;
            return None;
        }
        Some(server)
    }

    /// Waits until no start is under way.
    async fn until_settled(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            if !self.state().starting {
                return;
            }
            settled.await;
        }
    }

    /// Starts one; tries again without the modules that spoil it.
    async fn begin(&self, mut learned: Learned, guardian: &Arc<Guardian>) {
        // The environment may have changed since its modules were judged. That is known only to a
        // running Python, so the first one of a process judges anew unless another has run.
        let known = self.state().environment.as_ref().map(Environment::name);
        if let Some(known) = known {
            learned.judged_in(&known);
        }
        let mut outcome = Server::start(&self.project, &learned, guardian).await;
        for _ in 0..learned.modules.len() {
            match outcome {
                Err(WarmError::Unfit { spoiled, .. }) if !spoiled.is_empty() => {
                    learned.modules.retain(|name| !spoiled.contains_key(name));
                    learned.left.extend(spoiled);
                    outcome = Server::start(&self.project, &learned, guardian).await;
                }
                other => {
                    outcome = other;
                    break;
                }
            }
        }
        if let Ok(server) = &outcome {
            let environment = Environment::of(&server.ready.places, &server.ready.files);
            if !learned.environment.is_empty() && learned.environment != environment.name() {
                // Its modules were judged in another environment.
                learned.judged_in(&environment.name());
                learned.environment = environment.name();
                outcome = Server::start(&self.project, &learned, guardian).await;
            }
        }
        self.settle(outcome);
    }

    fn settle(&self, outcome: Result<Server, WarmError>) {
        let mut state = self.state();
        state.starting = false;
        match outcome {
            Ok(server) => {
                let environment = Environment::of(&server.ready.places, &server.ready.files);
                state.learned.settle(&server.ready, environment.name());
                // A hint that cannot be kept is learned again.
                let _ = state.learned.write(&self.file);
                state.memory = server.ready.memory;
                state.environment = Some(environment);
                state.looked = Some(Instant::now());
                state.failures = 0;
                state.failed = None;
                state.server = Some(Arc::new(server));
            }
            Err(error) => {
                state.failures += 1;
                state.failed = Some(Instant::now());
                state.problem = Some(error.to_string());
            }
        }
    }

    /// Asks the running one whether it is well, until another takes its place or nobody has used it
    /// for long.
    async fn keep_well(&self, stable: &Weak<Stable>) {
        let Some(server) = self.state().server.as_ref().map(Arc::downgrade) else { return };
        loop {
            sleep(PINGS).await;
            let (Some(server), true) = (server.upgrade(), stable.strong_count() > 0) else {
                return;
            };
            let pinged = server.ping().await;
            let mut state = self.state();
            let current = state.server.as_ref().is_some_and(|own| Arc::ptr_eq(own, &server));
            if !current {
                return;
            }
            match pinged {
                Ok(memory) => state.memory = memory,
                Err(error) => {
                    state.problem = Some(error.to_string());
                    state.replaced += 1;
                    state.server = None;
                    return;
                }
            }
            if state.used.elapsed() > IDLE && server.alive() == 0 {
                state.server = None;
                return;
            }
        }
    }
}

fn report_of(project: &Project, state: WarmState) -> WarmReport {
    WarmReport {
        project: project.folder().to_owned(),
        command: project.adapter().command_line(),
        state,
        pid: None,
        memory: 0,
        forks: 0,
        alive: 0,
        preloaded: Vec::new(),
        left: BTreeMap::new(),
        replaced: 0,
        problem: None,
    }
}
