//! Producing streams (0.12). A stream belongs to its step: the attempt that goes on after a
//! suspension goes on with it; however else an execution ends, its streams end.

use hindcast_model::record::Record;
use hindcast_model::{
    Ended, ExecutionId, Failure, StepId, Stream, StreamEnd, StreamId, Timestamp, Value,
};

use crate::event::{Effect, TimerId};
use crate::handling::Handling;
use crate::message::{Handle, Notice, Reply, RequestId};
use crate::streams::Produced;
use crate::world::World;

impl World {
    /// A stream that was produced here.
    pub(crate) fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.run(&id.step.run)?.streams.get(&(id.step.number, id.index))
    }

    /// The streams of an execution that have not ended.
    fn open_streams(&self, id: &ExecutionId) -> Vec<StreamId> {
        let Some(run) = self.run(id.run()) else { return Vec::new() };
        let number = id.step.number;
        let all = run.streams.range((number, 0)..=(number, u32::MAX));
        let open = all.filter(|(_, stream)| stream.producer == *id && stream.end.is_none());
        open.map(|((_, index), _)| StreamId { step: id.step.clone(), index: *index }).collect()
    }

    /// Whether a stream of this execution ended so that its result answers no other call.
    pub(crate) fn spoiled(&self, id: &ExecutionId) -> bool {
        let Some(run) = self.run(id.run()) else { return false };
        let number = id.step.number;
        run.streams.range((number, 0)..=(number, u32::MAX)).any(|(_, stream)| {
            stream.producer == *id
                && matches!(
                    stream.end,
                    Some(StreamEnd::Cancelled | StreamEnd::Errored(_) | StreamEnd::Timeout)
                )
        })
    }

    pub(crate) fn stream_registered(&mut self, id: &StreamId, producer: &ExecutionId) {
        let Some(run) = self.known_mut(&id.step.run) else { return };
        let streams = &mut run.stored.streams;
        let stream = streams.entry((id.step.number, id.index)).or_insert_with(|| Stream {
            producer: producer.clone(),
            length: 0,
            end: None,
        });
        stream.producer = producer.clone();
    }

    pub(crate) fn change_stream(&mut self, id: &StreamId, change: impl FnOnce(&mut Stream)) {
        let run = self.known_mut(&id.step.run);
        if let Some(stream) =
            run.and_then(|run| run.stored.streams.get_mut(&(id.step.number, id.index)))
        {
            change(stream);
        }
    }
}

