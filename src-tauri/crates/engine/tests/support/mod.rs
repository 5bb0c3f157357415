//! What the engine's tests share: interpreters with the real SDK, and a place to run.
#![allow(dead_code, reason = "each test target uses some of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

pub(crate) mod fresh;
pub(crate) mod shop;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::executor::{Report, Workshop};
use hindcast_engine::guardian::Guardian;
use hindcast_engine::warm::{Stable, Warm};
use hindcast_engine::{ChosenAdapter, Project, Trust};
use hindcast_store::Store;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// The SDKs we speak with.
pub(crate) const VERSIONS: [&str; 4] = ["0.9.1", "0.10.0", "0.11.1", "0.12.0"];

/// The guardian of its own.
pub(crate) fn guardian_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hindcast-guardian"))
}

/// A Python with that version of the SDK: named by `HINDCAST_TEST_PYTHON_0_12` and the like, else
/// where `cargo xtask test` makes it.
pub(crate) fn python(version: &str) -> PathBuf {
    let short = version.rsplit_once('.').map_or(version, |(short, _)| short).replace('.', "_");
    let name = format!("HINDCAST_TEST_PYTHON_{short}");
    if let Some(python) = std::env::var_os(&name) {
        let python = PathBuf::from(python);
        assert!(python.is_file(), "{name} names {}, which is no file", python.display());
        return python;
    }
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/python");
    // The folder's own path, but not the interpreter's: a venv's is a link to another.
    let target = Path::new(target).canonicalize().unwrap_or_default();
    let python = target.join(format!("coflux-{version}/bin/python"));
    assert!(
        python.is_file(),
        "no Python with Coflux {version}: run `cargo xtask test`, which makes one"
    );
    python
}

/// A folder of the fixtures.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(path)
}

/// A place to run executors in: a project, a blob store, a guardian.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) workshop: Arc<Workshop>,
    pub(crate) reports: mpsc::Receiver<Report>,
    /// What the project's executors get beside their usual environment.
    pub(crate) variables: Vec<(String, String)>,
}

impl Place {
    /// A place whose project holds these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let (sender, reports) = mpsc::channel(100);
        let store = Store::open(&folder.path().join("store")).unwrap();
        let blobs = Arc::new(store.blobs().clone());
        let guardian = Arc::new(Guardian::start(guardian_program()).unwrap());
        let numbers = Arc::default();
        let mode = Warm::from_environment().unwrap_or(Warm::Off);
        let warm = Stable::new(mode, folder.path().join("warm"), Arc::clone(&guardian));
        let bodies = Arc::default();
        let workshop = Workshop { blobs, numbers, guardian, warm, bodies, reports: sender };
        Self { folder, workshop: Arc::new(workshop), reports, variables: Vec::new() }
    }

    /// The project, run by this command.
    pub(crate) fn project(&self, adapter: ChosenAdapter) -> Arc<Project> {
        let trust = Trust::given(self.folder.path()).unwrap();
        Arc::new(Project::open(trust, Some(adapter), &self.variables).unwrap())
    }

    /// The project, run by the real SDK of that version.
    pub(crate) fn with_sdk(&self, version: &str) -> Arc<Project> {
        self.project(ChosenAdapter::Python(python(version)))
    }
}
