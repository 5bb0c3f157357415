//! Asks a project's interpreter what it is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::trouble::{OLDEST_PYTHON, Trouble, Version};
use crate::guardian::Guardian;
use crate::throw_away::{Said, ask};
use crate::{FoundBy, Project, bootstrap};

/// What it is asked.
const QUESTION: &str = include_str!("interpreter.py");

/// How long it may take to answer. A launcher may first make its environment.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the system says of a file that is no program.
const NO_PROGRAM: i32 = 8;

/// What an interpreter says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Interpreter {
    /// Its version's three numbers.
    pub version: Vec<u32>,
    /// Its path.
    pub executable: String,
    /// Whether it is one of a virtual environment.
    pub own_environment: bool,
    /// The SDK's version, if that is known.
    pub coflux: Option<String>,
    /// The Pythons that the SDK says it runs with, such as `>=3.10,<4.0`.
    requires: Option<String>,
    /// The file that the SDK is imported from; empty where it is a mere folder.
    origin: Option<String>,
    /// Whether it has pip.
    pub(super) pip: bool,
    /// Whether a system keeps its packages.
    pub(super) managed: bool,
    /// The folders it has packages in.
    pub(super) folders: Vec<PathBuf>,
}

impl Interpreter {
    /// Its version, such as `3.11.7`.
    pub fn version(&self) -> String {
        self.version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
    }

    /// What is wrong with it.
    pub(super) fn trouble(&self, project: &Project) -> Option<Trouble> {
        let found = Version {
            major: self.version.first().copied().unwrap_or_default(),
            minor: self.version.get(1).copied().unwrap_or_default(),
        };
        let (needs, whose) = self.needs();
        if found < needs {
            return Some(Trouble::PythonTooOld { found, needs, whose });
        }
        match (&self.coflux, self.origin.as_deref()) {
            (_, Some(file)) if shadows(Path::new(file), project.folder()) => {
                Some(Trouble::SdkShadowed { file: file.into() })
            }
            (Some(version), Some(_)) => Trouble::of_sdk(version),
            (None, Some(file)) if !file.is_empty() => {
                Some(Trouble::SdkUnknown { python: self.executable.clone() })
            }
            _ => Some(Trouble::NoSdk { python: self.executable.clone() }),
        }
    }

    /// The oldest Python that will do, and for what.
    fn needs(&self) -> (Version, String) {
        let Some(sdk) = &self.coflux else { return (OLDEST_PYTHON, "Coflux".to_owned()) };
        let told = self.requires.as_deref().and_then(|requires| {
            requires.split(',').find_map(|one| Version::read(one.trim().strip_prefix(">=")?.trim()))
        });
        // 0.8 has classes with type parameters (PEP 695), whatever its metadata says.
        let by_syntax = sdk.starts_with("0.8.").then_some(Version { major: 3, minor: 12 });
        let needs = told.max(by_syntax).unwrap_or(OLDEST_PYTHON);
        (needs, format!("Coflux {sdk}"))
    }
}

/// Whether a file of the project is imported in the SDK's place. (The project may be the SDK itself.)
fn shadows(file: &Path, project: &Path) -> bool {
    let installed = file.components().any(|part| part.as_os_str() == "site-packages");
    file.starts_with(project) && !installed && !file.with_file_name("__main__.py").is_file()
}

/// What the files tell without running anything.
pub(super) fn at_first_sight(project: &Project) -> Option<Trouble> {
    let program = Path::new(&project.adapter().program);
    if program.components().count() == 1 {
        let known = found_on_path(project, program);
        return (!known).then(|| command_gone(project));
    }
    let program = project.folder().join(program);
    match program.metadata() {
        Err(_) => Some(gone(project, &program)),
        Ok(file) if !file.is_file() || !is_executable(&file) => {
            Some(Trouble::NotExecutable { python: program })
        }
        Ok(_) => None,
    }
}

fn found_on_path(project: &Project, program: &Path) -> bool {
    let path = project.variables().iter().find(|(name, _)| *name == "PATH");
    path.is_some_and(|(_, folders)| {
        std::env::split_paths(folders).any(|folder| folder.join(program).is_file())
    })
}

