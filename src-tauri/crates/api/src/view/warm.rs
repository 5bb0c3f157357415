//! Warm Pythons, and the code that would run, as the shells show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A project's warm Python: it has imported what the project's executions imported before, and each
/// execution is a fork of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WarmView {
    /// The project's folder.
    pub project: String,
    /// The command whose Python it is.
    pub command: String,
    /// How it is.
    pub state: WarmStateView,
    /// Why there is none, where there is none.
    pub reason: Option<String>,
    /// Its process id, if it runs.
    pub pid: Option<i32>,
    /// Memory it has, in bytes.
    pub memory: f64,
    /// How many executions were forked from it.
    pub forks: u32,
    /// How many of them are alive.
    pub alive: u32,
    /// What it has imported, in order.
    pub preloaded: Vec<PreloadedView>,
    /// What it leaves for each execution to import, with the reason.
    pub left: BTreeMap<String, String>,
    /// How many were replaced since this process began.
    pub replaced: u32,
    /// Why the last one was replaced, or could not be used.
    pub problem: Option<String>,
}

/// How a warm Python is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum WarmStateView {
    /// There will be none: every execution is a process of its own.
    Off,
    /// It was not needed yet.
    Cold,
    /// It is importing.
    Starting,
    /// It can be forked.
    Ready,
    /// It could not be had.
    Failed,
}

/// A module that was imported before any fork.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreloadedView {
    /// Its dotted name.
    pub name: String,
    /// How long importing it took, in ms.
    pub ms: f64,
    /// How many modules came with it.
    pub modules: u32,
}

/// The code that a re-run begun now would run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CodeView {
    /// What names it, as 64 hex digits, as it stands in the ledger; none where it cannot be held.
    pub snapshot: Option<String>,
    /// How many Python files it is.
    pub files: u32,
    /// How large they are together, in bytes.
    pub bytes: f64,
    /// Why it cannot be held: a file saved during the re-run is then seen by it.
    pub reason: Option<String>,
}
