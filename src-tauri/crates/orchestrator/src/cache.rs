//! The cache: a new step may share an earlier execution's result, of any run.

use hindcast_model::record::Allowed;
use hindcast_model::{
    CacheConfig, EnvironmentId, Execution, ExecutionId, Key, Step, StepId, Target,
};

use crate::handling::Handling;

impl Handling<'_> {
    /// The execution whose result an execution that is due shares, if there is one. Only first
    /// attempts look.
    pub(crate) fn cached(&self, id: &ExecutionId) -> Option<ExecutionId> {
        let step = self.world.step(&id.step).filter(|_| id.attempt == 1)?;
        let (key, cache) = (step.cache_key.as_ref()?, step.cache_config.as_ref()?);
        // One that a person unpinned runs.
        let running = self.live.get(id).filter(|running| running.allowed != Allowed::Hand)?;
        let environment = running.environment;
        self.find_cached(key, cache, environment, Some(&id.step))
    }

    /// The newest execution of another step with this cache key, that has a value which is not too
    /// old, or is under way here.
    pub(crate) fn find_cached(
        &self,
        key: &Key,
        cache: &CacheConfig,
        environment: EnvironmentId,
        own: Option<&StepId>,
    ) -> Option<ExecutionId> {
        let chain = self.world.chain(environment);
        let others = self.world.cached_as(key).filter(|id| Some(id) != own);
        let steps = others.filter_map(|id| self.world.step(&id).map(|step| (id, step)));
        let steps = steps
            .filter(|(id, step)| has_cache_key(step, key) || self.world.is_own_cache_key(id, key));
        let steps = steps.map(|(_, step)| step);
        let executions = steps.flat_map(|step| step.executions.values());
        let usable = executions.filter(|execution| {
            self.world.sees(&chain, execution)
                && self.world.edited(&execution.execution_id).is_none()
                && !self.world.is_mocked(execution)
                && match &execution.result {
                    None => self.world.is_local_execution(execution),
                    Some(outcome) => outcome.value().is_some() && self.is_fresh(execution, cache),
                }
        });
        let newest = usable.max_by_key(|execution| (execution.created_at, &execution.execution_id));
        newest.map(|execution| execution.execution_id.clone())
    }

    /// Whether a result is young enough. Its age counts from when it was there.
    fn is_fresh(&self, execution: &Execution, cache: &CacheConfig) -> bool {
        let at = execution.completed_at.unwrap_or(execution.created_at);
        cache.max_age.is_none_or(|max_age| at.after(max_age) >= self.now)
    }
}

/// Whether a step has exactly this cache key. Exports show only part of it; the rest is
/// computed from the configuration, which they have whole.
fn has_cache_key(step: &Step, key: &Key) -> bool {
    let Some(known) = &step.cache_key else { return false };
    if known.is_whole() {
        return known == key;
    }
    let target: Target = step.target();
    let computed = step
        .cache_config
        .as_ref()
        .and_then(|cache| hindcast_model::cache_key(&target, &step.arguments, cache).ok());
    computed.as_ref() == Some(key)
}
