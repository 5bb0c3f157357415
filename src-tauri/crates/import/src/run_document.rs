//! The steps of a run document: a map from step ids to steps. Those of old servers have ids of another
//! form, and are other steps.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use hindcast_model::{RunId, Step, StepId, StepNumber};
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess,
    SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::compact;
use crate::legacy::{self, OldStep};
use crate::room::{Room, Shape};

/// Steps, all of one run, each under its own number.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// The run they are of; none if there are no steps.
    pub(crate) run: Option<RunId>,
    pub(crate) today: BTreeMap<StepNumber, Step>,
    /// Steps of servers of 0.2 to 0.8 instead, by their own ids.
    pub(crate) old: BTreeMap<String, OldStep>,
}

/// The id of a step: today's, or an old one.
enum StepKey {
    Today(StepId),
    Old(String),
}

impl<'de> Deserialize<'de> for StepKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with('S') && legacy::is_word(&text) {
            return Ok(Self::Old(text));
        }
        text.parse().map(Self::Today).map_err(D::Error::custom)
    }
}

/// Reads steps. In a stream, the text of each is looked for and what it will take is counted; a thread
/// beside reads the step from that, which is far quicker than from the stream; errors then do not know
/// their place in the whole. Outside of one, all was counted before.
pub(crate) struct StepsReader<'r> {
    pub(crate) streamed_into: Option<&'r mut Room>,
}

/// Gives none for what is no map: other documents have steps, too.
impl<'de> DeserializeSeed<'de> for StepsReader<'_> {
    type Value = Option<Steps>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The next value of a map, if it is a list of objects. In a stream, whatever else it is gives none;
/// outside of one, it has to be such a list.
pub(crate) fn next_objects<'de, T, A>(
    map: &mut A,
    streamed_into: Option<&mut Room>,
    shape: Shape,
) -> Result<Option<Vec<T>>, A::Error>
where
    T: DeserializeOwned,
    A: MapAccess<'de>,
{
    let Some(room) = streamed_into else { return map.next_value() };
    let text = map.next_value::<Box<RawValue>>()?;
    let text = text.get();
    let first = text.strip_prefix('[').map(str::trim_start);
    if !first.is_some_and(|first| first.starts_with(['{', ']'])) {
        return Ok(None);
    }
    room.take(text.as_bytes(), shape).map_err(A::Error::custom)?;
    serde_json::from_str(text).map(Some).map_err(A::Error::custom)
}

/// The next value of a map, of which that will be made.
pub(crate) fn next_value<'de, T, A>(
    map: &mut A,
    streamed_into: Option<&mut Room>,
    shape: Shape,
) -> Result<T, A::Error>
where
    T: DeserializeOwned,
    A: MapAccess<'de>,
{
    let Some(room) = streamed_into else { return map.next_value() };
    let text = map.next_value::<Box<RawValue>>()?;
    room.take(text.get().as_bytes(), shape).map_err(A::Error::custom)?;
    serde_json::from_str(text.get()).map_err(A::Error::custom)
}

impl<'de> Visitor<'de> for StepsReader<'_> {
    type Value = Option<Steps>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of steps")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let all = if let Some(room) = self.streamed_into {
            side_by_side(map, room)?
        } else {
            let mut all = Steps::default();
            while let Some(id) = map.next_key()? {
                match id {
                    StepKey::Today(id) => all.add(&id, map.next_value()?),
                    StepKey::Old(id) => all.add_old(&id, map.next_value()?),
                }
                .map_err(A::Error::custom)?;
            }
            all
        };
        if !all.old.is_empty() && !all.today.is_empty() {
            return Err(A::Error::custom("some steps have ids of before 0.9, and some of today"));
        }
        Ok(Some(all))
    }
}

/// The texts of some steps.
type Lot = Vec<(StepKey, Box<RawValue>)>;

/// How many bytes of text go to the other thread at once. Each by itself would be a wait for each.
const LOT: usize = 64 << 10;

/// How many lots may wait there.
const WAITING: usize = 8;

/// Looks for the texts of steps and counts what they will take, while a thread beside makes steps of
/// those that were found.
fn side_by_side<'de, A: MapAccess<'de>>(map: A, room: &mut Room) -> Result<Steps, A::Error> {
    thread::scope(|scope| {
        let (found, texts) = sync_channel(WAITING);
        // What was read goes back: memory is soonest given up by the thread that took it.
        let (read, used) = channel();
        let maker = thread::Builder::new().name("steps".into());
        let made = maker.spawn_scoped(scope, move || make(texts, &read));
        let made = made.map_err(A::Error::custom)?;
        let looked = look(map, room, &found, &used);
        drop(found);
        let made = made.join().unwrap_or_else(|panic| resume_unwind(panic));
        looked.and(made.map_err(A::Error::custom))
    })
}

/// Finds the text of each step, until there are no more or nobody takes them.
fn look<'de, A: MapAccess<'de>>(
    mut map: A,
    room: &mut Room,
    found: &SyncSender<Lot>,
    used: &Receiver<Lot>,
) -> Result<(), A::Error> {
    let (mut lot, mut bytes) = (Lot::new(), 0);
    while let Some(id) = map.next_key()? {
        let text: Box<RawValue> = map.next_value()?;
        let shape = match id {
            StepKey::Today(_) => Shape::Step,
            StepKey::Old(_) => Shape::OldStep,
        };
        room.take(text.get().as_bytes(), shape).map_err(A::Error::custom)?;
        bytes += text.get().len();
        lot.push((id, text));
        if bytes >= LOT {
            bytes = 0;
            used.try_iter().for_each(drop);
            // Who takes them has stopped, and says why.
            if found.send(std::mem::take(&mut lot)).is_err() {
                return Ok(());
            }
        }
    }
    drop(found.send(lot));
    Ok(())
}

/// Makes steps of texts.
fn make(texts: Receiver<Lot>, read: &Sender<Lot>) -> Result<Steps, String> {
    let mut all = Steps::default();
    for lot in texts {
        for (id, text) in &lot {
            let failed = |error: serde_json::Error| error.to_string();
            match id {
                StepKey::Today(id) => {
                    all.add(id, serde_json::from_str(text.get()).map_err(failed)?)?;
                }
                StepKey::Old(id) => {
                    all.add_old(id, serde_json::from_str(text.get()).map_err(failed)?)?;
                }
            }
        }
        // Where no more is looked for, it goes here.
        drop(read.send(lot));
    }
    Ok(all)
}

impl Steps {
    fn add(&mut self, id: &StepId, mut step: Step) -> Result<(), String> {
        compact::step(&mut step);
        if step.step_number != id.number {
            return Err(format!("step {id} says that its number is {}", step.step_number));
        }
        match &self.run {
            Some(run) if *run != id.run => return Err(format!("step {id} is not of run {run}")),
            Some(_) => {}
            None => self.run = Some(id.run.clone()),
        }
        match self.today.insert(id.number, step) {
            Some(_) => Err(format!("step {id} is there twice")),
            None => Ok(()),
        }
    }

    fn add_old(&mut self, id: &str, step: OldStep) -> Result<(), String> {
        match self.old.insert(id.to_owned(), step) {
            Some(_) => Err(format!("step {id} is there twice")),
            None => Ok(()),
        }
    }
}