impl Handling<'_> {
    /// A body is about to produce a stream.
    pub(crate) fn register_stream(
        &mut self,
        id: &ExecutionId,
        request: RequestId,
        position: u32,
        (buffer, timeout): (Option<u64>, Option<u64>),
    ) {
        let stream = match self.live.streams.take_paused(id, position) {
            Some(paused) => paused,
            None => self.new_stream(id),
        };
        let length = self.world.stream(&stream).map_or(0, |known| known.length);
        let produced = Produced {
            by: id.clone(),
            position,
            buffer,
            length,
            granted: length,
            timeout,
            last: self.now,
        };
        self.live.streams.produce(stream.clone(), produced);
        if let Some(timeout) = timeout {
            self.arm(TimerId::Idle(stream.clone()), self.now.after(timeout));
        }
        self.answer(id, request, Reply::StreamRegistered { stream, length });
    }

    fn new_stream(&mut self, id: &ExecutionId) -> StreamId {
        let stream = StreamId { step: id.step.clone(), index: self.next_index(&id.step) };
        let (execution, at) = (id.clone(), self.now);
        self.record(Record::StreamRegistered { stream: stream.clone(), execution, at });
        stream
    }

    /// The first free index: after those known here, and after those that imported results of the
    /// step name.
    fn next_index(&self, step: &StepId) -> u32 {
        let run = self.world.run(&step.run);
        let known = run.and_then(|run| {
            let all = run.streams.range((step.number, 0)..=(step.number, u32::MAX));
            all.last().map(|((_, index), _)| index + 1)
        });
        let executions =
            self.world.step(step).into_iter().flat_map(|step| step.executions.values());
        let imported = executions.filter(|execution| !self.world.is_local_execution(execution));
        let values = imported.filter_map(|execution| execution.result.as_ref()?.value());
        let named = values.filter_map(|value| self.highest_named(step, value)).max();
        known.unwrap_or(0).max(named.map_or(0, |index| index + 1))
    }

    /// The highest index of a stream of this step that a value names.
    fn highest_named(&self, step: &StepId, value: &Value) -> Option<u32> {
        let name = format!("\"{step}_");
        let highest = |text: &str| {
            let ends = text.split(&name).skip(1).filter_map(|rest| rest.split('"').next());
            ends.filter_map(|index| index.parse().ok()).max()
        };
        match value {
            Value::Raw { data, .. } => highest(data.text()),
            Value::Blob { key, .. } => highest(std::str::from_utf8(&self.blobs.get(key)?).ok()?),
        }
    }

    /// A body yielded.
    pub(crate) fn append(&mut self, id: &ExecutionId, index: u32, sequence: u64, value: Value) {
        let stream = StreamId { step: id.step.clone(), index };
        let produced = self.live.streams.produced_mut(&stream).filter(|known| known.by == *id);
        let Some(produced) = produced else { return };
        if sequence != produced.length {
            let due = produced.length;
            let message = format!("item {sequence} of stream {stream} came where {due} was due");
            return self.force_close(&stream, StreamEnd::Errored(protocol_error(message)));
        }
        produced.length += 1;
        produced.last = self.now;
        self.record(Record::StreamAppended { stream: stream.clone(), sequence, value });
        self.live.attend(id);
        self.stream_grew(&stream);
    }

    /// A stream's body has ended.
    pub(crate) fn close(&mut self, id: &ExecutionId, index: u32, error: Option<Failure>) {
        let stream = StreamId { step: id.step.clone(), index };
        if self.live.streams.produced(&stream).is_some_and(|produced| produced.by == *id) {
            self.end_stream(&stream, error.map_or(StreamEnd::Complete, StreamEnd::Errored));
        }
    }

    /// A stream is over. An execution whose outcome is known goes with its last.
    fn end_stream(&mut self, stream: &StreamId, end: StreamEnd) {
        let produced = self.live.streams.end(stream);
        self.record(Record::StreamClosed { stream: stream.clone(), at: self.now, end });
        self.stream_grew(stream);
        let Some(Produced { by, .. }) = produced else { return };
        self.live.attend(&by);
        if self.live.is_draining(&by) && !self.live.streams.produces(&by) {
            self.live.end(&by);
        }
    }

    fn force_close(&mut self, stream: &StreamId, end: StreamEnd) {
        let Some(by) = self.live.streams.produced(stream).map(|known| known.by.clone()) else {
            return;
        };
        let notice = Notice::ForceClose { index: stream.index, end: end.clone() };
        self.effects.push(Effect::Tell { execution: by, notice });
        self.end_stream(stream, end);
    }

    /// A stream may have gone without another item for too long.
    pub(crate) fn idle(&mut self, stream: &StreamId) {
        let produced = self.live.streams.produced(stream);
        let until = |known: &Produced| Some(known.last.after(known.timeout?));
        match produced.and_then(until) {
            Some(Timestamp(until)) if until > self.now.0 => {
                self.arm(TimerId::Idle(stream.clone()), Timestamp(until));
            }
            Some(_) => self.force_close(stream, StreamEnd::Timeout),
            None => {}
        }
    }

    /// Ends the streams of an execution that has ended so; of one that returned, those go on whose
    /// body runs.
    pub(crate) fn end_streams(&mut self, id: &ExecutionId, ended: &Ended) {
        let end = match ended {
            Ended::Suspended { successor } => {
                return self.hand_over(id, &id.step.attempt(*successor));
            }
            Ended::Error { error, .. } => StreamEnd::Errored(error.clone()),
            Ended::Cancelled => StreamEnd::Cancelled,
            Ended::Timeout { .. } => StreamEnd::Timeout,
            Ended::Crashed { .. } => StreamEnd::Crashed,
            Ended::Recurred { .. } => StreamEnd::Recurred,
            _ => StreamEnd::Abandoned,
        };
        let returned = matches!(ended, Ended::Value(_));
        for stream in self.world.open_streams(id) {
            if !(returned && self.live.streams.produced(&stream).is_some()) {
                self.end_stream(&stream, end.clone());
            }
        }
    }

    /// Another attempt goes on with the streams of a suspended one.
    pub(crate) fn hand_over(&mut self, id: &ExecutionId, next: &ExecutionId) {
        for stream in self.live.streams.hand_over(id, next) {
            let (execution, at) = (next.clone(), self.now);
            self.record(Record::StreamRegistered { stream, execution, at });
        }
        // A later call may have taken its place already (it is deferred): then nobody goes on.
        let known = self.world.execution(next).and_then(|execution| execution.result.as_ref());
        if let Some(ended) = known.map(|outcome| outcome.ended.clone()) {
            self.end_streams(next, &ended);
        }
    }

    /// Ends an execution of which nothing but its streams went on.
    pub(crate) fn stop_draining(&mut self, id: &ExecutionId, end: &StreamEnd) {
        if self.live.is_draining(id) {
            self.live.end(id);
            self.effects.push(Effect::Stop { execution: id.clone() });
            self.close_all(id, end);
        }
    }

    /// Ends all streams of an execution.
    pub(crate) fn close_all(&mut self, id: &ExecutionId, end: &StreamEnd) {
        for stream in self.world.open_streams(id) {
            self.end_stream(&stream, end.clone());
        }
    }

    /// Where nothing is left but streams that nobody reads, nobody ever will.
    pub(crate) fn stop_stranded(&mut self) -> bool {
        let stranded = self.live.stranded();
        for id in &stranded {
            self.stop_draining(id, &StreamEnd::Abandoned);
        }
        !stranded.is_empty()
    }

    /// A stream has another item, or has ended: who waits hears of it.
    pub(crate) fn stream_grew(&mut self, stream: &StreamId) {
        let Some(known) = self.world.stream(stream) else { return };
        let (length, ended) = (known.length, known.end.is_some());
        for handle in self.live.waited_of(stream) {
            if ended || matches!(handle, Handle::Stream(_, sequence) if sequence < length) {
                self.ended.push_back(handle);
            }
        }
        for reader in self.live.streams.readers(stream) {
            self.deliver(&reader);
        }
    }

    /// Tells a stream's body how many more items are wanted.
    pub(crate) fn demand(&mut self, stream: &StreamId) {
        let more = self.live.streams.grant(stream);
        let Some(by) = self.live.streams.produced(stream).map(|known| known.by.clone()) else {
            return;
        };
        if more > 0 {
            let notice = Notice::Demand { index: stream.index, more };
            self.effects.push(Effect::Tell { execution: by.clone(), notice });
        }
        self.live.attend(&by);
    }
}

fn protocol_error(message: String) -> Failure {
    Failure::of("hindcast.ProtocolError", message)
}
