//! A world whose runs are read when they are first looked at: everything comes out as in one that
//! holds them all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use hindcast_model::record::{Record, StoredRun};
use hindcast_model::{
    Asset, AssetEntry, AssetId, BlobKey, Blobs, EnvironmentId, Environments, ExecutionId, Extra,
    Key, OwnKeys, RunId, StepNumber, Target, Timestamp,
};
use hindcast_orchestrator::message::{Message, Reply, Request, RequestId};
use hindcast_orchestrator::{
    Command, Effect, Event, Orchestrator, Recorded, Rules, Settings, World,
};
use serde_json::json;

use crate::script::{DEVELOPMENT, environments, read_after, record_in_production, submit};

/// All runs, and the keys that were made.
type Everything = (World, BTreeMap<(RunId, StepNumber), OwnKeys>);

/// Keeps runs, as a store would: whatever was recorded is in them.
#[derive(Debug)]
struct Kept {
    environments: Environments,
    ids: BTreeSet<RunId>,
    all: Mutex<Everything>,
    /// Whether no run can be read any more, and whether one was wanted since.
    breaks: AtomicBool,
    failed: AtomicBool,
}

impl Kept {
    fn keep(&self, record: &Record) {
        let mut all = self.all.lock().unwrap();
        all.0.apply(record);
        if let Record::OwnKeysMade(made) = record {
            let made = made.iter().cloned();
            all.1.extend(made.map(|(step, keys)| ((step.run, step.number), keys)));
        }
    }

    fn runs(&self, which: impl Fn(&StoredRun) -> bool) -> Vec<RunId> {
        let all = self.all.lock().unwrap();
        let is_one = |id: &&RunId| all.0.run(id).is_some_and(&which);
        self.ids.iter().filter(is_one).cloned().collect()
    }
}

impl Recorded for Kept {
    fn run(&self, id: &RunId) -> Option<(StoredRun, BTreeMap<StepNumber, OwnKeys>)> {
        if self.breaks.load(Relaxed) {
            self.failed.store(true, Relaxed);
            return None;
        }
        let all = self.all.lock().unwrap();
        let keys = all.1.iter().filter(|((run, _), _)| run == id);
        let keys = keys.map(|((_, number), keys)| (*number, keys.clone())).collect();
        Some((all.0.run(id)?.clone(), keys))
    }

    fn runs_cached_as(&self, key: &Key) -> Vec<RunId> {
        let own = self.all.lock().unwrap().1.clone();
        let agrees =
            |known: &Option<Key>| known.as_ref().is_some_and(|known| known.shown() == key.shown());
        self.runs(|stored| {
            let mut steps = stored.run.steps.values();
            steps.any(|step| {
                let own = own.get(&(stored.run.id.clone(), step.step_number));
                agrees(&step.cache_key) || own.is_some_and(|own| agrees(&own.cache))
            })
        })
    }

    fn runs_calling(&self, target: &Target) -> Vec<RunId> {
        self.runs(|stored| stored.run.steps.values().any(|step| step.target() == *target))
    }

    fn runs_asking(&self) -> Vec<RunId> {
        self.runs(|stored| stored.inputs.iter().any(|input| input.response.is_none()))
    }

    fn ran_unmemoised(&self, target: &Target, environment: EnvironmentId) -> bool {
        let found = self.runs(|stored| {
            let steps = stored.run.steps.values();
            let mut steps = steps.filter(|step| step.target() == *target && !step.is_memoised());
            steps.any(|step| {
                step.executions.values().any(|execution| {
                    let known = self.environments.of_workspace(&execution.workspace_id);
                    known.is_some_and(|known| known.id == environment)
                })
            })
        });
        !found.is_empty()
    }

    fn assets(&self) -> Vec<(AssetId, Asset)> {
        let all = self.all.lock().unwrap();
        let runs = self.ids.iter().filter_map(|id| all.0.run(id));
        let steps = runs.flat_map(|stored| stored.run.steps.values());
        let executions = steps.flat_map(|step| step.executions.values());
        let assets = executions.flat_map(|execution| &execution.assets);
        assets.map(|(id, asset)| (id.clone(), asset.clone())).collect()
    }

