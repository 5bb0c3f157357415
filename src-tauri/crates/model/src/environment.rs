//! Environments and what they inherit.

use serde::{Deserialize, Serialize};

use crate::{EnvironmentName, WorkspaceId};

/// An environment's identity in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentId(pub i64);

/// Where an environment's executions come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Recorded elsewhere: immutable here.
    Imported,
    /// Made on this machine.
    Local,
}

/// Where executions happened: `production`, `development`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its identity in the store.
    pub id: EnvironmentId,
    /// What people call it.
    pub name: EnvironmentName,
    /// The environment whose results it inherits.
    pub base: Option<EnvironmentId>,
    /// Where its executions come from.
    pub origin: Origin,
    /// The server's ids for it; several where exports of several projects were imported under one
    /// name. A local environment has exactly one, made here.
    pub workspaces: Vec<WorkspaceId>,
}

/// All environments of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environments(Vec<Environment>);

impl Environments {
    /// These environments.
    pub fn new(environments: Vec<Environment>) -> Self {
        Self(environments)
    }

    /// Every environment, in the store's order.
    pub fn iter(&self) -> impl Iterator<Item = &Environment> {
        self.0.iter()
    }

    /// The environment with this id.
    pub fn get(&self, id: EnvironmentId) -> Option<&Environment> {
        self.0.iter().find(|environment| environment.id == id)
    }

    /// The environment of this name.
    pub fn named(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.0.iter().find(|environment| environment.name == *name)
    }

    /// The environment a workspace id stands for.
    pub fn of_workspace(&self, workspace: &WorkspaceId) -> Option<&Environment> {
        self.0.iter().find(|environment| environment.workspaces.contains(workspace))
    }

    /// The environment and its ancestors, nearest first. Ends where a base is unknown or would
    /// come round again.
    pub fn chain(&self, id: EnvironmentId) -> Vec<&Environment> {
        let mut chain: Vec<&Environment> = Vec::new();
        let mut next = self.get(id);
        while let Some(environment) = next {
            if chain.iter().any(|seen| seen.id == environment.id) {
                break;
            }
            chain.push(environment);
            next = environment.base.and_then(|base| self.get(base));
        }
        chain
    }

    /// Whether executions of `workspace` are visible from `id`: its own, or an ancestor's.
    pub fn sees(&self, id: EnvironmentId, workspace: &WorkspaceId) -> bool {
        self.chain(id).iter().any(|environment| environment.workspaces.contains(workspace))
    }
}
