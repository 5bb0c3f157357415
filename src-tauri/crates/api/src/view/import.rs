use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RemovedView;

/// What an import did.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Runs read in, one for each environment.
    pub runs: Vec<ImportedRun>,
    /// Blobs added.
    pub blobs: u32,
    /// Log lines and metric points added.
    pub lines: u32,
    /// Odd but harmless things found.
    pub findings: Vec<Finding>,
    /// The command that does the same.
    pub command: String,
}

/// A run read in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportedRun {
    /// Run id.
    pub run: String,
    /// The environment it was read into: the one the export was taken from.
    pub environment: String,
    /// Whether the store did not know it before.
    pub new: bool,
    /// Whether more is known of it than before.
    pub changed: bool,
    /// Steps it has.
    pub steps: u32,
    /// Values whose blob is not in the store.
    pub missing_values: u32,
}

/// Something odd but harmless.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The file, and the place in it.
    pub place: String,
    /// What it is.
    pub message: String,
}

/// What an export wrote.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// The file.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Runs in it: the run asked for, and those it spawned.
    pub runs: Vec<String>,
    /// Blobs in it.
    pub blobs: u32,
    /// Blobs that its values need and that were not to be had.
    pub missing_blobs: u32,
    /// What was replaced, by place, where patterns of it were given.
    #[serde(default)]
    pub removed: Vec<RemovedView>,
    /// Blobs that could not be looked into and are in as they were (pickles, bytes, files of assets),
    /// where patterns were given: their keys.
    #[serde(default)]
    pub not_looked_into: Vec<String>,
}

/// What dropped paths are.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileDrop {
    /// Each path with what was recognised.
    pub items: Vec<FileDropItem>,
}

/// A dropped path.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileDropItem {
    /// The path.
    pub path: String,
    /// Such as `run export R6Lf, 66 steps` or `not an export`.
    pub what: String,
    /// Whether it can be imported.
    pub importable: bool,
    /// Whether it looks like a project folder.
    pub project: bool,
}

/// How far something is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub what: String,
    /// How much is done.
    pub done: u32,
    /// Of how much; none if not known.
    pub total: Option<u32>,
}
