//! What the orchestrator knows of the store: which runs there are, looked at when it is first needed,
//! and again when others may have imported something and nothing is under way.
//!
//! The runs themselves are read one by one, when the rules first look at them
//! ([`hindcast_orchestrator::Recorded`], which also says why everything comes out as if all had been
//! read). What cannot be read stops everything under way before anything rests on it.

use std::sync::Arc;

use hindcast_model::RunId;
use hindcast_orchestrator::{Command, Orchestrator, Recorded, Settings, World};
use hindcast_store::StoreError;

use super::turn::{Commanded, Work};
use super::{Engine, lock};

impl Engine {
    /// Sees to it that the orchestrator knows what this work is about.
    pub(super) fn know(&mut self, work: &[Work]) -> Result<(), StoreError> {
        if let Some(failure) = self.recorded.take_failure() {
            return Err(failure);
        }
        let commanded = work.iter().any(|work| !matches!(work, Work::Event(_)));
        if !commanded && self.orchestrator.is_some() {
            return Ok(());
        }
        let version = self.store().data_version()?;
        let idle = self.orchestrator.as_ref().is_none_or(Orchestrator::is_idle);
        if self.orchestrator.is_none() || (idle && version != self.world_version) {
            self.orchestrator = Some(self.read_world()?);
            self.world_version = version;
        }
        let Some(orchestrator) = &mut self.orchestrator else { return Ok(()) };
        orchestrator.set_environments(lock(&self.store).environments()?);
        for run in work.iter().filter_map(concerned).flatten() {
            if lock(&self.store).origin_of(&run)?.is_some() {
                orchestrator.note_run(run);
            }
        }
        Ok(())
    }

    /// Which runs are in the store, none of them read yet.
    fn read_world(&mut self) -> Result<Orchestrator, StoreError> {
        let (seen, environments, runs) = self.store().snapshot(|store| {
            Ok::<_, StoreError>((store.journal_end()?, store.environments()?, store.run_ids()?))
        })?;
        self.tell_unseen(seen)?;
        self.numbers.forget();
        let recorded = Arc::clone(&self.recorded) as Arc<dyn Recorded>;
        let settings = Settings { slots: self.config.slots };
        Ok(Orchestrator::new(World::of_recorded(environments, runs, recorded), settings))
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

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use hindcast_model::{EnvironmentId, ExecutionId, StepId};
    use hindcast_orchestrator::{Command, Rules};
    use hindcast_store::{Naming, Store};
    use tokio::runtime::Runtime;
    use tokio::sync::{broadcast, oneshot};

    use super::super::turn::Asker;
    use super::super::{Config, EngineError, News};
    use super::*;
    use crate::recorded::Reader;
    use crate::warm::Warm;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/conformance");

    /// An engine that starts no process, and what its followers hear.
    struct Idle {
        engine: Engine,
        news: broadcast::Receiver<News>,
        runtime: Runtime,
        environment: EnvironmentId,
    }

    impl Idle {
        fn new(folder: &Path) -> Self {
            let store = Store::open(folder).unwrap();
            let base = store.environments().unwrap().iter().next().unwrap().id;
            let environment = store.create_local(&"mine".parse().unwrap(), Some(base)).unwrap().id;
            let (guardian, warm) = (PathBuf::from("/nowhere"), Warm::default());
            let config = Config { store: folder.to_owned(), guardian, slots: 2, warm };
            let (sender, news) = broadcast::channel(16);
            let (engine, runtime) = Engine::open(config, sender).unwrap();
            Self { engine, news, runtime, environment }
        }

        /// Runs the root of a run again.
        fn rerun(&mut self, run: &str) -> Result<Vec<ExecutionId>, EngineError> {
            let steps = vec![StepId::new(run.parse().unwrap(), 1)];
            let (environment, rules) = (self.environment, Rules::default());
            let command = Command::Rerun { steps, environment, rules, edited_arguments: None };
            let (done, mut answer) = oneshot::channel();
            let done = Asker::Handle(done);
            let _inside = self.runtime.enter();
            self.engine.take_turn(vec![Work::Command(Commanded { command, done })]);
            answer.try_recv().unwrap()
        }

        /// The runs that were read since nothing was under way.
        fn read(&self) -> Vec<&str> {
            let world = self.engine.orchestrator.as_ref().unwrap().world();
            world.read().map(RunId::as_str).collect()
        }
    }

    /// A store with so many copies of a run in it, `Rc0`, `Rc1`, ….
    fn copies(folder: &Path, count: usize) {
        let path = Path::new(FIXTURES).join("memo-params/before.json");
        let text = std::fs::read_to_string(path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let id = json["steps"].as_object().unwrap().keys().next().unwrap();
        let (run, _) = id.split_once(':').unwrap();
        let exports = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..count)
            .map(|number| {
                let path = exports.path().join(format!("{number}.json"));
                std::fs::write(&path, text.replace(run, &format!("Rc{number}"))).unwrap();
                path
            })
            .collect();
        import(folder, &paths);
    }

    fn import(folder: &Path, paths: &[PathBuf]) {
        let options = hindcast_import::Options::default();
        let found = hindcast_import::read(paths, &options, &mut |_| true).unwrap();
        Store::open(folder).unwrap().import(found, &Naming::default()).unwrap();
    }

    #[test]
    fn of_many_runs_only_those_concerned_are_read() {
        let folder = tempfile::tempdir().unwrap();
        copies(folder.path(), 500);
        let mut idle = Idle::new(folder.path());
        assert_eq!(idle.rerun("Rc250").unwrap().len(), 1);
        assert_eq!(idle.read(), ["Rc250"]);
        // Under way, it hears of what others bring.
        let other = Path::new(FIXTURES).join("orders/before.json");
        import(folder.path(), &[other]);
        let brought = Store::open(folder.path()).unwrap().runs().unwrap();
        let brought = brought.iter().map(|run| run.id.as_str()).find(|id| !id.starts_with("Rc"));
        let brought = brought.unwrap();
        assert_eq!(idle.rerun(brought).unwrap().len(), 1);
        assert_eq!(idle.read(), ["Rc250", brought]);
        let nowhere = idle.rerun("Rno").unwrap_err().to_string();
        assert_eq!(nowhere, "there is no step Rno:1");
    }

    #[test]
    fn what_cannot_be_read_stops_everything() {
        let folder = tempfile::tempdir().unwrap();
        copies(folder.path(), 2);
        let mut idle = Idle::new(folder.path());
        idle.engine.recorded = Arc::new(Reader::new("/dev/null/nothing".into()));
        let refused = idle.rerun("Rc0").unwrap_err().to_string();
        assert!(refused.contains("/dev/null/nothing"), "{refused}");
        assert!(idle.engine.orchestrator.is_none());
        assert!(matches!(idle.news.try_recv(), Ok(News::Broken(why)) if *why == *refused));

        idle.engine.recorded = Arc::new(Reader::new(folder.path().to_owned()));
        assert_eq!(idle.rerun("Rc0").unwrap().len(), 1);
    }
}
