//! Following the journal: what this process and others on the same store record becomes events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hindcast_model::record::Record;
use hindcast_model::{ExecutionId, RunId, StepId, Target};
use hindcast_store::Store;
use tokio::sync::{Notify, mpsc};

use crate::note::Note;
use crate::recent::{Here, Recent, Told};
use crate::{Api, ApiError};

/// How often other processes' work is looked for. Our own is told at once.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// How far back the journal is read when a store is opened, in facts.
const BACK: i64 = 5_000;

/// What is known from the journal, and who wants to hear of it.
#[derive(Debug, Default)]
pub(crate) struct Following {
    recent: Mutex<Recent>,
    listeners: Mutex<Vec<mpsc::UnboundedSender<Note>>>,
    /// Wakes the follower at once.
    pub(crate) news: Arc<Notify>,
}

impl Following {
    /// What is going on.
    pub(crate) fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything from now on, missing nothing.
    pub(crate) fn listen(&self) -> mpsc::UnboundedReceiver<Note> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Everything under way here is lost.
    pub(crate) fn lose(&self, error: ApiError) {
        self.tell(&[Note::Lost(error)]);
    }

    fn tell(&self, notes: &[Note]) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| notes.iter().all(|note| listener.send(note.clone()).is_ok()));
    }
}

/// Where the follower stands.
struct Follower {
    store: Store,
    seq: i64,
    version: i64,
    deletions: (i64, i64),
}

impl Follower {
    fn new(store: Store) -> Result<Self, ApiError> {
        let seq = (store.journal_end()? - BACK).max(0);
        Ok(Self { store, seq, version: -1, deletions: (0, 0) })
    }

    /// What was recorded since the last look.
    fn look(&mut self, api: &Api) -> Result<Told, ApiError> {
        let version = self.store.data_version()?;
        if version == self.version {
            return Ok(Told::default());
        }
        self.version = version;
        let entries = self.store.journal_since(self.seq)?;
        if let Some(last) = entries.last() {
            self.seq = last.seq;
        }
        let records: Vec<Record> = entries.into_iter().map(|entry| entry.record).collect();
        let mut targets = Targets { store: &self.store, loaded: None };
        let mut told = api.following().recent().take(&records, &mut |step| targets.of(step));
        // The journal still tells of what was deleted.
        let deletions = self.store.deletions_mark()?;
        if deletions != self.deletions {
            self.deletions = deletions;
            api.following().recent().forget_deleted(&mut StillHere(&self.store));
            told.overview = true;
            told.activity = true;
        }
        Ok(told)
    }
}

/// What the store still holds. What cannot be read counts as there.
struct StillHere<'a>(&'a Store);

impl Here for StillHere<'_> {
    fn run(&mut self, run: &RunId) -> bool {
        !matches!(self.0.origin_of(run), Ok(None))
    }
    fn step(&mut self, step: &StepId) -> bool {
        !matches!(self.0.has_step(step), Ok(false))
    }
    fn execution(&mut self, execution: &ExecutionId) -> bool {
        !matches!(self.0.has_execution(execution), Ok(false))
    }
}

/// What steps call that were there before.
struct Targets<'a> {
    store: &'a Store,
    loaded: Option<hindcast_model::Run>,
}

impl Targets<'_> {
    fn of(&mut self, step: &StepId) -> Option<Target> {
        let known = |run: &RunId| *run == step.run;
        if !self.loaded.as_ref().is_some_and(|run| known(&run.id)) {
            self.loaded = self.store.load(&step.run).ok().map(|stored| stored.run);
        }
        Some(self.loaded.as_ref()?.steps.get(&step.number)?.target())
    }
}

/// Follows the journal until the last api on this store is gone.
pub(crate) fn start(api: &Api, store: Store) -> Result<(), ApiError> {
    let mut follower = Follower::new(store)?;
    // What was recorded before is known, and no news.
    follower.look(api)?;
    let news = api.following().news.clone();
    let api = api.downgrade();
    tokio::spawn(async move {
        let mut follower = Some(follower);
        while let Some(at_work) = follower.take() {
            let _ = tokio::time::timeout(LOOK_EVERY, news.notified()).await;
            let Some(api) = api.upgrade() else { return };
            let look = move || {
                let mut at_work = at_work;
                let told = at_work.look(&api);
                (at_work, told, api)
            };
            let Ok((at_work, told, api)) = tokio::task::spawn_blocking(look).await else { return };
            follower = Some(at_work);
            // A store that cannot be read now is read at the next look.
            let Ok(mut told) = told else { continue };
            api.following().tell(&std::mem::take(&mut told.notes));
            told.events().into_iter().for_each(|event| api.tell(event));
        }
    });
    Ok(())
}
