//! When executions start: due, not answered by the cache, nothing to wait for, a slot free.

use std::collections::BTreeMap;

use hindcast_model::record::{LedgerEntry, Record, TargetKind};
use hindcast_model::{BlobKey, Ended, ExecutionId, Value};

use crate::event::{Effect, TimerId};
use crate::finish::Process;
use crate::handling::Handling;
use crate::live::Phase;
use crate::message::Handle;
use crate::resolve::Resolution;

impl Handling<'_> {
    /// An execution is due, or what it waited for is resolved.
    pub(crate) fn fall_due(&mut self, id: &ExecutionId) {
        let phase = self.live.get(id).map(|running| running.phase);
        if !matches!(phase, Some(Phase::Scheduled | Phase::Held)) {
            return;
        }
        if let Some(shared) = self.cached(id) {
            let shared = self.world.reference(&shared);
            return self.finish(id, Ended::Cached(shared), Process::Leaves);
        }
        let pending = self.pending_before(id);
        if !pending.is_empty() {
            self.live.hold(id);
            self.live.start_waits(id, pending);
        } else if self.becomes_run(id) {
            self.spawn(id);
        } else {
            self.live.make_ready(id);
        }
    }

    /// Whether it is a workflow's call from a run.
    fn becomes_run(&self, id: &ExecutionId) -> bool {
        let called = self.world.step(&id.step).is_some_and(|step| step.parent_id.is_some());
        called && self.world.kind(&id.step) == TargetKind::Workflow
    }

    /// What an execution still has to wait for before it starts.
    fn pending_before(&self, id: &ExecutionId) -> Vec<Handle> {
        let mut handles =
            self.live.get(id).map(|running| running.after.clone()).unwrap_or_default();
        let declared = self.world.run(id.run()).and_then(|run| run.declared.get(&id.step.number));
        let arguments = self.world.arguments(id).unwrap_or_default();
        let wait_for = declared.map(|declared| declared.wait_for.as_slice()).unwrap_or_default();
        let waited: Vec<&Value> =
            wait_for.iter().filter_map(|index| arguments.get(*index)).collect();
        handles.extend(self.world.referred(&waited));
        let pending = handles.iter().filter_map(|handle| match self.world.resolve(handle) {
            Resolution::Pending(at) => Some(at),
            _ => None,
        });
        pending.collect()
    }

    /// Starts an execution: into the ledger first.
    pub(crate) fn start(&mut self, id: &ExecutionId) {
        let Some(step) = self.world.step(&id.step) else { return };
        let (target, timeout) = (step.target(), step.timeout.unwrap_or_default());
        let declared = self.world.run(id.run()).and_then(|run| run.declared.get(&id.step.number));
        let streams = declared.and_then(|declared| declared.streams.clone());
        let Some(running) = self.live.get(id) else { return };
        let allowed_by = running.allowed.clone();
        let rules = self.live.session(running.session).map(|session| &session.rules);
        let policy = rules.map(|rules| rules.policy);
        let code = rules.map(|rules| rules.code).unwrap_or_default();
        let checkpoints = self.checkpoints_of(id, running.environment);
        let arguments = self.world.arguments(id).unwrap_or_default().to_vec();
        self.live.start(id, self.now);
        self.record(Record::BodyStarted(LedgerEntry {
            execution: id.clone(),
            target: target.clone(),
            arguments_hash: hash(&arguments),
            at: self.now,
            allowed_by,
            code: code.snapshot.map(|snapshot| snapshot.to_string()),
            policy,
        }));
        let execution = id.clone();
        let checkpoints: BTreeMap<String, Value> = checkpoints;
        self.effects.push(Effect::Start {
            execution,
            target,
            arguments,
            checkpoints,
            streams,
            code,
        });
        if timeout > 0 {
            self.arm(TimerId::Timeout(id.clone()), self.now.after(timeout));
        }
    }
}

/// SHA-256 over the encoded arguments.
fn hash(arguments: &[Value]) -> String {
    // Values are plain data: they always have a JSON form.
    let encoded = serde_json::to_vec(arguments).unwrap_or_default();
    BlobKey::of(&encoded).to_string()
}