fn is_executable(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o111 != 0
}

fn gone(project: &Project, program: &Path) -> Trouble {
    if bootstrap::fits(project.adapter()) {
        return Trouble::InterpreterGone {
            python: program.to_owned(),
            to: std::fs::read_link(program).ok(),
        };
    }
    command_gone(project)
}

fn command_gone(project: &Project) -> Trouble {
    let why = match project.found_by() {
        FoundBy::Person => "you chose it",
        FoundBy::Configuration => "worker.adapter in coflux.toml names it",
        FoundBy::PoetryLock => "the project has a poetry.lock",
        FoundBy::UvLock => "the project has a uv.lock",
        FoundBy::Environment | FoundBy::Uv | FoundBy::Path => "it was there a moment ago",
    };
    let program = project.adapter().program.to_string_lossy().into_owned();
    Trouble::CommandGone { program, why }
}

/// The broken virtual environment in the project's folder, if there is one: what made Coflux's rules
/// find something else.
pub(super) fn broken_environment(project: &Project) -> Option<Trouble> {
    if project.found_by() == FoundBy::Person || project.found_by() == FoundBy::Configuration {
        return None;
    }
    let folders = crate::project::interpreter::ENVIRONMENTS.map(|name| project.folder().join(name));
    let broken = folders.into_iter().find(|folder| {
        folder.join("pyvenv.cfg").is_file() && !folder.join("bin/python").is_file()
    })?;
    let python = broken.join("bin/python");
    let to = std::fs::read_link(&python).ok();
    Some(Trouble::InterpreterGone { python, to })
}

/// Asks it. The question runs nothing of the project.
pub(super) async fn ask_it(
    project: &Project,
    guardian: &Arc<Guardian>,
) -> Result<Interpreter, Trouble> {
    let program = || project.adapter().program.to_string_lossy().into_owned();
    let refused = |error: io::Error| refused(project, &error);
    let Some(first) = bootstrap::python(project.adapter()) else {
        let how = "it is a command of its own".to_owned();
        return Err(Trouble::NotPython { program: program(), how });
    };
    let scratch = guardian.scratch().map_err(refused)?;
    let arguments = first.iter().cloned().chain(["-c", QUESTION].map(Into::into)).collect();
    let said =
        ask(project, guardian, &scratch, arguments, &[], None, PATIENCE).await.map_err(refused)?;
    let Some(said) = said else {
        return Err(Trouble::Silent { program: program(), seconds: PATIENCE.as_secs() });
    };
    let answer = said.answer("hindcast_interpreter");
    let known = answer.and_then(|answer| serde_json::from_value(answer).ok());
    known.ok_or_else(|| no_answer(program(), &said))
}

/// The system would not run it.
fn refused(project: &Project, error: &io::Error) -> Trouble {
    let program = project.folder().join(&project.adapter().program);
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) if program.is_file() => Trouble::NotPython {
            program: program.to_string_lossy().into_owned(),
            how: "what it is itself run by is not there".to_owned(),
        },
        (io::ErrorKind::NotFound, _) => gone(project, &program),
        (io::ErrorKind::PermissionDenied, _) => Trouble::NotExecutable { python: program },
        (_, Some(NO_PROGRAM)) => Trouble::NotPython {
            program: program.to_string_lossy().into_owned(),
            how: "it is no program".to_owned(),
        },
        _ => Trouble::Crashes {
            program: program.to_string_lossy().into_owned(),
            how: "it cannot be run".to_owned(),
            words: error.to_string(),
        },
    }
}

/// It ran, and did not say what a Python says.
fn no_answer(program: String, said: &Said) -> Trouble {
    let words = said.complaint().lines().last().unwrap_or_default().trim().to_owned();
    match said.ended {
        Some(status) if !status.success() => {
            Trouble::Crashes { program, how: status.to_string(), words }
        }
        _ => {
            let how = "asked for its version, it did not answer as Python does".to_owned();
            Trouble::NotPython { program, how }
        }
    }
}
