//! Looking for what comes at once, instead of sleeping until it is there.
//!
//! A body that makes one pinned call after another says its next line some ten µs after it was answered.
//! Whoever sleeps meanwhile has to be woken by another core, which takes about as long again, at each
//! call. So while a body is that quick, and a core is free to look for its line, it is looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How soon a line has to follow an answer to be worth looking for.
const SOON: Duration = Duration::from_micros(200);

/// After so many lines in a row that were looked for in vain, none is until one comes soon again. (A body
/// may take longer between two calls than between a call and the wait for it, time and again.)
const VAIN: u32 = 4;

/// How quick a body was of late.
#[derive(Debug)]
pub(super) struct Quickness {
    answered: Option<Instant>,
    /// How many lines in a row were late.
    late: u32,
}

impl Default for Quickness {
    /// Of a body of which nothing is known.
    fn default() -> Self {
        Self { answered: None, late: VAIN }
    }
}

impl Quickness {
    /// The body was answered at this moment.
    pub(super) fn answered(&mut self, now: Instant) {
        self.answered = Some(now);
    }

    /// The body said something at this moment.
    pub(super) fn said(&mut self, now: Instant) {
        if let Some(answered) = self.answered.take() {
            let is_late = now.duration_since(answered) > SOON;
            self.late = if is_late { self.late.saturating_add(1) } else { 0 };
        }
    }

    /// Whether its next line is likely to come right after this moment.
    pub(super) fn is_soon(&self, now: Instant) -> bool {
        self.late < VAIN && self.answered.is_some_and(|at| now.duration_since(at) < SOON)
    }
}

/// The bodies under way in this process, and the cores there are for them.
#[derive(Debug)]
pub struct Bodies {
    under_way: AtomicUsize,
    cores: usize,
}

impl Default for Bodies {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { under_way: AtomicUsize::new(0), cores }
    }
}

impl Bodies {
    /// One more, until what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Whether each body can have a core to itself and another be kept busy for it.
    pub(super) fn leave_cores(&self) -> bool {
        2 * self.under_way.load(Ordering::Relaxed) <= self.cores
    }
}

/// A body under way.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Bodies>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_looked_for_while_lines_come_soon() {
        let begin = Instant::now();
        let at = |us: u64| begin + Duration::from_micros(us);
        let mut quickness = Quickness::default();
        quickness.answered(at(0));
        assert!(!quickness.is_soon(at(1)), "nothing is known of it yet");
        quickness.said(at(50));
        assert!(!quickness.is_soon(at(51)), "it waits for an answer");
        for turn in 1..=u64::from(VAIN) {
            let now = turn * 10_000;
            quickness.answered(at(now));
            assert!(quickness.is_soon(at(now + 100)));
            assert!(!quickness.is_soon(at(now + 300)), "in vain for no longer than that");
            quickness.said(at(now + 5_000));
        }
        quickness.answered(at(100_000));
        assert!(!quickness.is_soon(at(100_001)), "it has become slow");
        quickness.said(at(100_100));
        quickness.answered(at(100_110));
        assert!(quickness.is_soon(at(100_111)), "and quick again");
    }

    #[test]
    fn bodies_have_a_core_first() {
        let bodies = Arc::new(Bodies { under_way: AtomicUsize::new(0), cores: 4 });
        let two = [bodies.begin(), bodies.begin()];
        assert!(bodies.leave_cores());
        let third = bodies.begin();
        assert!(!bodies.leave_cores());
        drop(third);
        assert!(bodies.leave_cores());
        drop(two);
    }
}
