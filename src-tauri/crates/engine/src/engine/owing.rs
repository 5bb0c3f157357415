//! Facts that are kept a moment after they were answered: that a call was made which its memo key pins.
//!
//! Such an answer starts nothing, and keeping the fact takes longer than all else about it: the body
//! goes on meanwhile. It is kept beside the loop, some at a time, and always before what comes after
//! it. Should this process be killed in between, its caller is killed with it and found abandoned;
//! all that is missing then are the last of an abandoned execution's calls that ran nothing. Nobody
//! else has heard of them.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_model::record::Record;
use hindcast_orchestrator::{Effect, Event};
use hindcast_store::StoreError;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, block_in_place, spawn_blocking};

use super::clock::Clock;
use super::turn::Work;
use super::{Engine, News, lock};

/// How long a fact may wait to be kept.
const LONGEST: Duration = Duration::from_millis(5);

/// How many facts may wait.
const MOST: usize = 64;

/// What is owed to the store, in order.
#[derive(Debug, Default)]
pub(super) struct Owing {
    records: Vec<Record>,
    since: Option<Instant>,
    /// What is being kept now, and comes before the others.
    keeping: Option<JoinHandle<Kept>>,
}

/// What came of keeping.
#[derive(Debug)]
pub(super) struct Kept {
    records: Vec<Record>,
    /// The journal's end after them, and whether other processes recorded something before them that
    /// was not heard of.
    end: Result<(i64, bool), StoreError>,
}

impl Owing {
    fn add(&mut self, record: Record) {
        self.since.get_or_insert_with(Instant::now);
        self.records.push(record);
    }

    /// Whether something is being kept now.
    pub(super) fn is_keeping(&self) -> bool {
        self.keeping.is_some()
    }

    /// Takes what waits to be kept.
    pub(super) fn take(&mut self) -> Vec<Record> {
        self.since = None;
        std::mem::take(&mut self.records)
    }

    /// How long the oldest may wait still; none if nothing waits, or something is being kept.
    pub(super) fn left(&self) -> Option<Duration> {
        let since = self.since.filter(|_| self.keeping.is_none())?;
        let left = LONGEST.saturating_sub(since.elapsed());
        Some(if self.records.len() < MOST { left } else { Duration::ZERO })
    }

    /// What is being kept, once it is; forever if nothing is.
    pub(super) async fn kept(&mut self) -> Kept {
        let Some(keeping) = &mut self.keeping else { return pending().await };
        let kept = keeping.await;
        self.keeping = None;
        match kept.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(kept) => kept,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The runtime is ending, and this with it.
            Err(Err(_)) => pending().await,
        }
    }
}

impl Engine {
    /// Answers what starts nothing, as far as nothing that needs a turn came before. Gives the rest.
    pub(super) fn answer_at_once(&mut self, work: Vec<Work>) -> Vec<Work> {
        let mut rest = Vec::new();
        for next in work {
            match next {
                Work::Event(event) if rest.is_empty() => {
                    rest.extend(self.answered(event).err().map(|event| Work::Event(*event)));
                }
                other => rest.push(other),
            }
        }
        rest
    }

    fn answered(&mut self, event: Event) -> Result<(), Box<Event>> {
        let Some(orchestrator) = &mut self.orchestrator else { return Err(Box::new(event)) };
        for effect in orchestrator.at_once(Clock::now(), event, &self.blobs)? {
            match effect {
                Effect::Record(record) => self.owing.add(*record),
                reply => self.carry_out(reply),
            }
        }
        Ok(())
    }

    /// Begins to keep what is owed, if it is time.
    pub(super) fn keep_beside(&mut self) {
        if self.owing.left() != Some(Duration::ZERO) {
            return;
        }
        let (store, session) = (Arc::clone(&self.store), self.session.id().to_owned());
        let (records, seen) = (self.owing.take(), self.seen);
        self.owing.keeping = Some(spawn_blocking(move || {
            let end = lock(&store).transaction(|transaction| {
                let unheard = transaction.others_since(seen, &session)?;
                Ok((transaction.apply(&session, &records)?, unheard))
            });
            Kept { records, end }
        }));
    }

    /// Waits until what is being kept is.
    pub(super) fn finish_keeping(&mut self) {
        if self.owing.keeping.is_some() {
            let kept = block_in_place(|| Handle::current().block_on(self.owing.kept()));
            self.conclude_kept(kept);
        }
    }

    pub(super) fn conclude_kept(&mut self, Kept { records, end }: Kept) {
        match end {
            Ok((end, unheard)) => {
                if !unheard {
                    self.seen = end;
                }
                self.copy(records.len());
                // Nobody need follow.
                let _ =
                    self.news.send(News::Recorded { records: records.into(), until: self.seen });
            }
            Err(error) => self.lose_hold(&error),
        }
    }

    /// Keeps all that is owed.
    pub(super) fn keep_owed(&mut self) {
        if self.owing.since.is_some() || self.owing.keeping.is_some() {
            self.take_turn(vec![Work::CatchUp]);
        }
    }
}
