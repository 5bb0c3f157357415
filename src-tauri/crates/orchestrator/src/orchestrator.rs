//! The state machine's face.

use std::collections::{BTreeSet, VecDeque};

use hindcast_model::record::Input;
use hindcast_model::{Blobs, Environments, ExecutionId, Outcome, RunId, Timestamp};

use crate::event::{Effect, Event, Question};
use crate::handling::Handling;
use crate::live::Live;
use crate::prints::Prints;
use crate::world::World;

/// What the orchestrator goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many bodies may run at once. One that waits for others does not count.
    pub slots: usize,
}

/// The rules, and where everything stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Orchestrator {
    world: World,
    live: Live,
    prints: Prints,
    settings: Settings,
}

impl Orchestrator {
    /// Nothing under way in this world.
    pub fn new(world: World, settings: Settings) -> Self {
        Self { world, live: Live::default(), prints: Prints::default(), settings }
    }

    /// Handles one event that happened at `now`, and everything that follows from it.
    pub fn handle(&mut self, now: Timestamp, event: Event, blobs: &dyn Blobs) -> Vec<Effect> {
        self.with(now, blobs, |handling| handling.event(event))
    }

    /// Ends local executions whose process is gone with the one that ran it, as *abandoned*. Those
    /// under way here, and those that have ended, are left alone.
    pub fn abandon(
        &mut self,
        now: Timestamp,
        executions: &[ExecutionId],
        blobs: &dyn Blobs,
    ) -> Vec<Effect> {
        self.with(now, blobs, |handling| handling.abandon(executions))
    }

    /// From now on so many bodies run at once.
    pub fn set_slots(&mut self, slots: usize) {
        self.settings.slots = slots;
    }

    /// The code that commands are run with of which something is under way.
    pub fn codes(&self) -> BTreeSet<u64> {
        self.live.codes().collect()
    }

    fn with(
        &mut self,
        now: Timestamp,
        blobs: &dyn Blobs,
        what: impl FnOnce(&mut Handling<'_>),
    ) -> Vec<Effect> {
        let mut handling = self.handling(now, blobs);
        what(&mut handling);
        handling.settle();
        let effects = handling.effects;
        // It might have come to something else.
        match self.world.failure() {
            None => effects,
            Some(reason) => vec![Effect::Rejected { reason }],
        }
    }

    /// For handling something of which nothing follows, or by [`Self::with`].
    pub(crate) fn handling<'a>(&'a mut self, now: Timestamp, blobs: &'a dyn Blobs) -> Handling<'a> {
        Handling {
            now,
            world: &mut self.world,
            live: &mut self.live,
            prints: &mut self.prints,
            slots: self.settings.slots.max(1),
            blobs,
            effects: Vec::new(),
            ended: VecDeque::new(),
        }
    }

    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    /// What is known.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The environments, after one was made or imported.
    pub fn set_environments(&mut self, environments: Environments) {
        self.world.set_environments(environments);
    }

    /// A run that was not there when the others were looked for.
    pub fn note_run(&mut self, id: RunId) {
        self.world.note_run(id);
    }

    /// Whether nothing is under way here.
    pub fn is_idle(&self) -> bool {
        self.live.is_empty()
    }

    /// Whether nothing at all is left of what was under way here.
    pub fn is_clean(&self) -> bool {
        self.live.is_clean()
    }

    /// Executions under way here, those that wait or whose process is just going included.
    pub fn under_way(&self) -> impl Iterator<Item = &ExecutionId> {
        self.live.ids()
    }

    /// How many bodies run now.
    pub fn busy(&self) -> usize {
        self.live.busy()
    }

    /// How an execution finally ended, every retry and sharing followed; none while it has not.
    pub fn outcome(&self, id: &ExecutionId) -> Option<&Outcome> {
        self.world.outcome(id)
    }

    /// Calls that wait at the guard.
    pub fn questions(&self) -> Vec<Question> {
        self.live.questions().collect()
    }

    /// Inputs that were asked for here and are not answered.
    pub fn open_inputs(&self) -> Vec<&Input> {
        self.world.open_inputs().collect()
    }
}
