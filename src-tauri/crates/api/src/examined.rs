//! Whether a project's code can run, before anything of it does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hindcast_engine::{FoundBy, InstalledSdk, Mendable, Project, Speaks, Trouble, Wanted};
use hindcast_model::{StepId, Target};

use crate::answers::run_of;
use crate::api::Answered;
use crate::calls::ExamineProject;
use crate::view::{ExaminationView, TroubleKind, TroubleView};
use crate::{Api, ApiError, ErrorCode};

impl Answered for ExamineProject {
    async fn answer(self, api: &Api) -> Result<ExaminationView, ApiError> {
        api.examine(self.modules).await
    }
}

impl Api {
    async fn examine(&self, modules: Vec<String>) -> Result<ExaminationView, ApiError> {
        let view = self.projects().await?.0.ok_or_else(|| {
            ApiError::new(ErrorCode::NoProject, "no folder with Python code is chosen")
        })?;
        let project = match self.trusted_project().await {
            Ok(project) => Arc::new(project),
            Err(ApiError { trouble: Some(trouble), .. }) => {
                let (interpreter, modules) = (None, Vec::new());
                return Ok(ExaminationView {
                    project: view,
                    interpreter,
                    modules,
                    troubles: vec![*trouble],
                });
            }
            Err(error) => return Err(error),
        };
        let modules =
            if modules.is_empty() { project.modules().unwrap_or_default() } else { modules };
        let each = modules.iter().map(|module| (module.clone(), BTreeSet::new())).collect();
        let wanted = Wanted { modules: each, files: BTreeSet::new(), thoroughly: true };
        let found = self.engine().await?.examine(Arc::clone(&project), wanted).await?;
        let mut view = view;
        if let Some(interpreter) = &found.interpreter {
            view.python = Some(interpreter.version());
            let sdk = interpreter.coflux.as_deref().map(InstalledSdk::new);
            view.by_bridge = sdk.as_ref().is_some_and(|sdk| sdk.speaks() == Speaks::ByBridge);
            view.coflux.clone_from(&interpreter.coflux);
        }
        let troubles = found.troubles.iter().map(TroubleView::from).collect();
        let interpreter = found.interpreter.map(|interpreter| interpreter.executable);
        Ok(ExaminationView { project: view, interpreter, modules, troubles })
    }

    /// Sees to it that the code of these steps can run.
    pub(crate) async fn check_steps(
        &self,
        project: &Project,
        steps: &[StepId],
    ) -> Result<(), ApiError> {
        let run = run_of(steps)?;
        let (loaded, numbers) = (self.loaded().clone(), steps.to_vec());
        let targets = self.read(move |store| {
            let stored = loaded.run(store, &run)?.stored;
            let steps = numbers.iter().filter_map(|step| stored.run.steps.get(&step.number));
            Ok(steps.map(|step| step.target().clone()).collect::<Vec<_>>())
        });
        self.check_targets(project, targets.await?).await
    }

    /// Sees to it that the code of these targets can run: fails with what is wrong.
    pub(crate) async fn check_targets(
        &self,
        project: &Project,
        targets: impl IntoIterator<Item = Target>,
    ) -> Result<(), ApiError> {
        let wanted = wanted(targets);
        let project = Arc::new(project.clone());
        let found = self.engine().await?.examine(project, wanted).await?;
        found.hindrance().map_or(Ok(()), |mendable| Err(mendable.into()))
    }
}

/// These targets in their modules.
pub(crate) fn wanted(targets: impl IntoIterator<Item = Target>) -> Wanted {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for target in targets {
        modules.entry(target.module.to_string()).or_default().insert(target.name.to_string());
    }
    Wanted { modules, ..Wanted::default() }
}

/// By what a project's command was found, in words that follow "found by".
pub(crate) fn found_by(project: &Project) -> &'static str {
    match project.found_by() {
        FoundBy::Person => "your choice",
        FoundBy::Configuration => "worker.adapter in coflux.toml",
        FoundBy::Environment => "the virtual environment in the folder",
        FoundBy::PoetryLock => "poetry.lock in the folder",
        FoundBy::UvLock => "uv.lock in the folder",
        FoundBy::Uv => "uv on the PATH",
        FoundBy::Path => "Python on the PATH",
    }
}

/// What keeps a folder from being a project.
pub(crate) fn no_project(error: hindcast_engine::ProjectError, folder: &Path) -> ApiError {
    (&Mendable::of_project(error, folder)).into()
}

impl From<&Mendable> for ApiError {
    fn from(mendable: &Mendable) -> Self {
        let view = TroubleView::from(mendable);
        Self {
            detail: view.command.as_ref().map(|command| format!("to mend it: {command}")),
            message: view.sentence.clone(),
            code: ErrorCode::Trouble,
            trouble: Some(Box::new(view)),
        }
    }
}

impl From<&Mendable> for TroubleView {
    fn from(Mendable { trouble, command }: &Mendable) -> Self {
        let place = trouble.place();
        let text = match trouble {
            Trouble::Syntax { text, .. } => text.clone(),
            _ => None,
        };
        Self {
            kind: kind(trouble),
            sentence: trouble.to_string(),
            command: command.clone(),
            hinders: trouble.hinders(),
            file: place.map(|place| place.file.clone()),
            line: place.and_then(|place| place.line),
            text,
        }
    }
}

fn kind(trouble: &Trouble) -> TroubleKind {
    match trouble {
        Trouble::FolderGone { .. } => TroubleKind::FolderGone,
        Trouble::Configuration { .. } => TroubleKind::Configuration,
        Trouble::NoInterpreter { .. } => TroubleKind::NoInterpreter,
        Trouble::InterpreterGone { .. } => TroubleKind::InterpreterGone,
        Trouble::NotExecutable { .. } => TroubleKind::NotExecutable,
        Trouble::NotPython { .. } => TroubleKind::NotPython,
        Trouble::Crashes { .. } => TroubleKind::Crashes,
        Trouble::Silent { .. } => TroubleKind::Silent,
        Trouble::CommandGone { .. } => TroubleKind::CommandGone,
        Trouble::PythonTooOld { .. } => TroubleKind::PythonTooOld,
        Trouble::NoSdk { .. } => TroubleKind::NoSdk,
        Trouble::SdkShadowed { .. } => TroubleKind::SdkShadowed,
        Trouble::SdkUnknown { .. } => TroubleKind::SdkUnknown,
        Trouble::SdkTooOld { .. } => TroubleKind::SdkTooOld,
        Trouble::SdkNewer { .. } => TroubleKind::SdkNewer,
        Trouble::Syntax { .. } => TroubleKind::Syntax,
        Trouble::MissingPackage { .. } => TroubleKind::MissingPackage,
        Trouble::MissingModule { .. } => TroubleKind::MissingModule,
        Trouble::MissingVariable { .. } => TroubleKind::MissingVariable,
        Trouble::ImportFails { .. } => TroubleKind::ImportFails,
        Trouble::ImportEnds { .. } => TroubleKind::ImportEnds,
        Trouble::NoTarget { .. } => TroubleKind::NoTarget,
    }
}
