//! Save, look: chosen steps run again whenever the code they can reach is saved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hindcast_engine::snapshot::{Imported, Snapshot, Snapshots};
use hindcast_engine::watch::Watch as Saves;
use hindcast_engine::{Fault, Wanted};
use hindcast_model::{StepId, Target};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::answers::{now, run_of};
use crate::calls::{Cancel, Rerun};
use crate::examined::wanted;
use crate::note::{DoneNote, Note, Notes};
use crate::view::{ApiEvent, FaultView, RerunStarted, TryResult, TryState, TryView, WatchView};
use crate::{Api, ApiError};

/// How many tries are remembered.
const MOST: usize = 200;

/// How long what is under way may take to end once it is cancelled.
const ENDING: Duration = Duration::from_secs(5);

/// What the window watches.
#[derive(Debug, Default)]
pub(crate) struct Watching(Mutex<Option<Watched>>);

#[derive(Debug)]
struct Watched {
    view: WatchView,
    task: Option<AbortHandle>,
}

impl Watched {
    fn end(&mut self) {
        self.view.active = false;
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end();
    }
}

impl Watching {
    fn with<T>(&self, work: impl FnOnce(&mut Option<Watched>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What happens in a watch.
#[derive(Debug)]
pub enum WatchNote {
    /// A try began, stands otherwise, or ended.
    Try(Box<TryView>),
    /// Something happened in the try that goes on.
    Note(Note),
    /// Files were saved that the chosen steps do not reach.
    Beside(BTreeSet<String>),
}

/// A watch. It ends when this is dropped; what is under way then goes on.
#[derive(Debug)]
pub struct Watch {
    notes: UnboundedReceiver<WatchNote>,
    task: AbortHandle,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch {
    /// What happens next; none once the watch has ended.
    pub async fn next(&mut self) -> Option<WatchNote> {
        self.notes.recv().await
    }
}

impl Api {
    /// Runs steps again now, and again whenever code is saved that they can reach, until the watch
    /// is dropped.
    ///
    /// # Errors
    /// If the project is not trusted, the steps are not of one run, or the code cannot be held.
    pub async fn watch(&self, wish: Rerun) -> Result<Watch, ApiError> {
        self.stay();
        let (sender, notes) = unbounded_channel();
        let watcher = Watcher::new(self.clone(), wish, sender).await?;
        let task = tokio::spawn(watcher.run()).abort_handle();
        Ok(Watch { notes, task })
    }

    /// The same for the window, which asks how it stands.
    pub(crate) async fn begin_watch(&self, wish: Rerun) -> Result<WatchView, ApiError> {
        let steps = wish.steps.clone();
        let run = steps.first().and_then(|step| step.split_once(':'));
        let run = run.map(|(run, _)| run.to_owned()).unwrap_or_default();
        let mut watch = self.watch(wish).await?;
        let view = WatchView { run, steps, active: true, tries: Vec::new() };
        let task = {
            let api = self.downgrade();
            tokio::spawn(async move {
                while let Some(note) = watch.next().await {
                    let Some(api) = api.upgrade() else { return };
                    if let WatchNote::Try(one) = note {
                        api.watching().with(|watched| {
                            if let Some(watched) = watched {
                                put(&mut watched.view.tries, *one);
                            }
                        });
                        api.tell(ApiEvent::WatchChanged);
                    }
                }
            })
        };
        let watched = Watched { view: view.clone(), task: Some(task.abort_handle()) };
        self.watching().with(|slot| *slot = Some(watched));
        self.tell(ApiEvent::WatchChanged);
        Ok(view)
    }

    /// Ends the window's watch. Its tries stay.
    pub(crate) fn end_watch(&self) {
        self.watching().with(|watched| watched.as_mut().map(Watched::end));
        self.tell(ApiEvent::WatchChanged);
    }

    /// How the window's watch stands.
    pub(crate) fn watch_view(&self) -> Option<WatchView> {
        self.watching().with(|watched| watched.as_ref().map(|watched| watched.view.clone()))
    }
}

/// Puts a try in its place.
fn put(tries: &mut Vec<TryView>, one: TryView) {
    match tries.iter_mut().find(|other| other.number == one.number) {
        Some(other) => *other = one,
        None => tries.push(one),
    }
    let over = tries.len().saturating_sub(MOST);
    tries.drain(..over);
}

/// What is under way.
struct UnderWay {
    one: TryView,
    started: RerunStarted,
    notes: Notes,
    begun: Instant,
}

/// What comes next.
enum Next {
    Saved(BTreeSet<String>),
    Note(Option<Note>),
}

struct Watcher {
    api: Api,
    wish: Rerun,
    folder: PathBuf,
    /// What the chosen steps call.
    targets: Vec<Target>,
    /// The modules of all steps of the run.
    modules: Arc<BTreeSet<String>>,
    /// What the project's files import.
    imported: Imported,
    snapshots: Arc<Snapshots>,
    /// The code as it was looked at last.
    last: Arc<Snapshot>,
    saves: Saves,
    under_way: Option<UnderWay>,
    /// Files that Python could not read when it last looked.
    faulty: BTreeSet<String>,
    /// The executions of the last try that ended.
    before: Vec<String>,
    tries: u32,
    notes: UnboundedSender<WatchNote>,
}

impl Watcher {
    async fn new(
        api: Api,
        wish: Rerun,
        notes: UnboundedSender<WatchNote>,
    ) -> Result<Self, ApiError> {
        let steps: Vec<StepId> =
            wish.steps.iter().map(|step| step.parse()).collect::<Result<_, _>>()?;
        let run = run_of(&steps)?;
        let folder = api.trusted_project().await?.folder().to_owned();
        let loaded = api.loaded().clone();
        let read = api.read(move |store| {
            let stored = loaded.run(store, &run)?.stored;
            if let Some(step) =
                steps.iter().find(|step| !stored.run.steps.contains_key(&step.number))
            {
                return Err(ApiError::not_found("step", step));
            }
            let chosen = steps.iter().filter_map(|step| stored.run.steps.get(&step.number));
            let targets: Vec<Target> = chosen.map(|step| step.target().clone()).collect();
            let all = stored.run.steps.values().map(|step| step.target().module.to_string());
            Ok((targets, all.collect::<BTreeSet<String>>()))
        });
        let (targets, modules) = read.await?;
        let snapshots = Arc::new(Snapshots::of_store(api.folder()));
        // Before the code is looked at, so that no save falls in between.
        let saves = Saves::begin(&folder);
        let last = take(&snapshots, &folder).await?;
        Ok(Self {
            api,
            wish,
            folder,
            targets,
            modules: Arc::new(modules),
            imported: Imported::default(),
            snapshots,
            last,
            saves,
            under_way: None,
            faulty: BTreeSet::new(),
            before: Vec::new(),
            tries: 0,
            notes,
        })
    }

    /// Whoever listens hears of it.
    fn say(&self, note: WatchNote) {
        // Nobody listens any more: the watch is about to end.
        let _ = self.notes.send(note);
    }

    async fn run(mut self) {
        self.attempt(BTreeSet::new()).await;
        loop {
            match self.next().await {
                Next::Saved(files) => self.saved(files).await,
                Next::Note(Some(Note::Done(done))) => self.done(&done).await,
                Next::Note(Some(Note::Lost(error))) => self.lost(error),
                Next::Note(Some(note)) => self.say(WatchNote::Note(note)),
                // The api is gone.
                Next::Note(None) => return,
            }
        }
    }

    async fn next(&mut self) -> Next {
        match &mut self.under_way {
            Some(under_way) => tokio::select! {
                change = self.saves.changed(&self.last) => Next::Saved(change.files),
                note = under_way.notes.next() => Next::Note(note),
            },
            None => Next::Saved(self.saves.changed(&self.last).await.files),
        }
    }

    /// Files were saved: a try, if the chosen steps can reach one of them.
    async fn saved(&mut self, files: BTreeSet<String>) {
        let looked = self.look(&files).await;
        if let Ok(false) = looked {
            return self.say(WatchNote::Beside(files));
        }
        self.overtake().await;
        match looked {
            Ok(_) => self.attempt(files).await,
            Err(error) => self.refuse(&files, error),
        }
    }

    /// Looks at the code as it is now: whether the chosen steps can reach one of these files, or could
    /// before.
    async fn look(&mut self, files: &BTreeSet<String>) -> Result<bool, ApiError> {
        let code = take(&self.snapshots, &self.folder).await?;
        let last = std::mem::replace(&mut self.last, Arc::clone(&code));
        let (modules, files) = (Arc::clone(&self.modules), files.clone());
        let mut imported = std::mem::take(&mut self.imported);
        let looked = tokio::task::spawn_blocking(move || {
            let reached = [last, code].iter().any(|code| {
                let reach = code.reach(modules.iter().map(String::as_str), &mut imported);
                files.iter().any(|file| reach.holds(file))
            });
            (reached, imported)
        });
        let looked = looked.await;
        let (reached, imported) = looked
            .map_err(|error| ApiError::internal("the look at the code was given up", error))?;
        self.imported = imported;
        Ok(reached)
    }

    /// The try that a save leads to.
    fn begin(&mut self, saved: &BTreeSet<String>) -> TryView {
        self.tries += 1;
        TryView {
            number: self.tries,
            at: now().0,
            saved: saved.iter().cloned().collect(),
            state: TryState::Running,
            started: None,
            faults: Vec::new(),
            message: None,
            trouble: None,
            results: Vec::new(),
            took_ms: None,
        }
    }

    /// A save whose code cannot be looked at: nothing is started.
    fn refuse(&mut self, saved: &BTreeSet<String>, error: ApiError) {
        let mut one = self.begin(saved);
        one.refused(error);
        self.say(WatchNote::Try(Box::new(one)));
    }

    /// Runs the steps with the code as it is now.
    async fn attempt(&mut self, saved: BTreeSet<String>) {
        let begun = Instant::now();
        let mut one = self.begin(&saved);
        let start = async {
            one.faults = self.faults(saved).await?;
            if one.faults.is_empty() {
                return self.api.rerun(self.wish.clone()).await.map(Some);
            }
            Ok(None)
        };
        match start.await {
            Ok(Some((started, notes))) => {
                one.started = Some(started.clone());
                self.say(WatchNote::Try(Box::new(one.clone())));
                self.under_way = Some(UnderWay { one, started, notes, begun });
                return;
            }
            Ok(None) => one.state = TryState::Faulty,
            Err(error) => one.refused(error),
        }
        one.took_ms = Some(ms(begun));
        self.say(WatchNote::Try(Box::new(one)));
    }

    /// What Python cannot read of what was saved, or could not read before.
    async fn faults(&mut self, saved: BTreeSet<String>) -> Result<Vec<FaultView>, ApiError> {
        let mut files = saved;
        files.append(&mut self.faulty);
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let project = Arc::new(self.api.trusted_project().await?);
        let wanted = Wanted { files, ..wanted(self.targets.iter().cloned()) };
        let found = self.api.engine().await?.examine(project, wanted).await?;
        self.faulty = found.faults.iter().map(|fault| fault.file.clone()).collect();
        if found.faults.is_empty()
            && let Some(mendable) = found.hindrance()
        {
            return Err(mendable.into());
        }
        Ok(found.faults.into_iter().map(FaultView::from).collect())
    }

    /// Cancels what is under way: it runs code that is no longer there.
    async fn overtake(&mut self) {
        let Some(mut under_way) = self.under_way.take() else { return };
        for execution in &under_way.started.executions {
            // One that has ended needs no cancelling.
            let _ = self.api.ask(Cancel { execution: execution.clone() }).await;
        }
        let ended = async {
            loop {
                match under_way.notes.next().await {
                    None | Some(Note::Done(_) | Note::Lost(_)) => return,
                    Some(_) => {}
                }
            }
        };
        // One that does not end in time is cancelled by the re-run of its step anyway.
        let _ = timeout(ENDING, ended).await;
        let mut one = under_way.one;
        one.state = TryState::Overtaken;
        one.took_ms = Some(ms(under_way.begun));
        self.say(WatchNote::Try(Box::new(one)));
    }

    /// What is under way was stopped: it can no longer be kept.
    fn lost(&mut self, error: ApiError) {
        let Some(UnderWay { mut one, begun, .. }) = self.under_way.take() else { return };
        one.refused(error);
        one.took_ms = Some(ms(begun));
        self.say(WatchNote::Try(Box::new(one)));
    }

    /// What is under way has ended.
    async fn done(&mut self, done: &DoneNote) {
        let Some(UnderWay { mut one, started, begun, .. }) = self.under_way.take() else { return };
        one.state = if done.succeeded { TryState::Succeeded } else { TryState::Failed };
        let executions: Vec<String> = done.executions.iter().map(ToString::to_string).collect();
        for execution in &executions {
            match self.result(execution, &started.environment).await {
                Ok(result) => one.results.push(result),
                Err(error) => one.message = Some(error.message),
            }
        }
        self.before = executions;
        one.took_ms = Some(ms(begun));
        self.say(WatchNote::Try(Box::new(one)));
    }

    async fn result(&self, execution: &str, environment: &str) -> Result<TryResult, ApiError> {
        self.api.try_result(execution, environment, &self.before).await
    }
}

impl TryView {
    fn refused(&mut self, error: ApiError) {
        self.state = TryState::Refused;
        self.message = Some(error.to_string());
        self.trouble = error.trouble.map(|trouble| *trouble);
    }
}

/// Takes a snapshot where it blocks nobody.
async fn take(snapshots: &Arc<Snapshots>, folder: &Path) -> Result<Arc<Snapshot>, ApiError> {
    let (snapshots, folder) = (Arc::clone(snapshots), folder.to_owned());
    let taken = tokio::task::spawn_blocking(move || snapshots.take(&folder)).await;
    let taken =
        taken.map_err(|error| ApiError::internal("the look at the code was given up", error))?;
    taken.map(Arc::new).map_err(|error| {
        ApiError::new(crate::ErrorCode::BadRequest, format!("the code cannot be watched: {error}"))
    })
}

fn ms(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        Self {
            file: fault.file,
            message: format!("{}: {}", fault.kind, fault.message),
            line: fault.line,
            text: fault.text,
        }
    }
}