    fn asset_entries(&self) -> BTreeMap<AssetId, Vec<AssetEntry>> {
        BTreeMap::new()
    }

    fn failure(&self) -> Option<String> {
        self.failed.load(Relaxed).then(|| "the disk is gone".to_owned())
    }
}

/// An orchestrator over the same runs as another, of which it reads those that it looks at.
#[derive(Debug)]
pub(crate) struct OnDemand {
    orchestrator: Orchestrator,
    kept: Arc<Kept>,
}

impl OnDemand {
    pub(crate) fn new(environments: &Environments, runs: &[StoredRun], settings: Settings) -> Self {
        let ids: BTreeSet<RunId> = runs.iter().map(|stored| stored.run.id.clone()).collect();
        let all = World::new(environments.clone(), runs.to_vec());
        let kept = Arc::new(Kept {
            environments: environments.clone(),
            ids: ids.clone(),
            all: Mutex::new((all, BTreeMap::new())),
            breaks: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        });
        let world =
            World::of_recorded(environments.clone(), ids, Arc::clone(&kept) as Arc<dyn Recorded>);
        Self { orchestrator: Orchestrator::new(world, settings), kept }
    }

    /// Handles what the other one did: with the same effects.
    pub(crate) fn handles(
        &mut self,
        now: Timestamp,
        event: Event,
        blobs: &dyn Blobs,
        effects: &[Effect],
    ) {
        if let Event::Foreign(record) = &event {
            self.kept.keep(record);
        }
        let said = format!("{event:?}");
        let own = self.orchestrator.handle(now, event, blobs);
        self.came_to(&own, effects, &said);
    }

    /// As [`Self::handles`].
    pub(crate) fn abandons(
        &mut self,
        now: Timestamp,
        executions: &[ExecutionId],
        blobs: &dyn Blobs,
        effects: &[Effect],
    ) {
        let own = self.orchestrator.abandon(now, executions, blobs);
        self.came_to(&own, effects, "abandoned");
    }

    fn came_to(&self, own: &[Effect], effects: &[Effect], said: &str) {
        assert!(own == effects, "{said} came to\n{own:#?}\ninstead of\n{effects:#?}");
        for effect in own {
            if let Effect::Record(record) = effect {
                self.kept.keep(record);
            }
        }
    }

    /// What it knows is what the other one knows.
    pub(crate) fn is_like(&self, other: &Orchestrator) {
        assert!(self.orchestrator == *other, "what was read on demand is known in another way");
    }

    fn handle(&mut self, event: Event) -> Vec<Effect> {
        let blobs: HashMap<BlobKey, Arc<[u8]>> = HashMap::new();
        self.orchestrator.handle(Timestamp(1), event, &blobs)
    }

    fn at_once(&mut self, event: Event) -> Result<Vec<Effect>, Box<Event>> {
        let blobs: HashMap<BlobKey, Arc<[u8]>> = HashMap::new();
        self.orchestrator.at_once(Timestamp(1), event, &blobs)
    }

    /// The runs it looked at.
    pub(crate) fn read(&self) -> String {
        let ids: Vec<&str> = self.orchestrator.world().read().map(RunId::as_str).collect();
        ids.join(" ")
    }
}

const RECORDED: &str = "
    = R1:1 main() -> null
    = R1:2 a(1) memo by R1:1:1 -> 10
    = R1:3 b(1) by R1:1:1 -> 10
    = R1:4 w(1) by R1:1:1 -> spawned R5:1:1
    = R2:1 main() -> null
    = R2:2 c(1) cache by R2:1:1 -> 20
    = R2:3 d(1) by R2:1:1 -> 20
    = R3:1 main() -> null
    = R3:2 a(1) memo by R3:1:1 -> 30
    = R4:1 main() -> null
    = R4:2 c(2) cache by R4:1:1 -> 40
    = R5:1 w(1) -> null
    = R5:2 a(2) memo by R5:1:1 -> 50";

