//! What was found to be in order, so that it is not looked at again before anything has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use hindcast_model::BlobKey;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Wanted;
use crate::{Project, remembered};

/// What is remembered of one project with one command and variables: a file beside the store. It is
/// only ever a hint, and can be thrown away.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    /// How the files that make up the Python environment looked when it was found in order.
    environment: BTreeMap<PathBuf, Option<(u64, u128)>>,
    /// The code that was found in order, by its key.
    code: Option<BlobKey>,
    /// The modules of it, with the targets that they have.
    modules: BTreeMap<String, BTreeSet<String>>,
    /// Doubts about imports that turned out to be none.
    pub(super) cleared: BTreeSet<String>,
}

impl Known {
    /// The file in which that is kept.
    pub(super) fn file(folder: &Path, project: &Project) -> PathBuf {
        let variables: Vec<_> = project
            .variables()
            .iter()
            .map(|(name, value)| (name.to_string_lossy(), value.to_string_lossy()))
            .collect();
        let command = project.adapter().command_line();
        let what = json!([project.folder(), command, variables]).to_string();
        folder.join(format!("{}.json", BlobKey::of(what.as_bytes())))
    }

    /// What is remembered in this file, if the environment is as it was.
    pub(super) fn read(file: &Path) -> Self {
        let known: Self = remembered::read(file);
        if known.holds() { known } else { Self::default() }
    }

    fn holds(&self) -> bool {
        self.environment.iter().all(|(path, stamp)| self::stamp(path) == *stamp)
    }

    /// Whether the environment was found in order.
    pub(super) fn has_environment(&self) -> bool {
        !self.environment.is_empty()
    }

    /// Whether this code was found in order, as far as it is wanted.
    pub(super) fn has(&self, wanted: &Wanted, code: BlobKey) -> bool {
        self.has_environment()
            && self.code == Some(code)
            && wanted.modules.iter().all(|(module, names)| {
                self.modules.get(module).is_some_and(|known| known.is_superset(names))
            })
    }

    /// The environment was found in order: it rests on these folders, and on what every project's
    /// does.
    pub(super) fn environment_is(&mut self, project: &Project, folders: &[PathBuf]) {
        let program = project.folder().join(&project.adapter().program);
        let own = program.parent().and_then(Path::parent).map(|own| own.join("pyvenv.cfg"));
        let locks =
            ["uv.lock", "poetry.lock", "pyproject.toml", ".python-version", ".venv", "venv"];
        let locks = locks.map(|file| project.folder().join(file));
        let paths = folders.iter().cloned().chain([program]).chain(own).chain(locks);
        self.environment =
            paths.map(|path| (stamp(&path), path)).map(|(s, path)| (path, s)).collect();
    }

    /// This code was found in order, as far as it was wanted.
    pub(super) fn code_is(&mut self, wanted: &Wanted, code: BlobKey) {
        if self.code != Some(code) {
            self.modules.clear();
        }
        self.code = Some(code);
        for (module, names) in &wanted.modules {
            self.modules.entry(module.clone()).or_default().extend(names.iter().cloned());
        }
    }

    /// Keeps it, whole or not at all.
    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        remembered::write(file, self)
    }
}

/// How a file or folder looks: its length and when it was last changed, in nanoseconds. None where it
/// is not there.
fn stamp(path: &Path) -> Option<(u64, u128)> {
    let known = path.metadata().ok()?;
    let changed = known.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((known.len(), changed.as_nanos()))
}
