//! Replays the commands of a recorded scenario.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::codec::Declaration;
use hindcast_engine::{ChosenAdapter, Config, Handle, Project, Rerun, Submission, Trust};
use hindcast_import::Options;
use hindcast_model::record::{Input, InputResponse};
use hindcast_model::{
    Environment, InputId, Json, Run, RunId, Target, Timestamp, Value, WorkspaceId,
};
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use hindcast_store::{Naming, Store};
use serde::Deserialize;
use tempfile::TempDir;

use crate::differences::WANTED;
use crate::graph::Graph;
use crate::support::shop::read;
use crate::support::{fixture, guardian_program, python};

/// A recorded scenario.
pub(crate) struct Scenario {
    /// Its folder among the fixtures.
    pub(crate) folder: &'static str,
    /// What is imported before; nothing where the runs begin here, as production did them.
    pub(crate) imports: &'static [&'static str],
    /// Its inputs, as `coflux inputs inspect` showed them, in their order.
    pub(crate) inputs: &'static [&'static str],
    /// Files that its flows had left beside the effects by then.
    pub(crate) state: &'static [(&'static str, &'static str)],
    /// Which of its effects were recorded.
    pub(crate) effects: Effects,
    /// What was done.
    pub(crate) acts: &'static [Act],
}

/// What an effects file holds of what is replayed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Effects {
    /// All of it, and nothing else.
    Whole,
    /// All of it, and more.
    Part,
    /// Nothing that could be told apart.
    None,
}

