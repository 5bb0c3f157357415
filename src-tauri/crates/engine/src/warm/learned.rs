//! What is remembered of a project's imports, and what its Python environment looked like then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use hindcast_model::BlobKey;
use serde::{Deserialize, Serialize};

use super::channel::{Places, Ready};
use crate::remembered;

/// So many modules are remembered at most.
const MOST: usize = 5_000;

/// What is remembered of one project with one interpreter. A file of its own beside the store: it is
/// only ever a hint, and can be thrown away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Learned {
    /// The project's folder, for people who open the file.
    pub(super) project: PathBuf,
    /// What the environment looked like when the modules below were judged.
    pub(super) environment: String,
    /// Third-party and standard modules that executions imported, in their order.
    pub(super) modules: Vec<String>,
    /// All that came with them.
    #[serde(default)]
    pub(super) brought: BTreeSet<String>,
    /// Of `modules`, the ones that can be imported before a fork.
    pub(super) trusted: BTreeSet<String>,
    /// The ones that cannot, with the reason.
    pub(super) left: BTreeMap<String, String>,
}

impl Learned {
    /// What is remembered in this file; nothing if there is none that can be read.
    pub(super) fn read(file: &Path) -> Self {
        remembered::read(file)
    }

    /// Keeps it, whole or not at all.
    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        remembered::write(file, self)
    }

    /// Takes in what an execution imported; whether there is something new to import before a fork.
    pub(super) fn add(&mut self, names: &[String]) -> bool {
        let known = self.modules.iter().chain(self.left.keys()).chain(&self.brought);
        let known: BTreeSet<&String> = known.collect();
        let fresh: Vec<String> =
            names.iter().filter(|name| !known.contains(name)).cloned().collect();
        let room = MOST.saturating_sub(self.modules.len());
        let some = !fresh.is_empty() && room > 0;
        self.modules.extend(fresh.into_iter().take(room));
        some
    }

    /// Takes in what a warm Python made of it: a module that another one brings need not be named.
    pub(super) fn settle(&mut self, ready: &Ready, environment: String) {
        self.environment = environment;
        let roots: Vec<String> = ready.preloaded.iter().map(|root| root.name.clone()).collect();
        let came: BTreeSet<&String> = ready.names.iter().chain(ready.left.keys()).collect();
        let meanwhile = std::mem::take(&mut self.modules).into_iter();
        let meanwhile = meanwhile.filter(|name| !came.contains(name));
        self.modules = roots.iter().cloned().chain(meanwhile).collect();
        self.trusted = roots.into_iter().collect();
        self.brought = ready.names.iter().cloned().collect();
        self.left.clone_from(&ready.left);
    }

    /// In another environment everything is to be judged anew.
    pub(super) fn judged_in(&mut self, environment: &str) {
        if self.environment != environment {
            let left = std::mem::take(&mut self.left);
            self.modules.extend(left.into_keys());
            self.trusted.clear();
            self.brought.clear();
        }
    }
}

/// The file in which a project's imports are remembered.
pub(super) fn file(folder: &Path, project: &Path, command: &str) -> PathBuf {
    let key = BlobKey::of(format!("{}\n{command}", project.display()).as_bytes()).to_string();
    folder.join(format!("{}.json", &key[..16]))
}

/// What says whether a warm Python is still what a fresh one would be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Environment {
    /// Interpreter, configuration and folders of packages.
    places: Vec<PathBuf>,
    /// Files of third-party modules that were imported.
    files: Vec<PathBuf>,
    /// What both looked like.
    looked: BlobKey,
    version: String,
}

impl Environment {
    pub(super) fn of(places: &Places, files: &[PathBuf]) -> Self {
        let Places { version, executable, prefix, folders } = places;
        let mut all = vec![executable.clone(), prefix.join("pyvenv.cfg")];
        all.extend(folders.iter().cloned());
        let looked = look(all.iter().chain(files));
        Self { places: all, files: files.to_vec(), looked, version: version.clone() }
    }

    /// Whether everything still looks as it did. Asks the file system once for each file.
    pub(super) fn holds(&self) -> bool {
        look(self.places.iter().chain(&self.files)) == self.looked
    }

    /// Its name: the same for the same interpreter and packages, whatever was imported.
    pub(super) fn name(&self) -> String {
        let places = look(self.places.iter());
        BlobKey::of(format!("{}\n{places}", self.version).as_bytes()).to_string()
    }
}

/// A print of when and how large files are. Links are followed: an interpreter is often one.
fn look<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> BlobKey {
    let mut text = Vec::new();
    for path in paths {
        let state = fs::metadata(path).ok().map(|data| {
            let changed = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            (data.len(), changed.unwrap_or_default().as_nanos())
        });
        text.extend_from_slice(format!("{}\0{state:?}\n", path.display()).as_bytes());
    }
    BlobKey::of(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_brings_is_named_once_and_what_is_left_stays_left() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut learned = Learned::default();
        assert!(learned.add(&names(&["pandas", "pandas.core", "grpc"])));
        let ready = serde_json::from_str::<Ready>(
            r#"{"pid":1,"preloaded":[{"name":"pandas","ms":5.0,"modules":9}],
                "left":{"grpc":"it starts threads"},"files":[],"names":["pandas","pandas.core","re"],"memory":1,
                "places":{"version":"3","executable":"/p","prefix":"/","folders":[]}}"#,
        );
        learned.settle(&ready.unwrap(), "one".into());
        assert_eq!(learned.modules, ["pandas"]);
        assert!(!learned.add(&names(&["pandas.core", "grpc"])), "the one came, the other is left");
        assert!(learned.add(&names(&["yaml"])));
        learned.judged_in("one");
        assert!(learned.trusted.contains("pandas"));
        learned.judged_in("two");
        assert!(learned.trusted.is_empty() && learned.left.is_empty());
        assert_eq!(learned.modules, ["pandas", "yaml", "grpc"]);
    }

    #[test]
    fn an_environment_holds_until_one_of_its_files_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("module.py");
        fs::write(&file, "a = 1").unwrap();
        let places = Places {
            version: "3.11".into(),
            executable: "/usr/bin/env".into(),
            prefix: folder.path().to_owned(),
            folders: vec![folder.path().to_owned()],
        };
        let environment = Environment::of(&places, std::slice::from_ref(&file));
        assert!(environment.holds());
        fs::write(&file, "a = 10").unwrap();
        assert!(!environment.holds());
    }
}
