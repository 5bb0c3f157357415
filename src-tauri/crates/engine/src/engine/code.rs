//! The code of commands: held as it is when they are given, for as long as they go on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindcast_model::RunId;
use hindcast_orchestrator::{Code, Command, Event};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::sleep;

use super::Engine;
use crate::Project;
use crate::snapshot::{Snapshot, Snapshots};

/// How often files are looked for that were saved meanwhile.
const LOOK: Duration = Duration::from_millis(500);

/// Looking takes at most one part in so many of the time.
const SHARE: u32 = 20;

/// The code of every command that goes on.
#[derive(Debug)]
pub(super) struct Codes {
    snapshots: Arc<Snapshots>,
    next: u64,
    held: BTreeMap<u64, Held>,
}

#[derive(Debug)]
struct Held {
    project: Arc<Project>,
    /// Looks for files that are saved meanwhile.
    look: Option<AbortHandle>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(look) = &self.look {
            look.abort();
        }
    }
}

impl Codes {
    /// Keeps snapshots with this store.
    pub(super) fn new(store: &Path) -> Self {
        let snapshots = Arc::new(Snapshots::of_store(store));
        Self { snapshots, next: 1, held: BTreeMap::new() }
    }

    /// Where snapshots are kept.
    pub(super) fn snapshots(&self) -> Arc<Snapshots> {
        Arc::clone(&self.snapshots)
    }
}

impl Engine {
    /// Takes a snapshot of the project for a command, which is told of it. Gives the project with
    /// that code.
    pub(super) fn hold_code(&mut self, project: &Project, command: &mut Command) -> Arc<Project> {
        let (rules, run) = match command {
            Command::Rerun { rules, steps, .. } => {
                (rules, steps.first().map(|step| step.run.clone()))
            }
            Command::Submit { rules, run, .. } => (rules, Some(run.clone())),
            _ => return Arc::new(project.clone()),
        };
        if let Some(workshop) = &self.workshop {
            workshop.warm.look_again(project);
        }
        let codes = &mut self.codes;
        let project = Arc::new(project.clone().held(&codes.snapshots));
        let number = codes.next;
        codes.next += 1;
        let snapshot = project.snapshot().map(Arc::clone);
        rules.code = Code { number, snapshot: snapshot.as_ref().map(|snapshot| snapshot.key()) };
        let look = snapshot.zip(run).map(|(snapshot, run)| {
            let events = self.heard_sender.clone();
            tokio::spawn(tell_of_saved(snapshot, run, events)).abort_handle()
        });
        codes.held.insert(number, Held { project: Arc::clone(&project), look });
        project
    }

    /// The project with the code of a command.
    pub(super) fn code(&self, code: Code) -> Option<Arc<Project>> {
        self.codes.held.get(&code.number).map(|held| Arc::clone(&held.project))
    }

    /// Lets go of code that nothing runs with any more.
    pub(super) fn let_go_of_code(&mut self) {
        let Some(orchestrator) = &self.orchestrator else { return };
        if !self.codes.held.is_empty() {
            let used = orchestrator.codes();
            self.codes.held.retain(|number, _| used.contains(number));
        }
    }
}

/// Tells of files that are not what they were in the snapshot, each once for each time it is saved.
async fn tell_of_saved(snapshot: Arc<Snapshot>, run: RunId, events: UnboundedSender<Event>) {
    let mut told = BTreeSet::new();
    let mut pause = LOOK;
    loop {
        sleep(pause).await;
        let (begun, look) = (Instant::now(), Arc::clone(&snapshot));
        let Ok(changed) = spawn_blocking(move || look.changed()).await else { return };
        pause = LOOK.max(begun.elapsed() * SHARE);
        let fresh: Vec<String> = changed.difference(&told).cloned().collect();
        // One that is again what it was may be saved another time.
        told = changed;
        if fresh.is_empty() {
            continue;
        }
        let event = Event::CodeSaved { run: run.clone(), code: snapshot.key(), files: fresh };
        if events.send(event).is_err() {
            return;
        }
    }
}
