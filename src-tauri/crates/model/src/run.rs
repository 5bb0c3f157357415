//! A run as Coflux's export has it, field for field.
//!
//! Source of the form: `coflux runs inspect` and the server's run topic, 0.9 to 0.12. Fields that
//! only some versions write are optional and stay absent when they were; fields we do not know are
//! kept in `extra`, so that what came in goes out again.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any};

use crate::{
    AssetId, Attempt, Attempts, BlobKey, ExecutionId, Extra, IdError, InputId, Outcome, RunId,
    StepId, StepNumber, Target, Timestamp, Value, WorkspaceId,
};

/// One invocation of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id. The export's document does not hold it; it is taken from the steps.
    pub id: RunId,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// Who submitted it: null, or Coflux's principal object, kept as it is.
    pub created_by: Any,
    /// Tags a worker must have; absent before 0.10.
    pub requires: Option<Any>,
    /// The execution that spawned it, if another run did.
    pub parent: Option<ExecutionRef>,
    /// Its steps by number.
    pub steps: BTreeMap<StepNumber, Step>,
    /// Fields unknown to us.
    pub extra: Map<String, Any>,
}

/// One call of a target with its arguments.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its number in the run.
    pub step_number: StepNumber,
    /// The module of its target.
    pub module: String,
    /// The function of its target.
    pub target: String,
    /// The execution whose call made it; null for the root step.
    pub parent_id: Option<ExecutionId>,
    /// How it may be cached.
    pub cache_config: Option<CacheConfig>,
    /// The key it can be found by in the cache.
    pub cache_key: Option<Key>,
    /// The key it can be found by in this run; present exactly if it is memoised, except in exports
    /// before 0.6 ([`crate::legacy`]).
    pub memo_key: Option<Key>,
    /// How often it is tried again.
    pub retries: Option<Retries>,
    /// Whether it runs again after returning null; absent in 0.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrent: Option<bool>,
    /// How long it may run, in ms; 0 for ever; absent in 0.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// What it was called with, by position: only what the caller sent.
    pub arguments: Vec<Value>,
    /// Tags a worker must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Any>,
    /// Its attempts.
    pub executions: Attempts,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Step {
    /// What it calls.
    pub fn target(&self) -> Target {
        Target::new(&self.module, &self.target)
    }

    /// Whether code or run declared it memoised. (Exports before 0.6 say so without a key.)
    pub fn is_memoised(&self) -> bool {
        self.memo_key.is_some() || self.has_unknown_key()
    }
}

/// One attempt at a step.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// Its id.
    pub execution_id: ExecutionId,
    /// Where it happened.
    pub workspace_id: WorkspaceId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Who asked for it: null, or Coflux's principal object, kept as it is.
    #[serde(default)]
    pub created_by: Any,
    /// When it may start, in Unix ms; a float in some live updates.
    pub execute_after: Option<serde_json::Number>,
    /// When a worker took it.
    pub assigned_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// Groups it registered: their names by number.
    #[serde(default)]
    pub groups: BTreeMap<u32, Option<String>>,
    /// Assets it persisted.
    #[serde(default)]
    pub assets: BTreeMap<AssetId, Asset>,
    /// What it consumed, by id.
    #[serde(default)]
    pub dependencies: BTreeMap<String, Dependency>,
    /// What it called, in the order of the export (see the notes on live and cold exports).
    #[serde(default)]
    pub children: Vec<Child>,
    /// Inputs it submitted; absent before 0.11.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<BTreeMap<InputId, InputSummary>>,
    /// Metrics it defined; absent in 0.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<BTreeMap<String, MetricDefinition>>,
    /// How it ended; null while it has not.
    pub result: Option<Outcome>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Run {
    /// The step called by nobody.
    pub fn root(&self) -> Option<&Step> {
        self.steps.values().find(|step| step.parent_id.is_none())
    }

    /// The id of its step `number`.
    pub fn step_id(&self, number: StepNumber) -> StepId {
        StepId::new(self.id.clone(), number)
    }

    /// The execution of that id, if it is in this run.
    pub fn execution(&self, id: &ExecutionId) -> Option<&Execution> {
        if id.step.run != self.id {
            return None;
        }
        self.steps.get(&id.step.number)?.executions.get(&id.attempt)
    }
}

/// A pointer to an execution that may be in another run, with its target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionRef {
    /// Which.
    pub execution_id: ExecutionId,
    /// The module of its target.
    pub module: Option<String>,
    /// The function of its target.
    pub target: Option<String>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl ExecutionRef {
    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let Self { execution_id, module, target, extra: _ } = self;
        (execution_id, module, target) == (&other.execution_id, &other.module, &other.target)
    }
}

/// A call: own child where that step's parent is the caller, else a memo reference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// The step called or referred to; of the same run.
    pub step_id: StepId,
    /// The attempt that was current when it was called.
    pub attempt: Attempt,
    /// The caller's group it was called in.
    pub group_id: Option<u32>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Child {
    /// The execution called or referred to.
    pub fn execution_id(&self) -> ExecutionId {
        self.step_id.attempt(self.attempt)
    }
}

