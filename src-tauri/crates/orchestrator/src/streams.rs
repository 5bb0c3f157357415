//! Streams under way here: who produces them, how far, and who reads them.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{ExecutionId, StreamId, Timestamp};

use crate::message::Subscribe;

/// A reader: an execution, and its number for the reading.
pub(crate) type Reader = (ExecutionId, u64);

/// Everything about streams under way here. Their items are not held.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Streams {
    produced: BTreeMap<StreamId, Produced>,
    /// What a suspended execution produced, for the one that goes on: by that one, and by the order
    /// in which it registers its streams.
    paused: BTreeMap<(ExecutionId, u32), StreamId>,
    readings: BTreeMap<Reader, Reading>,
    /// Streams whose demand may have changed.
    changed: BTreeSet<StreamId>,
}

/// A stream whose body runs here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Produced {
    pub(crate) by: ExecutionId,
    /// The how-manieth stream of its execution.
    pub(crate) position: u32,
    /// How many items it may be ahead of who reads it slowest; none for any number.
    pub(crate) buffer: Option<u64>,
    /// How many items it has.
    pub(crate) length: u64,
    /// How many items it may have.
    pub(crate) granted: u64,
    /// How long it may go without another item, in ms.
    pub(crate) timeout: Option<u64>,
    /// When it got its last item, or was registered.
    pub(crate) last: Timestamp,
}

/// A stream being read here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) what: Subscribe,
    /// The place of the next item to send.
    pub(crate) next: u64,
    /// How many were sent.
    sent: u64,
    /// How many of them are worked off.
    done: u64,
    /// The place of the first that is not.
    wanted: u64,
}

impl Reading {
    fn of(what: Subscribe) -> Self {
        let start = what.start;
        Self { what, next: start, sent: 0, done: 0, wanted: start }
    }

    /// How many items can be sent now of a stream of this length, and the place of the first.
    fn take(&mut self, length: u64) -> (u64, u64) {
        let start = self.next;
        let end = self.what.stop.map_or(length, |stop| stop.min(length));
        let there = end.saturating_sub(start).div_ceil(self.what.step);
        let count = there.min(self.what.prefetch.saturating_sub(self.sent - self.done));
        self.next = start.saturating_add(count.saturating_mul(self.what.step));
        self.sent += count;
        (start, count)
    }

    /// Whether it has got all it wants.
    pub(crate) fn is_full(&self) -> bool {
        self.what.stop.is_some_and(|stop| self.next >= stop)
    }

    fn acked(&mut self, count: u64, sequence: u64) {
        self.done = count.clamp(self.done, self.sent);
        let Subscribe { start, step, .. } = self.what;
        let over = sequence.checked_sub(start).map_or(0, |past| past / step + 1);
        let wanted = start.saturating_add(over.saturating_mul(step));
        self.wanted = self.wanted.max(wanted);
    }
}

impl Streams {
    pub(crate) fn is_empty(&self) -> bool {
        self.produced.is_empty() && self.paused.is_empty() && self.readings.is_empty()
    }

    pub(crate) fn produce(&mut self, stream: StreamId, produced: Produced) {
        self.changed.insert(stream.clone());
        self.produced.insert(stream, produced);
    }

    pub(crate) fn produced(&self, stream: &StreamId) -> Option<&Produced> {
        self.produced.get(stream)
    }

    pub(crate) fn produced_mut(&mut self, stream: &StreamId) -> Option<&mut Produced> {
        self.produced.get_mut(stream)
    }

    /// The stream an execution goes on with, if the one before left one at this position.
    pub(crate) fn take_paused(&mut self, id: &ExecutionId, position: u32) -> Option<StreamId> {
        self.paused.remove(&(id.clone(), position))
    }

    /// Another execution goes on with the streams of this one, those it left alone included.
    pub(crate) fn hand_over(&mut self, id: &ExecutionId, next: &ExecutionId) -> Vec<StreamId> {
        let own = self.produced.iter().filter(|(_, produced)| produced.by == *id);
        let own = own.map(|(stream, produced)| (produced.position, stream.clone()));
        let left = self.paused.iter().filter(|((by, _), _)| by == id);
        let left = left.map(|((_, position), stream)| (*position, stream.clone()));
        let all: Vec<(u32, StreamId)> = own.chain(left).collect();
        self.paused.retain(|(by, _), _| by != id);
        for (position, stream) in &all {
            self.produced.remove(stream);
            self.paused.insert((next.clone(), *position), stream.clone());
        }
        all.into_iter().map(|(_, stream)| stream).collect()
    }

