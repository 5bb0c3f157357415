//! What the orchestrator knows of the store: read when it is first needed, and again when others
//! may have imported something and nothing is under way.

use hindcast_model::RunId;
use hindcast_orchestrator::{Command, Orchestrator, Settings, World};
use hindcast_store::StoreError;

use super::Engine;
use super::turn::{Commanded, Work};

impl Engine {
    /// Sees to it that the orchestrator knows what this work is about.
    pub(super) fn know(&mut self, work: &[Work]) -> Result<(), StoreError> {
        let commanded = work.iter().any(|work| !matches!(work, Work::Event(_)));
        if !commanded && self.orchestrator.is_some() {
            return Ok(());
        }
        let version = self.store.data_version()?;
        let idle = self.orchestrator.as_ref().is_none_or(Orchestrator::is_idle);
        if self.orchestrator.is_none() || (idle && version != self.world_version) {
            self.orchestrator = Some(self.read_world()?);
            self.world_version = version;
        }
        let Some(orchestrator) = &mut self.orchestrator else { return Ok(()) };
        orchestrator.set_environments(self.store.environments()?);
        for run in work.iter().filter_map(concerned).flatten() {
            if orchestrator.world().run(&run).is_none() && self.store.origin_of(&run)?.is_some() {
                let stored = self.store.load(&run)?;
                self.numbers.note(&stored.run);
                orchestrator.add_run(stored);
                for (step, keys) in self.store.own_keys(Some(&run))? {
                    orchestrator.note_own_keys(&step, keys);
                }
            }
        }
        Ok(())
    }

    /// Everything that is in the store. A lookup in the cache, and what an ancestor ran, go over all
    /// runs.
    fn read_world(&mut self) -> Result<Orchestrator, StoreError> {
        let (seen, environments, runs) = self.store.transaction(|transaction| {
            let seen = transaction.journal_end()?;
            let summaries = transaction.runs()?;
            let runs = summaries.iter().map(|run| transaction.load(&run.id));
            let runs = runs.collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>((seen, transaction.environments()?, runs))
        })?;
        self.tell_unseen(seen)?;
        for stored in &runs {
            self.numbers.note(&stored.run);
        }
        let settings = Settings { slots: self.config.slots };
        let mut world = World::new(environments, runs);
        for (asset, entries) in self.store.assets()? {
            world.note_asset_entries(&asset, entries);
        }
        for (step, keys) in self.store.own_keys(None)? {
            world.note_own_keys(&step, keys);
        }
        Ok(Orchestrator::new(world, settings))
    }
}

/// The runs a command is about.
fn concerned(work: &Work) -> Option<Vec<RunId>> {
    let Work::Command(Commanded { command, .. }) = work else { return None };
    Some(match command {
        Command::Rerun { steps, .. } => steps.iter().map(|step| step.run.clone()).collect(),
        Command::Cancel(execution) | Command::Decide { caller: execution, .. } => {
            vec![execution.run().clone()]
        }
        Command::Respond { input, .. } => vec![input.run.clone()],
        Command::Submit { .. } => Vec::new(),
    })
}
