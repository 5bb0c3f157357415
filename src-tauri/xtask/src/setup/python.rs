//! Python environments with the Coflux SDK, one for each version.

use std::fs;
use std::path::Path;

use hindcast_demo::Sdk;

use super::debian;
use crate::command::{answer, command, is_there, run};
use crate::paths;
use crate::{Failure, Result};

/// Makes the environment with this SDK unless its interpreter already has exactly this one.
///
/// # Errors
/// When there is no Python, or it cannot make the environment, or pip cannot fill it.
pub(crate) fn ensure(sdk: &Sdk) -> Result {
    if is_installed(sdk) {
        return Ok(());
    }
    println!("A Python environment with the Coflux SDK {}:", sdk.version);
    let folder = sdk.environment(&paths::target());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::io("remove", &folder))?;
    }
    make(&folder, &format!("coflux=={}", sdk.version))?;
    if is_installed(sdk) {
        Ok(())
    } else {
        let (folder, version) = (folder.display(), sdk.version);
        Err(Failure::new(format!("pip was content, but {folder} has no Coflux SDK {version}")))
    }
}

fn is_installed(sdk: &Sdk) -> bool {
    let code = "import coflux, pydantic, importlib.metadata as m; print(m.version('coflux'))";
    let python = sdk.interpreter(&paths::target());
    answer(&mut command(python, ["-c", code])).as_deref() == Some(sdk.version)
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
        return run(pip.arg(folder.join("bin/python")).args(INSTALL).args([requirement, PYDANTIC]));
    }
    if !has("ensurepip") || !has("venv") {
        debian::ensure_venv()?;
    }
    run(command(python, ["-m", "venv"]).arg(place))?;
    run(command(folder.join("bin/python"), ["-m", "pip"])
        .args(INSTALL)
        .args([requirement, PYDANTIC]))
}

/// Not the SDK's own, but the flows of some recorded runs use it.
const PYDANTIC: &str = "pydantic==2.12.5";

const INSTALL: [&str; 3] = ["install", "--quiet", "--disable-pip-version-check"];

fn find_python() -> Result<&'static str> {
    let recent = "import sys; sys.exit(sys.version_info < (3, 11))";
    ["python3", "python3.11", "python3.12", "python3.13"]
        .into_iter()
        .filter(|python| is_there(python))
        .find(|python| answer(&mut command(python, ["-c", recent])).is_some())
        .ok_or_else(|| Failure::new("Python 3.11 or newer is missing"))
}
