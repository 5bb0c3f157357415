//! What shells ask of warm Pythons, and how much may run at once.

use std::sync::Arc;

use super::ask::Answer;
use super::{Engine, EngineError};
use crate::Project;
use crate::warm::{Warm, WarmReport};

impl Engine {
    /// How a project's warm Python is; with `start` it is warmed first. Holds up nothing else.
    pub(super) fn report_warm(
        &mut self,
        project: Arc<Project>,
        start: bool,
        done: Answer<WarmReport>,
    ) {
        match self.workshop() {
            Ok(workshop) => drop(tokio::spawn(async move {
                let report = if start {
                    workshop.warm.warm_up(&project).await
                } else {
                    workshop.warm.report(&project)
                };
                // Who does not wait any more need not know.
                let _ = done.send(Ok(report));
            })),
            Err(error) => drop(done.send(Err(EngineError::Start(error)))),
        }
    }

    /// From now on so many bodies run at once, and Pythons are warmed so.
    pub(super) fn configure(&mut self, slots: usize, warm: Warm) {
        self.config.slots = slots;
        self.config.warm = warm;
        if let Some(orchestrator) = &mut self.orchestrator {
            orchestrator.set_slots(slots);
        }
        if let Some(workshop) = &self.workshop {
            workshop.warm.set_mode(warm);
        }
    }
}
