//! Whether every byte of a value is here: a pin is whole or it is none.

use hindcast_model::record::{Allowed, Answer, Miss, MissReason, Nearest};
use hindcast_model::{Execution, ExecutionId, Reference, Value};

use crate::handling::Handling;
use crate::live::PendingCall;
use crate::message::RequestId;
use crate::resolve::Last;
use crate::world::World;

impl World {
    /// Whether an execution carries a value that a person gave: it has a value, and no body of it
    /// ever began.
    pub(crate) fn is_mocked(&self, execution: &Execution) -> bool {
        let value = execution.result.as_ref().is_some_and(|outcome| outcome.value().is_some());
        value && execution.assigned_at.is_none() && self.is_local_execution(execution)
    }

    /// Whether it carries a value that was given for a command that is over: it answers no other
    /// call any more, since a mock holds only as long as it is set.
    pub(crate) fn is_stale_mock(&self, execution: &Execution) -> bool {
        let old = self.mocks_since.is_some_and(|since| execution.created_at < since);
        old && self.is_mocked(execution)
    }
}

impl Handling<'_> {
    /// What of an execution's outcome is not here, if anything; also that it never will have one.
    pub(crate) fn not_whole(&self, id: &ExecutionId) -> Option<String> {
        match self.world.last(id) {
            Last::Ended(outcome) => outcome.value().and_then(|value| self.value_not_whole(value)),
            Last::Open(_) => None,
            Last::Never(at) => {
                Some(format!("{at} had no result when it was exported, and never will have one"))
            }
            Last::Unknown(at) => Some(format!("{at} is not in the store")),
        }
    }

    /// What of a value is not here, if anything. Blobs are given out only if they are what their key
    /// says.
    pub(crate) fn value_not_whole(&self, value: &Value) -> Option<String> {
        let mut wanted: Vec<_> = value.blobs().map(|(key, _)| key).collect();
        for reference in value.references() {
            let (asset_id, asset) = match reference {
                Reference::Asset { asset_id, asset, .. } => (asset_id, asset),
                Reference::Other { kind, .. } => {
                    return Some(format!(
                        "its value refers to something of an unknown kind: {kind:?}"
                    ));
                }
                _ => continue,
            };
            let entries = self.world.asset(asset_id).and_then(|known| known.entries.as_ref());
            match entries {
                Some(entries) => wanted.extend(entries.iter().map(|entry| entry.blob_key)),
                None if asset.total_count > 1 => {
                    return Some(format!("the files of asset {asset_id} are not in the store"));
                }
                None => {}
            }
        }
        let missing = wanted.into_iter().find(|key| self.blobs.get(key).is_none());
        missing.map(|key| format!("blob {key} of its value is missing or damaged"))
    }

    /// A call fails because what a person set for it cannot be used.
    pub(crate) fn refuse_by_hand(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        miss: Miss,
        why: &str,
    ) {
        let target = &call.submit.target;
        let message =
            format!("{target} was not run: what was set for it by hand cannot be used: {why}");
        self.record_call(caller, call, Answer::Refused { miss });
        self.fail_request(caller, request, "guard", message);
    }
}

/// A pin that cannot be used.
pub(crate) fn broken(execution: Option<&ExecutionId>) -> Miss {
    let nearest = execution
        .map(|execution| Nearest { execution: execution.clone(), differences: Vec::new() });
    Miss { reason: MissReason::PinBroken, nearest }
}

/// What allows the body of a step that a person unpinned.
pub(crate) const UNPINNED: Allowed = Allowed::Hand;
