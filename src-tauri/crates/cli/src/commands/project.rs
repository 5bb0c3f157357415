//! Which code runs, and how.

use hindcast_api::{Adapter, Api, ProjectChoice};

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
        variables: variables.collect::<Result<_, _>>()?,
    })?;
    Ok(())
}

fn split(variable: &str) -> Result<(String, String), Failure> {
    let parts = variable.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) =
        parts.ok_or_else(|| Failure::Usage(format!("--var {variable}: not NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The words of a command: spaces separate, quotes hold together.
fn words(command: &str) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(Failure::Usage(format!("--adapter {command}: a quote is not closed")));
    }
    words.extend(word);
    if words.is_empty() {
        return Err(Failure::Usage("--adapter: the command is empty".to_owned()));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_is_split_as_a_shell_would() {
        for (command, expected) in [
            ("python -m coflux", vec!["python", "-m", "coflux"]),
            ("'my python'  -m coflux ", vec!["my python", "-m", "coflux"]),
            ("a\"b c\"d ''", vec!["ab cd", ""]),
        ] {
            assert_eq!(words(command).unwrap(), expected);
        }
        assert!(words("'open").is_err());
        assert!(words("  ").is_err());
    }
}
