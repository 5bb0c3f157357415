//! The engine's turn: gather what happened, handle it in one transaction, carry out what follows.
//! What starts nothing is answered before its turn, and kept beside the loop (see `owing`).

use std::time::Duration;

use hindcast_model::record::{Because, Record};
use hindcast_model::{ExecutionId, Timestamp};
use hindcast_orchestrator::message::Message;
use hindcast_orchestrator::{Command, Effect, Event, Orchestrator};
use hindcast_store::{StoreError, Transaction};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::ask::{Answer, Ask};
use super::clock::Clock;
use super::{BATCH, Engine, EngineError, News, POLL, lock};
use crate::executor::{Report, Reported};

/// A command that is to be answered once it is durable.
pub(super) struct Commanded {
    pub(super) command: Command,
    pub(super) done: Asker,
}

/// Who is to be answered.
pub(super) enum Asker {
    Handle(Answer<Vec<ExecutionId>>),
    /// Another session, by the number of its request.
    Session(i64),
}

/// One thing to handle.
pub(super) enum Work {
    Event(Event),
    Command(Commanded),
    /// Nobody works on these any more.
    Abandon(Vec<ExecutionId>),
    /// Nothing but what other processes recorded.
    CatchUp,
}

/// What a turn came to, once it is durable.
struct Turn {
    effects: Vec<Effect>,
    foreign: Vec<Record>,
    answers: Vec<(Asker, Result<Vec<ExecutionId>, String>)>,
    until: i64,
}

impl Engine {
    /// Runs until it is told to end or nobody can tell it anything any more.
    pub(super) async fn run(mut self, mut asks: UnboundedReceiver<Ask>) {
        self.give_up_orphans();
        loop {
            let mut work = self.due();
            if work.is_empty() {
                let wait = self.clock.wait(Clock::now()).map_or(POLL, |wait| wait.min(POLL));
                let wait = self.owing.left().map_or(wait, |left| left.min(wait));
                tokio::select! {
                    biased;
                    ask = asks.recv() => match ask {
                        None | Some(Ask::Shutdown) => break,
                        Some(ask) => work.extend(self.asked(ask)),
                    },
                    Some(report) = self.reports.recv() => work.extend(self.reported(report)),
                    Some(event) = self.heard.recv() => work.push(Work::Event(event)),
                    kept = self.owing.kept() => self.conclude_kept(kept),
                    () = sleep(wait) => {}
                }
            }
            while let (true, Ok(report)) = (work.len() < BATCH, self.reports.try_recv()) {
                work.extend(self.reported(report));
            }
            self.look_around(&mut work);
            self.take_turn(work);
        }
        self.end().await;
    }

    /// What is to be handled without anybody saying anything.
    fn due(&mut self) -> Vec<Work> {
        let timers = self.clock.due(Clock::now()).into_iter().map(Event::Timer);
        self.backlog.drain(..).chain(timers).map(Work::Event).collect()
    }

    fn reported(&mut self, Report { execution, what }: Report) -> Option<Work> {
        Some(Work::Event(match what {
            Reported::Begun => {
                self.clock.begin(&execution);
                return None;
            }
            Reported::Loaded(_) => return None,
            Reported::Locals(frames) => {
                // They are a help for reading the traceback, which is told without them as well.
                let _ = self.store().transaction(|kept| kept.keep_locals(&execution, &frames));
                return None;
            }
            Reported::Said(message) => {
                if let Message::Debugger(debugger) = &message {
                    self.debugger(&execution, *debugger);
                }
                Event::Said { execution, message }
            }
            Reported::Exited(reason) => {
                self.executors.remove(&execution);
                self.clock.forget(&execution);
                Event::Exited { execution, reason }
            }
        }))
    }

    /// Handles all of it in one transaction; then, and only then, carries out what follows.
    pub(super) fn take_turn(&mut self, work: Vec<Work>) {
        let work = self.answer_at_once(work);
        if work.is_empty() {
            return self.keep_beside();
        }
        self.finish_keeping();
        // Another process may be writing: meanwhile the executors' tasks go on.
        match block_in_place(|| self.handle(work)) {
            Ok(turn) => {
                self.seen = turn.until;
                self.conclude(turn);
            }
            Err(error) => self.lose_hold(&error),
        }
        self.tell_waiters();
    }

    fn handle(&mut self, work: Vec<Work>) -> Result<Turn, StoreError> {
        let now = Clock::now();
        self.know(&work)?;
        let Self { store, orchestrator, session, seen, owing, .. } = self;
        // `know` has seen to it; without it there is nothing to handle.
        let Some(orchestrator) = orchestrator else {
            return Ok(Turn { effects: vec![], foreign: vec![], answers: vec![], until: *seen });
        };
        lock(store).transaction(|transaction| {
            let effects = owing.take().into_iter().map(Box::new).map(Effect::Record).collect();
            let mut turn = Turn { effects, foreign: vec![], answers: vec![], until: *seen };
            turn.catch_up(transaction, orchestrator, (now, session.id(), *seen))?;
            for work in work {
                turn.handle(work, orchestrator, now, transaction);
            }
            turn.keep(transaction, session.id())?;
            Ok(turn)
        })
    }

