//! What is known: environments, and the runs in them, indexed the ways the rules ask.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use hindcast_model::record::{Input, StoredRun, TargetKind};
use hindcast_model::{
    Asset, AssetEntry, AssetId, Attempt, Data, EnvironmentId, Environments, Execution, ExecutionId,
    ExecutionRef, Extra, Key, Origin, OwnKeys, RunId, Step, StepId, StepNumber, Target, Value,
    WorkspaceId,
};

use crate::recorded::{Recorded, Runs};

/// Everything the orchestrator knows: what was imported and what happened here.
#[derive(Debug, Clone, Default)]
pub struct World {
    environments: Environments,
    runs: Runs,
    /// Those of all runs; read when one is first asked for.
    assets: OnceLock<BTreeMap<AssetId, KnownAsset>>,
    /// From when on values that a person gave answer other calls: those of commands under way.
    pub(crate) mocks_since: Option<hindcast_model::Timestamp>,
    /// What targets' parameters default to, by position, where known.
    defaults: BTreeMap<Target, Vec<Option<Data>>>,
}

/// A run and its indexes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownRun {
    pub(crate) stored: StoredRun,
    /// Keys of recorded calls that the project's code made, as their exports do not hold them.
    pub(crate) own_keys: BTreeMap<StepNumber, OwnKeys>,
    /// Own children (not memo references) of each execution, in the order they were made.
    pub(crate) by_parent: BTreeMap<ExecutionId, Vec<StepNumber>>,
    /// Steps by the digits of their memo key that exports show.
    by_memo: HashMap<String, Vec<StepNumber>>,
    /// Steps by the digits of their cache key that exports show.
    by_cache: HashMap<String, BTreeSet<StepNumber>>,
    by_target: BTreeMap<Target, Vec<StepNumber>>,
    /// Where each target ran without being memoised.
    unmemoised: BTreeMap<Target, BTreeSet<EnvironmentId>>,
    /// Where its executions happened.
    environments: BTreeSet<EnvironmentId>,
    /// What callers here called so far, to keep each edge once without walking their children.
    pub(crate) edges: HashMap<ExecutionId, HashSet<ExecutionId>>,
}

/// An asset: its summary, and its files as far as they are known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownAsset {
    pub(crate) summary: Asset,
    pub(crate) entries: Option<Vec<AssetEntry>>,
}

impl World {
    /// These environments and runs.
    pub fn new(environments: Environments, runs: Vec<StoredRun>) -> Self {
        let mut world = Self { environments, ..Self::default() };
        for run in runs {
            world.add_run(run);
        }
        world
    }

    /// These environments and runs, each to be read when it is first looked at.
    pub fn of_recorded(
        environments: Environments,
        runs: impl IntoIterator<Item = RunId>,
        recorded: Arc<dyn Recorded>,
    ) -> Self {
        let runs = Runs::of(recorded, runs.into_iter());
        Self { environments, runs, ..Self::default() }
    }

    /// The environments, after one was made.
    pub fn set_environments(&mut self, environments: Environments) {
        self.environments = environments;
    }

    /// The environments.
    pub fn environments(&self) -> &Environments {
        &self.environments
    }

    fn add_run(&mut self, stored: StoredRun) {
        for step in stored.run.steps.values() {
            for execution in step.executions.values() {
                for (id, asset) in &execution.assets {
                    self.note_asset(id.clone(), asset.clone(), None);
                }
            }
        }
        let known = KnownRun::of(stored, BTreeMap::new(), &self.environments);
        self.runs.insert(known.stored.run.id.clone(), known);
    }

    /// A run that was not there when the others were looked for.
    pub(crate) fn note_run(&mut self, id: RunId) {
        self.runs.note(id);
    }

    /// Why something could not be read, if anything could not.
    pub(crate) fn failure(&self) -> Option<String> {
        self.runs.recorded.as_ref()?.failure()
    }

    /// The runs that were looked at so far.
    pub fn read(&self) -> impl Iterator<Item = &RunId> {
        self.runs.read().map(|(id, _)| id)
    }

    /// What a target's parameters default to, by position; with it, a call that leaves an argument
    /// out is known to be the same as one that sends its default.
    pub(crate) fn note_defaults(&mut self, target: Target, defaults: Vec<Option<Data>>) {
        self.defaults.insert(target, defaults);
    }

    /// Forgets what parameters default to. Tells whether anything was known.
    pub(crate) fn forget_defaults(&mut self) -> bool {
        !std::mem::take(&mut self.defaults).is_empty()
    }

    pub(crate) fn defaults(&self, target: &Target) -> &[Option<Data>] {
        self.defaults.get(target).map_or(&[], Vec::as_slice)
    }

