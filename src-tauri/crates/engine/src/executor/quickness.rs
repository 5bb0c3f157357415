//! Looking for what comes at once, instead of sleeping until it is there.
//!
//! A body that makes one pinned call after another says its next line some ten µs after it was answered.
//! Whoever sleeps meanwhile has to be woken by another core, which takes about as long again, at each
//! call. So while a lone body is that quick, and a core is free to look for its line, it is looked for.

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

    /// Until when its next line is worth looking for: none if it is not.
    pub(super) fn soon(&self) -> Option<Instant> {
        self.answered.filter(|_| self.late < VAIN).map(|answered| answered + SOON)
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

    /// Whether there is but one, and a core beside the one it needs: whoever looks for what it says
    /// holds up nobody else.
    pub(super) fn is_alone(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 1 && self.cores > 1
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
        assert_eq!(quickness.soon(), None, "nothing is known of it yet");
        quickness.said(at(50));
        assert_eq!(quickness.soon(), None, "it waits for an answer");
        for turn in 1..=u64::from(VAIN) {
            let now = turn * 10_000;
            quickness.answered(at(now));
            assert_eq!(quickness.soon(), Some(at(now + 200)), "and in vain for no longer");
            quickness.said(at(now + 5_000));
        }
        quickness.answered(at(100_000));
        assert_eq!(quickness.soon(), None, "it has become slow");
        quickness.said(at(100_100));
        quickness.answered(at(100_110));
        assert_eq!(quickness.soon(), Some(at(100_310)), "and quick again");
    }

    #[test]
    fn only_a_lone_body_is_looked_at() {
        let bodies = Arc::new(Bodies { under_way: AtomicUsize::new(0), cores: 2 });
        let first = bodies.begin();
        assert!(bodies.is_alone());
        let second = bodies.begin();
        assert!(!bodies.is_alone());
        drop(first);
        assert!(bodies.is_alone());
        drop(second);
        let bodies = Arc::new(Bodies { under_way: AtomicUsize::new(0), cores: 1 });
        let _body = bodies.begin();
        assert!(!bodies.is_alone(), "it needs the only core itself");
    }
}
