//! The project folder, and whether a person trusts it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hindcast_engine::{Adapter, ChosenAdapter, InstalledSdk, Mendable, Project, Speaks, Trust};
use hindcast_store::Store;

use crate::examined::{found_by, no_project};
use crate::view::{ProjectSettings, ProjectView, TroubleView};
use crate::{Api, ApiError, ErrorCode, shell_words};

/// The setting that holds the chosen folder.
const CHOSEN: &str = "project";
/// The setting that holds the folders chosen before, as a JSON list, newest first.
const RECENT: &str = "recent projects";
/// How many of them are remembered.
const MOST_RECENT: usize = 8;

/// What holds as long as the process lives.
#[derive(Debug, Default)]
pub(crate) struct Session(Mutex<Choices>);

#[derive(Debug, Default)]
struct Choices {
    /// The folder that the command line chose, which goes before the store's.
    folder: Option<PathBuf>,
    /// Folders that a person trusted for as long as this process lives.
    trusted: HashSet<PathBuf>,
    adapter: Option<ChosenAdapter>,
    variables: Vec<(String, String)>,
    /// How many bodies run at once.
    slots: Option<usize>,
    /// Whether this process will run things again and again.
    stays: bool,
}

/// What a command line says of a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectChoice {
    /// The folder; none for the one chosen in the window.
    pub folder: Option<PathBuf>,
    /// Whether naming it is a person's decision that its code may run, for as long as this process
    /// lives.
    pub trusted: bool,
    /// The interpreter or command that runs steps, in place of what Coflux's rules find.
    pub adapter: Option<ChosenAdapter>,
    /// Environment variables for its steps.
    pub variables: Vec<(String, String)>,
    /// How many bodies run at once; none for what is set.
    pub slots: Option<usize>,
}

impl Session {
    fn lock(&self) -> std::sync::MutexGuard<'_, Choices> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bodies run at once, if that was said, and whether this process stays.
    pub(crate) fn work(&self) -> (Option<usize>, bool) {
        let choices = self.lock();
        (choices.slots, choices.stays)
    }

    pub(crate) fn stay(&self) {
        self.lock().stays = true;
    }
}

