//! The command that runs a project's code, found as Coflux's own worker finds it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::ProjectError;

/// What a virtual environment in a project's folder may be called.
pub(crate) const ENVIRONMENTS: [&str; 2] = [".venv", "venv"];

/// A command that speaks the protocol, without its last word (`execute` or `discover`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// The program.
    pub program: OsString,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
    /// Whether a person said that the program is a Python, whatever it is called.
    pub is_python: bool,
}

impl Adapter {
    /// The command as one line, for people.
    pub fn command_line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

/// A person's choice of how a project is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenAdapter {
    /// This Python, with the SDK in it (`--python`).
    Python(PathBuf),
    /// This command (`--adapter`).
    Command(Vec<String>),
}

/// By what a project's command was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// A person chose it.
    Person,
    /// `worker.adapter` in `coflux.toml`.
    Configuration,
    /// The virtual environment `.venv` or `venv` in the project's folder.
    Environment,
    /// `poetry.lock` in it.
    PoetryLock,
    /// `uv.lock` in it.
    UvLock,
    /// uv is on the `PATH`.
    Uv,
    /// Python is on the `PATH`.
    Path,
}

/// Source of the order: Coflux's command line. `--adapter`, then `worker.adapter` of `coflux.toml`,
/// then the first of `.venv`, `venv`, `poetry.lock`, `uv.lock`, `uv`, `python3`, `python`.
pub(super) fn find(
    folder: &Path,
    chosen: Option<ChosenAdapter>,
) -> Result<(Adapter, FoundBy), ProjectError> {
    match chosen {
        Some(ChosenAdapter::Python(python)) => {
            let adapter = python_module(absolute(python));
            Ok((Adapter { is_python: true, ..adapter }, FoundBy::Person))
        }
        Some(ChosenAdapter::Command(words)) => Ok((command(words)?, FoundBy::Person)),
        None => match super::configuration::worker(folder)?.adapter {
            Some(words) => Ok((command(words)?, FoundBy::Configuration)),
            None => detect(folder, &on_path)
                .ok_or_else(|| ProjectError::NoInterpreter { folder: folder.to_owned() }),
        },
    }
}

/// A path that was named where the person stands, not in the project's folder. A bare name is
/// looked up on the PATH.
fn absolute(python: PathBuf) -> OsString {
    if python.components().count() == 1 && !python.exists() {
        return python.into();
    }
    std::path::absolute(&python).unwrap_or(python).into()
}

fn command(words: Vec<String>) -> Result<Adapter, ProjectError> {
    let mut words = words.into_iter().map(OsString::from);
    let program = words.next().filter(|word| !word.is_empty()).ok_or(ProjectError::EmptyAdapter)?;
    Ok(Adapter { program, arguments: words.collect(), is_python: false })
}

fn python_module(program: impl Into<OsString>) -> Adapter {
    launched(program, &[])
}

/// `PROGRAM FIRST… -m coflux`
fn launched(program: impl Into<OsString>, first: &[&str]) -> Adapter {
    let arguments = first.iter().chain(&["-m", "coflux"]).map(OsString::from).collect();
    Adapter { program: program.into(), arguments, is_python: false }
}

fn detect(folder: &Path, on_path: &dyn Fn(&str) -> bool) -> Option<(Adapter, FoundBy)> {
    let environments = ENVIRONMENTS.map(|name| folder.join(name).join("bin/python"));
    if let Some(python) = environments.into_iter().find(|python| python.is_file()) {
        return Some((python_module(python), FoundBy::Environment));
    }
    let has = |file: &str| folder.join(file).is_file();
    if has("poetry.lock") {
        return Some((launched("poetry", &["run", "python"]), FoundBy::PoetryLock));
    }
    if has("uv.lock") {
        return Some((launched("uv", &["run", "python"]), FoundBy::UvLock));
    }
    if on_path("uv") {
        return Some((launched("uv", &["run", "--with", "coflux", "python"]), FoundBy::Uv));
    }
    let python = ["python3", "python"].into_iter().find(|python| on_path(python))?;
    Some((python_module(python), FoundBy::Path))
}

/// Whether there is a program of this name on the `PATH`.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(OsStr::new(program)).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The adapter found in a folder that holds these files, on a machine with these programs.
    fn found(files: &[(&str, &str)], programs: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (file, content) in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let adapter = match super::super::configuration::worker(folder.path())
            .map(|worker| worker.adapter)
        {
            Ok(Some(words)) => command(words).unwrap(),
            Ok(None) => match detect(folder.path(), &|program| programs.contains(&program)) {
                Some((adapter, _)) => adapter,
                None => return "nothing".into(),
            },
            Err(error) => return error.to_string().replace(folder.path().to_str().unwrap(), "."),
        };
        let words = std::iter::once(&adapter.program).chain(&adapter.arguments);
        let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
        words.join(" ").replace(folder.path().to_str().unwrap(), ".")
    }

    #[test]
    fn the_interpreter_is_found_as_coflux_finds_it() {
        let toml = ("coflux.toml", "[worker]\nadapter = [\"just\", \"run\"]\n");
        let everything = [(".venv/bin/python", ""), ("venv/bin/python", ""), ("uv.lock", "")];
        assert_eq!(found(&[&everything[..], &[toml]].concat(), &["uv"]), "just run");
        assert_eq!(found(&everything, &["uv"]), "./.venv/bin/python -m coflux");
        assert_eq!(found(&everything[1..], &["uv"]), "./venv/bin/python -m coflux");
        assert_eq!(
            found(&[("poetry.lock", ""), ("uv.lock", "")], &[]),
            "poetry run python -m coflux"
        );
        assert_eq!(found(&[("uv.lock", "")], &[]), "uv run python -m coflux");
        assert_eq!(found(&[], &["uv", "python3"]), "uv run --with coflux python -m coflux");
        assert_eq!(
            found(&[("coflux.toml", "host = 'x'")], &["python", "python3"]),
            "python3 -m coflux"
        );
        assert_eq!(found(&[], &[]), "nothing");
        assert!(
            found(&[("coflux.toml", "worker = 1")], &[])
                .starts_with("\"./coflux.toml\" cannot be read")
        );
    }
}