    /// A run, if it is known.
    pub fn run(&self, id: &RunId) -> Option<&StoredRun> {
        self.known(id).map(|known| &known.stored)
    }

    pub(crate) fn known(&self, id: &RunId) -> Option<&KnownRun> {
        self.runs.get(id, &self.environments)
    }

    pub(crate) fn known_mut(&mut self, id: &RunId) -> Option<&mut KnownRun> {
        self.runs.get_mut(id, &self.environments)
    }

    /// A step, if it is known.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.run(&id.run)?.run.steps.get(&id.number)
    }

    /// An execution, if it is known.
    pub fn execution(&self, id: &ExecutionId) -> Option<&Execution> {
        self.step(&id.step)?.executions.get(&id.attempt)
    }

    /// An execution with its target, as records point to it.
    pub(crate) fn reference(&self, id: &ExecutionId) -> ExecutionRef {
        let step = self.step(&id.step);
        ExecutionRef {
            execution_id: id.clone(),
            module: step.map(|step| step.module.clone()),
            target: step.map(|step| step.target.clone()),
            extra: Extra::NONE,
        }
    }

    /// What an execution is called with: its step's arguments, unless a person edited them.
    pub(crate) fn arguments(&self, id: &ExecutionId) -> Option<&[Value]> {
        self.edited(id).or_else(|| self.step(&id.step).map(|step| step.arguments.as_slice()))
    }

    pub(crate) fn edited(&self, id: &ExecutionId) -> Option<&[Value]> {
        let edited = &self.run(id.run())?.edited_arguments;
        edited.get(&(id.step.number, id.attempt)).map(Vec::as_slice)
    }

    /// Task or workflow. Where nothing says, a step that became a run of its own is a workflow.
    pub(crate) fn kind(&self, id: &StepId) -> TargetKind {
        let declared = self.run(&id.run).and_then(|run| run.declared.get(&id.number));
        let spawned = |execution: &Execution| {
            let ended = execution.result.as_ref().map(|outcome| &outcome.ended);
            matches!(ended, Some(hindcast_model::Ended::Spawned(_)))
        };
        match (declared, self.step(id)) {
            (Some(declared), _) => declared.kind,
            (None, Some(step)) if step.executions.values().any(spawned) => TargetKind::Workflow,
            _ => TargetKind::Task,
        }
    }

    /// The environment a workspace stands for.
    pub(crate) fn environment_of(&self, workspace: &WorkspaceId) -> Option<EnvironmentId> {
        self.environments.of_workspace(workspace).map(|environment| environment.id)
    }

    pub(crate) fn is_local(&self, id: EnvironmentId) -> bool {
        self.environments.get(id).is_some_and(|environment| environment.origin == Origin::Local)
    }

    /// Whether an execution happened, or happens, here.
    pub(crate) fn is_local_execution(&self, execution: &Execution) -> bool {
        let environment = self.environments.of_workspace(&execution.workspace_id);
        environment.is_some_and(|environment| environment.origin == Origin::Local)
    }

    /// An environment and its ancestors.
    pub(crate) fn chain(&self, id: EnvironmentId) -> BTreeSet<EnvironmentId> {
        self.environments.chain(id).iter().map(|environment| environment.id).collect()
    }

    /// Whether an execution is seen from these environments.
    pub(crate) fn sees(&self, chain: &BTreeSet<EnvironmentId>, execution: &Execution) -> bool {
        self.environment_of(&execution.workspace_id).is_some_and(|id| chain.contains(&id))
    }

    /// The imported ones among these environments.
    pub(crate) fn imported<'a>(
        &'a self,
        chain: &'a BTreeSet<EnvironmentId>,
    ) -> impl Iterator<Item = EnvironmentId> + 'a {
        chain.iter().copied().filter(|id| !self.is_local(*id))
    }

    /// Whether a run, seen from an environment, has an imported ancestor: it was recorded
    /// elsewhere, or is spawned, however indirectly, by a run that was.
    pub(crate) fn has_ancestor(&self, run: &RunId, environment: EnvironmentId) -> bool {
        let chain = self.chain(environment);
        let mut seen = BTreeSet::new();
        let mut next = Some(run);
        while let Some(known) = next.filter(|id| seen.insert(*id)).and_then(|id| self.known(id)) {
            if self.imported(&chain).any(|id| known.environments.contains(&id)) {
                return true;
            }
            next = known.stored.run.parent.as_ref().map(|parent| parent.execution_id.run());
        }
        false
    }

    /// Whether an ancestor of these environments ran a target without memoising it, in any run.
    pub(crate) fn ran_unmemoised(&self, chain: &BTreeSet<EnvironmentId>, target: &Target) -> bool {
        let recorded = self.runs.recorded.as_ref();
        let read = || self.runs.read().filter_map(|(_, known)| known.unmemoised.get(target));
        self.imported(chain).any(|id| {
            read().any(|ran| ran.contains(&id))
                || recorded.is_some_and(|recorded| recorded.ran_unmemoised(target, id))
        })
    }

    /// Steps of a run whose memo key agrees with this one as far as exports show it.
    pub(crate) fn memoised_as(&self, run: &RunId, key: &Key) -> &[StepNumber] {
        let found = self.known(run).and_then(|known| known.by_memo.get(key.shown()));
        found.map_or(&[], Vec::as_slice)
    }

    /// Steps of a run that call a target.
    pub(crate) fn calls_of(&self, run: &RunId, target: &Target) -> &[StepNumber] {
        let found = self.known(run).and_then(|known| known.by_target.get(target));
        found.map_or(&[], Vec::as_slice)
    }

    /// Steps of any run that call a target.
    pub(crate) fn all_calls_of(&self, target: &Target) -> impl Iterator<Item = StepId> {
        let concerned = |recorded: &dyn Recorded| recorded.runs_calling(target);
        self.runs.read_with(&self.environments, concerned).flat_map(move |(id, known)| {
            let numbers = known.by_target.get(target).into_iter().flatten();
            numbers.map(|number| StepId::new(id.clone(), *number))
        })
    }

    /// Steps of any run whose cache key agrees with this one as far as exports show it.
    pub(crate) fn cached_as(&self, key: &Key) -> impl Iterator<Item = StepId> {
        let concerned = |recorded: &dyn Recorded| recorded.runs_cached_as(key);
        self.runs.read_with(&self.environments, concerned).flat_map(move |(id, known)| {
            let numbers = known.by_cache.get(key.shown()).into_iter().flatten();
            numbers.map(|number| StepId::new(id.clone(), *number))
        })
    }

    /// An input, if it is known.
    pub fn input(&self, id: &hindcast_model::InputId) -> Option<&Input> {
        self.run(&id.run)?.inputs.iter().find(|input| input.id == *id)
    }

    /// Inputs asked for in local environments and not answered.
    pub(crate) fn open_inputs(&self) -> impl Iterator<Item = &Input> {
        let concerned = |recorded: &dyn Recorded| recorded.runs_asking();
        let runs = self.runs.read_with(&self.environments, concerned);
        let inputs = runs.flat_map(|(_, known)| &known.stored.inputs);
        inputs.filter(|input| {
            let asked_in = self.environment_of(&input.workspace);
            input.response.is_none() && asked_in.is_some_and(|id| self.is_local(id))
        })
    }

    pub(crate) fn input_mut(&mut self, id: &hindcast_model::InputId) -> Option<&mut Input> {
        let run = self.known_mut(&id.run)?;
        run.stored.inputs.iter_mut().find(|input| input.id == *id)
    }

    pub(crate) fn asset(&self, id: &AssetId) -> Option<&KnownAsset> {
        self.assets().get(id)
    }

    fn assets(&self) -> &BTreeMap<AssetId, KnownAsset> {
        self.assets.get_or_init(|| {
            let mut assets = BTreeMap::new();
            let Some(recorded) = &self.runs.recorded else { return assets };
            for (id, summary) in recorded.assets() {
                note_asset(&mut assets, id, summary, None);
            }
            // The files of those that a run does not tell itself.
            for (id, entries) in recorded.asset_entries() {
                if let Some(known) = assets.get_mut(&id) {
                    known.entries = Some(entries);
                }
            }
            assets
        })
    }

    /// An asset; without its files where only its summary is known.
    pub fn note_asset(&mut self, id: AssetId, summary: Asset, entries: Option<Vec<AssetEntry>>) {
        self.assets();
        if let Some(assets) = self.assets.get_mut() {
            note_asset(assets, id, summary, entries);
        }
    }

    pub(crate) fn knows_run(&self, id: &RunId) -> bool {
        self.runs.contains(id)
    }

    pub(crate) fn insert_run(&mut self, stored: StoredRun) {
        let known = KnownRun::of(stored, BTreeMap::new(), &self.environments);
        self.runs.insert(known.stored.run.id.clone(), known);
    }

    /// Puts a step that its run already holds into the indexes.
    pub(crate) fn index_new_step(&mut self, id: &StepId) {
        if let Some(known) = self.runs.get_mut(&id.run, &self.environments) {
            known.index_step(id.number, &self.environments);
        }
    }

    /// Puts an execution that its step already holds into the indexes.
    pub(crate) fn index_new_execution(&mut self, id: &ExecutionId) {
        if let Some(known) = self.runs.get_mut(id.run(), &self.environments) {
            known.index_execution(id.step.number, id.attempt, &self.environments);
        }
    }
}

