use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a project's code declares.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetsView {
    /// Its workflows and tasks; of each module workflows first.
    pub targets: Vec<TargetView>,
    /// Modules that could not be asked, and why.
    pub problems: Vec<ModuleProblem>,
}

/// A workflow or task.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetView {
    /// `module:function`, as `submit` takes it.
    pub target: String,
    /// Its module.
    pub module: String,
    /// Its function.
    pub name: String,
    /// Task or workflow.
    pub kind: TargetKindView,
    /// Its parameters, in order.
    pub parameters: Vec<ParameterView>,
    /// Whether calls of it are memoised; of a workflow, whether every task in its run is.
    pub memoised: bool,
}

/// Task or workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TargetKindView {
    /// Starts a run.
    Workflow,
    /// Runs in its caller's run.
    Task,
}

/// A parameter of a target.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ParameterView {
    /// Its name.
    pub name: String,
    /// Its type, as Python text.
    pub annotation: Option<String>,
    /// What it is if it is left out, as JSON; none if it has to be given.
    pub default: Option<String>,
}

/// A module that could not be asked what it declares.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModuleProblem {
    /// The module.
    pub module: String,
    /// Why, for a person.
    pub message: String,
}
