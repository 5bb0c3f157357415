//! Which code runs, and how.

use hindcast_api::{Adapter, Api, ProjectChoice, shell_words};

use crate::arguments::Project;
use crate::exit::Failure;

/// Takes what the command line says of the project. Naming a folder is a person's decision that its
/// code may run, for this command.
pub(crate) fn choose(api: &Api, project: Project) -> Result<(), Failure> {
    let adapter = match (project.python, project.adapter) {
        (Some(python), _) => Some(Adapter::Python(python)),
        (None, Some(command)) => Some(Adapter::Command(words(&command)?)),
        (None, None) => None,
    };
    let variables = project.variables.iter().map(|variable| split(variable));
    api.choose_for_session(ProjectChoice {
        trusted: project.folder.is_some(),
        folder: project.folder,
        adapter,
        slots: project.slots.map(usize::from),
        variables: variables.collect::<Result<_, _>>()?,
    })?;
    Ok(())
}

pub(super) fn split(variable: &str) -> Result<(String, String), Failure> {
    let parts = variable.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) =
        parts.ok_or_else(|| Failure::Usage(format!("--var {variable}: not NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn words(command: &str) -> Result<Vec<String>, Failure> {
    shell_words(command).map_err(|reason| Failure::Usage(format!("--adapter {command}: {reason}")))
}
