//! What a project's `coflux.toml` says of its workers.

use std::path::Path;

use serde::Deserialize;

use super::ProjectError;

/// The `worker` part.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Worker {
    /// The command that speaks the protocol.
    pub(super) adapter: Option<Vec<String>>,
    /// The modules that hold workflows and tasks.
    pub(super) modules: Option<Vec<String>>,
    /// How many bodies run at once.
    pub(super) concurrency: Option<usize>,
}

/// The `worker` part of the folder's `coflux.toml`; empty where there is none.
pub(super) fn worker(folder: &Path) -> Result<Worker, ProjectError> {
    #[derive(Deserialize)]
    struct Configuration {
        #[serde(default)]
        worker: Worker,
    }
    let file = folder.join("coflux.toml");
    let failed = |reason: String| ProjectError::Configuration { file: file.clone(), reason };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Worker::default()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let configuration: Configuration =
        toml::from_str(&text).map_err(|error| failed(error.to_string()))?;
    Ok(configuration.worker)
}
