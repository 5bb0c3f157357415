//! How what ran here compares with what the ancestor recorded.

use hindcast_model::Blobs;
use hindcast_model::{Data, Ended, Execution, ExecutionId};

use crate::edited::edited;
use crate::large::{MOST, weight};
use crate::outcome::follow;
use crate::seen::Seen;
use crate::view::{DifferenceLine, Divergence};

/// A run's executions, to compare.
pub(crate) struct Comparing<'a> {
    pub(crate) seen: &'a Seen,
    pub(crate) blobs: &'a dyn Blobs,
}

impl Comparing<'_> {
    /// How two executions of a step compare; none while one of them has not ended, or where a value
    /// to compare is not in the store.
    pub(crate) fn outcomes(&self, ancestor: &Execution, local: &Execution) -> Option<Divergence> {
        let same = self.same_outcome(ancestor, local)?;
        Some(if !edited(&self.seen.stored, &local.execution_id).is_empty() {
            Divergence::InputsDiffer
        } else if same {
            Divergence::Equal
        } else {
            Divergence::Differs
        })
    }

    /// Whether that can be told while a person waits: the values are the same, or not large.
    pub(crate) fn is_quick(&self, ancestor: &Execution, local: &Execution) -> bool {
        let value = |execution| follow(self.seen.run(), execution)?.outcome.value();
        match (value(ancestor), value(local)) {
            (Some(ancestor), Some(local)) => {
                ancestor.known_equals(local)
                    || weight(ancestor).saturating_add(weight(local)) <= 2 * MOST
            }
            _ => true,
        }
    }

    /// Whether two executions ended alike; none while one of them has not ended, or where a value
    /// to compare is not in the store.
    fn same_outcome(&self, ancestor: &Execution, local: &Execution) -> Option<bool> {
        let run = self.seen.run();
        let (ancestor, local) = (follow(run, ancestor)?, follow(run, local)?);
        Some(match (&ancestor.outcome.ended, &local.outcome.ended) {
            (Ended::Value(ancestor), Ended::Value(local)) => {
                if ancestor.known_equals(local) {
                    return Some(true);
                }
                let (ancestor, local) = (ancestor.decode(self.blobs), local.decode(self.blobs));
                if !ancestor.is_readable() || !local.is_readable() {
                    return None;
                }
                hindcast_model::same(&ancestor, &local, &|id| self.value_of(id))
            }
            (Ended::Error { error: a, .. }, Ended::Error { error: b, .. }) => {
                a.kind == b.kind && a.message == b.message
            }
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        })
    }

    pub(crate) fn value_of(&self, id: &ExecutionId) -> Option<Data> {
        let execution = self.seen.run().execution(id)?;
        Some(follow(self.seen.run(), execution)?.outcome.value()?.decode(self.blobs))
    }

    /// What differs between the values of two executions, line by line; empty where one has none.
    pub(crate) fn lines(&self, ancestor: &Execution, local: &Execution) -> Vec<DifferenceLine> {
        let value = |execution| follow(self.seen.run(), execution)?.outcome.value();
        let (Some(ancestor), Some(local)) = (value(ancestor), value(local)) else {
            return Vec::new();
        };
        if ancestor.known_equals(local) {
            return Vec::new();
        }
        let (ancestor, local) = (ancestor.decode(self.blobs), local.decode(self.blobs));
        self.between(Some(&ancestor), Some(&local))
    }
}