#[test]
fn what_a_command_does_not_concern_is_not_read() {
    let table = [
        ("> rerun R1:1", "R1"),
        ("> rerun R1:1,R2:1", "R1 R2"),
        // Pinned by its key; allowed because the ancestor ran it, here or in another run.
        ("> rerun R1:1 \n > R1:1:2 call a(1) memo", "R1"),
        ("> rerun R1:1 \n > R1:1:2 call b(2)", "R1"),
        ("> rerun R1:1 \n > R1:1:2 call d(2)", "R1"),
        // In the cache of another run, or of none.
        ("> rerun R1:1 on-miss=run \n > R1:1:2 call c(1) cache", "R1 R2"),
        ("> rerun R1:1 on-miss=run \n > R1:1:2 call c(3) cache", "R1"),
        // What it waits for became another run.
        ("> rerun R1:1 \n > R1:1:2 select R1:4:1", "R1 R5"),
        ("> submit R9 main()", "R9"),
    ];
    for (events, read) in table {
        assert_eq!(read_after(&format!("{RECORDED}\n{events}")), read, "{events}");
    }
}

#[test]
fn an_asset_of_another_run_is_known() {
    let mut runs = recorded();
    let id: AssetId = "Afile".parse().unwrap();
    let entry: AssetEntry = serde_json::from_value(json!({
        "path": "a.txt", "blobKey": "cd".repeat(32), "size": 3, "metadata": {}}))
    .unwrap();
    let summary = Asset {
        name: None,
        total_count: 1,
        total_size: 3.into(),
        entry: Some(entry.clone()),
        extra: Extra::NONE,
    };
    let other = runs.iter_mut().find(|stored| stored.run.id.as_str() == "R2").unwrap();
    let other = other.run.steps.get_mut(&1).unwrap().executions.get_mut(&1).unwrap();
    other.assets.insert(id.clone(), summary);

    let mut on_demand = OnDemand::new(&environments(), &runs, Settings { slots: 2 });
    let execution: ExecutionId = "R1:1:2".parse().unwrap();
    let ask = Message::Request(RequestId(1), Request::GetAsset(id));
    on_demand.handle(rerun("R1:1"));
    let effects = on_demand.handle(Event::Said { execution, message: ask });
    let listed = |effect: &Effect| match effect {
        Effect::Reply { reply: Reply::AssetEntries(entries), .. } => *entries == [entry.clone()],
        _ => false,
    };
    assert!(effects.iter().any(listed), "{effects:#?}");
    assert_eq!(on_demand.read(), "R1");
}

#[test]
fn where_a_run_cannot_be_read_nothing_is_done() {
    let mut on_demand = OnDemand::new(&environments(), &recorded(), Settings { slots: 2 });
    on_demand.kept.breaks.store(true, Relaxed);
    for _ in 0..2 {
        let effects = on_demand.handle(rerun("R1:1"));
        assert_eq!(effects, [Effect::Rejected { reason: "the disk is gone".to_owned() }]);
        // Whatever comes later, until a new world is read.
        on_demand.kept.breaks.store(false, Relaxed);
    }
}

#[test]
fn where_a_run_cannot_be_read_nothing_is_answered_at_once() {
    let mut on_demand = OnDemand::new(&environments(), &recorded(), Settings { slots: 2 });
    on_demand.handle(rerun("R1:1"));
    let call = Request::Submit(Box::new(submit(&["a(1)", "memo"])));
    let said = Event::Said {
        execution: "R1:1:2".parse().unwrap(),
        message: Message::Request(RequestId(1), call),
    };
    on_demand.kept.failed.store(true, Relaxed);
    let said = on_demand.at_once(said).unwrap_err();
    on_demand.kept.failed.store(false, Relaxed);
    let effects = on_demand.at_once(*said).unwrap();
    assert!(matches!(effects[..], [Effect::Record(_), Effect::Reply { .. }]), "{effects:#?}");
}

fn recorded() -> Vec<StoredRun> {
    let mut runs = BTreeMap::new();
    for line in RECORDED.lines().filter_map(|line| line.trim().strip_prefix("= ")) {
        record_in_production(&mut runs, line);
    }
    runs.into_values().collect()
}

fn rerun(step: &str) -> Event {
    Event::Command(Command::Rerun {
        steps: vec![step.parse().unwrap()],
        environment: DEVELOPMENT,
        rules: Rules::default(),
        edited_arguments: None,
    })
}
