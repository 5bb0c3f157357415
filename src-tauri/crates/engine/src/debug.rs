//! Executions under a debugger: debugpy in the executor's own Python, waiting on 127.0.0.1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hindcast_model::StepId;
use serde_json::{Value, json};

use crate::bootstrap::{self, Source};
use crate::{Adapter, Project};

/// The part that waits for a debugger.
pub(crate) const SOURCE: Source = Source { name: "debug", text: include_str!("debug/debug.py") };

/// The only address a debugger can come to.
pub const HOST: &str = "127.0.0.1";

/// Finds debugpy, and says which Python looked. Imports nothing of it.
const QUESTION: &str = "import importlib.util, sys; \
    found = importlib.util.find_spec('debugpy'); \
    print('debugpy', 'there' if found else 'missing', '%d.%d' % sys.version_info[:2])";

/// Whether a project's Python has debugpy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Debugpy {
    /// It has.
    There,
    /// It has not.
    Missing {
        /// The version of that Python, such as `3.11`.
        python: String,
    },
}

/// Which executions wait for a debugger, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debug {
    /// The steps whose executions wait, each with its port.
    pub ports: BTreeMap<StepId, u16>,
    /// Whether an execution stops where it raises what it fails with.
    pub at_raise: bool,
    /// The folder debugpy is in, if not in the project's environment.
    pub packages: Option<PathBuf>,
}

impl Debug {
    /// What the part is told in an execution of this step; none if it is not to wait.
    pub(crate) fn options(&self, step: &StepId) -> Option<Value> {
        let port = self.ports.get(step)?;
        let packages = self.packages.as_deref().map(Path::to_string_lossy);
        Some(json!({"host": HOST, "port": port, "raise": self.at_raise, "packages": packages}))
    }
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
    #[error("debugpy cannot be installed by `{command}`: {reason}")]
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
    pub(crate) fn debug_options(&self, step: &StepId) -> Option<Value> {
        self.debug.as_ref()?.options(step)
    }

    /// Whether this project's Python has debugpy. Runs that Python, and nothing of the project.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn find_debugpy(&self) -> Result<Debugpy, DebugError> {
        let words = self.python_words()?;
        let output = self.run_python(&words, &["-c", QUESTION])?;
        let said = String::from_utf8_lossy(&output.stdout);
        let answer = said.lines().rev().find_map(|line| line.trim().strip_prefix("debugpy "));
        match answer.and_then(|answer| answer.split_once(' ')) {
            Some(("there", _)) => Ok(Debugpy::There),
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

    /// Installs a copy of debugpy into `packages`, beside the project's environment, with the pip of
    /// the project's Python.
    ///
    /// # Errors
    /// If pip fails.
    pub fn install_debugpy(&self, packages: &Path) -> Result<(), DebugError> {
        let words = self.python_words()?;
        let target = packages.to_string_lossy();
        let arguments = ["-m", "pip", "install", "--no-deps", "--target", &target, "debugpy"];
        let output = self.run_python(&words, &arguments)?;
        if output.status.success() {
            return Ok(());
        }
        let command = words.iter().map(String::as_str).chain(arguments).collect::<Vec<_>>();
        Err(DebugError::Install { command: command.join(" "), reason: last(&output) })
    }

    /// The words that start the project's Python.
    fn python_words(&self) -> Result<Vec<String>, DebugError> {
        let adapter: &Adapter = self.adapter();
        let first = bootstrap::python(adapter)
            .ok_or_else(|| DebugError::NotPlain { command: adapter.command_line() })?;
        let words = std::iter::once(&adapter.program).chain(first);
        Ok(words.map(|word| word.to_string_lossy().into_owned()).collect())
    }

    fn run_python(&self, words: &[String], arguments: &[&str]) -> Result<Output, DebugError> {
        let (program, first) =
            words.split_first().map_or(("", &[][..]), |(program, first)| (program.as_str(), first));
        let output = Command::new(program)
            .args(first)
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.variables())
            // Nothing of the project stands in the place of Python's own.
            .env("PYTHONSAFEPATH", "1")
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
