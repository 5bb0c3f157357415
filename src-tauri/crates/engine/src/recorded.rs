//! The store's runs, read when the orchestrator first looks at them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Asset, AssetEntry, AssetId, EnvironmentId, ExecutionId, Key, OwnKeys, RunId, StepNumber, Target,
};
use hindcast_orchestrator::Recorded;
use hindcast_store::{Store, StoreError};

/// Reads runs over a connection of its own, so that it can while a turn's transaction writes: it sees
/// what was committed before.
#[derive(Debug)]
pub(crate) struct Reader {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Opened when it is first needed.
    store: Option<Store>,
    failure: Option<StoreError>,
}

impl Reader {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, state: Mutex::default() }
    }

    /// What could not be read since this was asked last.
    pub(crate) fn take_failure(&self) -> Option<StoreError> {
        self.state().failure.take()
    }

    /// The numbers by which its own server knew the executions of a run, where it was an old one.
    pub(crate) fn old_ids(&self, run: &RunId) -> Vec<(ExecutionId, u64)> {
        self.read(|store| store.old_ids(run))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T: Default>(&self, what: impl FnOnce(&Store) -> Result<T, StoreError>) -> T {
        let mut state = self.state();
        let State { store, failure } = &mut *state;
        let opened = match store {
            Some(store) => Ok(&*store),
            None => Store::open(&self.folder).map(|opened| &*store.insert(opened)),
        };
        opened.and_then(what).unwrap_or_else(|error| {
            failure.get_or_insert(error);
            T::default()
        })
    }
}

impl Recorded for Reader {
    fn run(&self, id: &RunId) -> Option<(StoredRun, BTreeMap<StepNumber, OwnKeys>)> {
        self.read(|store| store.find(id))
    }

    fn runs_cached_as(&self, key: &Key) -> Vec<RunId> {
        self.read(|store| store.runs_cached_as(key))
    }

    fn runs_calling(&self, target: &Target) -> Vec<RunId> {
        self.read(|store| store.runs_calling(target))
    }

    fn runs_asking(&self) -> Vec<RunId> {
        self.read(Store::runs_asking)
    }

    fn ran_unmemoised(&self, target: &Target, environment: EnvironmentId) -> bool {
        self.read(|store| store.ran_unmemoised(target, environment))
    }

    fn assets(&self) -> Vec<(AssetId, Asset)> {
        self.read(Store::asset_summaries)
    }

    fn asset_entries(&self) -> BTreeMap<AssetId, Vec<AssetEntry>> {
        self.read(Store::assets)
    }

    fn failure(&self) -> Option<String> {
        self.state().failure.as_ref().map(ToString::to_string)
    }
}
