//! The local environment in which a run is worked on.

use hindcast_model::{
    Environment, EnvironmentId, EnvironmentName, Environments, Origin, Run, RunId,
};
use hindcast_store::Store;

use crate::{ApiError, ErrorCode};

/// What the first local environment is called, and what a second name starts with.
const NAME: &str = "development";

/// A local environment, or what it will be.
pub(crate) enum Local {
    /// It is there.
    There(Environment),
    /// It is to be made.
    ToMake {
        /// Its name.
        name: EnvironmentName,
        /// What it stands on.
        base: Option<EnvironmentId>,
    },
}

/// The local environment of that name for a run, made where there is none; without a name, the one
/// that stands on the environment the run was imported into.
pub(crate) fn local_environment(
    store: &Store,
    run: &RunId,
    name: Option<&str>,
) -> Result<Environment, ApiError> {
    let run = store.load(run)?.run;
    make(store, find_local(store, &store.environments()?, &run, name)?)
}

/// The local environment of that name, made where there is none; without a name, `development`.
pub(crate) fn fresh_environment(
    store: &Store,
    name: Option<&str>,
) -> Result<Environment, ApiError> {
    make(store, by_name(&store.environments()?, None, name.unwrap_or(NAME))?)
}

fn make(store: &Store, local: Local) -> Result<Environment, ApiError> {
    match local {
        Local::There(environment) => Ok(environment),
        Local::ToMake { name, base } => Ok(store.create_local(&name, base)?),
    }
}

/// Which local environment that is. Makes nothing.
pub(crate) fn find_local(
    store: &Store,
    environments: &Environments,
    run: &Run,
    name: Option<&str>,
) -> Result<Local, ApiError> {
    let home = newest_home(environments, run);
    if let Some(name) = name {
        return by_name(environments, home, name);
    }
    match home {
        Some(home) if home.origin == Origin::Local => Ok(Local::There(home.clone())),
        Some(home) => Ok(match store.local_for(home.id)?.into_iter().next() {
            Some(local) => Local::There(local),
            None => Local::ToMake { name: free_name(environments)?, base: Some(home.id) },
        }),
        None => Err(ApiError::not_found("environment of run", &run.id)),
    }
}

fn by_name(
    environments: &Environments,
    home: Option<&Environment>,
    name: &str,
) -> Result<Local, ApiError> {
    let parsed: EnvironmentName = name.parse()?;
    let Some(known) = environments.named(&parsed) else {
        return Ok(Local::ToMake { name: parsed, base: home.map(|home| home.id) });
    };
    if known.origin == Origin::Imported {
        let message = format!(
            "{name} is imported, and nothing runs in it: name a local environment that stands on it"
        );
        return Err(ApiError::new(ErrorCode::Refused, message));
    }
    let chain = environments.chain(known.id);
    let sees = |home: &&Environment| chain.iter().any(|environment| environment.id == home.id);
    if let Some(home) = home.filter(|home| !sees(home)) {
        let message = format!("{name} does not stand on {}, where the run is from", home.name);
        return Err(ApiError::new(ErrorCode::Refused, message));
    }
    Ok(Local::There(known.clone()))
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

fn free_name(environments: &Environments) -> Result<EnvironmentName, ApiError> {
    for number in 1_u32.. {
        let name = if number == 1 { NAME.to_owned() } else { format!("{NAME}-{number}") };
        let name = name.parse()?;
        if environments.named(&name).is_none() {
            return Ok(name);
        }
    }
    Err(ApiError::new(ErrorCode::Refused, "every name for a local environment is taken"))
}
