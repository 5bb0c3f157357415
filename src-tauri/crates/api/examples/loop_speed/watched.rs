//! A save that is watched for, as the window and the command line have it: from the file's being written
//! to the result's being told.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hindcast_api::calls::Rerun;
use hindcast_api::choice::{MissChoice, PolicyChoice};
use hindcast_api::view::{TryState, TryView};
use hindcast_api::{Adapter, Api, ProjectChoice, Watch, WatchNote};
use hindcast_model::StepId;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A watch on the store and the code that were measured before.
pub(super) struct Watched {
    watch: Watch,
    file: PathBuf,
    flow: String,
    /// Held so that the watch goes on.
    _api: Api,
}

impl Watched {
    pub(super) async fn open(
        python: &Path,
        place: &Path,
        flow: String,
        step: &StepId,
    ) -> Result<Self> {
        let api = Api::open(place.join("store")).await?;
        api.stay();
        api.choose_for_session(ProjectChoice {
            folder: Some(place.join("code")),
            trusted: true,
            adapter: Some(Adapter::Python(python.to_owned())),
            variables: Vec::new(),
            slots: None,
        })?;
        let wish = Rerun {
            steps: vec![step.to_string()],
            environment: Some("development".to_owned()),
            policy: PolicyChoice::Memo,
            on_miss: MissChoice::Run,
            allow: Vec::new(),
            locked: None,
            mocks: Vec::new(),
            arguments: Vec::new(),
            debug: None,
        };
        let watch = api.watch(wish).await?;
        let file = place.join("code/bench_flow.py");
        let mut watched = Self { watch, file, flow, _api: api };
        watched.result().await?;
        Ok(watched)
    }

    /// From a saved file to the result, which shows that it is the saved code's.
    pub(super) async fn save(&mut self, turn: usize) -> Result<f64> {
        let value = turn + 1_000;
        let text = self.flow.replace("VALUE = 0", &format!("VALUE = {value}"));
        let begun = Instant::now();
        std::fs::write(&self.file, text)?;
        let one = self.result().await?;
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        match one.results.as_slice() {
            [result] if result.outcome.contains(&value.to_string()) => Ok(took),
            other => Err(format!("turn {turn} gave {other:?}").into()),
        }
    }

    /// The next try that ends.
    async fn result(&mut self) -> Result<TryView> {
        while let Some(note) = self.watch.next().await {
            match note {
                WatchNote::Try(one) if one.state == TryState::Succeeded => return Ok(*one),
                WatchNote::Try(one) if one.state != TryState::Running => {
                    return Err(format!("a try ended so: {one:?}").into());
                }
                _ => {}
            }
        }
        Err("the watch ended".into())
    }
}
