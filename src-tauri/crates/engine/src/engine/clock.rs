//! The time, and timers that are armed.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hindcast_model::{ExecutionId, Timestamp};
use hindcast_orchestrator::TimerId;

/// Timers by when they go off.
#[derive(Debug, Default)]
pub(super) struct Clock {
    armed: BTreeSet<(Timestamp, TimerId)>,
    /// How long executions may take that have not begun, in ms.
    held: HashMap<ExecutionId, u64>,
}

impl Clock {
    /// Now.
    pub(super) fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    pub(super) fn arm(&mut self, timer: TimerId, at: Timestamp) {
        self.armed.insert((at, timer));
    }

    /// Keeps an execution's timeout until it begins.
    pub(super) fn hold(&mut self, execution: ExecutionId, at: Timestamp) {
        let ms = at.0.saturating_sub(Self::now().0);
        self.held.insert(execution, u64::try_from(ms).unwrap_or(0));
    }

    /// An execution begins: its timeout counts from now.
    pub(super) fn begin(&mut self, execution: &ExecutionId) {
        if let Some(ms) = self.held.remove(execution) {
            self.arm(TimerId::Timeout(execution.clone()), Self::now().after(ms));
        }
    }

    /// An execution is gone.
    pub(super) fn forget(&mut self, execution: &ExecutionId) {
        self.held.remove(execution);
    }

    /// Timers that have gone off by `now`, oldest first; they are armed no more.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<TimerId> {
        let mut due = Vec::new();
        while self.armed.first().is_some_and(|(at, _)| *at <= now) {
            due.extend(self.armed.pop_first().map(|(_, timer)| timer));
        }
        due
    }

    /// How long until the next goes off.
    pub(super) fn wait(&self, now: Timestamp) -> Option<Duration> {
        let (at, _) = self.armed.first()?;
        Some(Duration::from_millis(u64::try_from(at.0.saturating_sub(now.0)).unwrap_or(0)))
    }

    pub(super) fn clear(&mut self) {
        self.armed.clear();
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_go_off_once_and_in_order() {
        let timer = |id: &str| TimerId::Due(id.parse().unwrap());
        let mut clock = Clock::default();
        for (id, at) in [("R1:1:1", 30), ("R1:2:1", 10), ("R1:3:1", 20)] {
            clock.arm(timer(id), Timestamp(at));
        }
        assert_eq!(clock.wait(Timestamp(4)), Some(Duration::from_millis(6)));
        assert_eq!(clock.due(Timestamp(9)), []);
        assert_eq!(clock.due(Timestamp(20)), [timer("R1:2:1"), timer("R1:3:1")]);
        assert_eq!(clock.due(Timestamp(99)), [timer("R1:1:1")]);
        assert_eq!(clock.wait(Timestamp(99)), None);
    }
}
