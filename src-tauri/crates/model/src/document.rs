//! A run in the export's own form.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::{Run, Step, StepId};

/// Writes a run as `coflux runs inspect` does: the document does not hold the run's id, except in
/// the keys of its steps.
#[derive(Debug, Clone, Copy)]
pub struct RunDocument<'run>(&'run Run);

impl Run {
    /// The run in the export's own form.
    pub fn document(&self) -> RunDocument<'_> {
        RunDocument(self)
    }
}

impl Serialize for RunDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let run = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("createdAt", &run.created_at)?;
        map.serialize_entry("createdBy", &run.created_by)?;
        map.serialize_entry("parent", &run.parent)?;
        if let Some(requires) = &run.requires {
            map.serialize_entry("requires", requires)?;
        }
        for (name, value) in &run.extra {
            map.serialize_entry(name, value)?;
        }
        let steps: BTreeMap<StepId, &Step> =
            run.steps.iter().map(|(number, step)| (run.step_id(*number), step)).collect();
        map.serialize_entry("steps", &steps)?;
        map.end()
    }
}
