//! Where debugpy is: in the project's own environment, or in a copy of Hindcast's own.

use std::path::{Path, PathBuf};

use hindcast_engine::Project;
use hindcast_engine::debug::Debugpy;

use super::bad;
use crate::api::Answered;
use crate::calls::{GetDebugpy, InstallDebugpy};
use crate::view::{DebugpyPlace, DebugpyView};
use crate::{Api, ApiError, ErrorCode};

impl Answered for GetDebugpy {
    async fn answer(self, api: &Api) -> Result<DebugpyView, ApiError> {
        answer(api, |project, store| find(&project, &store)).await
    }
}

impl Answered for InstallDebugpy {
    async fn answer(self, api: &Api) -> Result<DebugpyView, ApiError> {
        let install = |project: Project, store: PathBuf| {
            packages(&project, &store, true)?;
            find(&project, &store)
        };
        answer(api, install).await
    }
}

async fn answer(
    api: &Api,
    work: impl FnOnce(Project, PathBuf) -> Result<DebugpyView, ApiError> + Send + 'static,
) -> Result<DebugpyView, ApiError> {
    let (project, store) = (api.trusted_project().await?, api.folder().to_owned());
    let done = tokio::task::spawn_blocking(move || work(project, store)).await;
    done.map_err(|error| ApiError::internal("debugpy was given up", error))?
}

fn find(project: &Project, store: &Path) -> Result<DebugpyView, ApiError> {
    let (python, is_there) = match project.find_debugpy().map_err(|error| bad(&error))? {
        Debugpy::There { python } => (python, true),
        Debugpy::Missing { python } => (python, false),
    };
    let copy = copy(store, &python);
    let place = match (is_there, is_whole(&copy)) {
        (true, _) => DebugpyPlace::Project,
        (false, true) => DebugpyPlace::Copy,
        (false, false) => DebugpyPlace::Missing,
    };
    let mend = project.debugpy_mend().map_err(|error| bad(&error))?;
    Ok(DebugpyView { place, folder: copy.to_string_lossy().into_owned(), mend })
}

/// The folder of a copy of debugpy, made if it is not there yet and may be; none where the project's
/// environment has one.
pub(super) fn packages(
    project: &Project,
    store: &Path,
    install: bool,
) -> Result<Option<PathBuf>, ApiError> {
    let found = project.find_debugpy().map_err(|error| bad(&error))?;
    let Debugpy::Missing { python } = found else { return Ok(None) };
    let copy = copy(store, &python);
    if !is_whole(&copy) {
        if !install {
            let mend = project.debugpy_mend().map_err(|error| bad(&error))?;
            let message = format!(
                "the project's Python has no debugpy: install it with `{mend}`, or let Hindcast \
                 keep a copy of its own with --install-debugpy"
            );
            return Err(ApiError::new(ErrorCode::NoDebugpy, message));
        }
        project.install_debugpy(&copy).map_err(|error| bad(&error))?;
    }
    Ok(Some(copy))
}

/// Parts of it are made for one kind of Python.
fn copy(store: &Path, python: &str) -> PathBuf {
    store.join("debugpy").join(python)
}

fn is_whole(copy: &Path) -> bool {
    copy.join("debugpy/__init__.py").is_file()
}
