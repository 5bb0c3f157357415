//! Executions under a debugger: debugpy in the executor's own Python, waiting on 127.0.0.1.

mod debugpy;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hindcast_model::{Debugger, StepId, Target};
use serde_json::{Value, json};

use crate::bootstrap::{self, Source};
use crate::{Adapter, Project};
pub(crate) use debugpy::{find, install};

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

impl Debugpy {
    /// Whether a whole copy of it is in a folder.
    pub fn is_in(packages: &Path) -> bool {
        packages.join("debugpy/__init__.py").is_file()
    }
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

    /// The command that would install debugpy into the project's environment.
    pub fn debugpy_mend(&self) -> String {
        format!("{} -m pip install debugpy", self.python_line())
    }

    /// The words that start the project's Python; all of its command where that is no plain one.
    fn python_line(&self) -> String {
        let adapter: &Adapter = self.adapter();
        let Some(first) = bootstrap::python(adapter) else { return adapter.command_line() };
        let words = std::iter::once(&adapter.program).chain(first);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}
