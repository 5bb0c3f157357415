//! What keeps a project's code from running, as the shells show it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ProjectView;

/// Something that keeps a project's code from running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TroubleView {
    /// What kind of trouble it is: what a program goes by.
    pub kind: TroubleKind,
    /// What is wrong, in one sentence that names the thing and the place.
    pub sentence: String,
    /// The command that would mend it, for a shell, if there is one.
    pub command: Option<String>,
    /// Whether nothing can run because of it. Else it is only as well to know.
    pub hinders: bool,
    /// The file it is in, below the project's folder where it is in that.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// That line's text, where Python cannot read it.
    pub text: Option<String>,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TroubleKind {
    /// The project folder is gone.
    FolderGone,
    /// `coflux.toml` or `.env` cannot be read.
    Configuration,
    /// No Python was found.
    NoInterpreter,
    /// The interpreter is not there.
    InterpreterGone,
    /// It may not be executed.
    NotExecutable,
    /// It is no Python.
    NotPython,
    /// It ends as it starts.
    Crashes,
    /// It does not answer.
    Silent,
    /// The program of the command was not found.
    CommandGone,
    /// The Python is too old for the SDK.
    PythonTooOld,
    /// The SDK is not installed.
    NoSdk,
    /// A file of the project's own is imported in the SDK's place.
    SdkShadowed,
    /// The SDK's version is not known.
    SdkUnknown,
    /// The SDK is too old.
    SdkTooOld,
    /// The SDK is newer than any known.
    SdkNewer,
    /// Python cannot read a file.
    Syntax,
    /// A package is not installed.
    MissingPackage,
    /// A module of the project's own is missing.
    MissingModule,
    /// Code needs an environment variable that steps do not get.
    MissingVariable,
    /// A module's code fails while it is imported.
    ImportFails,
    /// Importing a module ends the process, or takes too long.
    ImportEnds,
    /// A module has no such target.
    NoTarget,
}

/// What was found of a project.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExaminationView {
    /// The project.
    pub project: ProjectView,
    /// The interpreter that runs its steps, if it answered.
    pub interpreter: Option<String>,
    /// The modules that were imported.
    pub modules: Vec<String>,
    /// What is wrong, the worst first.
    pub troubles: Vec<TroubleView>,
}