    /// A stream has ended.
    pub(crate) fn end(&mut self, stream: &StreamId) -> Option<Produced> {
        self.paused.retain(|_, paused| paused != stream);
        self.produced.remove(stream)
    }

    /// An execution reads and produces no more. (Its streams are ended, or handed over.)
    pub(crate) fn forget(&mut self, id: &ExecutionId) {
        let readers: Vec<Reader> = self.readers_of(id).cloned().collect();
        for reader in readers {
            self.unread_by(&reader);
        }
        self.produced.retain(|_, produced| produced.by != *id);
        self.paused.retain(|(by, _), _| by != id);
    }

    fn readers_of<'a>(&'a self, id: &ExecutionId) -> impl Iterator<Item = &'a Reader> {
        let all = (id.clone(), 0)..=(id.clone(), u64::MAX);
        self.readings.range(all).map(|(reader, _)| reader)
    }

    pub(crate) fn read(&mut self, reader: Reader, what: Subscribe) {
        self.changed.insert(what.stream.clone());
        self.readings.insert(reader, Reading::of(what));
    }

    pub(crate) fn reading(&self, reader: &Reader) -> Option<&Reading> {
        self.readings.get(reader)
    }

    /// What of a stream of this length is to be sent to a reader now: the place of the first, and
    /// how many.
    pub(crate) fn take(&mut self, reader: &Reader, length: u64) -> Option<(u64, u64)> {
        Some(self.readings.get_mut(reader)?.take(length))
    }

    pub(crate) fn acked(&mut self, reader: &Reader, count: u64, sequence: u64) -> Option<StreamId> {
        let reading = self.readings.get_mut(reader)?;
        reading.acked(count, sequence);
        let stream = reading.what.stream.clone();
        self.changed.insert(stream.clone());
        Some(stream)
    }

    /// A reader reads no more.
    pub(crate) fn unread_by(&mut self, reader: &Reader) {
        if let Some(reading) = self.readings.remove(reader) {
            self.changed.insert(reading.what.stream);
        }
    }

    pub(crate) fn readers(&self, stream: &StreamId) -> Vec<Reader> {
        let readings = self.readings.iter().filter(|(_, reading)| reading.what.stream == *stream);
        readings.map(|(reader, _)| reader.clone()).collect()
    }

    /// A stream whose demand may have changed.
    pub(crate) fn take_changed(&mut self) -> Option<StreamId> {
        self.changed.pop_first()
    }

    /// How many more items are wanted of a stream; from now on they are granted. It may be so many
    /// ahead of who reads it slowest as its buffer has room for, beside the one they wait for.
    pub(crate) fn grant(&mut self, stream: &StreamId) -> u64 {
        let readings = self.readings.values().filter(|reading| reading.what.stream == *stream);
        let slowest = readings.map(|reading| reading.wanted).min();
        let Some(produced) = self.produced.get_mut(stream) else { return 0 };
        let Some(buffer) = produced.buffer else { return 0 };
        let wanted = slowest.map_or(buffer, |at| at.saturating_add(buffer).saturating_add(1));
        let more = wanted.saturating_sub(produced.granted);
        produced.granted += more;
        more
    }

    /// Executions that produce.
    pub(crate) fn producers(&self) -> BTreeSet<ExecutionId> {
        self.produced.values().map(|produced| produced.by.clone()).collect()
    }

    fn produced_by<'a>(
        &'a self,
        id: &'a ExecutionId,
    ) -> impl Iterator<Item = (&'a StreamId, &'a Produced)> {
        self.produced.iter().filter(move |(_, produced)| produced.by == *id)
    }

    /// Whether an execution produces a stream, or holds one to go on with.
    pub(crate) fn produces(&self, id: &ExecutionId) -> bool {
        self.produced_by(id).next().is_some()
    }

    /// Whether none of an execution's streams may have another item now.
    pub(crate) fn starved(&self, id: &ExecutionId) -> bool {
        let mut streams = self.produced_by(id);
        streams
            .all(|(_, produced)| produced.buffer.is_some() && produced.granted <= produced.length)
    }

    /// Whether, beside that, nobody reads any of them.
    pub(crate) fn unread(&self, id: &ExecutionId) -> bool {
        let read = |stream: &StreamId| {
            self.readings.values().any(|reading| reading.what.stream == *stream)
        };
        self.starved(id) && !self.produced_by(id).any(|(stream, _)| read(stream))
    }

    /// Whether an execution waits for an item: of a stream it reads, it has worked off all it got.
    pub(crate) fn hungry(&self, id: &ExecutionId) -> bool {
        let all = (id.clone(), 0)..=(id.clone(), u64::MAX);
        self.readings.range(all).any(|(_, reading)| reading.sent == reading.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> StreamId {
        "R1:2_0".parse().unwrap()
    }

    fn produced(buffer: Option<u64>) -> Streams {
        let mut streams = Streams::default();
        let by = "R1:2:1".parse().unwrap();
        let last = Timestamp(0);
        let timeout = None;
        let (position, length, granted) = (0, 0, 0);
        let produced = Produced { by, position, buffer, length, granted, timeout, last };
        streams.produce(stream(), produced);
        streams
    }

    fn reader(streams: &mut Streams, number: u64, (start, stop): (u64, Option<u64>)) -> Reader {
        let reader = ("R1:3:1".parse().unwrap(), number);
        let apart = if stop.is_some() { 2 } else { 1 };
        let stream = stream();
        let what =
            Subscribe { subscription: number, stream, start, stop, step: apart, prefetch: 2 };
        streams.read(reader.clone(), what);
        reader
    }

    #[test]
    fn a_body_is_as_far_ahead_of_its_slowest_reader_as_its_buffer_has_room() {
        for (buffer, unread, read, after_two) in
            [(Some(0), 0, 1, 2), (Some(5), 5, 1, 2), (None, 0, 0, 0)]
        {
            let mut streams = produced(buffer);
            assert_eq!(streams.grant(&stream()), unread, "{buffer:?}");
            let fast = reader(&mut streams, 0, (0, None));
            let slow = reader(&mut streams, 1, (0, None));
            assert_eq!(streams.grant(&stream()), read, "{buffer:?}");
            for _ in 0..2 {
                streams.take(&fast, 2);
                streams.take(&slow, 2);
            }
            streams.acked(&fast, 2, 1);
            assert_eq!(streams.grant(&stream()), 0, "{buffer:?}: the slow one has done nothing");
            streams.acked(&slow, 2, 1);
            assert_eq!(streams.grant(&stream()), after_two, "{buffer:?}");
            streams.unread_by(&fast);
            streams.unread_by(&slow);
            assert_eq!(streams.grant(&stream()), 0, "{buffer:?}");
        }
    }

    #[test]
    fn a_reader_gets_the_items_of_its_view_and_no_more_at_once_than_it_wants() {
        let mut streams = produced(None);
        let odd = reader(&mut streams, 0, (1, Some(8)));
        assert_eq!(streams.take(&odd, 1), Some((1, 0)));
        assert_eq!(streams.take(&odd, 10), Some((1, 2)));
        assert_eq!(streams.take(&odd, 10), Some((5, 0)), "two are on their way");
        streams.acked(&odd, 1, 1);
        assert_eq!(streams.take(&odd, 10), Some((5, 1)));
        streams.acked(&odd, 3, 5);
        assert_eq!(streams.take(&odd, 10), Some((7, 1)));
        assert!(streams.reading(&odd).is_some_and(Reading::is_full));
    }

    #[test]
    fn a_stream_is_handed_over_by_its_position_and_can_be_handed_on() {
        let mut streams = produced(Some(0));
        let [first, second, third] =
            ["R1:2:1", "R1:2:2", "R1:2:3"].map(|id| id.parse::<ExecutionId>().unwrap());
        assert_eq!(streams.hand_over(&first, &second), [stream()]);
        assert!(!streams.produces(&first));
        assert_eq!(streams.hand_over(&second, &third), [stream()]);
        assert_eq!(streams.take_paused(&second, 0), None);
        assert_eq!(streams.take_paused(&third, 1), None);
        assert_eq!(streams.take_paused(&third, 0), Some(stream()));
        assert!(streams.is_empty());
    }
}
