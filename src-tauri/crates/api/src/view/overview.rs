use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{NodeState, TroubleView};

/// What the left side shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Every environment, bases before what stands on them.
    pub environments: Vec<EnvironmentView>,
    /// Every run, newest first.
    pub runs: Vec<RunSummary>,
    /// The project folder, if one is chosen.
    pub project: Option<ProjectView>,
    /// Paths of projects chosen before.
    pub recent_projects: Vec<String>,
    /// Hindcast's version.
    pub version: String,
}

/// An environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentView {
    /// Its name.
    pub name: String,
    /// The name of its base.
    pub base: Option<String>,
    /// Whether it was imported; otherwise it is local.
    pub imported: bool,
    /// How many runs have executions in it.
    pub runs: u32,
}

/// A run in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RunSummary {
    /// Run id.
    pub id: String,
    /// The root step's function.
    pub target: String,
    /// The root step's module.
    pub module: String,
    /// The environment it was imported into or begun in.
    pub environment: String,
    /// The local environments that have executions of it.
    pub local_environments: Vec<String>,
    /// How its root step ended there.
    pub state: NodeState,
    /// How many steps it has.
    pub steps: u32,
    /// How many of them failed.
    pub failed: u32,
    /// When it was submitted, Unix ms.
    pub created_at: i64,
    /// How long its root took, in ms.
    pub duration_ms: Option<i64>,
    /// How many of its values are not in the store.
    pub missing_values: u32,
    /// The run whose execution spawned it.
    pub parent_run: Option<String>,
}

/// The project folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// Absolute path.
    pub path: String,
    /// Its last part.
    pub name: String,
    /// Whether a person trusted it.
    pub trusted: bool,
    /// The command that runs steps, if one was found.
    pub adapter: Option<Vec<String>>,
    /// By what it was found, in words that follow "found by".
    pub found_by: Option<String>,
    /// What keeps its code from running, as far as that is seen without running anything.
    pub trouble: Option<TroubleView>,
    /// `3.11`, once seen.
    pub python: Option<String>,
    /// The SDK's version, once seen.
    pub coflux: Option<String>,
    /// Whether that is one before 0.9, which had no protocol: it is run by a bridge.
    pub by_bridge: bool,
}
