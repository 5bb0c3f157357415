//! Runs recorded from a real server and SDK 0.3.0, done again here: the same hits, results and
//! effects, be it from what the run topic alone told or from the server's own database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_demo::Sdk;
use hindcast_engine::{ChosenAdapter, Config, Handle, Project, Rerun, Trust};
use hindcast_import::Options;
use hindcast_model::{
    Dependency, Ended, Environment, Execution, ExecutionId, Reference, Run, RunId, Step, StepId,
    TypedDependency, Value, WorkspaceId,
};
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use hindcast_store::{Naming, Store};

use crate::support::shop::read;
use crate::support::{fixture, guardian_program};

/// A recorded scenario.
struct Scenario {
    /// Its folder.
    name: &'static str,
    /// The exports that hold what production did at first, without their `.json`.
    before: &'static [&'static str],
    /// What was done then.
    moments: &'static [Moment],
}

/// A step that was run again, and the export after it.
struct Moment {
    /// Which: the server's own id of it.
    step: &'static str,
    /// The export and the effects after it.
    after: &'static str,
    /// Whether in production, with its own code, and not in development.
    in_production: bool,
}

const fn moment(step: &'static str, after: &'static str) -> Moment {
    Moment { step, after, in_production: false }
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "rollout",
        before: &["1-production"],
        moments: &[
            moment("Sxdyh", "2-leaf"),
            moment("SMttk", "3-root"),
            moment("S9dL4", "4-memoised-leaf"),
            moment("SMttk", "5-root-again"),
            Moment { step: "SMttk", after: "6-root-production", in_production: true },
        ],
    },
    Scenario {
        name: "audit",
        before: &["1-production"],
        moments: &[moment("Sql8Q", "2-leaf"), moment("Sspxt", "3-root")],
    },
    Scenario { name: "settle", before: &["1-production"], moments: &[moment("SZM2K", "2")] },
    Scenario { name: "lambdas", before: &["1-production"], moments: &[moment("SrktW", "2")] },
    Scenario {
        name: "billing",
        before: &["1-production", "1-child-RBpC-production", "1-child-Rjbg-production"],
        moments: &[moment("SQnrP", "2"), moment("SkMYm", "3-child-rerun-Rjbg")],
    },
    Scenario { name: "values", before: &["1-production"], moments: &[moment("SbKf8", "2-leaf")] },
];

/// Where what was recorded is read from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Topic,
    Database,
}

#[test]
fn what_the_topic_tells_is_enough_to_do_again_what_the_server_did() {
    conform(Source::Topic);
}

#[test]
fn a_database_of_that_time_gives_the_same() {
    conform(Source::Database);
}

/// Of the runs that only the database has.
#[test]
fn checkpoints_archives_and_modules_named_by_file_serve_what_runs_here() {
    let replay = Replay::new(Source::Database);
    let table = [
        // Production had stopped at 0, and left that it goes on at 10. (It was tried often enough.)
        ("SM453", "RuntimeError: stopped at 10", "[10]"),
        ("SMTyt", "['LOGS', 'LOGS']", "[]"),
        (
            "ST6MV",
            "{'all': ['a.txt', 'b.txt', 'c.csv', 'sub'], 'some': ['a.txt', 'b.txt', 'sub']}",
            "[]",
        ),
    ];
    let engine = replay.engine();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (id, expected, positions) in table {
        let log = replay.folder.path().join("effects.log");
        std::fs::write(&log, "").unwrap();
        let step = replay.step(id);
        runtime.block_on(rerun(&engine, &replay.project(false), &step, &replay.development));
        let run = replay.store.load(&step.run).unwrap().run;
        let (_, last) = run.steps[&step.number].executions.last_key_value().unwrap();
        let outcome = last.result.as_ref().unwrap();
        let ended = match &outcome.ended {
            Ended::Value(value) => value.decode(replay.store.blobs()).python(10_000),
            Ended::Error { error, .. } => format!("{}: {}", error.kind, error.message),
            other => panic!("{id}: {other:?}"),
        };
        assert!(ended.contains(expected), "{id}: {ended}");
        let text = std::fs::read_to_string(&log).unwrap();
        let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let at: Vec<_> = text.lines().filter_map(|one| line(one)["position"].as_u64()).collect();
        assert_eq!(format!("{at:?}"), positions, "{id}: {text}");
    }
    engine.shutdown();
}

