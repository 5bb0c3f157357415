//! Which SDK a project's interpreter has.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::Project;
use crate::project::Adapter;

/// What Python is asked where its folders do not tell.
const QUESTION: &str = "import importlib.metadata as m; print('coflux', m.version('coflux'))";

/// The SDK that is installed for a project: its distribution's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledSdk {
    version: String,
}

/// How we speak with an SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// In its own protocol of lines, which it has since 0.9.
    Protocol,
    /// Through the bridge.
    ByBridge,
}

impl InstalledSdk {
    /// The SDK of this version.
    pub fn new(version: &str) -> Self {
        Self { version: version.to_owned() }
    }

    /// Its distribution's version, such as `0.3.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How we speak with it.
    pub fn speaks(&self) -> Speaks {
        let mut numbers = self.version.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(0)), Some(Ok(minor))) if minor < 9 => Speaks::ByBridge,
            _ => Speaks::Protocol,
        }
    }

    /// What the folders of the interpreter tell, without running it: so for a virtual environment
    /// that has exactly one SDK of its own.
    pub(crate) fn of_environment(adapter: &Adapter) -> Option<Self> {
        if adapter.arguments != ["-m", "coflux"] {
            return None;
        }
        // Not the link's target: an environment's interpreter is a link to another's.
        let python = on_path(&adapter.program)?;
        let environment = python.parent()?.parent()?;
        if !environment.join("pyvenv.cfg").is_file() {
            return None;
        }
        let libraries = std::fs::read_dir(environment.join("lib")).ok()?.flatten();
        let packages = libraries.map(|library| library.path().join("site-packages"));
        let names = packages.filter_map(|packages| std::fs::read_dir(packages).ok()).flatten();
        let versions = names.flatten().filter_map(|entry| version(&entry.file_name()));
        match versions.collect::<Vec<_>>().as_slice() {
            [version] => Some(Self { version: version.clone() }),
            _ => None,
        }
    }

    /// Asks the project's Python, once in this process. None if it has no SDK, or is run by another
    /// program, which might first fetch one.
    pub(crate) fn asked(project: &Project) -> Option<Self> {
        static ANSWERS: Mutex<BTreeMap<(OsString, PathBuf), Option<InstalledSdk>>> =
            Mutex::new(BTreeMap::new());
        if project.adapter().arguments != ["-m", "coflux"] {
            return None;
        }
        let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (project.adapter().program.clone(), project.folder().to_owned());
        answers.entry(key).or_insert_with(|| Self::ask(project)).clone()
    }

    fn ask(project: &Project) -> Option<Self> {
        let output = Command::new(&project.adapter().program)
            .args(["-c", QUESTION])
            // Where nothing of the project can be imported in the place of Python's own.
            .current_dir("/")
            .env_clear()
            .envs(project.variables())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = said.lines().rev().find_map(|line| line.strip_prefix("coflux "))?;
        Some(Self { version: version.trim().to_owned() })
    }
}

impl fmt::Display for InstalledSdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)
    }
}

fn on_path(program: &OsStr) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return Some(path.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(path)).find(|path| path.is_file())
}

/// The version in the name of a distribution's folder: `coflux-0.3.0.dist-info`.
fn version(name: &OsStr) -> Option<String> {
    let version = name.to_str()?.strip_prefix("coflux-")?.strip_suffix(".dist-info")?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_tells_its_sdk_only_where_it_is_certain() {
        let folder = tempfile::tempdir().unwrap();
        let adapter = |arguments: &[&str]| Adapter {
            program: folder.path().join("bin/python").into(),
            arguments: arguments.iter().map(Into::into).collect(),
            is_python: false,
        };
        let make = |path: &str| std::fs::create_dir_all(folder.path().join(path)).unwrap();
        let found = |arguments: &[&str]| {
            InstalledSdk::of_environment(&adapter(arguments)).map(|sdk| sdk.version)
        };
        let plain = ["-m", "coflux"];
        make("lib/python3.11/site-packages/coflux-0.3.0.dist-info");
        make("lib/python3.11/site-packages/coflux_extras-1.0.dist-info");
        assert_eq!(found(&plain), None, "no virtual environment");
        std::fs::write(folder.path().join("pyvenv.cfg"), "").unwrap();
        assert_eq!(found(&plain).as_deref(), Some("0.3.0"));
        assert_eq!(
            found(&["run", "python", "-m", "coflux"]),
            None,
            "another finds the interpreter"
        );
        make("lib/python3.11/site-packages/coflux-0.12.0.dist-info");
        assert_eq!(found(&plain), None, "two of them");
    }

    #[test]
    fn sdks_before_0_9_need_the_bridge() {
        let table = [
            ("0.2.6", Speaks::ByBridge),
            ("0.8.1", Speaks::ByBridge),
            ("0.9.1", Speaks::Protocol),
            ("0.12.0", Speaks::Protocol),
            ("1.0.0", Speaks::Protocol),
            ("0.9rc1", Speaks::Protocol),
        ];
        for (version, expected) in table {
            let sdk = InstalledSdk { version: version.to_owned() };
            assert_eq!(sdk.speaks(), expected, "{version}");
        }
    }
}
