//! The same through the engine, as the window and the command line use it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use hindcast_api::Api;
use hindcast_api::calls::{GetOverview, GetRun};
use hindcast_engine::warm::Warm;
use hindcast_engine::{ChosenAdapter, Config, Handle, Project, Rerun, Submission, Trust};
use hindcast_model::record::TargetKind;
use hindcast_model::{Ended, EnvironmentId, ExecutionId, Json, StepId, Target, Value};
use hindcast_orchestrator::message::Submit;
use hindcast_orchestrator::{OnMiss, Rules};
use hindcast_store::Store;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An engine on a fresh store, with a warm Python.
pub(super) struct Bench {
    engine: Handle,
    project: Arc<Project>,
    environment: EnvironmentId,
    file: PathBuf,
    flow: String,
    one: StepId,
}

impl Bench {
    /// With a Python that has these modules before it is forked.
    pub(super) async fn open(
        python: &Path,
        place: &Path,
        flow: String,
        modules: &[&str],
    ) -> Result<Self> {
        let store = place.join("store");
        let environment = {
            let store = Store::open(&store)?;
            store.create_local(&"development".parse()?, None)?.id
        };
        let engine = Handle::start(Config { warm: Warm::Always, ..Config::new(store)? })?;
        let adapter = ChosenAdapter::Python(python.to_owned());
        let trust = Trust::given(&place.join("code"))?;
        let project = Arc::new(Project::open(trust, Some(adapter), &[])?);
        let file = place.join("code/bench_flow.py");
        let one = "R1:1".parse()?;
        let mut bench = Self { engine, project, environment, file, flow, one };
        // It learns what the project imports, and is renewed with it.
        bench.one = bench.submit("one", &[]).await?.step;
        for _ in 0..300 {
            let warm = bench.engine.warm(Arc::clone(&bench.project), true).await?;
            let has = |module: &&&str| warm.preloaded.iter().any(|one| one.name == **module);
            if modules.iter().filter(has).count() == modules.len() {
                return Ok(bench);
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Err(format!("the warm Python was not given {modules:?}").into())
    }

    /// Runs a workflow to its end.
    async fn submit(&self, name: &str, arguments: &[u64]) -> Result<ExecutionId> {
        let argument =
            |number: &u64| Value::raw(Json::from(&serde_json::Value::from(*number)), Vec::new());
        let arguments: Vec<Value> = arguments.iter().map(argument).collect();
        let target = Target::new("bench_flow", name);
        let options = Submit {
            target: target.clone(),
            kind: TargetKind::Workflow,
            arguments: Vec::new(),
            group: None,
            wait_for: Vec::new(),
            cache: None,
            defer: None,
            memo: None,
            delay: 0,
            retries: None,
            recurrent: false,
            requires: serde_json::json!({}),
            timeout: 0,
            streams: None,
            given_keys: None,
        };
        let submission = Submission {
            target,
            arguments,
            environment: self.environment,
            memo: false,
            options,
            rules: Rules { on_miss: OnMiss::Run, ..Rules::default() },
        };
        let execution = self.engine.submit(submission, Arc::clone(&self.project)).await?;
        self.engine.outcome(execution.clone()).await?;
        Ok(execution)
    }

    /// Runs a step again to its end; gives what it took in ms, and its result.
    async fn rerun(&self, step: &StepId) -> Result<(f64, Value)> {
        let begun = Instant::now();
        let wish = Rerun {
            steps: vec![step.clone()],
            environment: self.environment,
            rules: Rules { on_miss: OnMiss::Run, ..Rules::default() },
            edited_arguments: None,
        };
        let made = self.engine.rerun(wish, Arc::clone(&self.project)).await?;
        let execution = made.into_iter().next().ok_or("nothing was begun")?;
        let outcome = self.engine.outcome(execution).await?;
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        match outcome.ended {
            Ended::Value(value) => Ok((took, value)),
            other => Err(format!("{step} ended with {other:?}").into()),
        }
    }

    /// From the command to the result.
    pub(super) async fn command(&self) -> Result<f64> {
        self.engine.idle().await?;
        Ok(self.rerun(&self.one).await?.0)
    }

    /// From a saved file to the result, which shows that it is the saved code's.
    pub(super) async fn save(&self, turn: usize) -> Result<f64> {
        self.engine.idle().await?;
        let begun = Instant::now();
        let line = format!("VALUE = {}", turn + 1);
        std::fs::write(&self.file, self.flow.replace("VALUE = 0", &line))?;
        let (_, value) = self.rerun(&self.one).await?;
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        let Value::Raw { data, .. } = &value else { return Err("a large result".into()) };
        if data.text() != (turn + 1).to_string() {
            return Err(format!("turn {turn} gave {}", data.text()).into());
        }
        Ok(took)
    }

    /// A parent with so many children: `parent`, whose children end by themselves, or `parents`,
    /// each of whose children waits for another.
    pub(super) async fn children(&self, parent: &str, count: u64) -> Result<f64> {
        self.engine.idle().await?;
        let begun = Instant::now();
        self.submit(parent, &[count]).await?;
        Ok(begun.elapsed().as_secs_f64() * 1000.0)
    }

    /// A workflow of so many calls, each of which is pinned: the run before made what they refer to.
    pub(super) async fn memoised(&self, calls: u64) -> Result<f64> {
        let execution = self.submit("memoised", &[calls]).await?;
        self.engine.idle().await?;
        Ok(self.rerun(&execution.step).await?.0)
    }

    /// The step that is run again.
    pub(super) fn step(&self) -> &StepId {
        &self.one
    }

    pub(super) async fn close(self) {
        let engine = self.engine;
        // It ends as well when this is dropped.
        let _ = tokio::task::spawn_blocking(move || engine.shutdown()).await;
    }
}

/// The core's part of the start of the app: the store is opened and its last run is there to look at.
pub(super) async fn start(place: &Path) -> Result<f64> {
    let begun = Instant::now();
    let api = Api::open(place.join("store")).await?;
    let overview = api.ask(GetOverview {}).await?;
    let run = overview.runs.first().ok_or("no run")?.id.clone();
    let environment = "development".to_owned();
    api.ask(GetRun { run, environment, unfolded: Vec::new(), keep: Vec::new(), whole: false })
        .await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
