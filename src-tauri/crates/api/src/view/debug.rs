//! Executions that wait for a debugger.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An execution that waits for a debugger, and how to attach one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DebugView {
    /// The step.
    pub step: String,
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
