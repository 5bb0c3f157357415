//! What keeps a project's code from running, each in one sentence.

use std::fmt;
use std::path::PathBuf;

use crate::ProjectError;

/// The oldest Python that any SDK runs with.
pub(super) const OLDEST_PYTHON: Version = Version { major: 3, minor: 10 };
/// The first minor version of the SDK (0.x) that we speak with.
const OLDEST_SDK: u32 = 2;
/// The last one that this was tried with.
pub(super) const NEWEST_SDK: u32 = 12;

/// A version's first two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first.
    pub major: u32,
    /// The second.
    pub minor: u32,
}

impl Version {
    /// The first two numbers of a text such as `3.11.7`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| {
            let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            number[..end].parse().ok()
        });
        Some(Self { major: numbers.next()??, minor: numbers.next().flatten().unwrap_or(0) })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A place in a file, below the project's folder where it is in that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Something that keeps a project's code from running.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Its folder is gone.
    #[error("the project folder {} is not there", folder.display())]
    FolderGone {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that says how it is run cannot be read.
    #[error("{} cannot be read: {reason}", file.display())]
    Configuration {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// No Python was found.
    #[error(
        "no Python was found for {}: it has no .venv, venv, poetry.lock, uv.lock or worker.adapter in coflux.toml, and neither uv nor python3 is on the PATH",
        folder.display()
    )]
    NoInterpreter {
        /// The folder.
        folder: PathBuf,
    },
    /// The interpreter is not there, though something leads to it.
    #[error("the interpreter {} is gone{}", python.display(), leads_to(to.as_ref()))]
    InterpreterGone {
        /// The interpreter.
        python: PathBuf,
        /// Where it leads, if it is a link.
        to: Option<PathBuf>,
    },
    /// It may not be run.
    #[error("{} may not be executed", python.display())]
    NotExecutable {
        /// The interpreter.
        python: PathBuf,
    },
    /// It is no Python.
    #[error("{program} is no Python: {how}")]
    NotPython {
        /// What was run.
        program: String,
        /// What it did when it was asked.
        how: String,
    },
    /// It is a Python, as far as its name goes, and ends before it does anything.
    #[error("{program} ends as it starts ({how}){}", said(words))]
    Crashes {
        /// What was run.
        program: String,
        /// How it ends.
        how: String,
        /// The last line of what it says.
        words: String,
    },
    /// It does not answer.
    #[error("{program} said nothing within {seconds} s")]
    Silent {
        /// What was run.
        program: String,
        /// How long it had.
        seconds: u64,
    },
    /// The program of the command is not there.
    #[error("the command {program} was not found: {why}")]
    CommandGone {
        /// The program.
        program: String,
        /// Why it is looked for.
        why: &'static str,
    },
    /// The Python is too old for its SDK.
    #[error("Python {found} is too old: {whose} needs Python {needs} or later")]
    PythonTooOld {
        /// Its version.
        found: Version,
        /// The oldest that will do.
        needs: Version,
        /// Which SDK needs it.
        whose: String,
    },
    /// The SDK is not installed.
    #[error("Coflux is not installed for {python}")]
    NoSdk {
        /// The interpreter.
        python: String,
    },
    /// Something of the project's own is imported in the SDK's place.
    #[error(
        "{} stands in the way of Coflux: Python imports it in the place of the SDK; call it otherwise",
        file.display()
    )]
    SdkShadowed {
        /// The file.
        file: PathBuf,
    },
    /// It is installed so that its version is not known. No hindrance.
    #[error("{python} has Coflux, but not which version: it is taken for one of 0.9 or later")]
    SdkUnknown {
        /// The interpreter.
        python: String,
    },
    /// A version that we cannot speak with.
    #[error("Coflux {version} is too old: Hindcast runs 0.{OLDEST_SDK} and later")]
    SdkTooOld {
        /// The version.
        version: String,
    },
    /// A version newer than any we know. No hindrance.
    #[error("Coflux {version} is newer than what this Hindcast was tried with, 0.{NEWEST_SDK}")]
    SdkNewer {
        /// The version.
        version: String,
    },
    /// A file that Python cannot read.
    #[error("{module} cannot be imported: {place}: {kind}: {message}")]
    Syntax {
        /// The module that needs it.
        module: String,
        /// Where.
        place: Place,
        /// What Python calls it.
        kind: String,
        /// What Python says.
        message: String,
        /// The line's text.
        text: Option<String>,
    },
    /// A package is not installed.
    #[error("{module} cannot be imported: {missing} is not installed{}", at(place.as_ref()))]
    MissingPackage {
        /// The module that needs it.
        module: String,
        /// What is missing, as it is imported.
        missing: String,
        /// Where it is imported.
        place: Option<Place>,
    },
    /// A module of the project itself is missing.
    #[error("there is no module {missing}{}: Python looked in {}{}", at(place.as_ref()), looked.join(", "), stands(elsewhere.as_ref()))]
    MissingModule {
        /// The module that needs it.
        module: String,
        /// What is missing: often that same module.
        missing: String,
        /// Where it is imported.
        place: Option<Place>,
        /// Where Python looked, without its own library.
        looked: Vec<String>,
        /// A file of the project that may be it.
        elsewhere: Option<String>,
    },
    /// Code asks for an environment variable that steps do not get.
    #[error(
        "{module} cannot be imported: it needs the environment variable {name}{}, which steps do not get: secrets of your shell are not inherited",
        at(place.as_ref())
    )]
    MissingVariable {
        /// The module.
        module: String,
        /// The variable.
        name: String,
        /// Where it is asked for.
        place: Option<Place>,
    },
    /// Its own code fails while it is imported.
    #[error("{module} cannot be imported: {kind}{}{}", said(message), at(place.as_ref()))]
    ImportFails {
        /// The module.
        module: String,
        /// The exception's class.
        kind: String,
        /// What it says, its first line.
        message: String,
        /// Where.
        place: Option<Place>,
    },
    /// Importing it ends the process, or takes too long.
    #[error("{module} cannot be imported: its import {how}")]
    ImportEnds {
        /// The module.
        module: String,
        /// How.
        how: String,
    },
    /// A module has no such target.
    #[error("{module} has no target {name}{}", others(has))]
    NoTarget {
        /// The module.
        module: String,
        /// The target's name.
        name: String,
        /// The targets that it has.
        has: Vec<String>,
    },
}

