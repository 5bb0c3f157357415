//! Whether the project's Python has debugpy, and a copy of it where it has not.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{DebugError, Debugpy};
use crate::guardian::Guardian;
use crate::throw_away::{Said, ask};
use crate::{Project, bootstrap};

/// Finds debugpy, and says which Python looked. Imports nothing of it.
const QUESTION: &str = "import importlib.util, sys; \
    found = importlib.util.find_spec('debugpy'); \
    kind = sys.implementation.cache_tag + getattr(sys, 'abiflags', ''); \
    print('debugpy', 'there' if found else 'missing', kind)";

/// Installs it.
const INSTALL: &str = include_str!("install.py");

/// How long the question may take: a launcher may have an environment to make first.
const ANSWER: Duration = Duration::from_secs(60);
/// How long installing may take.
const INSTALLATION: Duration = Duration::from_secs(600);

/// What a person's package index is known by, beside what executors get.
const INDEX: [&str; 10] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "NETRC",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "CURL_CA_BUNDLE",
];

/// Whether this project's Python has debugpy. Runs that Python, and nothing of the project.
pub(crate) async fn find(
    project: &Project,
    guardian: &Arc<Guardian>,
) -> Result<Debugpy, DebugError> {
    let silent = |reason| DebugError::Silent { command: project.python_line(), reason };
    let arguments = ["-c".into(), QUESTION.into()];
    let said = run_python(project, guardian, arguments, Vec::new(), ANSWER).await?;
    let said = said.ok_or_else(|| silent(too_long(ANSWER)))?;
    let answer = said.lines().rev().find_map(|line| line.trim().strip_prefix("debugpy "));
    match answer.and_then(|answer| answer.split_once(' ')) {
        Some(("there", python)) => Ok(Debugpy::There { python: python.to_owned() }),
        Some((_, python)) => Ok(Debugpy::Missing { python: python.to_owned() }),
        None => Err(silent(last(&said))),
    }
}

/// Installs a copy of debugpy into `packages`, as a whole or not at all. The project's environment is
/// not changed.
pub(crate) async fn install(
    project: &Project,
    guardian: &Arc<Guardian>,
    packages: &Path,
) -> Result<(), DebugError> {
    let failed = |reason| DebugError::Install { command: project.python_line(), reason };
    let parent = packages.parent().unwrap_or(packages);
    let fresh = std::fs::create_dir_all(parent).and_then(|()| tempfile::tempdir_in(parent));
    let fresh = fresh.map_err(|error| failed(error.to_string()))?;
    let of_index = |(name, _): &(OsString, OsString)| {
        name.to_str().is_some_and(|name| {
            INDEX.contains(&name) || name.starts_with("PIP_") || name.starts_with("UV_")
        })
    };
    let index = std::env::vars_os().filter(of_index).collect();
    let arguments = ["-c".into(), INSTALL.into(), fresh.path().into()];
    let said = run_python(project, guardian, arguments, index, INSTALLATION).await?;
    let said = said.ok_or_else(|| failed(too_long(INSTALLATION)))?;
    if !said.ended.is_some_and(|status| status.success()) {
        return Err(failed(last(&said)));
    }
    // One that was installed meanwhile may be in use already, and is as good.
    if Debugpy::is_in(packages) {
        return Ok(());
    }
    let placed = std::fs::rename(fresh.path(), packages).or_else(|_| {
        std::fs::remove_dir_all(packages)?;
        std::fs::rename(fresh.path(), packages)
    });
    placed.map_err(|error| failed(error.to_string()))
}

/// What the project's Python says; none if it takes too long.
async fn run_python<const N: usize>(
    project: &Project,
    guardian: &Arc<Guardian>,
    arguments: [OsString; N],
    mut variables: Vec<(OsString, OsString)>,
    patience: Duration,
) -> Result<Option<Said>, DebugError> {
    let first = bootstrap::python(project.adapter())
        .ok_or_else(|| DebugError::NotPlain { command: project.adapter().command_line() })?;
    let arguments = first.iter().cloned().chain(arguments).collect();
    // Nothing of the project stands in the place of Python's own, and nothing is written there.
    variables.extend(
        ["PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE"].map(|name| (name.into(), "1".into())),
    );
    let failed = |error: std::io::Error| DebugError::Start {
        command: project.python_line(),
        reason: error.to_string(),
    };
    let scratch = guardian.scratch().map_err(failed)?;
    ask(project, guardian, &scratch, arguments, &variables, None, patience).await.map_err(failed)
}

/// The last line that a process complained of, or else how it ended.
fn last(said: &Said) -> String {
    let complaint = said.complaint();
    let line = complaint.lines().rev().find(|line| !line.trim().is_empty());
    let ended = || said.ended.map(|status| status.to_string()).unwrap_or_default();
    line.map_or_else(ended, |line| line.trim().to_owned())
}

fn too_long(patience: Duration) -> String {
    format!("it took more than {} s", patience.as_secs())
}