/// Which arguments count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Params {
    /// All that were sent, in order.
    All,
    /// These positions, in this order.
    Only(Vec<usize>),
}

/// How a step may be cached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheConfig {
    /// Which arguments count.
    pub params: Params,
    /// How old a result may be, in ms.
    pub max_age: Option<u64>,
    /// Stands in for `module:target` in the key.
    pub namespace: Option<String>,
    /// Part of the key.
    pub version: Option<String>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How often a step is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retries {
    /// How many times; null for ever.
    pub limit: Option<u32>,
    /// The first wait, in ms; null in some live exports.
    pub backoff_min: Option<u64>,
    /// The last wait, in ms; null in some live exports.
    pub backoff_max: Option<u64>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A memo, cache or defer key: whole (32 bytes), or its first digits as exports give it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// How many digits the server's exports show.
    pub const SHOWN: usize = 10;

    /// A whole key.
    pub fn whole(bytes: &[u8; 32]) -> Self {
        Self(BlobKey(*bytes).to_string())
    }

    /// The digits known.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The digits an export shows.
    pub fn shown(&self) -> &str {
        &self.0[..Self::SHOWN]
    }

    /// Whether all digits are known.
    pub fn is_whole(&self) -> bool {
        self.0.len() == 64
    }

    /// Whether the two agree in all digits known of both.
    pub fn agrees(&self, other: &Key) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl FromStr for Key {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && (text.len() == Self::SHOWN || text.len() == 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                what: "a key (10 or 64 lowercase hex digits)",
                text: text.chars().take(80).collect(),
            })
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Params {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => s.serialize_bool(true),
            Self::Only(indexes) => indexes.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            All(bool),
            Only(Vec<usize>),
        }
        match Form::deserialize(d)? {
            Form::All(true) => Ok(Self::All),
            Form::All(false) => Err(serde::de::Error::custom("params is true or a list")),
            Form::Only(indexes) => Ok(Self::Only(indexes)),
        }
    }
}

/// A persisted file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Its name.
    pub name: Option<String>,
    /// How many files.
    pub total_count: u64,
    /// Their sizes together, in bytes; printed as a float by some servers.
    pub total_size: serde_json::Number,
    /// The file, if there is exactly one.
    pub entry: Option<AssetEntry>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Asset {
    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let Self { name, total_count, total_size, entry, extra: _ } = self;
        let entries = match (entry, &other.entry) {
            (Some(entry), Some(other)) => entry.known_equals(other),
            (entry, other) => entry.is_none() && other.is_none(),
        };
        entries
            && (name, total_count, total_size)
                == (&other.name, &other.total_count, &other.total_size)
    }
}

/// A file of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetEntry {
    /// Its path in the asset.
    pub path: String,
    /// The blob that holds it.
    pub blob_key: BlobKey,
    /// Its size in bytes.
    pub size: u64,
    /// Such as `{"type": "text/csv"}`.
    #[serde(default)]
    pub metadata: Map<String, Any>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AssetEntry {
    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let Self { path, blob_key, size, metadata, extra: _ } = self;
        (path, blob_key, size, metadata)
            == (&other.path, &other.blob_key, &other.size, &other.metadata)
    }
}

/// Something an execution consumed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Dependency {
    /// One of the three known kinds.
    Typed(TypedDependency),
    /// 0.9 knows results only and writes no type.
    Untyped {
        /// The execution whose result was taken.
        execution: ExecutionRef,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// A kind we do not know, kept as it is.
    Other(Any),
}

/// Something an execution consumed, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum TypedDependency {
    /// Another execution's result.
    Result {
        /// Which execution's.
        execution: ExecutionRef,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// An input's response.
    Input {
        /// Which input's.
        input_id: InputId,
        /// Its title.
        title: Option<String>,
        /// How it was answered.
        status: Option<InputStatus>,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// An asset's files.
    Asset {
        /// Which asset's.
        asset_id: AssetId,
        /// What is known of it.
        asset: Asset,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
}

/// How an input was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputStatus {
    /// With a value.
    Value,
    /// A person would not say.
    Dismissed,
    /// The run no longer asks.
    Cancelled,
}

/// What an execution's export says of an input it submitted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct InputSummary {
    /// Its title.
    pub title: Option<String>,
    /// How it was answered; null while it waits.
    pub status: Option<InputStatus>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a metric is drawn.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricDefinition {
    /// The plot it belongs to.
    pub group: Option<String>,
    /// Unit of the group's axis.
    pub group_units: Option<String>,
    /// Lower bound of the group's axis.
    pub group_lower: Option<serde_json::Number>,
    /// Upper bound of the group's axis.
    pub group_upper: Option<serde_json::Number>,
    /// The scale it is drawn on.
    pub scale: Option<String>,
    /// Its unit.
    pub units: Option<String>,
    /// Whether it is the execution's progress bar.
    pub progress: bool,
    /// Its lower bound.
    pub lower: Option<serde_json::Number>,
    /// Its upper bound.
    pub upper: Option<serde_json::Number>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}
