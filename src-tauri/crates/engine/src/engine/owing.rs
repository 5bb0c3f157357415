//! Facts that are kept a moment after they were answered: that a call was made which its memo key pins.
//!
//! Such an answer starts nothing, and a commit for each takes longer than all else about it. The fact
//! goes into the next turn's transaction, before what that turn handles, or into one of its own a
//! moment later. Should this process be killed in between, its caller is killed with it and found
//! abandoned; all that is missing then are the last of an abandoned execution's calls that ran
//! nothing. Nobody else has heard of them.

use std::time::{Duration, Instant};

use hindcast_orchestrator::Effect;

use super::Engine;
use super::clock::Clock;
use super::turn::Work;

/// How long a fact may be owed.
const LONGEST: Duration = Duration::from_millis(5);

/// How many facts may be owed.
const MOST: usize = 64;

/// What is owed to the store, in order.
#[derive(Debug, Default)]
pub(super) struct Owing {
    records: Vec<Effect>,
    since: Option<Instant>,
}

impl Owing {
    fn add(&mut self, record: Effect) {
        self.since.get_or_insert_with(Instant::now);
        self.records.push(record);
    }

    /// Takes what is owed: it is kept now.
    pub(super) fn take(&mut self) -> Vec<Effect> {
        self.since = None;
        std::mem::take(&mut self.records)
    }

    /// How long the oldest may be owed still; none if nothing is.
    pub(super) fn left(&self) -> Option<Duration> {
        self.since.map(|since| LONGEST.saturating_sub(since.elapsed()))
    }

    /// Whether it is time.
    pub(super) fn is_due(&self) -> bool {
        self.records.len() >= MOST || self.left().is_some_and(|left| left.is_zero())
    }
}

impl Engine {
    /// Answers what starts nothing, as far as nothing that needs a turn came before. Gives the rest.
    pub(super) fn answer_at_once(&mut self, work: Vec<Work>) -> Vec<Work> {
        let mut work = work.into_iter();
        let mut rest = Vec::new();
        for next in work.by_ref() {
            let Work::Event(event) = next else {
                rest.push(next);
                break;
            };
            if let Err(event) = self.answered(event) {
                rest.push(Work::Event(*event));
                break;
            }
        }
        rest.extend(work);
        rest
    }

    fn answered(
        &mut self,
        event: hindcast_orchestrator::Event,
    ) -> Result<(), Box<hindcast_orchestrator::Event>> {
        let Some(orchestrator) = &mut self.orchestrator else { return Err(Box::new(event)) };
        for effect in orchestrator.at_once(Clock::now(), event, self.store.blobs())? {
            match effect {
                Effect::Record(_) => self.owing.add(effect),
                reply => self.carry_out(reply),
            }
        }
        Ok(())
    }

    /// Keeps what is owed, if anything is.
    pub(super) fn keep_owed(&mut self) {
        if self.owing.left().is_some() {
            self.take_turn(vec![Work::CatchUp]);
        }
    }
}
