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
    let own = format!("coflux=={}", sdk.version);
    // The old ones bring what they need, in the versions they need.
    let requirements: &[&str] = if is_old(sdk) { &[&own] } else { &[&own, PYDANTIC] };
    make(&folder, &find_python(sdk.oldest_python())?, requirements)?;
    if is_installed(sdk) {
        Ok(())
    } else {
        let (folder, version) = (folder.display(), sdk.version);
        Err(Failure::new(format!("pip was content, but {folder} has no Coflux SDK {version}")))
    }
}

/// Puts the debugger that the tests use beside the environments, unless it is there.
///
/// # Errors
/// When pip cannot.
pub(crate) fn ensure_debugpy() -> Result {
    let folder = hindcast_demo::debugpy(&paths::target());
    if folder.join("debugpy/__init__.py").is_file() {
        return Ok(());
    }
    println!("A debugger for the tests:");
    let python = Sdk::NEWEST.interpreter(&paths::target());
    let mut pip = command(python, ["-m", "pip"]);
    run(pip.args(INSTALL).args(["--no-deps", "--target"]).arg(folder).arg(DEBUGPY))
}

/// As [`ensure`]; but an SDK for which no Python is recent enough is passed over, plainly.
///
/// # Errors
/// As [`ensure`], but for a missing Python.
pub(crate) fn ensure_if_possible(sdk: &Sdk) -> Result {
    if !is_installed(sdk) && find_python(sdk.oldest_python()).is_err() {
        let (version, oldest) = (sdk.version, sdk.oldest_python());
        println!("No Python 3.{oldest} is here: Coflux {version} is not tested, as it needs one.");
        return Ok(());
    }
    ensure(sdk)
}

fn is_installed(sdk: &Sdk) -> bool {
    let modules = if is_old(sdk) { "coflux.execution" } else { "coflux, pydantic" };
    let code = format!("import {modules}, importlib.metadata as m; print(m.version('coflux'))");
    let python = sdk.interpreter(&paths::target());
    answer(&mut command(python, ["-c", &code])).as_deref() == Some(sdk.version)
}

fn is_old(sdk: &Sdk) -> bool {
    Sdk::OLD.contains(sdk)
}

/// Makes an environment, whatever the system's Python comes without.
///
/// Debian takes `ensurepip` out of Python, without which `venv` cannot put pip into what it makes.
/// Where pip stands outside it can still install into it; else Debian has the missing part.
pub(crate) fn make(folder: &Path, python: &str, requirements: &[&str]) -> Result {
    let has = |module| answer(&mut command(python, ["-c", &format!("import {module}")])).is_some();
    let place = folder.as_os_str();
    if !has("ensurepip") && has("venv") && has("pip") {
        run(command(python, ["-m", "venv", "--without-pip"]).arg(place))?;
        let mut pip = command(python, ["-m", "pip", "--python"]);
        return run(pip.arg(folder.join("bin/python")).args(INSTALL).args(requirements));
    }
    if !has("ensurepip") || !has("venv") {
        debian::ensure_venv()?;
    }
    run(command(python, ["-m", "venv"]).arg(place))?;
    run(command(folder.join("bin/python"), ["-m", "pip"]).args(INSTALL).args(requirements))
}

/// Not the SDK's own, but the flows of some recorded runs use it.
const PYDANTIC: &str = "pydantic==2.12.5";

/// The debugger's requirement.
const DEBUGPY: &str = "debugpy>=1.8,<2";

const INSTALL: [&str; 3] = ["install", "--quiet", "--disable-pip-version-check"];

/// The newest minor version that is looked for by name.
const NEWEST: u32 = 19;

/// A Python 3 of this minor version or a newer one: of the PATH, or installed by pyenv, whose names
/// on the PATH lead nowhere unless it is told to.
pub(crate) fn find_python(oldest: u32) -> Result<String> {
    let recent = format!("import sys; sys.exit(sys.version_info < (3, {oldest}))");
    let on_path = (oldest..=NEWEST).map(|minor| format!("python3.{minor}"));
    std::iter::once("python3".to_owned())
        .chain(on_path)
        .filter(|python| is_there(python))
        .chain(of_pyenv())
        .find(|python| answer(&mut command(python, ["-c", &recent])).is_some())
        .ok_or_else(|| Failure::new(format!("Python 3.{oldest} or newer is missing")))
}

fn of_pyenv() -> Vec<String> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv"));
    let root = std::env::var_os("PYENV_ROOT").map(Into::into).or_else(home);
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let pythons = versions.into_iter().flatten().flatten();
    let mut found: Vec<String> = pythons
        .map(|version| version.path().join("bin/python3"))
        .filter(|python| python.is_file())
        .map(|python| python.to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}