/// Equal if everything is that either has looked at.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        let Self { environments, runs, assets: _, mocks_since, defaults } = self;
        let mut read = runs.read().chain(other.runs.read()).map(|(id, _)| id);
        *environments == other.environments
            && *mocks_since == other.mocks_since
            && *defaults == other.defaults
            && self.assets() == other.assets()
            && read.all(|id| self.known(id) == other.known(id))
    }
}

fn note_asset(
    assets: &mut BTreeMap<AssetId, KnownAsset>,
    id: AssetId,
    summary: Asset,
    entries: Option<Vec<AssetEntry>>,
) {
    let only = || summary.entry.clone().filter(|_| summary.total_count == 1);
    let entries = entries.or_else(|| only().map(|entry| vec![entry]));
    let known = assets.entry(id).or_insert(KnownAsset { summary, entries: None });
    if entries.is_some() {
        known.entries = entries;
    }
}

impl KnownRun {
    /// A run, with the keys that were made of its recorded calls.
    pub(crate) fn of(
        stored: StoredRun,
        own_keys: BTreeMap<StepNumber, OwnKeys>,
        environments: &Environments,
    ) -> Self {
        let mut known = Self {
            stored,
            own_keys,
            by_parent: BTreeMap::new(),
            by_memo: HashMap::new(),
            by_cache: HashMap::new(),
            by_target: BTreeMap::new(),
            unmemoised: BTreeMap::new(),
            environments: BTreeSet::new(),
            edges: HashMap::new(),
        };
        let steps: Vec<StepNumber> = known.stored.run.steps.keys().copied().collect();
        for number in steps {
            known.index_step(number, environments);
        }
        known
    }

