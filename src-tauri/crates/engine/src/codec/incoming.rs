//! The SDK's messages as they stand on the wire, 0.9 to 0.12.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use hindcast_model::{CacheConfig, Extra, Key, MetricDefinition, OwnKeys, Params, Retries};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value as Any};

use super::asset::{WireEntry, WirePaths};
use super::value::WireValue;

/// Any line.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(default)]
    pub(super) id: Option<u64>,
    #[serde(borrow)]
    pub(super) method: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) params: Option<&'a RawValue>,
}

/// What all parameters but those of `ready` have.
#[derive(Deserialize)]
pub(super) struct Addressed<'a> {
    #[serde(borrow)]
    pub(super) execution_id: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct Ready<'a> {
    #[serde(borrow)]
    pub(super) version: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct ExecutionResult<'a> {
    #[serde(default, borrow)]
    pub(super) result: Option<WireValue<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ExecutionError {
    pub(super) error: WireError,
}

#[derive(Deserialize)]
pub(super) struct WireError {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) traceback: String,
    #[serde(default)]
    pub(super) retryable: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Log<'a> {
    pub(super) level: i64,
    #[serde(default)]
    pub(super) template: Option<String>,
    #[serde(default, borrow)]
    pub(super) values: Option<BTreeMap<String, WireValue<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct RegisterGroup {
    pub(super) group_id: u32,
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct DefineMetric {
    pub(super) key: String,
    pub(super) definition: WireDefinition,
}

#[derive(Deserialize)]
pub(super) struct WireDefinition {
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    group_units: Option<String>,
    #[serde(default)]
    group_lower: Option<Number>,
    #[serde(default)]
    group_upper: Option<Number>,
    #[serde(default)]
    scale: Option<String>,
    #[serde(default)]
    units: Option<String>,
    #[serde(default)]
    progress: bool,
    #[serde(default)]
    lower: Option<Number>,
    #[serde(default)]
    upper: Option<Number>,
}

impl From<WireDefinition> for MetricDefinition {
    fn from(wire: WireDefinition) -> Self {
        Self {
            group: wire.group,
            group_units: wire.group_units,
            group_lower: wire.group_lower,
            group_upper: wire.group_upper,
            scale: wire.scale,
            units: wire.units,
            progress: wire.progress,
            lower: wire.lower,
            upper: wire.upper,
            extra: Extra::NONE,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Metric {
    pub(super) key: String,
    pub(super) value: f64,
    #[serde(default)]
    pub(super) at: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct CheckpointUpdate<'a> {
    #[serde(default, borrow)]
    pub(super) set: BTreeMap<String, WireValue<'a>>,
    #[serde(default)]
    pub(super) reset: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct SubmitExecution<'a> {
    pub(super) module: String,
    pub(super) target: String,
    #[serde(borrow)]
    pub(super) arguments: Vec<WireValue<'a>>,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) wait_for: Option<Vec<usize>>,
    #[serde(default)]
    pub(super) group_id: Option<u32>,
    #[serde(default)]
    pub(super) cache: Option<WireCache>,
    #[serde(default)]
    pub(super) defer: Option<WireDefer>,
    #[serde(default)]
    pub(super) memo: Option<WireParams>,
    #[serde(default)]
    pub(super) delay: Option<Millis>,
    #[serde(default)]
    pub(super) retries: Option<WireRetries>,
    #[serde(default)]
    pub(super) recurrent: bool,
    #[serde(default)]
    pub(super) requires: Option<Any>,
    #[serde(default)]
    pub(super) timeout: Option<Millis>,
    #[serde(default)]
    pub(super) streams: Option<Any>,
    /// Of the bridge: keys that the SDK made.
    #[serde(default)]
    pub(super) keys: Option<WireKeys>,
    /// Of the bridge: keys it was asked for.
    #[serde(default)]
    pub(super) recorded: Option<BTreeMap<String, OwnKeys>>,
}

/// Keys that an SDK before 0.4 makes itself.
#[derive(Deserialize)]
pub(super) struct WireKeys {
    #[serde(default)]
    pub(super) memo: Option<Key>,
    #[serde(default)]
    pub(super) cache: Option<Key>,
    #[serde(default)]
    pub(super) defer: Option<Key>,
    #[serde(default)]
    pub(super) by_function: bool,
}

/// `true`, `false`, or positions.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum WireParams {
    Whether(bool),
    Only(Vec<usize>),
}

impl WireParams {
    /// The parameters; none for `false`.
    pub(super) fn params(self) -> Option<Params> {
        match self {
            Self::Whether(all) => all.then_some(Params::All),
            Self::Only(indexes) => Some(Params::Only(indexes)),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireCache {
    params: WireParams,
    #[serde(default)]
    max_age_ms: Option<Millis>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

impl WireCache {
    pub(super) fn config(self) -> Option<CacheConfig> {
        Some(CacheConfig {
            params: self.params.params()?,
            max_age: self.max_age_ms.map(|age| age.0),
            namespace: self.namespace,
            version: self.version,
            extra: Extra::NONE,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct WireDefer {
    pub(super) params: WireParams,
}

#[derive(Deserialize)]
pub(super) struct WireRetries {
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    backoff_min_ms: Option<Millis>,
    #[serde(default)]
    backoff_max_ms: Option<Millis>,
}

impl From<WireRetries> for Retries {
    fn from(wire: WireRetries) -> Self {
        Self {
            limit: wire.limit,
            backoff_min: wire.backoff_min_ms.map(|ms| ms.0),
            backoff_max: wire.backoff_max_ms.map(|ms| ms.0),
            extra: Extra::NONE,
        }
    }
}

/// Milliseconds; some SDKs write a float.
#[derive(Clone, Copy)]
pub(super) struct Millis(pub(super) u64);

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates, which is what an absurd duration deserves"
        )]
        let rounded = number.as_f64().unwrap_or(0.0).round() as u64;
        Ok(Self(number.as_u64().unwrap_or(rounded)))
    }
}

#[derive(Deserialize)]
pub(super) struct Select {
    pub(super) handles: Vec<WireHandle>,
    #[serde(default)]
    pub(super) suspend: bool,
    #[serde(default)]
    pub(super) timeout_ms: Option<Millis>,
    #[serde(default)]
    pub(super) cancel_remaining: bool,
}

#[derive(Deserialize)]
pub(super) struct WireHandle {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
    /// Of a stream: the place of the item waited for.
    #[serde(default)]
    pub(super) sequence: u64,
}

/// `resolve_reference` of 0.9 and 0.10.
#[derive(Deserialize)]
pub(super) struct ResolveReference {
    pub(super) target_execution_id: String,
    #[serde(default)]
    pub(super) timeout_ms: Option<Millis>,
    /// 0.9 has no such flag, and always may be suspended.
    #[serde(default = "yes")]
    pub(super) suspend: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(super) struct CancelExecution {
    pub(super) target_execution_id: String,
}

#[derive(Deserialize)]
pub(super) struct Cancel {
    pub(super) handles: Vec<WireHandle>,
}

#[derive(Deserialize)]
pub(super) struct Suspend {
    #[serde(default)]
    pub(super) execute_after: Option<Millis>,
    #[serde(default)]
    pub(super) stream_wait: Option<StreamWait>,
}

#[derive(Deserialize)]
pub(super) struct StreamWait {
    pub(super) stream_id: String,
    pub(super) sequence: u64,
}

#[derive(Deserialize)]
pub(super) struct PersistAsset {
    #[serde(default)]
    pub(super) paths: Option<WirePaths>,
    #[serde(default)]
    pub(super) metadata: Option<AssetMetadata>,
    #[serde(default)]
    pub(super) entries: Option<BTreeMap<String, WireEntry>>,
}

#[derive(Deserialize)]
pub(super) struct AssetMetadata {
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct GetAsset {
    pub(super) asset_id: String,
}

#[derive(Deserialize)]
pub(super) struct DownloadBlob {
    pub(super) blob_key: String,
    pub(super) target_path: PathBuf,
    #[serde(default)]
    pub(super) offset: Option<u64>,
    #[serde(default)]
    pub(super) length: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct UploadBlob {
    pub(super) source_path: PathBuf,
}

#[derive(Deserialize)]
pub(super) struct SubmitInput<'a> {
    pub(super) template: String,
    #[serde(default, borrow)]
    pub(super) placeholders: BTreeMap<String, WireValue<'a>>,
    #[serde(default)]
    pub(super) schema: Option<String>,
    #[serde(default)]
    pub(super) key: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) actions: Option<Vec<String>>,
    #[serde(default, borrow)]
    pub(super) initial: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) requires: Option<Any>,
}
