//! Executions under a debugger, and what they need.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An execution that waits for a debugger or has one, and how to attach one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DebugView {
    /// The execution.
    pub execution: String,
    /// The step.
    pub step: String,
    /// How it stands.
    pub state: DebugState,
    /// The address, on this machine only.
    pub host: String,
    /// The port.
    pub port: u16,
    /// For VS Code: a configuration of `.vscode/launch.json`.
    pub vscode: String,
    /// For `PyCharm`: what to fill in.
    pub pycharm: String,
    /// For Neovim with nvim-dap: a line to run.
    pub neovim: String,
}

/// Whether a debugger is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DebugState {
    /// None is yet; nothing of the body has begun.
    Waits,
    /// One is: nothing times the execution out.
    Attached,
    /// One was; the body goes on by itself, and its timeout counts again. Another may attach.
    Detached,
}

/// Where debugpy is, for a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DebugpyView {
    /// Whose it is.
    pub place: DebugpyPlace,
    /// The folder of Hindcast's own copy, for this project's Python: where it is, or would be put.
    pub folder: String,
    /// The command that would put it into the project's own environment instead.
    pub mend: String,
}

/// Whose debugpy a project's executions would use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DebugpyPlace {
    /// That of the project's own environment.
    Project,
    /// Hindcast's own copy, beside it.
    Copy,
    /// There is none yet.
    Missing,
}

/// What was done to a project's `.vscode/launch.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LaunchView {
    /// The file.
    pub file: String,
    /// What the configuration is called in it.
    pub name: String,
    /// What was done.
    pub done: LaunchDone,
}

/// What was done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LaunchDone {
    /// It was made, with nothing else in it.
    Made,
    /// The configuration was added to it.
    Added,
    /// The configuration that Hindcast had written there got another port.
    Changed,
    /// It says so already.
    Unchanged,
    /// The configuration was taken out again; nothing else was changed.
    TakenOut,
    /// With the configuration nothing was left in it: it was removed.
    Removed,
    /// No configuration of Hindcast's own is there under that name; nothing was changed.
    NotThere,
}
