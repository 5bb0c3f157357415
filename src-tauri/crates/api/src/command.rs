//! The command line that does what a view shows.

use std::path::Path;

pub(crate) use hindcast_engine::quoted;

use crate::calls::Search;

/// Run steps again.
pub(crate) fn rerun(steps: &[String], environment: Option<&str>, project: Option<&Path>) -> String {
    let mut words = vec!["hindcast".to_owned(), "rerun".to_owned()];
    words.extend(steps.iter().map(|step| quoted(step)));
    words.push("--project".to_owned());
    words.push(project.map_or_else(|| "DIR".to_owned(), |path| quoted(&path.to_string_lossy())));
    if let Some(environment) = environment {
        words.extend(["--env".to_owned(), quoted(environment)]);
    }
    words.join(" ")
}

/// Import files.
pub(crate) fn import(paths: &[String], environment: Option<&str>) -> String {
    let mut words = vec!["hindcast".to_owned(), "import".to_owned()];
    words.extend(paths.iter().map(|path| quoted(path)));
    if let Some(environment) = environment {
        words.extend(["--as".to_owned(), quoted(environment)]);
    }
    words.join(" ")
}

/// Import files, some of their runs.
pub(crate) fn import_only(
    paths: &[String],
    environment: Option<&str>,
    runs: Option<&[String]>,
) -> String {
    let mut command = import(paths, environment);
    for run in runs.unwrap_or_default() {
        command.push_str(" --only ");
        command.push_str(&quoted(run));
    }
    command
}

/// Import runs from a server. It finds the token by itself.
pub(crate) fn import_from_server(
    address: &str,
    project: Option<&str>,
    workspace: &str,
    runs: &[String],
) -> String {
    let mut words = ["hindcast", "import", "--server"].map(str::to_owned).to_vec();
    words.push(quoted(address));
    if let Some(project) = project {
        words.extend(["--server-project".to_owned(), quoted(project)]);
    }
    words.extend(["--workspace".to_owned(), quoted(workspace)]);
    words.extend(runs.iter().map(|run| quoted(run)));
    words.join(" ")
}

/// Show a run.
pub(crate) fn inspect(run: &str, environment: &str) -> String {
    format!("hindcast inspect {} --env {}", quoted(run), quoted(environment))
}

/// Show what came out differently, of a run or a step.
pub(crate) fn diff(id: &str, environment: &str) -> String {
    format!("hindcast diff {} --env {}", quoted(id), quoted(environment))
}

/// Show what came of a re-run.
pub(crate) fn outcomes(rerun: i64) -> String {
    format!("hindcast outcomes {rerun}")
}

/// Find steps.
pub(crate) fn search(search: &Search) -> String {
    let mut words = vec!["hindcast search".to_owned(), quoted(&search.run), quoted(&search.text)];
    words.extend(["--env".to_owned(), quoted(&search.environment)]);
    let states = search.states.iter().map(|state| state.word().to_owned());
    for (flag, names) in [
        ("--state", states.collect::<Vec<_>>()),
        ("--target", search.targets.clone()),
        ("--in", search.environments.clone()),
        ("--group", search.groups.clone()),
    ] {
        words.extend(names.iter().flat_map(|name| [flag.to_owned(), quoted(name)]));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_as_they_are() {
        assert_eq!(quoted("R6Lf:36"), "R6Lf:36");
        assert_eq!(quoted("my shop"), "'my shop'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
        assert_eq!(quoted(""), "''");
    }
}