#[test]
fn a_key_function_is_asked_about_recorded_calls_once() {
    let replay = Replay::new(Source::Topic);
    let engine = replay.engine();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let project = replay.project(false);
    let asked = replay.folder.path().join("asked");
    let code = project.folder().join("fleet.py");
    let text = std::fs::read_to_string(&code).unwrap();
    let function = "memo=lambda machine_id, config: str(machine_id)";
    assert!(text.contains(function));
    let counting = format!(
        "memo=lambda machine_id, config: str(machine_id) if open({asked:?}, 'a').write('.') else ''"
    );
    std::fs::write(&code, text.replace(function, &counting)).unwrap();
    let settle = replay.step("SZM2K");
    let times = || {
        runtime.block_on(rerun(&engine, &project, &settle, &replay.development));
        std::fs::read_to_string(&asked).unwrap().len()
    };
    assert_eq!(times(), 3 + 2, "the three calls, and the two that were recorded");
    assert_eq!(times(), 5 + 3, "of these the keys are known by now");
    let effects = replay.folder.path().join("effects.log");
    assert!(!effects.exists(), "all three were pinned");
    // Another function makes other keys: what was recorded is not found by them, as on the server.
    let text = std::fs::read_to_string(&code).unwrap();
    std::fs::write(&code, text.replace("str(machine_id) if", "'new ' + str(machine_id) if"))
        .unwrap();
    assert_eq!(times(), 8 + 3);
    assert_eq!(std::fs::read_to_string(effects).unwrap().lines().count(), 2);
    engine.shutdown();
    assert_eq!(replay.store.own_keys(Some(&settle.run)).unwrap().len(), 2);
}