impl Trouble {
    /// Whether nothing can run because of it. Else it is only as well to know.
    pub fn hinders(&self) -> bool {
        !matches!(self, Self::SdkUnknown { .. } | Self::SdkNewer { .. })
    }

    /// Where in the code it is.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax { place, .. } => Some(place),
            Self::MissingPackage { place, .. }
            | Self::MissingModule { place, .. }
            | Self::MissingVariable { place, .. }
            | Self::ImportFails { place, .. } => place.as_ref(),
            _ => None,
        }
    }

    /// What is wrong with an SDK of this version, if anything is.
    pub(super) fn of_sdk(version: &str) -> Option<Self> {
        let known = Version::read(version)?;
        let version = version.to_owned();
        match (known.major, known.minor) {
            (0, ..OLDEST_SDK) => Some(Self::SdkTooOld { version }),
            (0, ..=NEWEST_SDK) => None,
            _ => Some(Self::SdkNewer { version }),
        }
    }
}

impl From<ProjectError> for Trouble {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Folder { folder, .. } => Self::FolderGone { folder },
            ProjectError::Configuration { file, reason } => Self::Configuration { file, reason },
            ProjectError::NoInterpreter { folder } => Self::NoInterpreter { folder },
            // An empty command on a command line is refused before it comes to this.
            error @ (ProjectError::EmptyAdapter | ProjectError::CannotLock { .. }) => {
                Self::Configuration { file: "coflux.toml".into(), reason: error.to_string() }
            }
        }
    }
}

fn leads_to(to: Option<&PathBuf>) -> String {
    to.map(|to| format!(": it leads to {}, which is not there", to.display())).unwrap_or_default()
}

fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

fn at(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({place})")).unwrap_or_default()
}

fn stands(elsewhere: Option<&String>) -> String {
    elsewhere.map(|file| format!("; {file} may be meant")).unwrap_or_default()
}

fn others(has: &[String]) -> String {
    match has {
        [] => ", and no other".to_owned(),
        has => format!("; it has {}", has.join(", ")),
    }
}
