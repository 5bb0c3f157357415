//! A store in which everything begins here: no import, one local environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::{ChosenAdapter, Config, Handle, Project, Submission, Trust};
use hindcast_model::record::TargetKind;
use hindcast_model::{EnvironmentId, Value};
use hindcast_orchestrator::message::Submit;
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use hindcast_store::Store;

use super::{guardian_program, python};

/// A store and a project.
pub(crate) struct Fresh {
    folder: PathBuf,
    pub(crate) store: Store,
    pub(crate) environment: EnvironmentId,
    variables: Vec<(String, String)>,
}

impl Fresh {
    /// In this folder, with these files as the project.
    pub(crate) fn new(folder: &Path, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let store = Store::open(&folder.join("store")).unwrap();
        let environment = store.create_local(&"development".parse().unwrap(), None).unwrap().id;
        let code = folder.join("code");
        std::fs::create_dir_all(&code).unwrap();
        for (name, text) in files {
            std::fs::write(code.join(name), text).unwrap();
        }
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = variables.iter().map(own).collect();
        Self { folder: folder.to_owned(), store, environment, variables }
    }

    /// The project, run by that SDK.
    pub(crate) fn project(&self, version: &str) -> Arc<Project> {
        self.project_with(&python(version))
    }

    /// The project, run by that interpreter.
    pub(crate) fn project_with(&self, python: &Path) -> Arc<Project> {
        let trust = Trust::given(&self.folder.join("code")).unwrap();
        let adapter = ChosenAdapter::Python(python.to_owned());
        Arc::new(Project::open(trust, Some(adapter), &self.variables).unwrap())
    }

    /// An engine on the store, as another process would have it.
    pub(crate) fn engine(&self) -> Handle {
        self.engine_with(|_| {})
    }

    /// The same, with other settings.
    pub(crate) fn engine_with(&self, change: impl FnOnce(&mut Config)) -> Handle {
        let mut config = Config::new(self.folder.join("store")).unwrap();
        guardian_program().clone_into(&mut config.guardian);
        change(&mut config);
        Handle::start(config).unwrap()
    }
}

/// A workflow without options.
pub(crate) fn submission(
    target: &str,
    arguments: Vec<Value>,
    environment: EnvironmentId,
) -> Submission {
    let target: hindcast_model::Target = target.parse().unwrap();
    Submission {
        arguments: arguments.clone(),
        environment,
        memo: false,
        options: Submit {
            target: target.clone(),
            kind: TargetKind::Workflow,
            arguments,
            group: None,
            wait_for: Vec::new(),
            cache: None,
            defer: None,
            memo: None,
            delay: 0,
            retries: None,
            recurrent: false,
            requires: serde_json::json!({}),
            timeout: 0,
            streams: None,
            given_keys: None,
        },
        target,
        rules: Rules {
            policy: Policy::Memo,
            on_miss: OnMiss::Fail,
            allow: Vec::new(),
            ..Rules::default()
        },
    }
}
