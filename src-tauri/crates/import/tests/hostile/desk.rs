//! A store with something in it, and what can be said of all it holds.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hindcast_import::{Options, read};
use hindcast_model::{BlobKey, Data, Ended, Outcome, Resolved, RunId, Value};
use hindcast_store::{ImportSummary, Naming, Store};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags};

/// A file in `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(name)
}

/// A store of its own.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    pub(crate) store: Store,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        Self { folder, store }
    }

    /// One that holds a run already.
    pub(crate) fn in_use() -> Self {
        let desk = Self::new();
        desk.import(&fixture("conformance/orders/before.json")).unwrap();
        desk
    }

    /// Imports as both shells do: through the readers' one face, into the store.
    pub(crate) fn import(&self, path: &Path) -> Result<ImportSummary, String> {
        let found = read(&[path.to_owned()], &Options::default(), &mut |_| true)
            .map_err(|error| error.to_string())?;
        self.store.import(found, &Naming::default()).map_err(|error| error.to_string())
    }

    /// Every row of every table, and every file below the store's folder but the database's own.
    pub(crate) fn content(&self) -> BTreeMap<String, Vec<String>> {
        let file = self.folder.path().join("hindcast.sqlite");
        let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let rows = |sql: &str| -> Vec<String> {
            let mut statement = database.prepare(sql).unwrap();
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let cells = (0..columns).map(|column| row.get::<_, Cell>(column));
                cells.collect::<Result<Vec<_>, _>>().map(|cells| format!("{cells:?}"))
            };
            statement.query_map([], row).unwrap().map(Result::unwrap).collect()
        };
        let mut tables =
            database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let mut content: BTreeMap<String, Vec<String>> = tables
            .map(Result::unwrap)
            .map(|table| (table.clone(), rows(&format!("SELECT * FROM \"{table}\""))))
            .collect();
        let mut files = Vec::new();
        list(self.folder.path(), self.folder.path(), &mut files);
        content.insert("files".into(), files);
        content
    }

    /// Looks at everything of a run as the rest of the house does. What is wrong in it is told in its
    /// place, and never by a panic.
    pub(crate) fn look_at(&self, run: &RunId) {
        let stored = self.store.load(run).unwrap().run;
        for step in stored.steps.values() {
            step.arguments.iter().for_each(|value| self.decode(value));
            for execution in step.executions.values() {
                let mut outcome = execution.result.as_ref();
                while let Some(Outcome { ended, resolved, .. }) = outcome {
                    if let Ended::Value(value) = ended {
                        self.decode(value);
                    }
                    outcome = match resolved {
                        Resolved::Known(next) => Some(next),
                        Resolved::Absent | Resolved::Pending => None,
                    };
                }
            }
        }
        // And it goes out as it came in.
        let out = self.folder.path().join("out.json");
        std::fs::write(&out, serde_json::to_vec(&stored.document()).unwrap()).unwrap();
        let again = read(&[out], &Options::default(), &mut |_| true).unwrap();
        assert!(again.runs[0].run == stored, "{run} came out otherwise");
    }

    fn decode(&self, value: &Value) {
        let data: Data = value.decode(self.store.blobs());
        let _ = data.is_readable();
    }
}

fn list(top: &Path, folder: &Path, files: &mut Vec<String>) {
    let mut entries: Vec<_> = folder.read_dir().unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap().display().to_string();
        if entry.file_type().unwrap().is_dir() {
            list(top, &path, files);
        } else if !name.starts_with("hindcast.sqlite") {
            files.push(format!("{name} {}", BlobKey::of(&std::fs::read(path).unwrap())));
        }
    }
}
