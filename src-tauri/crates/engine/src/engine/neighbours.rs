//! Other processes on the same store: what they record, what they ask, and what they leave behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_model::ExecutionId;
use hindcast_model::record::Record;
use hindcast_orchestrator::{Command, Orchestrator, Recorded};
use hindcast_store::StoreError;

use super::ask::{Answer, Ask, Request};
use super::turn::{Asker, Commanded, Work};
use super::{Engine, EngineError, News};
use crate::debug;
use crate::discover::discover;
use crate::examine::Examiner;
use crate::preview::preview;

/// How often executions are looked for whose session is gone.
const ORPHANS: Duration = Duration::from_secs(2);

/// How often at most others are looked for while there is work.
const LOOK: Duration = Duration::from_millis(20);

impl Engine {
    /// Takes in what a handle asks.
    pub(super) fn asked(&mut self, ask: Ask) -> Option<Work> {
        match ask {
            Ask::Command { mut command, project, done } => {
                if let Some(project) = project {
                    let project = self.hold_code(&project, &mut command);
                    self.choose_project(&command, &project);
                }
                return self.commanded(command, done);
            }
            Ask::Warm { project, start, done } => self.report_warm(project, start, done),
            Ask::Configure { slots, warm } => self.configure(slots, warm),
            Ask::Discover { project, module, done } => self.beside(done, async move |workshop| {
                Ok(discover(&project, &module, &workshop.guardian).await?)
            }),
            Ask::Examine { project, wanted, done } => {
                let (store, snapshots) = (self.config.store.clone(), self.codes.snapshots());
                self.beside(done, async move |workshop| {
                    let guardian = Arc::clone(&workshop.guardian);
                    let warm = Arc::clone(&workshop.warm);
                    let examiner = Examiner { guardian, warm, snapshots, store };
                    Ok(examiner.examine(&project, &wanted).await)
                });
            }
            Ask::Preview { project, object, done } => self.beside(done, async move |workshop| {
                Ok(preview(&project, &object, &workshop.guardian).await?)
            }),
            Ask::FindDebugpy { project, done } => self.beside(done, async move |workshop| {
                Ok(debug::find(&project, &workshop.guardian).await?)
            }),
            Ask::InstallDebugpy { project, packages, done } => {
                self.beside(done, async move |workshop| {
                    Ok(debug::install(&project, &workshop.guardian, &packages).await?)
                });
            }
            Ask::Outcome(waiter) => {
                self.waiters.push(waiter);
                if let Err(error) = self.know(&[Work::CatchUp]) {
                    self.fail_waiters(&error);
                }
                self.tell_waiters();
            }
            Ask::Questions(done) => {
                let questions = self.orchestrator.as_ref().map(Orchestrator::questions);
                let _ = done.send(Ok(questions.unwrap_or_default()));
            }
            Ask::Inputs(done) => {
                let known = self.know(&[Work::CatchUp]);
                let inputs = self.orchestrator.as_ref().map(|orchestrator| {
                    orchestrator.open_inputs().into_iter().cloned().collect::<Vec<_>>()
                });
                let answer = known.map(|()| inputs.unwrap_or_default());
                let _ = done.send(answer.map_err(EngineError::Store));
            }
            Ask::UnderWay(done) => {
                let under_way =
                    self.orchestrator.as_ref().map(|o| o.under_way().cloned().collect());
                let _ = done.send(Ok(under_way.unwrap_or_default()));
            }
            Ask::Idle(done) => {
                self.idlers.push(done);
                self.tell_waiters();
            }
            // The loop sees to it.
            Ask::Shutdown => {}
        }
        None
    }

    /// A command is carried out here, unless it is about an execution that another session has in
    /// hand: that one is asked.
    fn commanded(&mut self, command: Command, done: Answer<Vec<ExecutionId>>) -> Option<Work> {
        let other = match &command {
            Command::Cancel(execution) | Command::Decide { caller: execution, .. } => {
                self.other_owner(execution)
            }
            _ => Ok(None),
        };
        let number = match (other, Request::of(&command)) {
            (Ok(Some(session)), Some(request)) => {
                let text = serde_json::to_string(&request).unwrap_or_default();
                self.store().ask_session(&session, &text)
            }
            (Err(error), _) => Err(error),
            _ => return Some(Work::Command(Commanded { command, done: Asker::Handle(done) })),
        };
        match number {
            Ok(number) => {
                self.asked.insert(number, done);
            }
            Err(error) => {
                let _ = done.send(Err(error.into()));
            }
        }
        None
    }

    /// Another session that lives and has the execution in hand.
    fn other_owner(&self, execution: &ExecutionId) -> Result<Option<String>, StoreError> {
        let owner = self.store().owner(execution)?;
        Ok(owner.filter(|owner| owner != self.session.id() && self.session.lives(owner)))
    }

