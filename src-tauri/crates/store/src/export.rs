//! A run in the export's own form, as the server would show it.

use std::collections::BTreeSet;

use hindcast_model::{EnvironmentId, Key, Origin, Run, RunId, WorkspaceId};

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
        let environment = self.environment(environment)?;
        let mut run = self.load(id)?.run;
        let home = naming::home(&run).cloned();
        let shown: BTreeSet<&WorkspaceId> = environment.workspaces.iter().chain(&home).collect();
        for step in run.steps.values_mut() {
            step.executions.retain(|_, execution| shown.contains(&execution.workspace_id));
            step.memo_key = step.memo_key.take().map(as_shown);
            step.cache_key = step.cache_key.take().map(as_shown);
        }
        run.steps.retain(|_, step| !step.executions.is_empty());
        if environment.origin == Origin::Imported {
            self.renumbered()?.reversed().run(&mut run);
        }
        Ok(run)
    }
}

fn as_shown(key: Key) -> Key {
    key.shown().parse().unwrap_or(key)
}
