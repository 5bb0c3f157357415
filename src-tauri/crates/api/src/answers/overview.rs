//! Environments, runs, project.

use hindcast_model::{EnvironmentId, Environments, Origin};
use hindcast_store::{RunSummary as Stored, Store};

use crate::api::Answered;
use crate::calls::GetOverview;
use crate::facts::Facts;
use crate::view::{EnvironmentView, NodeState, Overview, RunSummary};
use crate::{Api, ApiError};

impl Answered for GetOverview {
    async fn answer(self, api: &Api) -> Result<Overview, ApiError> {
        let (project, recent_projects) = api.projects().await?;
        let facts = api.facts().clone();
        let (environments, runs) = api.read(move |store| lists(store, &facts)).await?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Ok(Overview { environments, runs, project, recent_projects, version })
    }
}

fn lists(
    store: &Store,
    facts: &Facts,
) -> Result<(Vec<EnvironmentView>, Vec<RunSummary>), ApiError> {
    let environments = store.environments()?;
    let stored = store.runs()?;
    let views = ordered(&environments)
        .into_iter()
        .filter_map(|id| environments.get(id))
        .map(|environment| {
            let seen =
                |run: &&Stored| run.environments.iter().any(|e| e.environment == environment.id);
            EnvironmentView {
                name: environment.name.to_string(),
                base: environment
                    .base
                    .and_then(|base| environments.get(base))
                    .map(|base| base.name.to_string()),
                imported: environment.origin == Origin::Imported,
                runs: u32::try_from(stored.iter().filter(seen).count()).unwrap_or(u32::MAX),
            }
        })
        .collect();
    let runs = stored.iter().map(|run| summary(store, facts, &environments, run));
    Ok((views, runs.collect::<Result<_, _>>()?))
}

/// Bases before what stands on them.
fn ordered(environments: &Environments) -> Vec<EnvironmentId> {
    let mut ids: Vec<EnvironmentId> = environments.iter().map(|one| one.id).collect();
    ids.sort_by_key(|&id| {
        let path: Vec<EnvironmentId> = environments.chain(id).iter().rev().map(|e| e.id).collect();
        path
    });
    ids
}

fn summary(
    store: &Store,
    facts: &Facts,
    environments: &Environments,
    run: &Stored,
) -> Result<RunSummary, ApiError> {
    let known = facts.of(store, run)?;
    let origin = |id: EnvironmentId| environments.get(id).map(|environment| environment.origin);
    let name = |id: EnvironmentId| environments.get(id).map(|one| one.name.to_string());
    // The environment it was imported into, or began in: the first of its origin that has its root.
    let seen = run.environments.iter().filter(|seen| origin(seen.environment) == Some(run.origin));
    let home = seen.min_by_key(|seen| (seen.root.is_none(), seen.environment));
    let home = home.map(|seen| seen.environment);
    let locals = run.environments.iter().map(|seen| seen.environment);
    let locals = locals.filter(|&id| origin(id) == Some(Origin::Local) && Some(id) != home);
    Ok(RunSummary {
        id: run.id.to_string(),
        target: run.target.name.to_string(),
        module: run.target.module.to_string(),
        environment: home.and_then(name).unwrap_or_default(),
        local_environments: locals.filter_map(name).collect(),
        state: home.and_then(|home| known.root.get(&home).copied()).unwrap_or(NodeState::Unknown),
        steps: run.steps,
        failed: home.and_then(|home| known.failed.get(&home).copied()).unwrap_or_default(),
        created_at: run.created_at.0,
        duration_ms: home.and_then(|home| known.took.get(&home).copied()),
        missing_values: known.missing_values,
        parent_run: run.parent.as_ref().map(|parent| parent.execution_id.run().to_string()),
    })
}
