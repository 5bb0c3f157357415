//! What the readers of export formats find and the store takes in.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::record::{Declared, Input, LogEntry, MetricPoint};
use serde::{Deserialize, Serialize};

use crate::{
    AssetEntry, AssetId, Attempt, BlobKey, EnvironmentName, Run, StepNumber, StreamEnd, Value,
    WorkspaceId,
};

/// Everything one import found, in the files of one or several exports.
#[derive(Debug, Default)]
pub struct Found {
    /// Runs, each as seen from one workspace; several views of one run are possible.
    pub runs: Vec<FoundRun>,
    /// What the workspaces of the export's server are called.
    pub workspaces: BTreeMap<WorkspaceId, FoundWorkspace>,
    /// Where blob contents can be had.
    pub blobs: BTreeMap<BlobKey, Arc<dyn BlobSource>>,
    /// Log lines, one list a source; two sources may hold the same lines.
    pub logs: Vec<Vec<LogEntry>>,
    /// Metric points, one list a source; two sources may hold the same points.
    pub points: Vec<Vec<MetricPoint>>,
    /// What is odd but does no harm.
    pub findings: Vec<Finding>,
}

/// A run as one export shows it, and what only some formats hold beside it.
#[derive(Debug, Clone)]
pub struct FoundRun {
    /// The file (and entry) it was read from, for messages.
    pub source: String,
    /// The run.
    pub run: Run,
    /// The workspace the export was taken from, where the format tells.
    pub taken_from: Option<WorkspaceId>,
    /// Whether every task in it is memoised unless it says otherwise, where the format tells.
    pub memo: Option<bool>,
    /// What its steps declare, where the format tells.
    pub declared: BTreeMap<StepNumber, Declared>,
    /// Its inputs, where the format tells.
    pub inputs: Vec<Input>,
    /// All files of its assets, where the format tells.
    pub assets: BTreeMap<AssetId, Vec<AssetEntry>>,
    /// Checkpoints by step and attempt, where the format tells.
    pub checkpoints: BTreeMap<(StepNumber, Attempt), BTreeMap<String, Option<Value>>>,
    /// Streams with their items, by step and index, where the format tells.
    pub streams: Vec<FoundStream>,
}

impl FoundRun {
    /// A run, without anything beyond the export's own form.
    pub fn plain(source: String, run: Run) -> Self {
        Self {
            source,
            run,
            taken_from: None,
            memo: None,
            declared: BTreeMap::new(),
            inputs: Vec::new(),
            assets: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
            streams: Vec::new(),
        }
    }

    /// Whether it shows this attempt of this step.
    pub fn shows(&self, step: StepNumber, attempt: Attempt) -> bool {
        let step = self.run.steps.get(&step);
        step.is_some_and(|step| step.executions.contains_key(&attempt))
    }
}

/// A stream of a run, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundStream {
    /// The step it belongs to.
    pub step: StepNumber,
    /// Which of the step's.
    pub index: u32,
    /// The attempt that produces it; the newest, where one went on after another.
    pub producer: Attempt,
    /// How it ended; none while more may come.
    pub end: Option<StreamEnd>,
    /// Its items, from the first on.
    pub items: Vec<Value>,
}

/// What a server says of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundWorkspace {
    /// Its name.
    pub name: EnvironmentName,
    /// The workspace whose results it inherits.
    pub base: Option<WorkspaceId>,
}

/// Something odd in an export that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file (and entry) it is in.
    pub source: String,
    /// Where in it: an id, a line.
    pub place: String,
    /// What is odd.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.source, self.place, self.message)
    }
}

/// A place that holds blob contents.
pub trait BlobSource: fmt::Debug + Send + Sync {
    /// The bytes, not yet checked against the key.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self, key: &BlobKey) -> io::Result<Vec<u8>>;

    /// What to call the place in a message.
    fn name(&self, key: &BlobKey) -> String;
}
