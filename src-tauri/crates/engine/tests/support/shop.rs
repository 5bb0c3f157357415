//! The shop, imported, with a copy of its code to edit and a world outside that counts.

use std::path::PathBuf;
use std::sync::Arc;

use hindcast_demo::Outside;
use hindcast_engine::{ChosenAdapter, Config, Handle, Project, Trust};
use hindcast_import::Options;
use hindcast_model::{EnvironmentId, Found, Run, Value};
use hindcast_store::{Naming, Store};
use tempfile::TempDir;

use super::{fixture, guardian_program, python};

/// The shop as a developer has it before them.
pub(crate) struct Shop {
    folder: TempDir,
    code: hindcast_demo::Project,
    pub(crate) outside: Outside,
    pub(crate) store: Store,
    pub(crate) development: EnvironmentId,
    pub(crate) project: Arc<Project>,
}

/// Imports exports into the store.
pub(crate) fn import(store: &Store, paths: &[PathBuf], options: &Options) {
    store.import(read(paths, options), &Naming::default()).unwrap();
}

/// Reads exports.
pub(crate) fn read(paths: &[PathBuf], options: &Options) -> Found {
    hindcast_import::read(paths, options, &mut |_| true).unwrap()
}

impl Shop {
    pub(crate) fn open(version: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let exports = ["shop/RPX9.json", "shop/R6Lf.json"].map(fixture);
        import(&store, &exports, &Options::default());
        let production =
            store.environments().unwrap().named(&"production".parse().unwrap()).unwrap().id;
        let development = store.create_local(&"development".parse().unwrap(), Some(production));
        let code = folder.path().join("project");
        let code = hindcast_demo::Project::copy(&fixture("shop"), &code).unwrap();
        let outside = Outside::start().unwrap();
        code.set_variables(&outside.variables()).unwrap();
        let trust = Trust::given(code.folder()).unwrap();
        let adapter = ChosenAdapter::Python(python(version));
        let project = Arc::new(Project::open(trust, Some(adapter), &[]).unwrap());
        let development = development.unwrap().id;
        Self { folder, code, outside, store, development, project }
    }

    pub(crate) fn engine(&self) -> Handle {
        let mut config = Config::new(self.folder.path().join("store")).unwrap();
        guardian_program().clone_into(&mut config.guardian);
        Handle::start(config).unwrap()
    }

    /// Gives the code a VAT rate for CH.
    pub(crate) fn fix(&self) {
        self.code.add_vat_rate().unwrap();
    }

    /// What the export of production's view of the run says.
    pub(crate) fn production(&self) -> Run {
        let production = self.store.environments().unwrap();
        let production = production.named(&"production".parse().unwrap()).unwrap().id;
        self.store.export_run(&"R6Lf".parse().unwrap(), production).unwrap()
    }

    /// The value as Python would write it.
    pub(crate) fn python(&self, value: &Value) -> String {
        value.decode(self.store.blobs()).python(10_000)
    }

    /// What the real server got for that step once the code was fixed.
    pub(crate) fn expected(step: &str) -> String {
        let other = tempfile::tempdir().unwrap();
        let store = Store::open(other.path()).unwrap();
        let blobs = vec![fixture("shop/blobs")];
        let options = Options { blobs, ..Options::default() };
        import(&store, &[fixture("shop/development/after-rerun-1.json")], &options);
        let run = store.load(&"R6Lf".parse().unwrap()).unwrap().run;
        let step = &run.steps[&step.parse::<hindcast_model::StepId>().unwrap().number];
        let (_, newest) = step.executions.last_key_value().unwrap();
        let value = newest.result.as_ref().unwrap().value().unwrap();
        value.decode(store.blobs()).python(10_000)
    }
}
