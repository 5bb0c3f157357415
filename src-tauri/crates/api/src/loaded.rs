//! The runs looked at last, kept as long as nothing of them changes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hindcast_model::RunId;
use hindcast_model::record::{Call, StoredRun};
use hindcast_store::{RunState, Store};

use crate::ApiError;
use crate::views::Views;

/// How many runs are kept.
const MOST: usize = 4;

/// A run as it was read.
#[derive(Debug, Clone)]
pub(crate) struct LoadedRun {
    state: RunState,
    pub(crate) stored: Arc<StoredRun>,
    pub(crate) calls: Arc<Vec<Call>>,
    pub(crate) views: Arc<Views>,
}

/// The runs looked at last. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded(Arc<Mutex<Vec<LoadedRun>>>);

impl Loaded {
    /// The run, read again only if it changed.
    pub(crate) fn run(&self, store: &Store, id: &RunId) -> Result<LoadedRun, ApiError> {
        let state = store.state_of(id)?;
        if let Some(loaded) = self.take(id, state) {
            self.keep(loaded.clone());
            return Ok(loaded);
        }
        let calls = Arc::new(store.calls_of_run(id)?);
        let views = Arc::default();
        let loaded = LoadedRun { state, stored: Arc::new(store.load(id)?), calls, views };
        self.keep(loaded.clone());
        Ok(loaded)
    }

    /// Forgets all, as after an import, which can change what a run's state does not tell.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn take(&self, id: &RunId, state: RunState) -> Option<LoadedRun> {
        let mut runs = self.lock();
        let index = runs.iter().position(|loaded| loaded.stored.run.id == *id)?;
        let loaded = runs.remove(index);
        (loaded.state == state).then_some(loaded)
    }

    fn keep(&self, loaded: LoadedRun) {
        let mut runs = self.lock();
        runs.insert(0, loaded);
        runs.truncate(MOST);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LoadedRun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
