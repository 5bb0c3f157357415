//! Carries out effects once what they rest on is durable.

use std::io;
use std::sync::Arc;

use hindcast_model::record::Record;
use hindcast_model::{Encoding, ExecutionId, Failure, RunId, StreamEnd};
use hindcast_orchestrator::message::Notice;
use hindcast_orchestrator::{Code, Command, Effect, Event, Orchestrator, TimerId};

use super::ask::Answer;
use super::{Engine, EngineError, News};
use crate::Project;
use crate::codec::{self, Start, Telling};
use crate::executor::{Executor, Workshop};
use crate::guardian::Guardian;
use crate::warm::Stable;

impl Engine {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Start { execution, target, arguments, checkpoints, streams, code } => {
                let encoding = self.encoding_of(&execution);
                let start = Start { execution, target, arguments, checkpoints, streams, encoding };
                self.start(start, code);
            }
            Effect::Reply { execution, request, reply } => {
                if let Some(executor) = self.executors.get(&execution) {
                    executor.answer(request, reply);
                }
            }
            Effect::Tell { execution, notice } => self.tell(&execution, notice),
            Effect::Stop { execution } => match self.executors.get(&execution) {
                Some(executor) => executor.stop(),
                None => self.exited(execution, "it was not running"),
            },
            Effect::Arm { timer: TimerId::Timeout(execution), at } => {
                self.clock.hold(execution, at);
            }
            Effect::Arm { timer, at } => self.clock.arm(timer, at),
            Effect::Inquire { inquiry, run, module } => self.inquire(inquiry, &run, module),
            // Nobody need follow.
            Effect::Ask(question) => drop(self.news.send(News::Asked(Arc::new(question)))),
            Effect::AskInput(input) => drop(self.news.send(News::AskedInput(Arc::new(input)))),
            // Durable by now; and who commanded has been told.
            Effect::Record(_) | Effect::Rejected { .. } => {}
        }
    }

    /// Items of streams are durable by now; they are read where they are kept.
    fn tell(&mut self, execution: &ExecutionId, notice: Notice) {
        let Some(executor) = self.executors.get(execution) else { return };
        let Notice::Items { subscription, stream, start, step, count } = notice else {
            return executor.tell(Telling::Notice(notice));
        };
        let items = self.store().stream_items(&stream, start, step, count);
        match items {
            Ok(items) => executor.tell(Telling::Items { subscription, items }),
            Err(error) => {
                let message = format!("the items of stream {stream} cannot be read: {error}");
                let error = Failure::of("hindcast.MissingValue", message);
                let end = StreamEnd::Errored(error);
                executor.tell(Telling::Notice(Notice::Closed { subscription, end }));
            }
        }
    }

    fn exited(&mut self, execution: ExecutionId, reason: &str) {
        self.backlog.push_back(Event::Exited { execution, reason: reason.to_owned() });
    }

    fn start(&mut self, start: Start, code: Code) {
        let execution = start.execution.clone();
        let project = self.code(code).or_else(|| self.projects.get(execution.run()).cloned());
        match (self.workshop(), project) {
            (Ok(workshop), Some(project)) => {
                self.executors.insert(execution, Executor::start(start, project, workshop));
            }
            (Err(error), _) => {
                self.cannot_start(execution, &format!("no guardian can be started: {error}"));
            }
            (_, None) => self.cannot_start(execution, "no project is chosen for its run"),
        }
    }

    /// How values are written in an execution's environment. Where the store cannot be read now, that
    /// will be heard of soon enough.
    fn encoding_of(&self, execution: &ExecutionId) -> Encoding {
        let world = self.orchestrator.as_ref().map(Orchestrator::world);
        let environment = world.and_then(|world| {
            let workspace = &world.execution(execution)?.workspace_id;
            Some(world.environments().of_workspace(workspace)?.id)
        });
        let known = environment.and_then(|environment| self.store().encoding(environment).ok());
        known.unwrap_or_default()
    }

    fn cannot_start(&mut self, execution: ExecutionId, reason: &str) {
        let message = codec::failed("hindcast.CannotStart", reason.to_owned());
        self.backlog.push_back(Event::Said { execution: execution.clone(), message });
        self.exited(execution, reason);
    }

    /// Asks a process of its own, without holding up anything else. Who does not wait for the answer
    /// any more need not know it.
    pub(super) fn beside<T, W>(
        &mut self,
        done: Answer<T>,
        work: impl FnOnce(Arc<Workshop>) -> W + Send + 'static,
    ) where
        T: Send + 'static,
        W: Future<Output = Result<T, EngineError>> + Send + 'static,
    {
        match self.workshop() {
            Ok(workshop) => {
                tokio::spawn(async move { done.send(work(workshop).await) });
            }
            Err(error) => drop(done.send(Err(EngineError::Start(error)))),
        }
    }

    pub(super) fn workshop(&mut self) -> io::Result<Arc<Workshop>> {
        if let Some(workshop) = &self.workshop {
            return Ok(Arc::clone(workshop));
        }
        let guardian = Arc::new(Guardian::start(&self.config.guardian)?);
        let folder = self.config.store.join("warm");
        let workshop = Arc::new(Workshop {
            warm: Stable::new(self.config.warm, folder, Arc::clone(&guardian)),
            blobs: Arc::new(self.blobs.clone()),
            numbers: Arc::clone(&self.numbers),
            guardian,
            bodies: Arc::default(),
            reports: self.reports_sender.clone(),
        });
        self.workshop = Some(Arc::clone(&workshop));
        Ok(workshop)
    }

    /// From now on the runs of this command are run with this code.
    pub(super) fn choose_project(&mut self, command: &Command, project: &Arc<Project>) {
        let runs: Vec<&RunId> = match command {
            Command::Rerun { steps, .. } => steps.iter().map(|step| &step.run).collect(),
            Command::Submit { run, .. } => vec![run],
            _ => Vec::new(),
        };
        for run in runs {
            self.projects.insert(run.clone(), Arc::clone(project));
        }
    }

    /// A run that was spawned is run with the code of the run that spawned it.
    pub(super) fn note_spawned(&mut self, records: &[Record]) {
        for record in records {
            let Record::RunCreated(run) = record else { continue };
            let parent = run.parent.as_ref().map(|parent| parent.execution_id.run());
            if let Some(project) = parent.and_then(|run| self.projects.get(run)).cloned() {
                self.projects.insert(run.id.clone(), project);
            }
        }
    }

    /// Code of runs of which nothing is under way any more.
    pub(super) fn forget_projects(&mut self) {
        let Some(orchestrator) = &self.orchestrator else { return };
        if self.projects.len() > 1 {
            let runs: std::collections::BTreeSet<&RunId> =
                orchestrator.under_way().map(ExecutionId::run).collect();
            self.projects.retain(|run, _| runs.contains(run));
        }
    }
}
