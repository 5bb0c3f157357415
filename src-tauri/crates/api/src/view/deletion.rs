use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a person wants to be rid of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind", content = "name")]
pub enum DeleteTarget {
    /// A run by its id, in all environments, with the runs it spawned.
    Run(String),
    /// A local environment by its name, with all that ran in it, and those that stand on it.
    Environment(String),
}

/// What was deleted, or would be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeletionView {
    /// Its number, to bring it back by; none while nothing is deleted.
    pub id: Option<i64>,
    /// When, Unix ms.
    pub at: Option<i64>,
    /// What was asked for.
    pub what: DeleteTarget,
    /// Runs that go as a whole: their ids.
    pub runs: Vec<String>,
    /// Environments that go: their names.
    pub environments: Vec<String>,
    /// How many steps go.
    pub steps: u64,
    /// How many executions go, imported and local.
    pub executions: u64,
    /// How many of them ran here.
    pub local_executions: u64,
    /// How many log lines go.
    pub logs: u64,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RestoredView {
    /// What had been deleted.
    pub deletion: DeletionView,
    /// Environments that came back under another name, as theirs was taken meanwhile.
    pub renamed: Vec<RenamedEnvironment>,
}

/// An environment that came back under another name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RenamedEnvironment {
    /// Its name before.
    pub from: String,
    /// Its name now.
    pub to: String,
}

/// What a purge removed for good.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PurgedView {
    /// How many deletions cannot be undone any more.
    pub deletions: u64,
    /// How many blobs went, as nothing else refers to them.
    pub blobs: u64,
    /// How many bytes these had.
    pub bytes: u64,
}
