//! The examples that memoising was first described by: a user that two tasks fetch, an e-mail that
//! is to go out once, a configuration that is applied to a machine whatever it says.

use std::path::Path;
use std::sync::Arc;

use hindcast_demo::Sdk;
use hindcast_engine::{Handle, Project, Rerun};
use hindcast_model::{Ended, EnvironmentId, ExecutionId, StepId};
use hindcast_orchestrator::Rules;

use crate::support::fresh::{Fresh, submission};

const FLOW: &str = r#"
import os
import coflux as cf

def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(text + "\n")
    return sum(1 for line in open(os.environ["NOTES"]) if line == text + "\n")

@cf.task(memo=True)
def fetch_user(user_id):
    return {"id": user_id, "name": f"user {user_id}", "fetched": note("fetched")}

@cf.task()
def greet(user_id):
    user = fetch_user(user_id)
    return f"Hello {user['name']}, fetched {user['fetched']}"

@cf.task()
def bill(user_id):
    return fetch_user(user_id)["fetched"]

@cf.task(memo=True)
def send_email(address, subject):
    return f"{address}: {subject} #{note('sent')}"

@cf.task(memo=lambda machine_id, config: str(machine_id))
def apply_configuration(machine_id, config):
    return f"{machine_id} has {config['version']} #{note('applied')}"

@cf.workflow()
def onboard(user_id):
    greeting, billed = greet.submit(user_id), bill.submit(user_id)
    mail = send_email("a@b.example", "welcome")
    first = apply_configuration(7, {"version": 1})
    second = apply_configuration(7, {"version": 2})
    other = apply_configuration(8, {"version": 1})
    return [greeting.result(), billed.result(), mail, first, second, other]
"#;

struct World {
    folder: tempfile::TempDir,
    fresh: Fresh,
    engine: Handle,
    project: Arc<Project>,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let notes = folder.path().join("notes");
        std::fs::write(&notes, "").unwrap();
        let variables = [("NOTES", notes.to_str().unwrap())];
        let fresh = Fresh::new(folder.path(), &[("app.py", FLOW)], &variables);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let project = fresh.project_with(&Sdk::SEED.for_tests(target));
        let engine = fresh.engine();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        Self { folder, fresh, engine, project, runtime }
    }

    fn submit(&self) -> ExecutionId {
        let argument =
            hindcast_model::Value::raw(hindcast_model::Json::parse("5").unwrap(), Vec::new());
        let submission = submission("app:onboard", vec![argument], self.fresh.environment);
        self.runtime.block_on(async {
            let root = self.engine.submit(submission, Arc::clone(&self.project)).await.unwrap();
            self.engine.idle().await.unwrap();
            root
        })
    }

    /// Runs a step again, by the usual rules: a call that may not run fails.
    fn rerun(&self, step: &StepId, environment: EnvironmentId) {
        let rerun = Rerun {
            steps: vec![step.clone()],
            environment,
            rules: Rules::default(),
            edited_arguments: None,
        };
        self.runtime.block_on(async {
            self.engine.rerun(rerun, Arc::clone(&self.project)).await.unwrap();
            self.engine.idle().await.unwrap();
        });
    }

    /// What the newest attempt of a step gave.
    fn value(&self, step: &StepId) -> String {
        let run = self.fresh.store.load(&step.run).unwrap().run;
        let (_, last) = run.steps[&step.number].executions.last_key_value().unwrap();
        match &last.result.as_ref().unwrap().ended {
            Ended::Value(value) => value.decode(self.fresh.store.blobs()).python(10_000),
            other => panic!("{other:?}"),
        }
    }

    fn only_step(&self, root: &StepId, target: &str) -> StepId {
        let run = self.fresh.store.load(&root.run).unwrap().run;
        let mut steps = run.steps.values().filter(|step| step.target == target);
        let (step, None) = (steps.next().unwrap(), steps.next()) else { panic!("{target} twice") };
        root.run_step(step.step_number)
    }

    /// How often bodies with effects ran: fetched, sent, applied.
    fn effects(&self) -> [usize; 3] {
        let notes = std::fs::read_to_string(self.folder.path().join("notes")).unwrap();
        ["fetched", "sent", "applied"]
            .map(|effect| notes.lines().filter(|line| *line == effect).count())
    }
}

trait RunStep {
    fn run_step(&self, number: u32) -> StepId;
}

impl RunStep for StepId {
    fn run_step(&self, number: u32) -> StepId {
        StepId::new(self.run.clone(), number)
    }
}

#[test]
fn a_memoised_body_runs_once_a_run_unless_it_is_run_again() {
    let world = World::new();
    let production = world.fresh.environment;
    let name = "child".parse().unwrap();
    let child = world.fresh.store.create_local(&name, Some(production)).unwrap().id;
    let root = world.submit().step;
    let at_first = "['Hello user 5, fetched 1', 1, 'a@b.example: welcome #1', '7 has 1 #1', \
                    '7 has 1 #1', '8 has 1 #2']";
    assert_eq!(world.value(&root), at_first);
    assert_eq!(world.effects(), [1, 1, 2], "each memoised body once, by its key");

    world.rerun(&root, child);
    assert_eq!(world.value(&root), at_first);
    assert_eq!(world.effects(), [1, 1, 2], "the child environment uses its ancestor's results");

    let fetch = world.only_step(&root, "fetch_user");
    world.rerun(&fetch, child);
    assert_eq!(world.effects(), [2, 1, 2], "run again by hand, it does run");

    world.rerun(&root, child);
    let newer = at_first.replace("fetched 1', 1", "fetched 2', 2");
    assert_eq!(world.value(&root), newer, "later calls use the new execution");
    assert_eq!(world.effects(), [2, 1, 2]);

    world.rerun(&root, production);
    assert_eq!(world.value(&root), at_first, "and the ancestor sees nothing of it");
    assert_eq!(world.effects(), [2, 1, 2]);
    world.engine.shutdown();
}

#[test]
fn a_key_function_that_raises_or_gives_no_text_is_an_error_in_the_caller() {
    let flow = r#"
import coflux as cf

@cf.task(memo=lambda machine_id, config: config["name"])
def raises(machine_id, config):
    return 1

@cf.task(memo=lambda machine_id, config: machine_id)
def no_text(machine_id, config):
    return 1

@cf.workflow()
def flow():
    said = []
    for target in (raises, no_text):
        try:
            target(7, {})
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")
    return said
"#;
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(folder.path(), &[("app.py", flow)], &[]);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let project = fresh.project_with(&Sdk::SEED.for_tests(target));
    let engine = fresh.engine();
    let root = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let submission = submission("app:flow", Vec::new(), fresh.environment);
        let root = engine.submit(submission, project).await.unwrap();
        engine.idle().await.unwrap();
        root
    });
    engine.shutdown();
    let run = fresh.store.load(root.run()).unwrap().run;
    assert_eq!(run.steps.len(), 1, "nothing was called");
    let outcome = run.execution(&root).unwrap().result.as_ref().unwrap();
    let Ended::Value(value) = &outcome.ended else { panic!("{outcome:?}") };
    let said = value.decode(fresh.store.blobs()).python(10_000);
    let expected =
        "[\"KeyError: 'name'\", 'TypeError: can only concatenate str (not \"int\") to str']";
    assert_eq!(said, expected);
}