    /// Takes in the keys that were made of a recorded step.
    pub(crate) fn note_own_keys(&mut self, number: StepNumber, keys: OwnKeys) {
        self.own_keys.insert(number, keys);
        self.index_own_keys(number);
    }

    fn index_own_keys(&mut self, number: StepNumber) {
        let Some(step) = self.stored.run.steps.get(&number) else { return };
        let (memo, cache) = self.own_keys_of(step);
        for key in memo {
            let numbers = self.by_memo.entry(key.shown().to_owned()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        if let Some(key) = cache {
            self.by_cache.entry(key.shown().to_owned()).or_default().insert(number);
        }
    }

    fn index_step(&mut self, number: StepNumber, environments: &Environments) {
        self.index_own_keys(number);
        let Some(step) = self.stored.run.steps.get(&number) else { return };
        if let Some(parent) = &step.parent_id {
            self.by_parent.entry(parent.clone()).or_default().push(number);
        }
        if let Some(key) = &step.memo_key {
            self.by_memo.entry(key.shown().to_owned()).or_default().push(number);
        }
        if let Some(key) = &step.cache_key {
            self.by_cache.entry(key.shown().to_owned()).or_default().insert(number);
        }
        self.by_target.entry(step.target()).or_default().push(number);
        let attempts: Vec<Attempt> = step.executions.keys().copied().collect();
        for attempt in attempts {
            self.index_execution(number, attempt, environments);
        }
    }

    fn index_execution(
        &mut self,
        number: StepNumber,
        attempt: Attempt,
        environments: &Environments,
    ) {
        let Some(step) = self.stored.run.steps.get(&number) else { return };
        let Some(execution) = step.executions.get(&attempt) else { return };
        let Some(environment) = environments.of_workspace(&execution.workspace_id) else { return };
        self.environments.insert(environment.id);
        if !step.is_memoised() {
            self.unmemoised.entry(step.target()).or_default().insert(environment.id);
        }
    }

    /// Whether every task in it is memoised. Where the export does not tell, the root does: only
    /// this can have given it a memo key.
    pub(crate) fn memoises_all(&self) -> bool {
        let root = || self.stored.run.root().is_some_and(Step::is_memoised);
        self.stored.memo.unwrap_or_else(root)
    }

    /// The first attempt at a step that nothing has, and nothing had.
    pub(crate) fn next_attempt(&self, number: StepNumber) -> Option<Attempt> {
        let executions = &self.stored.run.steps.get(&number)?.executions;
        let last = executions.last_key_value().map(|(last, _)| *last);
        Some(last.max(self.stored.retired.get(&number).copied()).unwrap_or(0) + 1)
    }

    /// The first step number that nothing has, and nothing had.
    pub(crate) fn next_step(&self) -> StepNumber {
        let last = self.stored.run.steps.last_key_value().map(|(last, _)| *last);
        let retired = self.stored.retired.last_key_value().map(|(last, _)| *last);
        last.max(retired).unwrap_or(0) + 1
    }
}
