//! Reading streams (0.12): items are sent as they come, never more at once than the reader wants.

use hindcast_model::{ExecutionId, Failure, StreamEnd, StreamId};

use crate::event::Effect;
use crate::handling::Handling;
use crate::message::{Notice, Subscribe};
use crate::streams::Reader;

/// The most items on their way to one reader, whatever it asks for.
const MOST: u64 = 1000;

impl Handling<'_> {
    /// A body reads a stream. One that was not produced here has no items, and one that another
    /// process on the store still produces would never hear that items are wanted: that is an
    /// error, at once.
    pub(crate) fn subscribe(&mut self, id: &ExecutionId, mut what: Subscribe) {
        what.step = what.step.max(1);
        what.prefetch = what.prefetch.clamp(1, MOST);
        let reader = (id.clone(), what.subscription);
        let Some(known) = self.world.stream(&what.stream) else {
            return self.closed(&reader, StreamEnd::Errored(missing(&what.stream)));
        };
        if known.end.is_none() && self.live.get(&known.producer).is_none() {
            let producer = self.world.execution(&known.producer);
            let here = producer.is_none_or(|known| self.world.is_local_execution(known));
            let why = if here { elsewhere(&what.stream) } else { cut_off(&what.stream) };
            return self.closed(&reader, StreamEnd::Errored(why));
        }
        self.live.streams.read(reader.clone(), what);
        self.deliver(&reader);
    }

    /// Sends what there is, and the end after the last.
    pub(crate) fn deliver(&mut self, reader: &Reader) {
        let Some(reading) = self.live.streams.reading(reader) else { return };
        let Some(known) = self.world.stream(&reading.what.stream) else { return };
        let (length, end) = (known.length, known.end.clone());
        if let Some((start, count)) = self.live.streams.take(reader, length)
            && count > 0
        {
            self.send(reader, start, count);
        }
        let Some(reading) = self.live.streams.reading(reader) else { return };
        match end {
            _ if reading.is_full() => self.closed(reader, StreamEnd::Complete),
            Some(end) if reading.next >= length => self.closed(reader, end),
            _ => {}
        }
        self.live.attend(&reader.0);
    }

    fn send(&mut self, reader: &Reader, start: u64, count: u64) {
        let Some(reading) = self.live.streams.reading(reader) else { return };
        let Subscribe { subscription, stream, step, .. } = reading.what.clone();
        let notice = Notice::Items { subscription, stream, start, step, count };
        self.effects.push(Effect::Tell { execution: reader.0.clone(), notice });
    }

    /// A reader has got all there is for it.
    fn closed(&mut self, reader: &Reader, end: StreamEnd) {
        self.live.streams.unread_by(reader);
        let notice = Notice::Closed { subscription: reader.1, end };
        self.effects.push(Effect::Tell { execution: reader.0.clone(), notice });
    }

    /// A reader has worked off items.
    pub(crate) fn acked(&mut self, id: &ExecutionId, subscription: u64, count: u64, sequence: u64) {
        let reader = (id.clone(), subscription);
        if self.live.streams.acked(&reader, count, sequence).is_some() {
            self.deliver(&reader);
        }
    }

    /// A reader wants no more.
    pub(crate) fn unsubscribe(&mut self, id: &ExecutionId, subscription: u64) {
        self.live.streams.unread_by(&(id.clone(), subscription));
        self.live.attend(id);
    }
}

fn elsewhere(stream: &StreamId) -> Failure {
    let message = format!(
        "stream {stream} is still being produced by another Hindcast process: it can be read here \
         once it has ended"
    );
    Failure::of("hindcast.StreamElsewhere", message)
}

fn cut_off(stream: &StreamId) -> Failure {
    let step = &stream.step;
    let message = format!(
        "stream {stream} had not ended when it was exported: import a later export of it, or run \
         {step} again, so that it is produced here"
    );
    Failure::of("hindcast.StreamCutOff", message)
}

fn missing(stream: &StreamId) -> Failure {
    let step = &stream.step;
    let message = format!(
        "the items of stream {stream} are not in the store: a server's exports do not hold them. Run {step} \
         again, so that it is produced here"
    );
    Failure::of("hindcast.StreamMissing", message)
}