impl Api {
    /// Takes what the command line says of the project, for as long as this process lives. Starts
    /// nothing.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn choose_for_session(&self, choice: ProjectChoice) -> Result<(), ApiError> {
        let folder = choice.folder.as_deref().map(real).transpose()?;
        let mut session = self.session().lock();
        if let (Some(folder), true) = (&folder, choice.trusted) {
            session.trusted.insert(folder.clone());
        }
        session.folder = folder.or(session.folder.take());
        session.adapter = choice.adapter.or(session.adapter.take());
        session.variables.extend(choice.variables);
        session.slots = choice.slots.or(session.slots);
        Ok(())
    }

    /// The chosen folder, if one is chosen.
    pub(crate) async fn project_folder(&self) -> Result<Option<PathBuf>, ApiError> {
        let chosen = self.session().lock().folder.clone();
        if chosen.is_some() {
            return Ok(chosen);
        }
        self.with_store(|store| Ok(store.setting(CHOSEN)?.map(PathBuf::from))).await
    }

    /// The project and those chosen before.
    pub(crate) async fn projects(&self) -> Result<(Option<ProjectView>, Vec<String>), ApiError> {
        let folder = self.project_folder().await?;
        let api = self.clone();
        self.with_store(move |store| {
            let project = folder.map(|folder| api.view(store, &folder)).transpose()?;
            Ok((project, recent(store)?))
        })
        .await
    }

    /// Chooses a folder, and remembers the choice. Starts nothing.
    pub(crate) async fn choose_project(&self, path: &str) -> Result<ProjectView, ApiError> {
        let folder = real(Path::new(path))?;
        let api = self.clone();
        self.with_store(move |store| {
            let text = folder.to_string_lossy().into_owned();
            store.set(CHOSEN, Some(&text))?;
            let mut recent = recent(store)?;
            recent.retain(|other| *other != text);
            recent.insert(0, text);
            recent.truncate(MOST_RECENT);
            store.set(RECENT, Some(&serde_json::json!(recent).to_string()))?;
            api.session().lock().folder = Some(folder.clone());
            api.view(store, &folder)
        })
        .await
    }

    /// Remembers that a person trusts this folder.
    pub(crate) async fn trust_project(&self, path: &str) -> Result<ProjectView, ApiError> {
        let folder = real(Path::new(path))?;
        if self.project_folder().await?.as_ref() != Some(&folder) {
            let message = format!("{path} is not the chosen project folder");
            return Err(ApiError::new(ErrorCode::BadRequest, message));
        }
        let api = self.clone();
        self.with_store(move |store| {
            store.set(&trust_setting(&folder), Some("trusted"))?;
            api.view(store, &folder)
        })
        .await
    }

    /// Forgets that a person trusts this folder.
    pub(crate) async fn untrust_project(&self, path: &str) -> Result<ProjectView, ApiError> {
        let folder = real(Path::new(path))?;
        let api = self.clone();
        self.with_store(move |store| {
            store.set(&trust_setting(&folder), None)?;
            api.session().lock().trusted.remove(&folder);
            api.view(store, &folder)
        })
        .await
    }

    /// How steps of the project in this folder are run, as a person set it.
    pub(crate) async fn project_settings(&self, path: &str) -> Result<ProjectSettings, ApiError> {
        let folder = real(Path::new(path))?;
        self.with_store(move |store| settings(store, &folder)).await
    }

    /// Sets how steps of the project in this folder are run. Starts nothing.
    pub(crate) async fn set_project_settings(
        &self,
        path: &str,
        new: ProjectSettings,
    ) -> Result<ProjectView, ApiError> {
        let folder = real(Path::new(path))?;
        check(&new)?;
        let api = self.clone();
        self.with_store(move |store| {
            let text = serde_json::to_string(&new)
                .map_err(|error| ApiError::internal("the settings have no JSON form", error))?;
            let kept = (new != ProjectSettings::default()).then_some(text.as_str());
            store.set(&settings_setting(&folder), kept)?;
            api.view(store, &folder)
        })
        .await
    }

    /// The chosen project, if a person trusts it.
    pub(crate) async fn trusted_project(&self) -> Result<Project, ApiError> {
        let folder = self.project_folder().await?.ok_or_else(|| {
            let message = "no folder with Python code is chosen";
            ApiError::new(ErrorCode::NoProject, message)
        })?;
        let api = self.clone();
        self.with_store(move |store| api.open_trusted(store, &folder)).await
    }

    fn open_trusted(&self, store: &Store, folder: &Path) -> Result<Project, ApiError> {
        if !self.is_trusted(store, folder)? {
            let message = format!("the project folder {} is not trusted", folder.display());
            return Err(
                ApiError::new(ErrorCode::Untrusted, message).with_detail(folder.to_string_lossy())
            );
        }
        let (adapter, variables) = {
            let session = self.session().lock();
            (session.adapter.clone(), session.variables.clone())
        };
        // What a command line says goes before what is set.
        let set = settings(store, folder)?;
        let adapter = adapter.map_or_else(|| chosen_adapter(&set), |adapter| Ok(Some(adapter)))?;
        let set = set.variables.into_iter().map(|variable| (variable.name, variable.value));
        let variables: Vec<_> = set.chain(variables).collect();
        let trust = Trust::given(folder).map_err(|error| no_project(error, folder))?;
        Project::open(trust, adapter, &variables).map_err(|error| no_project(error, folder))
    }

    fn is_trusted(&self, store: &Store, folder: &Path) -> Result<bool, ApiError> {
        let now = self.session().lock().trusted.contains(folder);
        Ok(now || store.setting(&trust_setting(folder))?.is_some())
    }

    fn view(&self, store: &Store, folder: &Path) -> Result<ProjectView, ApiError> {
        let trusted = self.is_trusted(store, folder)?;
        let opened = trusted.then(|| self.open_trusted(store, folder));
        let project = opened.as_ref().and_then(|opened| opened.as_ref().ok());
        let sight = project.and_then(Mendable::at_first_sight);
        let trouble = match &opened {
            Some(Err(error)) => error.trouble.as_deref().cloned(),
            _ => sight.as_ref().map(TroubleView::from),
        };
        // An interpreter that is not there cannot be asked.
        let sdk = project.filter(|_| trouble.is_none()).and_then(Project::sdk);
        let installed = crate::interpreter::installed(folder);
        let sdk = sdk.or_else(|| installed.coflux.map(|version| InstalledSdk::new(&version)));
        Ok(ProjectView {
            path: folder.to_string_lossy().into_owned(),
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            trusted,
            adapter: project.map(|project| words(project.adapter())),
            found_by: project.map(|project| found_by(project).to_owned()),
            trouble,
            python: installed.python,
            by_bridge: sdk.as_ref().is_some_and(|sdk| sdk.speaks() == Speaks::ByBridge),
            coflux: sdk.map(|sdk| sdk.to_string()),
        })
    }
}

