//! What executors say.

use std::collections::BTreeMap;

use hindcast_model::record::{LogEntry, Record};
use hindcast_model::{EnvironmentId, ExecutionId, SideEffect, StreamEnd, Timestamp, Value};

use crate::finish::{Failed, Process};
use crate::handling::Handling;
use crate::message::{Message, Reply, Request, RequestId};

impl Handling<'_> {
    /// An executor says something. Once its execution has ended, nothing counts any more.
    pub(crate) fn said(&mut self, id: &ExecutionId, message: Message) {
        let Some(started) = self.live.speaks(id) else { return };
        let execution = id.clone();
        match message {
            // How it ended is known; but its streams end with this.
            Message::Failed { error, .. } if self.live.is_draining(id) => {
                self.live.end(id);
                self.close_all(id, &StreamEnd::Errored(error));
            }
            Message::Result(value) => self.returned(id, value),
            Message::Failed { error, retryable } => {
                self.failed(id, Failed::Error { error, retryable }, Process::Leaves);
            }
            Message::Log { level, template, values } => {
                let at = self.now;
                self.record(Record::Logged(LogEntry { execution, at, level, template, values }));
            }
            Message::RegisterGroup { group, name } => {
                self.record(Record::GroupRegistered { execution, group, name });
            }
            Message::DefineMetric { key, definition } => {
                let known = self.world.execution(id).and_then(|known| known.metrics.as_ref());
                // The first definition counts.
                if !known.is_some_and(|metrics| metrics.contains_key(&key)) {
                    self.record(Record::MetricDefined { execution, key, definition });
                }
            }
            Message::Metric { key, value, at } => {
                let at = at.unwrap_or_else(|| seconds(started, self.now));
                self.record(Record::Measured { execution, key, value, at });
            }
            Message::Checkpoints(changes) => self.checkpoints_changed(id, changes),
            Message::Watched { locked } => self.record(Record::Watched { execution, locked }),
            Message::Effect { act, count } => {
                self.record(Record::EffectSeen(SideEffect { execution, at: self.now, act, count }));
            }
            Message::Debugger(debugger) => {
                self.record(Record::Debugger { execution, at: self.now, debugger });
            }
            Message::Append { index, sequence, value } => self.append(id, index, sequence, value),
            Message::Close { index, error } => self.close(id, index, error),
            Message::Subscribe(what) => self.subscribe(id, what),
            Message::Acked { subscription, count, sequence } => {
                self.acked(id, subscription, count, sequence);
            }
            Message::Unsubscribe { subscription } => self.unsubscribe(id, subscription),
            Message::Request(request, what) => self.requested(id, request, what),
        }
    }

    fn requested(&mut self, id: &ExecutionId, request: RequestId, what: Request) {
        match what {
            Request::Submit(submit) => self.submit(id, request, *submit),
            Request::Select(select) => self.select(id, request, select),
            Request::Suspend { execute_after, stream_wait } => {
                self.suspend_asked(id, request, execute_after, stream_wait);
            }
            Request::RegisterStream { position, buffer, timeout } => {
                self.register_stream(id, request, position, (buffer, timeout));
            }
            Request::Cancel(handles) => self.cancel_asked(id, request, &handles),
            Request::PersistAsset { name, entries } => {
                self.persist_asset(id, request, name, entries);
            }
            Request::GetAsset(asset) => self.get_asset(id, request, &asset),
            Request::SubmitInput(input) => self.submit_input(id, request, *input),
            // What was said before is durable before this answer goes out, as with every effect.
            Request::Flush => self.answer(id, request, Reply::Done),
            Request::Unknown(method) => {
                let message = format!("Hindcast does not know the request {method}");
                self.fail_request(id, request, "unknown_request", message);
            }
        }
    }

    /// Keeps changed checkpoints. The first change of an attempt takes over what was in force, so
    /// that each attempt's checkpoints are whole.
    fn checkpoints_changed(&mut self, id: &ExecutionId, changes: BTreeMap<String, Option<Value>>) {
        let Some(environment) = self.live.get(id).map(|running| running.environment) else {
            return;
        };
        let own = (id.step.number, id.attempt);
        let known = self.world.run(id.run()).is_some_and(|run| run.checkpoints.contains_key(&own));
        let mut values = BTreeMap::new();
        if !known {
            let before = self.checkpoints_of(id, environment);
            values.extend(before.into_iter().map(|(name, value)| (name, Some(value))));
        }
        values.extend(changes);
        self.record(Record::CheckpointsChanged { execution: id.clone(), values });
    }

    /// The checkpoints an attempt begins with: of the nearest environment that has any for its
    /// step, those of the highest attempt before it.
    pub(crate) fn checkpoints_of(
        &self,
        id: &ExecutionId,
        environment: EnvironmentId,
    ) -> BTreeMap<String, Value> {
        let Some(run) = self.world.run(id.run()) else { return BTreeMap::new() };
        let number = id.step.number;
        let earlier = run.checkpoints.range((number, 0)..(number, id.attempt));
        let earlier: Vec<_> = earlier.collect();
        for nearest in self.world.environments().chain(environment) {
            let own = earlier.iter().rev().find(|((_, attempt), _)| {
                let execution = self.world.execution(&id.step.attempt(*attempt));
                execution.is_some_and(|execution| {
                    self.world.environment_of(&execution.workspace_id) == Some(nearest.id)
                })
            });
            if let Some((_, values)) = own {
                let set = values
                    .iter()
                    .filter_map(|(name, value)| value.clone().map(|value| (name.clone(), value)));
                return set.collect();
            }
        }
        BTreeMap::new()
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far below 2^52")]
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    (to.0 - from.0) as f64 / 1000.0
}