/// What is read by the body: a project may have gone on to a newer SDK, and floats were floats.
#[test]
fn recorded_values_reach_bodies_as_they_were_under_old_and_new_sdks() {
    let replay = Replay::new(Source::Topic);
    let engine = replay.engine();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let project = |sdk: Sdk, files: &[(&str, &str)]| {
        let code = replay.folder.path().join(sdk.version);
        std::fs::create_dir_all(&code).unwrap();
        for (name, text) in files {
            std::fs::write(code.join(name), text).unwrap();
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let python = ChosenAdapter::Python(sdk.for_tests(target));
        Arc::new(Project::open(Trust::given(&code).unwrap(), Some(python), &[]).unwrap())
    };
    let code = "import coflux as cf

@cf.task()
def echo(value):
    parts = value.items() if isinstance(value, dict) else [(None, value)]
    return repr([(key, type(part).__name__, str(part)[:9] if part is value else 0) for key, part in parts])

@cf.workflow()
def invoice(account, amount):
    return repr(amount)
";
    let values = replay.store.load(&replay.step("SdwJW").run).unwrap().run;
    let is_old_blob = |step: &&Step| {
        let references = step.arguments.iter().flat_map(Value::references);
        let mut formats = references.filter_map(|reference| match reference {
            Reference::Fragment { format, .. } => Some(format.as_str()),
            _ => None,
        });
        step.target == "echo" && formats.any(|format| format == hindcast_model::legacy::OLD_JSON)
    };
    let echoes: Vec<StepId> = values
        .steps
        .values()
        .filter(is_old_blob)
        .map(|step| values.step_id(step.step_number))
        .collect();
    assert!(!echoes.is_empty());
    let seen = |sdk: Sdk, step: &StepId| {
        let project = project(sdk, &[("extras.py", code)]);
        runtime.block_on(rerun(&engine, &project, step, &replay.development));
        let run = replay.store.load(&step.run).unwrap().run;
        let (_, last) = run.steps[&step.number].executions.last_key_value().unwrap();
        match last.result.as_ref().map(|outcome| &outcome.ended) {
            Some(Ended::Value(value)) => value.decode(replay.store.blobs()).python(10_000),
            other => panic!("{}: {other:?}", sdk.version),
        }
    };
    for echo in &echoes {
        assert_eq!(seen(Sdk::SEED, echo), seen(Sdk::NEWEST, echo), "{echo}");
    }
    assert_eq!(seen(Sdk::SEED, &replay.step("SkMYm")), "'10.0'");
    engine.shutdown();
}

fn conform(source: Source) {
    let mut problems = String::new();
    let replay = Replay::new(source);
    let engine = replay.engine();
    for scenario in &SCENARIOS {
        replay.run(scenario, &engine, &mut problems);
    }
    engine.shutdown();
    assert!(problems.is_empty(), "\n{problems}");
}

struct Replay {
    folder: tempfile::TempDir,
    store: Store,
    /// Stands on production, with development's code.
    development: Environment,
    /// Stands on production too, with its code.
    again: Environment,
}

impl Replay {
    fn new(source: Source) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let seed = fixture("seed-era");
        let paths: Vec<PathBuf> = match source {
            Source::Topic => {
                let files = |scenario: &Scenario| {
                    scenario.before.iter().map(|name| scenario.file(name, "json")).collect()
                };
                SCENARIOS.iter().flat_map(|scenario| -> Vec<_> { files(scenario) }).collect()
            }
            Source::Database => vec![seed.join("data-dir/stopped")],
        };
        let blobs = (source == Source::Topic).then(|| seed.join("blobs"));
        let found =
            read(&paths, &Options { blobs: blobs.into_iter().collect(), ..Options::default() });
        store.import(found, &Naming::default()).unwrap();
        let production = production(&store, source);
        let development =
            store.create_local(&"here".parse().unwrap(), Some(production.id)).unwrap();
        let again = store.create_local(&"again".parse().unwrap(), Some(production.id)).unwrap();
        Self { folder, store, development, again }
    }

    fn run(&self, scenario: &Scenario, engine: &Handle, problems: &mut String) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut before = scenario.before[0].split('-').next().unwrap().to_owned();
        for moment in scenario.moments {
            let environment = if moment.in_production { &self.again } else { &self.development };
            let project = self.project(moment.in_production);
            let effects = self.folder.path().join("effects.log");
            std::fs::copy(scenario.file(&format!("{before}-effects"), "log"), &effects).unwrap();
            let step = self.step(moment.step);
            runtime.block_on(rerun(engine, &project, &step, environment));
            self.compare(scenario, moment, &step.run, environment, problems);
            let effect_number = moment.after.split("-child").next().unwrap();
            scenario.compare_effects(moment, &effects, effect_number, problems);
            effect_number.clone_into(&mut before);
        }
    }

    fn engine(&self) -> Handle {
        let mut config = Config::new(self.folder.path().join("store")).unwrap();
        guardian_program().clone_into(&mut config.guardian);
        // Where the order of effects could be a race, it was none on the server.
        config.slots = 1;
        Handle::start(config).unwrap()
    }

    fn project(&self, of_production: bool) -> Arc<Project> {
        let (src, name) = if of_production {
            ("src/before/production", "production")
        } else {
            ("src/after/development", "development")
        };
        let variables = [
            ("EFFECTS_DIR".to_owned(), self.folder.path().to_str().unwrap().to_owned()),
            ("COFLUX_ENVIRONMENT".to_owned(), name.to_owned()),
        ];
        // Not in the fixtures themselves: Python leaves its caches beside the code.
        let code = self.folder.path().join(name);
        std::fs::create_dir_all(&code).unwrap();
        for entry in std::fs::read_dir(fixture("seed-era").join(src)).unwrap().flatten() {
            if entry.path().is_dir() {
                let scripts = code.join(entry.file_name());
                std::fs::create_dir_all(&scripts).unwrap();
                std::fs::copy(entry.path().join("nightly.py"), scripts.join("nightly.py")).unwrap();
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                // What was recorded was not so old there.
                let text =
                    text.replace("cache=dt.timedelta(hours=1)", "cache=dt.timedelta(days=36500)");
                std::fs::write(code.join(entry.file_name()), text).unwrap();
            }
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let python = ChosenAdapter::Python(Sdk::SEED.for_tests(target));
        let project = Project::open(Trust::given(&code).unwrap(), Some(python), &variables);
        Arc::new(project.unwrap())
    }

    /// The step that the server knew by this id.
    fn step(&self, id: &str) -> StepId {
        for summary in self.store.runs().unwrap() {
            let run = self.store.load(&summary.id).unwrap().run;
            let is_it = |step: &&Step| step.old().is_some_and(|old| old.step_id == id);
            if let Some(step) = run.steps.values().find(is_it) {
                return run.step_id(step.step_number);
            }
        }
        panic!("no step {id} was imported");
    }

    /// What happened here beside what the server says happened there.
    fn compare(
        &self,
        scenario: &Scenario,
        moment: &Moment,
        run: &RunId,
        here: &Environment,
        problems: &mut String,
    ) {
        let name = format!("{} {}", scenario.name, moment.after);
        let theirs = Store::open(&self.folder.path().join(&name)).unwrap();
        let options = Options { blobs: vec![fixture("seed-era/blobs")], ..Options::default() };
        theirs.import(read(&scenario.files_after(moment), &options), &Naming::default()).unwrap();
        let before = scenario.executions_before();
        let there = if moment.in_production { "1" } else { "2" };
        let expected = lines(&theirs.load(run).unwrap().run, &theirs, &|known| {
            known.workspace_id.as_str() == there && !before.contains(&known.execution_id)
        });
        let ours = self.store.export_run(run, here.id).unwrap();
        let local: BTreeSet<&WorkspaceId> = here.workspaces.iter().collect();
        let actual = lines(&ours, &self.store, &|known| local.contains(&known.workspace_id));
        report(&name, &expected, &actual, problems);
    }
}