fn words(adapter: &Adapter) -> Vec<String> {
    let words = std::iter::once(&adapter.program).chain(&adapter.arguments);
    words.map(|word| word.to_string_lossy().into_owned()).collect()
}

fn problem(error: &hindcast_engine::ProjectError) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, error.to_string())
}

fn recent(store: &Store) -> Result<Vec<String>, ApiError> {
    let list = store.setting(RECENT)?.unwrap_or_default();
    Ok(serde_json::from_str(&list).unwrap_or_default())
}

fn settings_setting(folder: &Path) -> String {
    format!("project settings/{}", folder.display())
}

fn settings(store: &Store, folder: &Path) -> Result<ProjectSettings, ApiError> {
    let kept = store.setting(&settings_setting(folder))?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn chosen_adapter(settings: &ProjectSettings) -> Result<Option<ChosenAdapter>, ApiError> {
    if let Some(python) = &settings.python {
        return Ok(Some(ChosenAdapter::Python(PathBuf::from(python))));
    }
    let Some(command) = &settings.adapter else { return Ok(None) };
    let words = shell_words(command).map_err(|reason| {
        ApiError::new(ErrorCode::BadRequest, format!("the command {command}: {reason}"))
    })?;
    Ok(Some(ChosenAdapter::Command(words)))
}

/// Whether settings can be what they say they are. Whether the interpreter works is only seen once it
/// runs.
fn check(settings: &ProjectSettings) -> Result<(), ApiError> {
    let bad = |message: String| Err(ApiError::new(ErrorCode::BadRequest, message));
    chosen_adapter(settings)?;
    if settings.python.is_some() && settings.adapter.is_some() {
        return bad("a Python and a command are both named; name one of them".to_owned());
    }
    if let Some(python) = settings.python.as_deref().filter(|path| !Path::new(path).is_file()) {
        return bad(format!("there is no interpreter {python}"));
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let wrong = settings.variables.iter().find(|variable| {
        let name = &variable.name;
        name.is_empty()
            || !name.chars().all(word)
            || name.starts_with(|c: char| c.is_ascii_digit())
            || variable.value.contains('\0')
    });
    wrong.map_or(Ok(()), |variable| {
        bad(format!("{}: not the name and value of an environment variable", variable.name))
    })
}

fn trust_setting(folder: &Path) -> String {
    format!("trust/{}", folder.display())
}

/// The folder, absolute and without symbolic links: what trust is remembered by.
fn real(path: &Path) -> Result<PathBuf, ApiError> {
    let folder = Trust::given(path).map_err(|error| problem(&error))?;
    Ok(folder.folder().to_owned())
}
