//! The time, and timers that are armed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hindcast_model::{ExecutionId, StepId, Timestamp};
use hindcast_orchestrator::TimerId;

/// Timers by when they go off.
#[derive(Debug, Default)]
pub(super) struct Clock {
    armed: BTreeSet<(Timestamp, TimerId)>,
    /// How long executions may take that have not begun, in ms.
    held: HashMap<ExecutionId, u64>,
    /// Steps that debuggers hold up, each with the executions that have one.
    held_up: HashMap<StepId, BTreeSet<ExecutionId>>,
    /// What is left of their timers, in ms.
    stopped: BTreeMap<TimerId, u64>,
}

impl Clock {
    /// Now.
    pub(super) fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    pub(super) fn arm(&mut self, timer: TimerId, at: Timestamp) {
        if stepped(&timer).is_some_and(|step| self.held_up.contains_key(step)) {
            self.stopped.insert(timer, left(at, Self::now()));
        } else {
            self.armed.insert((at, timer));
        }
    }

    /// Keeps an execution's timeout until it begins.
    pub(super) fn hold(&mut self, execution: ExecutionId, at: Timestamp) {
        self.held.insert(execution, left(at, Self::now()));
    }

    /// An execution begins: its timeout counts from now.
    pub(super) fn begin(&mut self, execution: &ExecutionId) {
        if let Some(ms) = self.held.remove(execution) {
            self.arm(TimerId::Timeout(execution.clone()), Self::now().after(ms));
        }
    }

    /// A debugger is waited for at `execution`, or attached to it: nothing times out these steps.
    pub(super) fn hold_up(
        &mut self,
        execution: &ExecutionId,
        steps: impl IntoIterator<Item = StepId>,
        now: Timestamp,
    ) {
        for step in steps {
            self.held_up.entry(step).or_default().insert(execution.clone());
        }
        let (held_up, stopped) = (&self.held_up, &mut self.stopped);
        self.armed.retain(|(at, timer)| {
            let counts = !stepped(timer).is_some_and(|step| held_up.contains_key(step));
            if !counts {
                stopped.insert(timer.clone(), left(*at, now));
            }
            counts
        });
    }

    /// The debugger at `execution` is gone: what was left of the time counts from now.
    pub(super) fn let_go(&mut self, execution: &ExecutionId, now: Timestamp) {
        self.held_up.retain(|_, by| {
            by.remove(execution);
            !by.is_empty()
        });
        let held_up = &self.held_up;
        let free = |timer: &TimerId| stepped(timer).is_none_or(|step| !held_up.contains_key(step));
        let (free, stopped) =
            std::mem::take(&mut self.stopped).into_iter().partition(|(timer, _)| free(timer));
        self.stopped = stopped;
        let free: BTreeMap<TimerId, u64> = free;
        self.armed.extend(free.into_iter().map(|(timer, left)| (now.after(left), timer)));
    }

    /// An execution is gone, and its debugger with it.
    pub(super) fn forget(&mut self, execution: &ExecutionId) {
        self.held.remove(execution);
        self.let_go(execution, Self::now());
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
        Some(Duration::from_millis(left(*at, now)))
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The step whose time it is, unless it is no step's: when something may start, it may.
fn stepped(timer: &TimerId) -> Option<&StepId> {
    match timer {
        TimerId::Timeout(execution) | TimerId::Select(execution, _) => Some(&execution.step),
        TimerId::Idle(stream) => Some(&stream.step),
        TimerId::Due(_) => None,
    }
}

/// How long until then, in ms.
fn left(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(at.0.saturating_sub(now.0)).unwrap_or(0)
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

    #[test]
    fn what_a_debugger_holds_up_has_the_rest_of_its_time_afterwards() {
        let id = |id: &str| id.parse::<ExecutionId>().unwrap();
        let (caller, child, other) = (id("R1:1:1"), id("R1:2:1"), id("R1:3:1"));
        let timeout = |execution: &ExecutionId| TimerId::Timeout(execution.clone());
        let mut clock = Clock::default();
        for (execution, at) in [(&caller, 100), (&child, 50), (&other, 80)] {
            clock.arm(timeout(execution), Timestamp(at));
        }
        let steps = [caller.step.clone(), child.step.clone()];
        clock.hold_up(&child, steps.clone(), Timestamp(10));
        // The caller has a debugger of its own.
        clock.hold_up(&caller, [caller.step.clone()], Timestamp(20));
        assert_eq!(clock.due(Timestamp(1_000)), [timeout(&other)]);
        clock.let_go(&child, Timestamp(2_000));
        assert_eq!(clock.due(Timestamp(2_039)), []);
        assert_eq!(clock.due(Timestamp(5_000)), [timeout(&child)]);
        clock.let_go(&caller, Timestamp(6_000));
        assert_eq!(clock.due(Timestamp(6_089)), []);
        assert_eq!(clock.due(Timestamp(6_090)), [timeout(&caller)]);
    }

    #[test]
    fn what_begins_under_a_debugger_has_all_of_its_time_once_that_is_gone() {
        let execution: ExecutionId = "R1:1:1".parse().unwrap();
        let mut clock = Clock::default();
        clock.hold_up(&execution, [execution.step.clone()], Timestamp(0));
        clock.hold(execution.clone(), Clock::now().after(60_000));
        clock.begin(&execution);
        assert_eq!(clock.wait(Timestamp(0)), None);
        clock.let_go(&execution, Timestamp(7));
        let wait = clock.wait(Timestamp(7)).unwrap();
        assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
    }
}
