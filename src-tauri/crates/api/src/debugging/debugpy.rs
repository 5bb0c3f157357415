//! Where debugpy is: in the project's own environment, or in a copy of Hindcast's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::Project;
use hindcast_engine::debug::Debugpy;

use super::bad;
use crate::api::Answered;
use crate::calls::{GetDebugpy, InstallDebugpy};
use crate::view::{DebugpyPlace, DebugpyView};
use crate::{Api, ApiError, ErrorCode};

impl Answered for GetDebugpy {
    async fn answer(self, api: &Api) -> Result<DebugpyView, ApiError> {
        find(api, &Arc::new(api.trusted_project().await?)).await
    }
}

impl Answered for InstallDebugpy {
    async fn answer(self, api: &Api) -> Result<DebugpyView, ApiError> {
        let project = Arc::new(api.trusted_project().await?);
        packages(api, &project, true).await?;
        find(api, &project).await
    }
}

async fn find(api: &Api, project: &Arc<Project>) -> Result<DebugpyView, ApiError> {
    let (python, is_there) = match ask(api, project).await? {
        Debugpy::There { python } => (python, true),
        Debugpy::Missing { python } => (python, false),
    };
    let copy = copy(api.folder(), &python);
    let place = match (is_there, Debugpy::is_in(&copy)) {
        (true, _) => DebugpyPlace::Project,
        (false, true) => DebugpyPlace::Copy,
        (false, false) => DebugpyPlace::Missing,
    };
    let folder = copy.to_string_lossy().into_owned();
    Ok(DebugpyView { place, folder, mend: project.debugpy_mend() })
}

/// The folder of a copy of debugpy, made if it is not there yet and may be; none where the project's
/// environment has one.
pub(super) async fn packages(
    api: &Api,
    project: &Arc<Project>,
    install: bool,
) -> Result<Option<PathBuf>, ApiError> {
    let Debugpy::Missing { python } = ask(api, project).await? else { return Ok(None) };
    let copy = copy(api.folder(), &python);
    if !Debugpy::is_in(&copy) {
        if !install {
            let message = format!(
                "the project's Python has no debugpy: install it with `{}`, or let Hindcast \
                 keep a copy of its own with --install-debugpy",
                project.debugpy_mend()
            );
            return Err(ApiError::new(ErrorCode::NoDebugpy, message));
        }
        let engine = api.engine().await?;
        let installed = engine.install_debugpy(Arc::clone(project), copy.clone()).await;
        installed.map_err(|error| bad(&error))?;
    }
    Ok(Some(copy))
}

async fn ask(api: &Api, project: &Arc<Project>) -> Result<Debugpy, ApiError> {
    let found = api.engine().await?.find_debugpy(Arc::clone(project)).await;
    found.map_err(|error| bad(&error))
}

/// Parts of it are made for one kind of Python.
fn copy(store: &Path, python: &str) -> PathBuf {
    store.join("debugpy").join(python)
}
