//! Which environment a workspace of an export stands for.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{
    EnvironmentId, EnvironmentName, Environments, FoundRun, FoundWorkspace, Origin, Run,
    WorkspaceId,
};

use crate::{Result, StoreError, Transaction, row};

/// What an environment is called if nothing names it.
const DEFAULT_NAME: &str = "production";

/// What the person who imports says of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// The name of the environment that the export was taken from (`--as`).
    pub name: Option<EnvironmentName>,
}

/// The workspace a run began in: that of its root step's earliest execution.
pub(crate) fn home(run: &Run) -> Option<&WorkspaceId> {
    let (_, earliest) = run.root()?.executions.first_key_value()?;
    Some(&earliest.workspace_id)
}

/// Every workspace a run has executions in.
pub(crate) fn workspaces(run: &Run) -> BTreeSet<&WorkspaceId> {
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    executions.map(|execution| &execution.workspace_id).collect()
}

/// Names the workspaces of one export.
struct View<'a> {
    source: &'a str,
    home: Option<&'a WorkspaceId>,
    taken_from: Option<&'a WorkspaceId>,
    known: &'a BTreeMap<WorkspaceId, FoundWorkspace>,
    asked: Option<&'a EnvironmentName>,
}

impl Transaction<'_> {
    /// Sees to it that every workspace of the run stands for an environment.
    pub(crate) fn name_workspaces(
        &self,
        found: &FoundRun,
        known: &BTreeMap<WorkspaceId, FoundWorkspace>,
        naming: &Naming,
    ) -> Result<()> {
        let all = workspaces(&found.run);
        let home = home(&found.run).or(all.first().copied());
        let taken_from = found.taken_from.as_ref().or(match all.len() {
            2 => all.iter().copied().find(|workspace| Some(*workspace) != home),
            _ => home,
        });
        let view =
            View { source: &found.source, home, taken_from, known, asked: naming.name.as_ref() };
        for workspace in home.iter().chain(all.iter()) {
            self.environment_of(workspace, &view, &mut BTreeSet::new())?;
        }
        Ok(())
    }

    /// The environment a workspace stands for; made, and its bases with it, where there is none.
    fn environment_of<'a>(
        &self,
        workspace: &'a WorkspaceId,
        view: &View<'a>,
        below: &mut BTreeSet<&'a WorkspaceId>,
    ) -> Result<EnvironmentId> {
        let environments = self.environments()?;
        if let Some(known) = environments.of_workspace(workspace) {
            view.check(workspace, &known.name, &environments)?;
            return Ok(known.id);
        }
        below.insert(workspace);
        let base = match view.base(workspace).filter(|base| !below.contains(base)) {
            Some(base) => Some(self.environment_of(base, view, below)?),
            None => None,
        };
        let environments = self.environments()?;
        let name = view.name(workspace, &environments)?;
        let id = match environments.named(&name) {
            Some(taken) if taken.origin == Origin::Local => {
                return Err(StoreError::NameIsLocal {
                    origin: view.source.to_owned(),
                    name,
                    workspace: workspace.clone(),
                });
            }
            Some(same) => same.id,
            None => self.add_environment(&name, base, Origin::Imported)?,
        };
        self.add_workspace(workspace, id)?;
        Ok(id)
    }
}

impl<'a> View<'a> {
    fn home_name<'e>(&self, environments: &'e Environments) -> Option<&'e EnvironmentName> {
        Some(&environments.of_workspace(self.home?)?.name)
    }

    /// `--as` names the workspace that the export was taken from. It cannot take the name of the
    /// run's home from it.
    fn asked_for(
        &self,
        workspace: &WorkspaceId,
        home: Option<&EnvironmentName>,
    ) -> Option<&'a EnvironmentName> {
        let names_this = self.taken_from == Some(workspace);
        let free = self.home == Some(workspace) || home != self.asked;
        self.asked.filter(|_| names_this && free)
    }

    fn check(
        &self,
        workspace: &WorkspaceId,
        known: &EnvironmentName,
        environments: &Environments,
    ) -> Result<()> {
        match self.asked_for(workspace, self.home_name(environments)) {
            Some(asked) if asked != known => Err(StoreError::NameContradicts {
                origin: self.source.to_owned(),
                workspace: workspace.clone(),
                known: known.clone(),
                asked: asked.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn base(&self, workspace: &WorkspaceId) -> Option<&'a WorkspaceId> {
        match self.known.get(workspace) {
            Some(known) => known.base.as_ref(),
            None => self.home.filter(|home| *home != workspace),
        }
    }

    fn name(
        &self,
        workspace: &WorkspaceId,
        environments: &Environments,
    ) -> Result<EnvironmentName> {
        let home = self.home_name(environments);
        if let Some(asked) = self.asked_for(workspace, home) {
            return Ok(asked.clone());
        }
        let own: EnvironmentName = row::id(workspace.as_str())?;
        let name = match self.known.get(workspace) {
            Some(known) => known.name.clone(),
            None if self.taken_from == Some(workspace) && self.asked.is_none() => {
                row::id(DEFAULT_NAME)?
            }
            None => own.clone(),
        };
        Ok(if self.home != Some(workspace) && home == Some(&name) { own } else { name })
    }
}
