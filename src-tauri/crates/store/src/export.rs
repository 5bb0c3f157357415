//! A run in the export's own form, as the server would show it.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Environment, EnvironmentId, FoundRun, FoundWorkspace, Key, Origin, Run, RunId, Step,
    WorkspaceId,
};

use crate::{Result, Store, naming};

impl Store {
    /// A run as an environment's export shows it: executions of the run's home workspace and of
    /// that environment only; steps without any are left out. (The server's own rule; ancestors in
    /// between are not shown either.) Of keys, the digits an export shows.
    ///
    /// An imported environment shows the numbers of its own exports, a local one those of the
    /// store.
    ///
    /// # Errors
    /// If the run or the environment is not here, or the store cannot be read.
    pub fn export_run(&self, id: &RunId, environment: EnvironmentId) -> Result<Run> {
        self.shown(id, environment, |_| false)
    }

    /// As [`Self::export_run`], but for whole keys of steps that are to keep them.
    fn shown(
        &self,
        id: &RunId,
        environment: EnvironmentId,
        keeps_keys: fn(&Step) -> bool,
    ) -> Result<Run> {
        let environment = self.environment(environment)?;
        let mut run = self.load(id)?.run;
        let home = naming::home(&run).cloned();
        let shown: BTreeSet<&WorkspaceId> = environment.workspaces.iter().chain(&home).collect();
        for step in run.steps.values_mut() {
            step.executions.retain(|_, execution| shown.contains(&execution.workspace_id));
            if !keeps_keys(step) {
                step.memo_key = step.memo_key.take().map(as_shown);
                step.cache_key = step.cache_key.take().map(as_shown);
            }
        }
        run.steps.retain(|_, step| !step.executions.is_empty());
        if environment.origin == Origin::Imported {
            self.renumbered()?.reversed().run(&mut run);
        }
        Ok(run)
    }
}

impl Store {
    /// A run as it goes into a bundle: one view an imported environment that it has executions in,
    /// with what exports do not hold. Local work stays here; a run that began here goes out in the
    /// views of its local environments.
    ///
    /// # Errors
    /// If the run is not here, or the store cannot be read.
    pub fn views(&self, id: &RunId) -> Result<Vec<FoundRun>> {
        let stored = self.load(id)?;
        let present = naming::workspaces(&stored.run);
        let goes_out = if self.origin_of(id)? == Some(Origin::Local) {
            Origin::Local
        } else {
            Origin::Imported
        };
        let environments = self.environments()?;
        let mut views = Vec::new();
        for environment in environments.iter().filter(|known| known.origin == goes_out) {
            let workspace = environment.workspaces.iter().find(|known| present.contains(known));
            if let Some(workspace) = workspace {
                views.push(self.view(&stored, environment, workspace)?);
            }
        }
        Ok(views)
    }

    fn view(
        &self,
        stored: &StoredRun,
        environment: &Environment,
        workspace: &WorkspaceId,
    ) -> Result<FoundRun> {
        let run = &stored.run;
        let mut view = FoundRun::plain(String::new(), run.clone());
        view.taken_from = Some(workspace.clone());
        view.memo = stored.memo;
        view.declared.clone_from(&stored.declared);
        view.inputs.clone_from(&stored.inputs);
        view.inputs.retain(|input| environment.workspaces.contains(&input.workspace));
        view.checkpoints.clone_from(&stored.checkpoints);
        view.streams = self.whole_streams(stored, environment)?;
        for execution in run.steps.values().flat_map(|step| step.executions.values()) {
            for asset in execution.assets.keys() {
                let entries = self.asset_entries(asset)?;
                if !entries.is_empty() {
                    view.assets.insert(asset.clone(), entries);
                }
            }
        }
        if environment.origin == Origin::Imported {
            self.renumbered()?.reversed().found(&mut view);
        }
        // Keys made by SDKs before 0.4, maybe by a function, cannot be made again from what is shown.
        view.run = self.shown(&run.id, environment.id, |step| step.old().is_some())?;
        let shown = &view.run.steps;
        view.declared.retain(|number, _| shown.contains_key(number));
        view.checkpoints.retain(|(number, attempt), _| {
            shown.get(number).is_some_and(|step| step.executions.contains_key(attempt))
        });
        Ok(view)
    }

    /// Names and bases of every workspace.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn workspaces(&self) -> Result<BTreeMap<WorkspaceId, FoundWorkspace>> {
        let environments = self.environments()?;
        let mut all = BTreeMap::new();
        for environment in environments.iter() {
            let base = environment.base.and_then(|base| environments.get(base));
            let base = base.and_then(|base| base.workspaces.first()).cloned();
            let named = FoundWorkspace { name: environment.name.clone(), base };
            let workspaces = environment.workspaces.iter();
            all.extend(workspaces.map(|workspace| (workspace.clone(), named.clone())));
        }
        Ok(all)
    }
}

fn as_shown(key: Key) -> Key {
    key.shown().parse().unwrap_or(key)
}