    /// Looks for what other processes did since the last turn.
    pub(super) fn look_around(&mut self, work: &mut Vec<Work>) {
        if self.orphans_sought.elapsed() > ORPHANS {
            self.give_up_orphans();
        }
        if !work.is_empty() && self.looked_around.elapsed() < LOOK {
            // A turn catches up with the journal anyway; what else there is to hear can wait so long.
            return;
        }
        if self.owing.is_keeping() {
            // The store is in use beside the loop, and nobody waits for that.
            return;
        }
        self.looked_around = Instant::now();
        let version = self.store().data_version();
        let looked = version.and_then(|version| {
            if version == self.seen_version {
                return Ok(());
            }
            self.seen_version = version;
            self.hear_requests(work)?;
            self.hear_answers()?;
            if self.orchestrator.is_none() {
                let end = self.store().journal_end()?;
                return self.tell_unseen(end);
            }
            // A turn catches up with the journal, whatever else it does.
            if work.is_empty() && self.store().journal_end()? > self.seen {
                work.push(Work::CatchUp);
            }
            Ok(())
        });
        if let Err(error) = looked {
            // The next look may fare better; a write that fails is another matter.
            let _ = self.news.send(News::Broken(error.to_string().into()));
        }
    }

    fn hear_requests(&mut self, work: &mut Vec<Work>) -> Result<(), StoreError> {
        let requests = self.store().requests_of(self.session.id())?;
        for (number, text) in requests {
            let done = Asker::Session(number);
            match serde_json::from_str::<Request>(&text) {
                Ok(request) => {
                    work.push(Work::Command(Commanded { command: request.command(), done }));
                }
                Err(error) => self.store().transaction(|transaction| {
                    transaction.answer_request(number, &format!("not understood: {error}"))
                })?,
            }
        }
        Ok(())
    }

    fn hear_answers(&mut self) -> Result<(), StoreError> {
        let numbers: Vec<i64> = self.asked.keys().copied().collect();
        for number in numbers {
            let answer = self.store().take_answer(number)?;
            let Some(reason) = answer else { continue };
            let Some(done) = self.asked.remove(&number) else { continue };
            let answer = if reason.is_empty() { Ok(Vec::new()) } else { Err(reason) };
            let _ = done.send(answer.map_err(EngineError::Rejected));
        }
        Ok(())
    }

    /// Tells followers what was recorded up to `end` while there was no orchestrator to hear it.
    pub(super) fn tell_unseen(&mut self, end: i64) -> Result<(), StoreError> {
        let unseen = self.store().journal_since(self.seen)?;
        let unseen = unseen.into_iter().take_while(|entry| entry.seq <= end);
        let records: Vec<Record> = unseen.map(|entry| entry.record).collect();
        self.seen = end;
        if !records.is_empty() {
            let _ = self.news.send(News::Recorded { records: records.into(), until: end });
        }
        Ok(())
    }

    /// Local executions whose session is gone will never end by themselves: they are abandoned.
    pub(super) fn give_up_orphans(&mut self) {
        self.orphans_sought = Instant::now();
        let found = {
            let store = self.store();
            (store.unfinished(), store.draining())
        };
        let (Ok(unfinished), Ok(draining)) = found else { return };
        let unfinished = unfinished.into_iter().chain(draining);
        let gone =
            |owner: &Option<String>| owner.as_ref().is_none_or(|owner| !self.session.lives(owner));
        let orphans = unfinished.filter(|(_, owner)| gone(owner));
        let orphans: Vec<ExecutionId> = orphans.map(|(execution, _)| execution).collect();
        if !orphans.is_empty() {
            self.take_turn(vec![Work::Abandon(orphans)]);
        }
    }

    /// Tells those who wait: for executions that have ended, or for everything to have.
    pub(super) fn tell_waiters(&mut self) {
        if self.recorded.failure().is_some() {
            // It stops everything.
            return self.take_turn(vec![Work::CatchUp]);
        }
        if self.orchestrator.as_ref().is_none_or(Orchestrator::is_idle) && self.backlog.is_empty() {
            for done in self.idlers.drain(..) {
                let _ = done.send(Ok(()));
            }
        }
        let Some(orchestrator) = &self.orchestrator else { return };
        for waiter in std::mem::take(&mut self.waiters) {
            match orchestrator.outcome(&waiter.execution) {
                Some(outcome) => {
                    let _ = waiter.done.send(Ok(outcome.clone()));
                }
                None if orchestrator.world().execution(&waiter.execution).is_none()
                    && self.recorded.failure().is_none() =>
                {
                    let missing = EngineError::NoExecution(waiter.execution);
                    let _ = waiter.done.send(Err(missing));
                }
                None => self.waiters.push(waiter),
            }
        }
    }

    fn fail_waiters(&mut self, error: &StoreError) {
        for waiter in self.waiters.drain(..) {
            let _ = waiter.done.send(Err(EngineError::Rejected(error.to_string())));
        }
    }
}