/// Something that was done.
pub(crate) enum Act {
    /// The how-manieth edit of `commands.txt`.
    Edit(usize),
    /// A step was run again, to its end.
    Rerun(&'static str),
    /// So many ms passed: what is cached for a time grew too old.
    Wait(u64),
    /// The run was exported.
    Compare(&'static str),
    /// Of siblings that make the same memoised call, the one called first made it. Here that is a
    /// race, unless bodies run one at a time. Comes first.
    OneAtATime,
    /// A run was begun, with these arguments as JSON, and ran to its end.
    Submit(&'static str, &'static [&'static str]),
    /// The same, with `--no-memo`.
    SubmitNoMemo(&'static str, &'static [&'static str]),
    /// The how-manieth run that was begun was exported.
    CompareRun(usize, &'static str),
}

struct Replay {
    scenario: PathBuf,
    folder: TempDir,
    store: Store,
    /// Where the steps run.
    local: Environment,
    project: Arc<Project>,
    /// The runs that were begun.
    begun: RefCell<Vec<RunId>>,
}

/// Replays the scenario; panics where it comes out otherwise than recorded.
pub(crate) fn conforms(scenario: &Scenario) {
    let replay = Replay::new(scenario);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut config = Config::new(replay.folder.path().join("store")).unwrap();
    guardian_program().clone_into(&mut config.guardian);
    if matches!(scenario.acts.first(), Some(Act::OneAtATime)) {
        config.slots = 1;
    }
    let handle = Handle::start(config).unwrap();
    let mut problems = String::new();
    for act in scenario.acts {
        match act {
            Act::Edit(number) => replay.edit(*number),
            Act::Rerun(step) => runtime.block_on(replay.rerun(&handle, step)),
            // Seen to above.
            Act::OneAtATime => {}
            Act::Wait(ms) => std::thread::sleep(std::time::Duration::from_millis(*ms)),
            Act::Compare(file) => problems.push_str(&replay.compare(scenario.folder, file, None)),
            Act::Submit(target, arguments) => {
                runtime.block_on(replay.submit(&handle, target, arguments, true));
            }
            Act::SubmitNoMemo(target, arguments) => {
                runtime.block_on(replay.submit(&handle, target, arguments, false));
            }
            Act::CompareRun(number, file) => {
                let run = replay.begun.borrow()[*number].clone();
                problems.push_str(&replay.compare(scenario.folder, file, Some(run)));
            }
        }
    }
    handle.shutdown();
    problems.push_str(&replay.compare_effects(scenario.effects));
    assert!(problems.is_empty(), "\n{problems}");
}

impl Replay {
    fn new(scenario: &Scenario) -> Self {
        let recorded = fixture("conformance").join(scenario.folder);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let paths: Vec<_> = scenario.imports.iter().map(|file| recorded.join(file)).collect();
        let local = if paths.is_empty() {
            store.create_local(&"production".parse().unwrap(), None).unwrap()
        } else {
            import(&store, &recorded, &paths, scenario.inputs)
        };
        let code = folder.path().join("code");
        let effects = folder.path().join("effects");
        std::fs::create_dir(&effects).unwrap();
        for (name, text) in scenario.state {
            std::fs::write(effects.join(name), text).unwrap();
        }
        copy(&recorded.join("src/before").join(local.name.as_str()), &code);
        let variables = [
            ("EFFECTS_DIR".to_owned(), effects.to_str().unwrap().to_owned()),
            ("EFFECTS_WS".to_owned(), local.name.to_string()),
        ];
        let adapter = ChosenAdapter::Python(python("0.11.1"));
        let project = Project::open(Trust::given(&code).unwrap(), Some(adapter), &variables);
        Self {
            scenario: recorded,
            folder,
            store,
            local,
            project: Arc::new(project.unwrap()),
            begun: RefCell::default(),
        }
    }

    /// Makes an edit: `# edited development/FILE: 'OLD' -> 'NEW'; …`
    fn edit(&self, number: usize) {
        let commands = std::fs::read_to_string(self.scenario.join("commands.txt")).unwrap();
        let edits = commands.lines().filter_map(|line| line.strip_prefix("# edited development/"));
        let edit = edits.clone().nth(number).unwrap();
        let (file, changes) = edit.split_once(": ").unwrap();
        let path = self.project.folder().join(file);
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (old, new) in changes_of(changes) {
            assert!(text.contains(&old), "{file} has no {old:?}");
            text = text.replace(&old, &new);
        }
        std::fs::write(path, text).unwrap();
        if number + 1 == edits.count() {
            let after = self.scenario.join("src/after/development").join(file);
            let made = std::fs::read_to_string(self.project.folder().join(file)).unwrap();
            assert_eq!(made, std::fs::read_to_string(after).unwrap(), "the edits are the recorded");
        }
    }

    async fn rerun(&self, handle: &Handle, step: &str) {
        let rules = Rules {
            policy: Policy::Open,
            on_miss: OnMiss::Run,
            allow: Vec::new(),
            ..Rules::default()
        };
        let rerun = Rerun {
            steps: vec![step.parse().unwrap()],
            environment: self.local.id,
            rules,
            edited_arguments: None,
        };
        handle.rerun(rerun, Arc::clone(&self.project)).await.unwrap();
        handle.idle().await.unwrap();
    }

    async fn submit(&self, handle: &Handle, target: &str, arguments: &[&str], memo: bool) {
        let target: Target = target.parse().unwrap();
        let declared = handle.discover(Arc::clone(&self.project), &target.module).await.unwrap();
        let is_it = |declaration: &Declaration| declaration.options.target == target;
        let declared = declared.into_iter().find(is_it).unwrap();
        let raw = |text: &&str| Value::raw(Json::parse(*text).unwrap(), Vec::new());
        let submission = Submission {
            arguments: arguments.iter().map(raw).collect(),
            environment: self.local.id,
            memo: memo && declared.memo,
            options: declared.options,
            target,
            rules: Rules {
                policy: Policy::Memo,
                on_miss: OnMiss::Fail,
                allow: Vec::new(),
                ..Rules::default()
            },
        };
        let root = handle.submit(submission, Arc::clone(&self.project)).await.unwrap();
        self.begun.borrow_mut().push(root.run().clone());
        handle.idle().await.unwrap();
    }

    /// How our run differs from the recorded one, unless we want it to.
    fn compare(&self, folder: &str, file: &str, begun: Option<RunId>) -> String {
        let theirs = recorded(&self.scenario.join(file), begun.is_some());
        let run = begun.unwrap_or_else(|| theirs.run.id.clone());
        let ours = self.store.export_run(&run, self.local.id).unwrap();
        let expected = Graph::new(&theirs.run, &theirs.local).lines();
        let actual = Graph::new(&ours, &self.local.workspaces[0]).lines();
        let name = format!("{folder}/{file}");
        let (missing, surplus) = apart(expected, actual);
        report(&name, &explain(&name, missing, surplus))
    }

    /// Which bodies ran, how often.
    fn compare_effects(&self, extent: Effects) -> String {
        let when = if self.begun.borrow().is_empty() { "after" } else { "before" };
        let recorded = self.scenario.join(format!("effects-{when}.log"));
        if extent == Effects::None || !recorded.exists() {
            return String::new();
        }
        let environment = self.local.name.as_str();
        let theirs = effects(&recorded, environment);
        let ours = effects(&self.folder.path().join("effects/effects.log"), environment);
        let mut text = String::new();
        for effect in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
            let count = |counts: &BTreeMap<String, usize>| counts.get(effect).copied().unwrap_or(0);
            let (theirs, ours) = (count(&theirs), count(&ours));
            if ours > theirs || (ours < theirs && extent == Effects::Whole) {
                writeln!(text, "{effect}: ran {ours} times, not {theirs}").unwrap();
            }
        }
        text
    }
}

/// A recorded export, and the workspace whose executions are compared: the run's home, or the other.
struct Recorded {
    run: Run,
    local: WorkspaceId,
}

fn recorded(file: &Path, from_home: bool) -> Recorded {
    let run = read(&[file.to_owned()], &Options::default()).runs.remove(0).run;
    let home = run.root().unwrap().executions[&1].workspace_id.clone();
    let executions = run.steps.values().flat_map(|step| step.executions.values());
    let workspaces: Vec<_> = executions.map(|execution| execution.workspace_id.clone()).collect();
    let local = workspaces.into_iter().find(|id| (*id == home) == from_home).unwrap();
    Recorded { run, local }
}

/// Imports what production recorded; gives a local environment that is based on it.
fn import(store: &Store, recorded: &Path, paths: &[PathBuf], input_files: &[&str]) -> Environment {
    let blobs = recorded.join("blobs");
    let blobs = blobs.exists().then_some(blobs).into_iter().collect();
    let mut found = read(paths, &Options { blobs, ..Options::default() });
    found.runs[0].inputs = inputs(recorded, input_files, &found.runs[0].run);
    store.import(found, &Naming::default()).unwrap();
    let environments = store.environments().unwrap();
    let production = environments.named(&"production".parse().unwrap()).unwrap().id;
    store.create_local(&"development".parse().unwrap(), Some(production)).unwrap()
}

/// The inputs of a run; such a file does not say which it is.
fn inputs(recorded: &Path, files: &[&str], run: &Run) -> Vec<Input> {
    let input = |(index, file): (usize, &&str)| {
        let shown = std::fs::read_to_string(recorded.join(file)).unwrap();
        let shown: ShownInput = serde_json::from_str(&shown).unwrap();
        let number = u32::try_from(index + 1).unwrap();
        Input {
            id: InputId { run: run.id.clone(), number },
            workspace: run.root().unwrap().executions[&1].workspace_id.clone(),
            key: shown.key,
            template: shown.template,
            placeholders: shown.placeholders,
            schema: shown.schema,
            initial: shown.initial,
            title: shown.title,
            actions: shown.actions,
            requires: shown.requires,
            created_at: shown.created_at,
            response: Some(match shown.response.value {
                _ if shown.response.kind == "dismissed" => {
                    InputResponse::Dismissed { at: shown.response.created_at }
                }
                value => InputResponse::Value {
                    value: value.unwrap_or_else(Json::null),
                    at: shown.response.created_at,
                },
            }),
        }
    };
    files.iter().enumerate().map(input).collect()
}

/// What `coflux inputs inspect` shows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownInput {
    actions: Option<Vec<String>>,
    created_at: Timestamp,
    initial: Option<Json>,
    key: Option<String>,
    placeholders: BTreeMap<String, Value>,
    requires: serde_json::Value,
    response: ShownResponse,
    schema: Option<String>,
    template: String,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownResponse {
    created_at: Timestamp,
    #[serde(rename = "type")]
    kind: String,
    value: Option<Json>,
}

/// Lines of the one that are not in the other, both ways. A line that comes twice counts twice.
fn apart(expected: Vec<String>, mut actual: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut missing = Vec::new();
    for line in expected {
        match actual.iter().position(|other| *other == line) {
            Some(at) => drop(actual.remove(at)),
            None => missing.push(line),
        }
    }
    (missing, actual)
}

/// What is left once the differences we want are taken out. One that is not there any more is
/// itself told.
fn explain(
    file: &str,
    mut missing: Vec<String>,
    mut surplus: Vec<String>,
) -> (Vec<String>, Vec<String>) {
    for wanted in WANTED.iter().filter(|wanted| wanted.file == file) {
        let before = (missing.len(), surplus.len());
        missing.retain(|line| !line.contains(wanted.theirs));
        surplus.retain(|line| !line.contains(wanted.ours));
        if before == (missing.len(), surplus.len()) {
            missing.push(format!("a difference we want: {}", wanted.reason));
        }
    }
    (missing, surplus)
}

fn report(file: &str, (missing, surplus): &(Vec<String>, Vec<String>)) -> String {
    let mut text = String::new();
    if !missing.is_empty() || !surplus.is_empty() {
        writeln!(text, "{file}").unwrap();
        for line in missing {
            writeln!(text, "  - {line}").unwrap();
        }
        for line in surplus {
            writeln!(text, "  + {line}").unwrap();
        }
    }
    text
}

/// Bodies that ran, and how often: the lines of an effects file without time and process.
fn effects(file: &Path, environment: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
        let mut effect: BTreeMap<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        effect.remove("at");
        effect.remove("pid");
        if effect["ws"] == environment {
            *counts.entry(serde_json::to_string(&effect).unwrap()).or_insert(0) += 1;
        }
    }
    counts
}

/// `'OLD' -> 'NEW'; "OLD" -> "NEW"`
fn changes_of(text: &str) -> Vec<(String, String)> {
    let mut changes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (old, after) = quoted(rest, " -> ");
        let (new, after) = quoted(after, "; ");
        changes.push((old.to_owned(), new.to_owned()));
        rest = after;
    }
    changes
}

/// The text in quotes up to its closing quote and the separator; what follows.
fn quoted<'a>(text: &'a str, separator: &str) -> (&'a str, &'a str) {
    let quote = &text[..1];
    match text[1..].split_once(&format!("{quote}{separator}")) {
        Some(found) => found,
        None => (text[1..].strip_suffix(quote).unwrap(), ""),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
