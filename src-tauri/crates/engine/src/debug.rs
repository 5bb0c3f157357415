//! Executions under a debugger: debugpy in the executor's own Python, waiting on 127.0.0.1.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hindcast_model::{Debugger, StepId, Target};
use serde_json::{Value, json};

use crate::bootstrap::{self, Source};
use crate::{Adapter, Project};

/// The part that waits for a debugger.
pub(crate) const SOURCE: Source = Source { name: "debug", text: include_str!("debug/debug.py") };

/// The part that tells whether one is attached.
pub(crate) const ATTACHED: Source =
    Source { name: "attached", text: include_str!("debug/attached.py") };

/// The part that passes `breakpoint()` where there is no debugger.
pub(crate) const BREAKPOINT: Source =
    Source { name: "breakpoint", text: include_str!("debug/breakpoint.py") };

/// The method of the lines of both.
pub(crate) const METHOD: &str = "hindcast_debugger";

/// The only address a debugger can come to.
pub const HOST: &str = "127.0.0.1";

/// Finds debugpy, and says which Python looked. Imports nothing of it.
const QUESTION: &str = "import importlib.util, sys; \
    found = importlib.util.find_spec('debugpy'); \
    kind = sys.implementation.cache_tag + getattr(sys, 'abiflags', ''); \
    print('debugpy', 'there' if found else 'missing', kind)";

/// Installs it.
const INSTALL: &str = include_str!("debug/install.py");

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

/// Whether a project's Python has debugpy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Debugpy {
    /// It has.
    There {
        /// Which kind of Python it is, such as `cpython-311`.
        python: String,
    },
    /// It has not.
    Missing {
        /// Which kind of Python it is.
        python: String,
    },
}

/// Which executions wait for a debugger, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debug {
    /// The steps whose executions wait, each with its port.
    pub ports: BTreeMap<StepId, u16>,
    /// The targets whose calls wait as well, each execution on a port that is free then.
    pub calls: BTreeSet<Target>,
    /// Whether an execution stops where it raises what it fails with.
    pub at_raise: bool,
    /// The folder debugpy is in, if not in the project's environment.
    pub packages: Option<PathBuf>,
}

impl Debug {
    /// What the part is told in an execution of this step; none if it is not to wait.
    fn options(&self, step: &StepId, target: &Target) -> Option<Value> {
        let any = || self.calls.contains(target).then_some(0);
        let port = self.ports.get(step).copied().or_else(any)?;
        let packages = self.packages.as_deref().map(Path::to_string_lossy);
        Some(json!({"host": HOST, "port": port, "raise": self.at_raise, "packages": packages}))
    }
}

/// What the parts say of a debugger; none if it cannot be used.
pub(crate) fn heard(params: &str) -> Option<Debugger> {
    serde_json::from_str(params).ok()
}

/// Why nothing can be debugged.
#[derive(Debug, thiserror::Error)]
pub enum DebugError {
    /// Our parts cannot be put into what runs the project.
    #[error("debugging needs a plain `python -m coflux`; this project is run by `{command}`")]
    NotPlain {
        /// The command.
        command: String,
    },
    /// The project's Python cannot be asked.
    #[error("`{command}` cannot be started: {reason}")]
    Start {
        /// The command.
        command: String,
        /// Why.
        reason: String,
    },
    /// It does not answer.
    #[error("`{command}` does not say whether it has debugpy: {reason}")]
    Silent {
        /// The command.
        command: String,
        /// The last that it said.
        reason: String,
    },
    /// A copy cannot be installed.
    #[error("debugpy cannot be installed with the pip of `{command}`: {reason}")]
    Install {
        /// The command.
        command: String,
        /// The last that it said.
        reason: String,
    },
}

impl Project {
    /// The same project; executions of these steps wait for a debugger.
    #[must_use]
    pub fn debugged(mut self, debug: Debug) -> Self {
        self.debug = Some(debug);
        self
    }

