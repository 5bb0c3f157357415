//! Python environments with the Coflux SDK, one for each version that is tried.

use std::fs;
use std::path::{Path, PathBuf};

use super::debian;
use crate::command::{answer, command, is_there, run};
use crate::paths;
use crate::{Failure, Result};

/// A Coflux SDK, and the environment variable that tells the tests where its interpreter is.
pub(crate) struct Sdk {
    pub(crate) version: &'static str,
    pub(crate) variable: &'static str,
}

/// The one the demo runs with.
pub(crate) const NEWEST: Sdk = Sdk { version: "0.12.0", variable: "HINDCAST_TEST_PYTHON_0_12" };

/// Those the tests run with.
pub(crate) const ALL: [Sdk; 4] = [
    Sdk { version: "0.9.1", variable: "HINDCAST_TEST_PYTHON_0_9" },
    Sdk { version: "0.10.0", variable: "HINDCAST_TEST_PYTHON_0_10" },
    Sdk { version: "0.11.1", variable: "HINDCAST_TEST_PYTHON_0_11" },
    NEWEST,
];

impl Sdk {
    /// The interpreter that has this SDK.
    pub(crate) fn interpreter(&self) -> PathBuf {
        self.folder().join("bin/python")
    }

    fn folder(&self) -> PathBuf {
        paths::target().join(format!("python/coflux-{}", self.version))
    }

    /// Makes the environment unless its interpreter already has exactly this SDK.
    pub(crate) fn ensure(&self) -> Result {
        if self.is_there() {
            return Ok(());
        }
        println!("A Python environment with the Coflux SDK {}:", self.version);
        let folder = self.folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::io("remove", &folder))?;
        }
        make(&folder, &format!("coflux=={}", self.version))?;
        if self.is_there() {
            Ok(())
        } else {
            Err(Failure::new(format!(
                "pip was content, but {} has no Coflux SDK {}",
                self.interpreter().display(),
                self.version
            )))
        }
    }

    fn is_there(&self) -> bool {
        let code = "import coflux, importlib.metadata as m; print(m.version('coflux'))";
        answer(&mut command(self.interpreter(), ["-c", code])).as_deref() == Some(self.version)
    }
}

/// Makes an environment, whatever the system's Python comes without.
///
/// Debian takes `ensurepip` out of Python, without which `venv` cannot put pip into what it makes.
/// Where pip stands outside it can still install into it; else Debian has the missing part.
fn make(folder: &Path, requirement: &str) -> Result {
    let python = find_python()?;
    let has = |module| answer(&mut command(python, ["-c", &format!("import {module}")])).is_some();
    let place = folder.as_os_str();
    if !has("ensurepip") && has("venv") && has("pip") {
        run(command(python, ["-m", "venv", "--without-pip"]).arg(place))?;
        let mut pip = command(python, ["-m", "pip", "--python"]);
        return run(pip.arg(folder.join("bin/python")).args(INSTALL).arg(requirement));
    }
    if !has("ensurepip") || !has("venv") {
        debian::ensure_venv()?;
    }
    run(command(python, ["-m", "venv"]).arg(place))?;
    run(command(folder.join("bin/python"), ["-m", "pip"]).args(INSTALL).arg(requirement))
}

const INSTALL: [&str; 3] = ["install", "--quiet", "--disable-pip-version-check"];

fn find_python() -> Result<&'static str> {
    let recent = "import sys; sys.exit(sys.version_info < (3, 11))";
    ["python3", "python3.11", "python3.12", "python3.13"]
        .into_iter()
        .filter(|python| is_there(python))
        .find(|python| answer(&mut command(python, ["-c", recent])).is_some())
        .ok_or_else(|| Failure::new("Python 3.11 or newer is missing"))
}
