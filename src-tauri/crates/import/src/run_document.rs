//! The steps of a run document: a map from step ids to steps.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use hindcast_model::{RunId, Step, StepId, StepNumber};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::compact;

/// Steps, all of one run, each under its own number.
#[derive(Debug)]
pub(crate) struct Steps {
    /// The run they are of; none if there are no steps.
    pub(crate) run: Option<RunId>,
    pub(crate) steps: BTreeMap<StepNumber, Step>,
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StepsVisitor(PhantomData::<Step>))
    }
}

/// Steps that come from a stream: the text of each is read first, then the step from that, which is far
/// quicker than from the stream. Errors do not know their place in the whole.
#[derive(Debug)]
pub(crate) struct Streamed(pub(crate) Steps);

impl<'de> Deserialize<'de> for Streamed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StepsVisitor(PhantomData::<Box<RawValue>>)).map(Self)
    }
}

/// How a step is given.
trait Given {
    fn step(self) -> Result<Step, serde_json::Error>;
}

impl Given for Step {
    fn step(self) -> Result<Step, serde_json::Error> {
        Ok(self)
    }
}

impl Given for Box<RawValue> {
    fn step(self) -> Result<Step, serde_json::Error> {
        serde_json::from_str(self.get())
    }
}

struct StepsVisitor<G>(PhantomData<G>);

impl<'de, G: Given + Deserialize<'de>> Visitor<'de> for StepsVisitor<G> {
    type Value = Steps;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of steps")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Steps, A::Error> {
        let mut all = Steps { run: None, steps: BTreeMap::new() };
        while let Some(id) = map.next_key::<StepId>()? {
            let mut step = map.next_value::<G>()?.step().map_err(A::Error::custom)?;
            compact::step(&mut step);
            all.add(&id, step).map_err(A::Error::custom)?;
        }
        Ok(all)
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
        match self.steps.insert(id.number, step) {
            Some(_) => Err(format!("step {id} is there twice")),
            None => Ok(()),
        }
    }
}
