//! Runs that are known to be there, and are read when the rules first ask for them.
//!
//! A person may have imported hundreds of runs; what a command comes to depends on a few. So a world
//! need not hold every run from the start: it knows their ids, and has whoever keeps them read one
//! when it is first looked at ([`Recorded`]). That the answers are those of a world that holds
//! everything follows from three things:
//!
//! - A run is looked at by [`Runs::get`] or [`Runs::get_mut`] and in no other way, and both read it.
//!   So nothing is ever looked up in, or changed of, a run that is not whole.
//! - What goes over all runs asks the keeper first which of them it can concern (rather one too many),
//!   reads those, and then looks in those that were read. What changed since it was kept is in a run
//!   that was read, for only such a run can have been changed here.
//! - A record that was applied before changes nothing, so it does no harm that a run is read later than
//!   the journal was, and holds what the journal goes on to tell.
//!
//! Read late, a run may also hold what another process imported meanwhile. To the rules that is as if
//! it had been imported before the command; what they have seen of a run does not change any more.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Asset, AssetEntry, AssetId, EnvironmentId, Environments, Key, OwnKeys, RunId, StepNumber,
    Target,
};

use crate::world::KnownRun;

/// Whoever keeps runs. What cannot be read counts as not there, and is told by
/// [`Recorded::failure`]; what is handled from then on comes to nothing.
pub trait Recorded: Debug + Send + Sync {
    /// A run, whole, with the keys that the project's code made of its recorded calls; none if it is
    /// not there any more.
    fn run(&self, id: &RunId) -> Option<(StoredRun, BTreeMap<StepNumber, OwnKeys>)>;

    /// At least the runs with a step whose cache key agrees with this one as far as exports show it.
    fn runs_cached_as(&self, key: &Key) -> Vec<RunId>;

    /// At least the runs with a step that calls this target.
    fn runs_calling(&self, target: &Target) -> Vec<RunId>;

    /// At least the runs with an input that was asked for here and is not answered.
    fn runs_asking(&self) -> Vec<RunId>;

    /// Whether an execution in this environment, of any run, is of a step that calls this target and
    /// is not memoised.
    fn ran_unmemoised(&self, target: &Target, environment: EnvironmentId) -> bool;

    /// The assets that executions tell of, those of the newest run first.
    fn assets(&self) -> Vec<(AssetId, Asset)>;

    /// The files of assets, where they are known.
    fn asset_entries(&self) -> BTreeMap<AssetId, Vec<AssetEntry>>;

    /// Why something could not be read, if anything could not.
    fn failure(&self) -> Option<String>;
}

/// Runs by id, each read when it is first looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs {
    known: BTreeMap<RunId, OnceLock<KnownRun>>,
    pub(crate) recorded: Option<Arc<dyn Recorded>>,
}

impl Runs {
    /// These, to be read from there.
    pub(crate) fn of(recorded: Arc<dyn Recorded>, ids: impl Iterator<Item = RunId>) -> Self {
        let known = ids.map(|id| (id, OnceLock::new())).collect();
        Self { known, recorded: Some(recorded) }
    }

    pub(crate) fn contains(&self, id: &RunId) -> bool {
        self.known.contains_key(id)
    }

    /// A run, read if it was not.
    pub(crate) fn get(&self, id: &RunId, environments: &Environments) -> Option<&KnownRun> {
        let known = self.known.get(id)?;
        if known.get().is_none() {
            let (stored, own_keys) = self.recorded.as_ref()?.run(id)?;
            return Some(known.get_or_init(|| KnownRun::of(stored, own_keys, environments)));
        }
        known.get()
    }

    /// As [`Self::get`].
    pub(crate) fn get_mut(
        &mut self,
        id: &RunId,
        environments: &Environments,
    ) -> Option<&mut KnownRun> {
        self.get(id, environments)?;
        self.known.get_mut(id)?.get_mut()
    }

    /// A run that is there now as well, to be read.
    pub(crate) fn note(&mut self, id: RunId) {
        self.known.entry(id).or_default();
    }

    pub(crate) fn insert(&mut self, id: RunId, run: KnownRun) {
        self.known.insert(id, OnceLock::from(run));
    }

    /// The runs that were read.
    pub(crate) fn read(&self) -> impl Iterator<Item = (&RunId, &KnownRun)> {
        self.known.iter().filter_map(|(id, known)| Some((id, known.get()?)))
    }

    /// The runs that were read, once those were that `concerned` names.
    pub(crate) fn read_with(
        &self,
        environments: &Environments,
        concerned: impl FnOnce(&dyn Recorded) -> Vec<RunId>,
    ) -> impl Iterator<Item = (&RunId, &KnownRun)> {
        let concerned = self.recorded.as_deref().map(concerned).unwrap_or_default();
        for id in &concerned {
            self.get(id, environments);
        }
        self.read()
    }
}
