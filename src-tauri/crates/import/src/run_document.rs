//! The steps of a run document: a map from step ids to steps. Those of old servers have ids of another
//! form, and are other steps.

use std::collections::BTreeMap;
use std::fmt;

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
#[derive(Debug)]
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

/// Reads steps. In a stream, the text of each is read first and what it will take is counted, then the
/// step is read from that, which is far quicker than from the stream; errors then do not know their
/// place in the whole. Outside of one, all was counted before.
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
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = Steps { run: None, today: BTreeMap::new(), old: BTreeMap::new() };
        while let Some(id) = map.next_key::<StepKey>()? {
            match id {
                StepKey::Today(id) => {
                    let room = self.streamed_into.as_deref_mut();
                    let mut step = next_value(&mut map, room, Shape::Step)?;
                    compact::step(&mut step);
                    all.add(&id, step).map_err(A::Error::custom)?;
                }
                StepKey::Old(id) => {
                    let room = self.streamed_into.as_deref_mut();
                    let step = next_value(&mut map, room, Shape::OldStep)?;
                    if all.old.insert(id.clone(), step).is_some() {
                        return Err(A::Error::custom(format!("step {id} is there twice")));
                    }
                }
            }
        }
        if !all.old.is_empty() && !all.today.is_empty() {
            return Err(A::Error::custom("some steps have ids of before 0.9, and some of today"));
        }
        Ok(Some(all))
    }
}

impl Steps {
    fn add(&mut self, id: &StepId, step: Step) -> Result<(), String> {
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
}
