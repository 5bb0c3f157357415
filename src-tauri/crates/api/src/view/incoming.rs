use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Finding;

/// What files hold, before anything of it is imported.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundView {
    /// By which it can be imported, until something else is looked at.
    pub look: u32,
    /// Runs, in the order they were found; those that a run spawned after it.
    pub runs: Vec<FoundRunView>,
    /// Blobs.
    pub blobs: u32,
    /// Log lines.
    pub logs: u32,
    /// Metric points.
    pub points: u32,
    /// Odd but harmless things found.
    pub findings: Vec<Finding>,
}

/// A run in files.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundRunView {
    /// Run id.
    pub run: String,
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// The environments it has executions in, by name where the files tell.
    pub environments: Vec<String>,
    /// When it was submitted, in Unix ms.
    pub created_at: i64,
    /// Steps it has.
    pub steps: u32,
    /// Executions it has.
    pub executions: u32,
    /// The run that spawned it, if one did.
    pub parent_run: Option<String>,
    /// Whether the store has it already; importing it adds what is new.
    pub here: bool,
}

/// A server that was connected to before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerView {
    /// Its address.
    pub address: String,
    /// The project, where the server has several.
    pub project: Option<String>,
}

/// A server that answers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Its address, as it is spelled from now on.
    pub address: String,
    /// The project.
    pub project: Option<String>,
    /// Its workspaces.
    pub workspaces: Vec<ServerWorkspaceView>,
    /// Where the token came from.
    pub token: TokenPlace,
    /// Whether the token that was given is in the keyring now.
    pub kept: bool,
    /// What a person should know: that the token travels in the clear, that it could not be kept.
    pub notices: Vec<String>,
}

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenPlace {
    /// A person gave it.
    Given,
    /// An environment variable.
    Environment,
    /// The system's keyring.
    Keyring,
    /// There is none; the server wants none.
    Nowhere,
}

/// A workspace of a server.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerWorkspaceView {
    /// Its name.
    pub name: String,
    /// The name of the one whose results it inherits.
    pub base: Option<String>,
}

/// What a workspace of a server has.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerRunsView {
    /// Its workflows.
    pub workflows: Vec<ServerWorkflowView>,
    /// Runs, newest first. Of each workflow, a server tells the newest fifty; any other can be found
    /// by its id.
    pub runs: Vec<ServerRunView>,
}

/// A workflow of a server.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerWorkflowView {
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// How many of its runs go on at the moment.
    pub active: u32,
}

/// A run of a server.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerRunView {
    /// Run id.
    pub run: String,
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// When it was submitted, in Unix ms, where the server tells.
    pub created_at: Option<i64>,
    /// Whether the store has it already.
    pub here: bool,
}

/// A token on its way from a person to a server. It shows itself to nobody.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct GivenToken(String);

impl GivenToken {
    /// What a person gave.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for GivenToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenToken(…)")
    }
}

/// A place in a run where values were replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemovedView {
    /// Such as `R6Lf:2 argument 0`.
    pub place: String,
    /// How many values were replaced there.
    pub values: u32,
}