impl Scenario {
    fn file(&self, name: &str, ending: &str) -> PathBuf {
        fixture("seed-era").join(self.name).join(format!("{name}.{ending}"))
    }

    /// The export after a moment, with the runs that calls became.
    fn files_after(&self, moment: &Moment) -> Vec<PathBuf> {
        let place = if moment.in_production { "production" } else { "development" };
        let mut names = vec![format!("{}-{place}", moment.after)];
        if self.name == "billing" && moment.after == "2" {
            let children = ["RBpC", "RFR4", "Rjbg", "Rkyz"];
            names.extend(children.map(|id| format!("2-child-{id}-{place}")));
        }
        names.iter().map(|name| self.file(name, "json")).collect()
    }

    /// The executions that were there at the beginning.
    fn executions_before(&self) -> BTreeSet<ExecutionId> {
        let files: Vec<_> = self.before.iter().map(|name| self.file(name, "json")).collect();
        let runs = read(&files, &Options::default()).runs;
        let steps = runs.iter().flat_map(|found| found.run.steps.values());
        let executions = steps.flat_map(|step| step.executions.values());
        executions.map(|known| known.execution_id.clone()).collect()
    }

    fn compare_effects(&self, moment: &Moment, file: &Path, number: &str, problems: &mut String) {
        let read = |path: &Path| -> Vec<String> {
            let text = std::fs::read_to_string(path).unwrap();
            let line = |line: &str| {
                let mut effect: BTreeMap<String, serde_json::Value> =
                    serde_json::from_str(line).unwrap();
                effect.remove("at");
                serde_json::to_string(&effect).unwrap()
            };
            text.lines().map(line).collect()
        };
        let expected = read(&self.file(&format!("{number}-effects"), "log"));
        let name = format!("{} {}, effects", self.name, moment.after);
        report(&name, &expected, &read(file), problems);
    }
}

fn production(store: &Store, source: Source) -> Environment {
    let environments = store.environments().unwrap();
    let named = environments.named(&"production".parse().unwrap());
    match (named, source) {
        (Some(environment), _) => environment.clone(),
        // The topic tells ids of environments only.
        (None, _) => environments.iter().next().unwrap().clone(),
    }
}

async fn rerun(engine: &Handle, project: &Arc<Project>, step: &StepId, here: &Environment) {
    let rules = Rules { policy: Policy::Open, on_miss: OnMiss::Run, ..Rules::default() };
    let rerun =
        Rerun { steps: vec![step.clone()], environment: here.id, rules, edited_arguments: None };
    engine.rerun(rerun, Arc::clone(project)).await.unwrap();
    engine.idle().await.unwrap();
}

/// What happened in the executions that count, one line a fact, without ids of any machine: steps
/// that production made at first are called by their number, others by who called them with what.
fn lines(run: &Run, store: &Store, counts: &dyn Fn(&Execution) -> bool) -> Vec<String> {
    let mut names: BTreeMap<ExecutionId, String> = BTreeMap::new();
    for step in run.steps.values() {
        let recorded = step.executions.values().find(|known| !counts(known));
        let name = if recorded.is_some() {
            format!("#{}", step.step_number)
        } else {
            let parent = step.parent_id.as_ref().and_then(|id| names.get(id)).cloned();
            let given: Vec<_> =
                step.arguments.iter().map(|value| text(value, store, &names)).collect();
            format!("{}/{}({})", parent.unwrap_or_default(), step.target, given.join(", "))
        };
        let mut again = 0;
        for known in step.executions.values() {
            let own = if counts(known) {
                again += 1;
                format!("{name} again {again}")
            } else {
                name.clone()
            };
            names.insert(known.execution_id.clone(), own);
        }
    }
    let mut lines = Vec::new();
    for step in run.steps.values() {
        for known in step.executions.values().filter(|known| counts(known)) {
            tell(run, step, known, store, &names, &mut lines);
        }
    }
    lines.sort();
    lines
}