    /// The store could not be written: what the orchestrator believes is not what is kept. Everything
    /// under way is stopped; as this session is over, it will be found abandoned.
    pub(super) fn lose_hold(&mut self, error: &StoreError) {
        self.executors.clear();
        self.orchestrator = None;
        self.owing.take();
        self.clock.clear();
        self.backlog.clear();
        self.waiters.clear();
        if let Ok(session) = super::Session::open(&self.config.store) {
            self.session = session;
        }
        // Nobody need follow.
        let _ = self.news.send(News::Broken(error.to_string().into()));
    }

    /// So many facts were kept.
    pub(super) fn copy(&mut self, facts: usize) {
        self.copying.kept(facts, &lock(&self.store));
    }

    fn conclude(&mut self, turn: Turn) {
        let mut records = turn.foreign;
        let mut effects = Vec::with_capacity(turn.effects.len());
        for effect in turn.effects {
            match effect {
                Effect::Record(record) => records.push(*record),
                other => effects.push(other),
            }
        }
        self.note_spawned(&records);
        self.copy(records.len());
        if !records.is_empty() {
            // Nobody need follow.
            let _ = self.news.send(News::Recorded { records: records.into(), until: turn.until });
        }
        for effect in effects {
            self.carry_out(effect);
        }
        for (asker, answer) in turn.answers {
            if let Asker::Handle(done) = asker {
                // Who does not wait any more need not know.
                let _ = done.send(answer.map_err(EngineError::Rejected));
            }
        }
        self.forget_projects();
        self.let_go_of_code();
    }

    /// Kills everything that was started, and waits until it is gone.
    async fn end(mut self) {
        self.keep_owed();
        for executor in self.executors.values() {
            executor.stop();
        }
        while !self.executors.is_empty() {
            let report = tokio::time::timeout(Duration::from_secs(10), self.reports.recv()).await;
            let Ok(Some(report)) = report else { return };
            if matches!(report.what, Reported::Exited(_)) {
                self.executors.remove(&report.execution);
            }
        }
    }
}

impl Turn {
    /// What other processes recorded goes in first.
    fn catch_up(
        &mut self,
        transaction: &Transaction<'_>,
        orchestrator: &mut Orchestrator,
        (now, session, seen): (Timestamp, &str, i64),
    ) -> Result<(), StoreError> {
        for entry in transaction.journal_since(seen)? {
            self.until = entry.seq;
            if entry.session != session {
                self.foreign.push(entry.record.clone());
                let event = Event::Foreign(Box::new(entry.record));
                self.effects.extend(orchestrator.handle(now, event, transaction.blobs()));
            }
        }
        Ok(())
    }

    fn handle(
        &mut self,
        work: Work,
        orchestrator: &mut Orchestrator,
        now: Timestamp,
        transaction: &Transaction<'_>,
    ) {
        let blobs = transaction.blobs();
        let effects = match work {
            Work::Event(event) => orchestrator.handle(now, event, blobs),
            Work::CatchUp => Vec::new(),
            Work::Abandon(executions) => orchestrator.abandon(now, &executions, blobs),
            Work::Command(Commanded { command, done }) => {
                let effects = orchestrator.handle(now, Event::Command(command), blobs);
                self.answers.push((done, answer(&effects)));
                effects
            }
        };
        self.effects.extend(effects);
    }

    /// Makes it all durable: the records, who has what in hand, and the answers to other sessions.
    fn keep(&mut self, transaction: &Transaction<'_>, session: &str) -> Result<(), StoreError> {
        let mut records: Vec<&Record> = Vec::new();
        for effect in &self.effects {
            if let Effect::Record(record) = effect {
                records.push(record);
            }
        }
        let mut ended = Vec::new();
        for record in &records {
            match record {
                Record::ExecutionCreated(new) => transaction.own(session, &new.id)?,
                Record::ExecutionFinished { execution, .. } => ended.push(&execution.step),
                Record::StreamClosed { stream, .. } => ended.push(&stream.step),
                _ => {}
            }
        }
        self.until = self.until.max(transaction.apply(session, records.iter().copied())?);
        for step in ended {
            transaction.disown_done(step)?;
        }
        for (asker, answer) in &self.answers {
            if let Asker::Session(request) = asker {
                let reason = answer.as_ref().err().map_or("", String::as_str);
                transaction.answer_request(*request, reason)?;
            }
        }
        Ok(())
    }
}

/// What a command came to: the executions a person asked for, or why it was rejected.
fn answer(effects: &[Effect]) -> Result<Vec<ExecutionId>, String> {
    let mut made = Vec::new();
    for effect in effects {
        match effect {
            Effect::Rejected { reason } => return Err(reason.clone()),
            Effect::Record(record) => match &**record {
                Record::ExecutionCreated(new)
                    if matches!(new.because, Because::Rerun | Because::Called) =>
                {
                    made.push(new.id.clone());
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(made)
}
