//! Writing into a project's `.vscode/launch.json`, and taking out again what was written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hindcast_model::{Debugger, ExecutionId};

use super::{bad, launch, name};
use crate::api::Answered;
use crate::calls::{TakeBackLaunch, WriteLaunch};
use crate::view::{LaunchDone, LaunchView};
use crate::{Api, ApiError, whole_file};

impl Answered for WriteLaunch {
    async fn answer(self, api: &Api) -> Result<LaunchView, ApiError> {
        let execution: ExecutionId = self.execution.parse()?;
        let debuggers = api.following().recent().debuggers();
        let Debugger { port, .. } = debuggers
            .get(&execution)
            .copied()
            .ok_or_else(|| ApiError::not_found("execution under a debugger", &execution))?;
        let name = name(&execution.step, debuggers.len());
        in_project(api, move |folder| write(folder, &name, port)).await
    }
}

impl Answered for TakeBackLaunch {
    async fn answer(self, api: &Api) -> Result<LaunchView, ApiError> {
        in_project(api, move |folder| take_back(folder, self.name)).await
    }
}

async fn in_project(
    api: &Api,
    work: impl FnOnce(&Path) -> Result<LaunchView, ApiError> + Send + 'static,
) -> Result<LaunchView, ApiError> {
    let project = api.trusted_project().await?;
    let done = tokio::task::spawn_blocking(move || work(project.folder())).await;
    done.map_err(|error| ApiError::internal("the file was given up", error))?
}

/// Puts a configuration into the file, which is replaced as a whole or not at all.
pub(super) fn write(project: &Path, name: &str, port: u16) -> Result<LaunchView, ApiError> {
    let file = LaunchFile::of(project);
    let old = file.read()?;
    let new = launch::with(old.as_deref(), name, port).map_err(|error| file.failed(&error))?;
    let done = match old.as_deref() {
        None => LaunchDone::Made,
        Some(old) if old == new.text => LaunchDone::Unchanged,
        Some(_) if new.replaced => LaunchDone::Changed,
        Some(_) => LaunchDone::Added,
    };
    if done != LaunchDone::Unchanged {
        file.replace(&new.text)?;
    }
    Ok(file.view(new.name, done))
}

/// Takes our configuration out of the file again.
fn take_back(project: &Path, name: String) -> Result<LaunchView, ApiError> {
    let file = LaunchFile::of(project);
    let Some(old) = file.read()? else { return Ok(file.view(name, LaunchDone::NotThere)) };
    let new = launch::without(&old, &name).map_err(|error| file.failed(&error))?;
    let done = match new {
        None => LaunchDone::NotThere,
        Some(rest) if launch::is_bare(&rest) => {
            file.remove()?;
            LaunchDone::Removed
        }
        Some(rest) => {
            file.replace(&rest)?;
            LaunchDone::TakenOut
        }
    };
    Ok(file.view(name, done))
}

struct LaunchFile {
    folder: PathBuf,
    path: PathBuf,
}

impl LaunchFile {
    fn of(project: &Path) -> Self {
        let folder = project.join(".vscode");
        let path = folder.join("launch.json");
        // Who keeps it elsewhere wants it changed there.
        let path = path.canonicalize().unwrap_or(path);
        Self { folder, path }
    }

    fn read(&self) -> Result<Option<String>, ApiError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn replace(&self, text: &str) -> Result<(), ApiError> {
        std::fs::create_dir_all(&self.folder).map_err(|error| self.failed(&error))?;
        let written = whole_file::replace(&self.path, |file| file.write_all(text.as_bytes()));
        written.map_err(|error| self.failed(&error))
    }

    fn remove(&self) -> Result<(), ApiError> {
        std::fs::remove_file(&self.path).map_err(|error| self.failed(&error))?;
        // It stays if a person keeps something else there.
        let _ = std::fs::remove_dir(&self.folder);
        Ok(())
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ApiError {
        bad(&format!("{} cannot be changed: {error}", self.path.display()))
    }

    fn view(&self, name: String, done: LaunchDone) -> LaunchView {
        LaunchView { file: self.path.to_string_lossy().into_owned(), name, done }
    }
}
