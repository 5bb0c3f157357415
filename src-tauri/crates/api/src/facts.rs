//! What a list of runs says of a run that only the whole run tells, remembered while the run stays
//! as it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hindcast_graph::State;
use hindcast_model::{BlobKey, EnvironmentId, Execution, RunId, Step};
use hindcast_store::{BlobStore, RunSummary, SeenFrom, Store};

use crate::ApiError;
use crate::before::before;
use crate::state::state;
use crate::view::NodeState;

/// What only the whole run tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunFacts {
    /// How the root's newest execution stands, by environment.
    pub(crate) root: HashMap<EnvironmentId, NodeState>,
    /// How many steps failed, by environment.
    pub(crate) failed: HashMap<EnvironmentId, u32>,
    /// How long the root took, in ms, by environment: from its first attempt on, where it was retried or
    /// resumed.
    pub(crate) took: HashMap<EnvironmentId, i64>,
    /// Values whose blob is not in the store.
    pub(crate) missing_values: u32,
    /// The blobs that each of these lacks.
    lacks: Arc<Vec<Vec<BlobKey>>>,
}

impl RunFacts {
    fn lacking(self, lacks: Vec<Vec<BlobKey>>) -> Self {
        let missing_values = u32::try_from(lacks.len()).unwrap_or(u32::MAX);
        Self { missing_values, lacks: Arc::new(lacks), ..self }
    }
}

/// Facts by run, each with what the store said of the run in short when they were read.
type Known = HashMap<RunId, (Vec<SeenFrom>, RunFacts)>;

/// The facts of runs, by what the store says of them in short. Clones share what they remember.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    blobs: BlobStore,
    known: Arc<Mutex<Known>>,
}

impl Facts {
    pub(crate) fn new(blobs: BlobStore) -> Self {
        Self { blobs, known: Arc::default() }
    }

    /// The facts of a run.
    pub(crate) fn of(&self, store: &Store, run: &RunSummary) -> Result<RunFacts, ApiError> {
        let known = self.lock().get(&run.id).cloned();
        let facts = match known {
            Some((seen, facts)) if seen == run.environments && facts.missing_values == 0 => {
                return Ok(facts);
            }
            // A blob can come any time.
            Some((seen, facts)) if seen == run.environments => {
                let lacks = self.lacking(facts.lacks.iter().map(|keys| keys.iter().copied()));
                facts.lacking(lacks)
            }
            _ => self.read(store, run)?,
        };
        self.lock().insert(run.id.clone(), (run.environments.clone(), facts.clone()));
        Ok(facts)
    }

    fn read(&self, store: &Store, summary: &RunSummary) -> Result<RunFacts, ApiError> {
        let run = store.load(&summary.id)?.run;
        let environments = store.environments()?;
        let mut facts = RunFacts::default().lacking(self.missing(&run));
        let root = run.root().map(|root| root.step_number);
        for (number, step) in &run.steps {
            for (_, execution) in newest(step) {
                let Some(environment) = environments.of_workspace(&execution.workspace_id) else {
                    continue;
                };
                let outcome = execution.result.as_ref();
                if outcome.is_some_and(|outcome| State::of_outcome(outcome).is_failing()) {
                    *facts.failed.entry(environment.id).or_default() += 1;
                }
                if root != Some(*number) {
                    continue;
                }
                facts.root.insert(environment.id, state(&run, execution, environment.origin));
                let first = before(step, execution).pop().unwrap_or(execution);
                let took = execution.completed_at.map(|end| end.0.saturating_sub(begun(first)));
                facts.took.extend(took.map(|took| (environment.id, took)));
            }
        }
        Ok(facts)
    }

    fn missing(&self, run: &hindcast_model::Run) -> Vec<Vec<BlobKey>> {
        let steps = run.steps.values();
        let arguments = steps.clone().flat_map(|step| &step.arguments);
        let executions = steps.flat_map(|step| step.executions.values());
        let results = executions.filter_map(|execution| execution.result.as_ref()?.value());
        let values = arguments.chain(results);
        self.lacking(values.map(|value| value.blobs().map(|(key, _)| key)))
    }

    /// Of the blobs of each of some values, those that are not in the store; values that lack none are
    /// left out.
    fn lacking(
        &self,
        values: impl Iterator<Item = impl Iterator<Item = BlobKey>>,
    ) -> Vec<Vec<BlobKey>> {
        let mut here: HashMap<BlobKey, bool> = HashMap::new();
        let mut is_here = |key: &BlobKey| *here.entry(*key).or_insert_with(|| self.blobs.has(key));
        let lacks = values.map(|keys| keys.filter(|key| !is_here(key)).collect::<Vec<_>>());
        lacks.filter(|keys| !keys.is_empty()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest execution of a step in each workspace.
fn newest(step: &Step) -> impl Iterator<Item = (&hindcast_model::WorkspaceId, &Execution)> {
    let mut newest: HashMap<_, &Execution> = HashMap::new();
    for execution in step.executions.values() {
        let known = newest.entry(&execution.workspace_id).or_insert(execution);
        if known.created_at <= execution.created_at {
            *known = execution;
        }
    }
    newest.into_iter()
}

/// When an execution started, or when it was asked for where it never did, Unix ms.
fn begun(execution: &Execution) -> i64 {
    execution.assigned_at.unwrap_or(execution.created_at).0
}
