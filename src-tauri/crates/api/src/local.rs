//! The local environment in which a run is worked on.

use hindcast_model::{Environment, EnvironmentId, Environments, Origin, Run, RunId};
use hindcast_store::Store;

use crate::{ApiError, ErrorCode};

/// What the first local environment is called, and what a second name starts with.
const NAME: &str = "development";

/// The local environment of that name for a run, made where there is none; without a name, the one
/// that stands on the environment the run was imported into.
pub(crate) fn local_environment(
    store: &Store,
    run: &RunId,
    name: Option<&str>,
) -> Result<Environment, ApiError> {
    let run = store.load(run)?.run;
    let environments = store.environments()?;
    let home = newest_home(&environments, &run);
    if let Some(name) = name {
        return by_name(store, &environments, home, name);
    }
    match home {
        Some(home) if home.origin == Origin::Local => Ok(home.clone()),
        Some(home) => match store.local_for(home.id)?.into_iter().next() {
            Some(local) => Ok(local),
            None => Ok(store.create_local(&free_name(&environments)?, Some(home.id))?),
        },
        None => Err(ApiError::not_found("environment of run", &run.id)),
    }
}

/// The local environment of that name, made where there is none; without a name, `development`.
pub(crate) fn fresh_environment(
    store: &Store,
    name: Option<&str>,
) -> Result<Environment, ApiError> {
    let environments = store.environments()?;
    by_name(store, &environments, None, name.unwrap_or(NAME))
}

fn by_name(
    store: &Store,
    environments: &Environments,
    home: Option<&Environment>,
    name: &str,
) -> Result<Environment, ApiError> {
    let parsed = name.parse()?;
    let Some(known) = environments.named(&parsed) else {
        let base: Option<EnvironmentId> = home.map(|home| home.id);
        return Ok(store.create_local(&parsed, base)?);
    };
    let sees_home = |home: &Environment| {
        environments.chain(known.id).iter().any(|environment| environment.id == home.id)
    };
    if known.origin == Origin::Imported {
        let message = format!(
            "{name} is imported, and nothing runs in it: name a local environment that stands on it"
        );
        return Err(ApiError::new(ErrorCode::Refused, message));
    }
    if let Some(home) = home.filter(|home| !sees_home(home)) {
        let message = format!("{name} does not stand on {}, where the run is from", home.name);
        return Err(ApiError::new(ErrorCode::Refused, message));
    }
    Ok(known.clone())
}

/// The environment a run was imported into: of several the one that stands on the others. A run that
/// began here has its own.
fn newest_home<'a>(environments: &'a Environments, run: &Run) -> Option<&'a Environment> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let seen = executions.filter_map(|one| environments.of_workspace(&one.workspace_id));
    let (imported, local): (Vec<_>, Vec<_>) =
        seen.partition(|environment| environment.origin == Origin::Imported);
    let depth = |environment: &&Environment| environments.chain(environment.id).len();
    imported.into_iter().max_by_key(depth).or_else(|| local.into_iter().min_by_key(depth))
}

fn free_name(environments: &Environments) -> Result<hindcast_model::EnvironmentName, ApiError> {
    for number in 1_u32.. {
        let name = if number == 1 { NAME.to_owned() } else { format!("{NAME}-{number}") };
        let name = name.parse()?;
        if environments.named(&name).is_none() {
            return Ok(name);
        }
    }
    Err(ApiError::new(ErrorCode::Refused, "every name for a local environment is taken"))
}