    /// What the part that waits for a debugger is told in an execution of this step.
    pub(crate) fn debug_options(&self, step: &StepId, target: &Target) -> Option<Value> {
        self.debug.as_ref()?.options(step, target)
    }

    /// Whether this project's Python has debugpy. Runs that Python, and nothing of the project.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn find_debugpy(&self) -> Result<Debugpy, DebugError> {
        let words = self.python_words()?;
        let output = self.run_python(&words, &["-c", QUESTION], &[])?;
        let said = String::from_utf8_lossy(&output.stdout);
        let answer = said.lines().rev().find_map(|line| line.trim().strip_prefix("debugpy "));
        match answer.and_then(|answer| answer.split_once(' ')) {
            Some(("there", python)) => Ok(Debugpy::There { python: python.to_owned() }),
            Some((_, python)) => Ok(Debugpy::Missing { python: python.to_owned() }),
            None => Err(DebugError::Silent { command: words.join(" "), reason: last(&output) }),
        }
    }

    /// The command that would install debugpy into the project's environment.
    ///
    /// # Errors
    /// If the project is not run by a plain Python.
    pub fn debugpy_mend(&self) -> Result<String, DebugError> {
        Ok(format!("{} -m pip install debugpy", self.python_words()?.join(" ")))
    }

    /// Installs a copy of debugpy into `packages`, as a whole or not at all. The project's environment
    /// is not changed.
    ///
    /// # Errors
    /// If it cannot be had from the package index.
    pub fn install_debugpy(&self, packages: &Path) -> Result<(), DebugError> {
        let words = self.python_words()?;
        let failed = |reason: String| DebugError::Install { command: words.join(" "), reason };
        let parent = packages.parent().unwrap_or(packages);
        let fresh = std::fs::create_dir_all(parent).and_then(|()| tempfile::tempdir_in(parent));
        let fresh = fresh.map_err(|error| failed(error.to_string()))?;
        let target = fresh.path().to_string_lossy();
        let of_index = |(name, _): &(OsString, OsString)| {
            name.to_str().is_some_and(|name| {
                INDEX.contains(&name) || name.starts_with("PIP_") || name.starts_with("UV_")
            })
        };
        let index: Vec<_> = std::env::vars_os().filter(of_index).collect();
        let output = self.run_python(&words, &["-c", INSTALL, &target], &index)?;
        if !output.status.success() {
            return Err(failed(last(&output)));
        }
        // What is there already was installed by another of us meanwhile, or is not whole.
        let placed = std::fs::rename(fresh.path(), packages).or_else(|_| {
            std::fs::remove_dir_all(packages)?;
            std::fs::rename(fresh.path(), packages)
        });
        placed.map_err(|error| failed(error.to_string()))
    }

    /// The words that start the project's Python.
    fn python_words(&self) -> Result<Vec<String>, DebugError> {
        let adapter: &Adapter = self.adapter();
        let first = bootstrap::python(adapter)
            .ok_or_else(|| DebugError::NotPlain { command: adapter.command_line() })?;
        let words = std::iter::once(&adapter.program).chain(first);
        Ok(words.map(|word| word.to_string_lossy().into_owned()).collect())
    }

    fn run_python(
        &self,
        words: &[String],
        arguments: &[&str],
        variables: &[(OsString, OsString)],
    ) -> Result<Output, DebugError> {
        let (program, first) =
            words.split_first().map_or(("", &[][..]), |(program, first)| (program.as_str(), first));
        let output = Command::new(program)
            .args(first)
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .envs(self.variables())
            // Nothing of the project stands in the place of Python's own, and nothing is written there.
            .env("PYTHONSAFEPATH", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output();
        output.map_err(|error| DebugError::Start {
            command: words.join(" "),
            reason: error.to_string(),
        })
    }
}

/// The last line that a process complained of, or else how it ended.
fn last(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rev().find(|line| !line.trim().is_empty());
    line.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned())
}