fn tell(
    run: &Run,
    step: &Step,
    known: &Execution,
    store: &Store,
    names: &BTreeMap<ExecutionId, String>,
    lines: &mut Vec<String>,
) {
    let name = &names[&known.execution_id];
    let mut line = |text: String| lines.push(format!("{name}: {text}"));
    line(format!("is {} memoised {}", step.target(), step.is_memoised()));
    let ended = match known.result.as_ref().map(|outcome| &outcome.ended) {
        None => "nothing".to_owned(),
        Some(Ended::Value(value)) => text(value, store, names),
        Some(Ended::Error { error, .. }) => {
            let at = error.frames.last().and_then(|frame| frame.name.clone());
            format!("{}: {} in {at:?}", error.kind, error.message)
        }
        Some(Ended::Cached(other)) => shared(&other.execution_id, store, names),
        Some(Ended::Spawned(other)) => {
            let root = store.load(other.execution_id.run()).map(|stored| stored.run);
            let root = root.ok().and_then(|run| run.execution(&other.execution_id).cloned());
            match root.and_then(|root| root.result).map(|outcome| outcome.ended) {
                // The server made a run of it that had nothing but this.
                Some(Ended::Cached(last)) => shared(&last.execution_id, store, names),
                _ => format!("a run of {}", other.target.as_deref().unwrap_or("?")),
            }
        }
        Some(other) => format!("{other:?}"),
    };
    line(format!("gave {ended}"));
    for child in &known.children {
        // Old topics do not say which attempt was called.
        let child = called(&child.execution_id(), names);
        line(format!("called {}", child.split(" again").next().unwrap_or_default()));
    }
    let taken = known.dependencies.values().filter_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => Some(execution.execution_id.clone()),
        // The old topic lists an asset under the execution that made it.
        Dependency::Typed(TypedDependency::Asset { asset_id, .. }) => {
            let all = run.steps.values().flat_map(|step| step.executions.values());
            all.into_iter()
                .find(|known| known.assets.contains_key(asset_id))
                .map(|known| known.execution_id.clone())
        }
        _ => None,
    });
    for id in taken.collect::<BTreeSet<_>>() {
        line(format!("took what {} gave", called(&id, names)));
    }
    for asset in known.assets.values() {
        line(format!("persisted {} files of {}", asset.total_count, asset.total_size));
    }
}

fn shared(id: &ExecutionId, store: &Store, names: &BTreeMap<ExecutionId, String>) -> String {
    if let Some(name) = names.get(id) {
        return format!("what {name} gave");
    }
    let run = store.load(id.run()).unwrap().run;
    format!("what {} of {} gave", run.steps[&id.step.number].target, id.run())
}

fn called(id: &ExecutionId, names: &BTreeMap<ExecutionId, String>) -> String {
    names.get(id).cloned().unwrap_or_else(|| "another run's".to_owned())
}

/// A value as Python writes it, handles by their names.
fn text(
    value: &hindcast_model::Value,
    store: &Store,
    names: &BTreeMap<ExecutionId, String>,
) -> String {
    let mut text = value.decode(store.blobs()).python(2_000);
    for (id, name) in names.iter().rev() {
        text = text.replace(&id.to_string(), name);
    }
    // An asset is known by what it holds.
    while let Some(at) = text.find("<asset A") {
        let end = text[at..].find('>').map_or(text.len(), |end| at + end + 1);
        text.replace_range(at..end, "an asset");
    }
    text
}

fn report(what: &str, expected: &[String], actual: &[String], problems: &mut String) {
    let mut surplus = actual.to_vec();
    let mut missing = Vec::new();
    for line in expected {
        match surplus.iter().position(|other| other == line) {
            Some(at) => drop(surplus.remove(at)),
            None => missing.push(line),
        }
    }
    for line in missing {
        let _ = writeln!(problems, "{what}\n  - {line}");
    }
    for line in surplus {
        let _ = writeln!(problems, "{what}\n  + {line}");
    }
}
