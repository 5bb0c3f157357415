//! Lists of what a server has: workflows, and runs.

use std::collections::BTreeMap;

use hindcast_model::{RunId, Timestamp};
use serde::Deserialize;

use super::json;
use crate::ImportError;

/// A workflow that is registered in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedWorkflow {
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// How many of its runs go on at the moment.
    pub active: usize,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRun {
    /// Its id.
    pub id: RunId,
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// When it was submitted, in Unix ms; none where only the search knows of it.
    pub created_at: Option<i64>,
}

/// Reads the topic of a workspace's modules: their workflows.
///
/// # Errors
/// If it is something else.
pub fn workflows(bytes: &[u8], name: &str) -> Result<Vec<ListedWorkflow>, ImportError> {
    #[derive(Deserialize)]
    struct Module {
        #[serde(default)]
        workflows: BTreeMap<String, Workflow>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Workflow {
        #[serde(default)]
        active_runs: Vec<RunId>,
    }
    let modules: BTreeMap<String, Module> = json(bytes, name)?;
    let mut listed = Vec::new();
    for (module, Module { workflows }) in modules {
        listed.extend(workflows.into_iter().map(|(target, workflow)| ListedWorkflow {
            module: module.clone(),
            target,
            active: workflow.active_runs.len(),
        }));
    }
    Ok(listed)
}

/// Reads the topic of a workflow: its runs.
///
/// # Errors
/// If it is something else.
pub fn runs(bytes: &[u8], name: &str, of: &ListedWorkflow) -> Result<Vec<ListedRun>, ImportError> {
    #[derive(Deserialize)]
    struct Form {
        #[serde(default)]
        runs: BTreeMap<RunId, When>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct When {
        created_at: Timestamp,
    }
    let Form { runs } = json(bytes, name)?;
    let listed = runs.into_iter().map(|(id, When { created_at })| {
        let (module, target) = (of.module.clone(), of.target.clone());
        ListedRun { id, module, target, created_at: Some(created_at.0) }
    });
    Ok(listed.collect())
}

/// Reads what the server's search found: workflows and tasks, each with its latest run.
///
/// # Errors
/// If it is something else.
pub fn matches(bytes: &[u8], name: &str) -> Result<Vec<ListedRun>, ImportError> {
    #[derive(Deserialize)]
    struct Form {
        #[serde(default)]
        matches: Vec<Match>,
    }
    #[derive(Deserialize)]
    struct Match {
        name: String,
        module: Option<String>,
        run: Option<MatchRun>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct MatchRun {
        run_id: RunId,
    }
    let Form { matches } = json(bytes, name)?;
    let listed = matches.into_iter().filter_map(|found| {
        let (module, run) = (found.module?, found.run?);
        Some(ListedRun { id: run.run_id, module, target: found.name, created_at: None })
    });
    Ok(listed.collect())
}
