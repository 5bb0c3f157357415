//! Looking for what comes at once, instead of sleeping until it is there.
//!
//! A body that makes one pinned call after another says its next line some ten µs after it was answered.
//! Whoever sleeps meanwhile has to be woken by another core, which takes about as long again, at each
//! call. So while a body is that quick, and a core is free to look for its line, it is looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How soon a line has to follow an answer to be looked for next time. Of a body that has become slow,
/// no more than this is looked for in vain.
const SOON: Duration = Duration::from_micros(200);

/// How quick a body was of late.
#[derive(Debug, Default)]
pub(super) struct Quickness {
    answered: Option<Instant>,
    was_quick: bool,
}

impl Quickness {
    /// The body was answered at this moment.
    pub(super) fn answered(&mut self, now: Instant) {
        self.answered = Some(now);
    }

    /// The body said something at this moment.
    pub(super) fn said(&mut self, now: Instant) {
        if let Some(answered) = self.answered.take() {
            self.was_quick = now.duration_since(answered) <= SOON;
        }
    }

    /// Whether its next line is likely to come right after this moment.
    pub(super) fn is_soon(&self, now: Instant) -> bool {
        self.was_quick && self.answered.is_some_and(|at| now.duration_since(at) < SOON)
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
        quickness.answered(at(60));
        assert!(quickness.is_soon(at(100)));
        assert!(!quickness.is_soon(at(300)), "in vain for no longer than that");
        quickness.said(at(5_000));
        quickness.answered(at(5_010));
        assert!(!quickness.is_soon(at(5_011)), "it has become slow");
        quickness.said(at(5_100));
        quickness.answered(at(5_110));
        assert!(quickness.is_soon(at(5_111)), "and quick again");
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
