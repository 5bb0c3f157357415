//! The bundle, `*.hindcast`: runs with everything that belongs to them, in one zip archive. (For whoever
//! wants to write one, `fixtures/BUNDLE.md` has it all, with examples.)
//!
//! | entry | content |
//! | --- | --- |
//! | `manifest.json` | `{"formatVersion": 1, "created": MS, "runs": [ID, …]}`; required |
//! | `runs/ID.json` | the run as `coflux runs inspect` prints it |
//! | `runs/ID@WORKSPACE.json` | instead or besides: the run as seen from that workspace |
//! | `workspaces.json` | names and bases, as the server's workspaces topic: `{"WbCd": {"name": …, "baseId": …}}` |
//! | `blobs/SHA256` | a blob, by the 64 lowercase hex digits of its content's SHA-256 |
//! | `logs/ID.jsonl` | log lines of the run in the server's form, one a line |
//! | `metrics/ID.jsonl` | metric points of the run in the server's form, one a line |
//! | `details/ID.json` | what exports do not hold: run-level memo, what steps declare, inputs, files of assets, checkpoints ([`Details`]) |
//! | `streams/ID.jsonl`, `streams/ID@WORKSPACE.jsonl` | streams of the run (or of that view of it) with their items, one stream a line ([`hindcast_model::FoundStream`]): `{"step": 2, "index": 0, "producer": 1, "end": "complete", "items": [VALUE, …]}`; `end` is `null` where more was to come, `{"errored": ERROR}` where the body raised |
//! | `source.json` | where the code is: any JSON; kept for people |
//!
//! Written, it is deterministic: entries sorted by name, each dated 1980-01-01, so that the same
//! content gives the same bytes. `created` is the newest time in the content, not the clock's.
//! Entries are read by name and never become paths. Entries of other names are left out, with a
//! finding.

mod read;
mod write;

use std::collections::BTreeMap;

use hindcast_model::record::{Declared, Input, LogEntry, MetricPoint};
use hindcast_model::{
    AssetEntry, AssetId, Attempt, FoundRun, FoundWorkspace, RunId, StepNumber, Value, WorkspaceId,
};
use serde::{Deserialize, Serialize};

pub(crate) use read::{bytes as zip_bytes, largest_honest, read};
pub use write::{BundleError, Written, needed_blobs, write};

/// The version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 1;

/// What goes into a bundle, blobs aside.
#[derive(Debug, Default)]
pub struct Content {
    /// Runs; several views of one are told apart by the workspace each was taken from.
    pub runs: Vec<FoundRun>,
    /// Names and bases of their workspaces.
    pub workspaces: BTreeMap<WorkspaceId, FoundWorkspace>,
    /// Log lines.
    pub logs: Vec<LogEntry>,
    /// Metric points.
    pub points: Vec<MetricPoint>,
    /// Where the code is, for people.
    pub source: Option<serde_json::Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    format_version: u32,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    runs: Vec<RunId>,
}

/// What an export of a run does not hold.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Details {
    /// Whether every task in the run is memoised unless it says otherwise.
    pub memo: Option<bool>,
    /// What steps declare, by number.
    pub declared: BTreeMap<StepNumber, Declared>,
    /// Inputs, whole.
    pub inputs: Vec<Input>,
    /// All files of assets.
    pub assets: BTreeMap<AssetId, Vec<AssetEntry>>,
    /// Checkpoints.
    pub checkpoints: Vec<Checkpoints>,
}

/// The checkpoints of one execution.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// The step's number.
    pub step: StepNumber,
    /// Which attempt.
    pub attempt: Attempt,
    /// Values by name; none for a reset.
    pub values: BTreeMap<String, Option<Value>>,
}

impl Details {
    fn of(run: &FoundRun) -> Self {
        let checkpoints = run.checkpoints.iter().map(|((step, attempt), values)| Checkpoints {
            step: *step,
            attempt: *attempt,
            values: values.clone(),
        });
        Self {
            memo: run.memo,
            declared: run.declared.clone(),
            inputs: run.inputs.clone(),
            assets: run.assets.clone(),
            checkpoints: checkpoints.collect(),
        }
    }

    fn add_to(&self, run: &mut FoundRun) {
        run.memo = run.memo.or(self.memo);
        // A step that this view does not show declares nothing in it.
        let shown = |number: &StepNumber| run.run.steps.contains_key(number);
        let declared = self.declared.iter().filter(|(number, _)| shown(number));
        run.declared = declared.map(|(number, declared)| (*number, declared.clone())).collect();
        let checkpoints = self.checkpoints.iter();
        let checkpoints = checkpoints.filter(|of| run.shows(of.step, of.attempt));
        run.checkpoints =
            checkpoints.map(|of| ((of.step, of.attempt), of.values.clone())).collect();
        run.inputs.clone_from(&self.inputs);
        run.assets.clone_from(&self.assets);
    }
}
