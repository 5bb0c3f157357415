//! What every test of the store needs: a store of its own, and the recorded exports.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;

use hindcast_import::{Options, read};
use hindcast_model::Found;
use hindcast_store::{ImportSummary, Naming, Store};

/// A file in `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

/// What the readers find in these fixtures.
pub(crate) fn found(names: &[&str]) -> Found {
    let paths: Vec<PathBuf> = names.iter().map(|name| fixture(name)).collect();
    read(&paths, &Options::default(), &mut |_| true).unwrap()
}

/// A new store, and the folder that goes with it.
pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// Imports fixtures.
pub(crate) fn import(store: &Store, names: &[&str]) -> ImportSummary {
    store.import(found(names), &Naming::default()).unwrap()
}

/// `--as NAME`.
pub(crate) fn named(name: &str) -> Naming {
    Naming { name: Some(name.parse().unwrap()) }
}

/// Imports files.
pub(crate) fn import_paths(store: &Store, paths: &[&std::path::Path]) -> ImportSummary {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let found = read(&paths, &Options::default(), &mut |_| true).unwrap();
    store.import(found, &Naming::default()).unwrap()
}
