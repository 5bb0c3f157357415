//! Log lines and metric points as the server gives them.

use std::collections::BTreeMap;

use hindcast_model::record::{LogEntry, LogLevel, MetricPoint};
use hindcast_model::{BlobKey, ExecutionId, Extra, Json, Reference, Timestamp, Value};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any, json};

/// A log line in the server's form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a log line")]
pub(crate) struct LogForm {
    pub(crate) execution_id: ExecutionId,
    pub(crate) timestamp: i64,
    pub(crate) level: i64,
    pub(crate) template: Option<String>,
    #[serde(default)]
    pub(crate) values: Option<BTreeMap<String, LogValue>>,
}

/// A value in a log line: as elsewhere, but what it refers to is flat.
#[derive(Deserialize)]
#[serde(expecting = "a value of a log line")]
pub(crate) struct LogValue {
    #[serde(rename = "type")]
    kind: String,
    data: Option<Json>,
    key: Option<BlobKey>,
    size: Option<u64>,
    #[serde(default)]
    references: Vec<LogReference>,
}

/// What a value of a log line refers to. Nothing that is unknown to us is kept of it: the same line may
/// come from a server that tells less, and has to be the same.
struct LogReference(Reference);

impl<'de> Deserialize<'de> for LogReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields: Map<String, Any> = Map::deserialize(deserializer)?;
        let flat = fields.get("asset").is_none_or(Any::is_null);
        match fields.get("type").and_then(Any::as_str) {
            Some("asset") if flat => {
                let mut field = |name| fields.remove(name).filter(|field| !field.is_null());
                let (name, count) = (field("name"), field("totalCount").unwrap_or(0.into()));
                let size = field("totalSize").unwrap_or(0.into());
                let asset = json!({"name": name, "totalCount": count, "totalSize": size});
                fields.insert("asset".into(), asset);
            }
            Some("fragment") => drop(fields.entry("metadata").or_insert_with(|| json!({}))),
            _ => {}
        }
        let mut reference: Reference =
            serde_json::from_value(fields.into()).map_err(D::Error::custom)?;
        match &mut reference {
            Reference::Asset { asset, extra, .. } => {
                (asset.extra, *extra) = (Extra::NONE, Extra::NONE);
                asset.entry.iter_mut().for_each(|entry| entry.extra = Extra::NONE);
            }
            Reference::Fragment { extra, .. }
            | Reference::Execution { extra, .. }
            | Reference::Input { extra, .. } => *extra = Extra::NONE,
            Reference::Other { .. } => {}
        }
        Ok(Self(reference))
    }
}

impl TryFrom<LogForm> for LogEntry {
    type Error = String;
    fn try_from(form: LogForm) -> Result<Self, String> {
        let level = LogLevel::from_number(form.level);
        let values = form.values.unwrap_or_default().into_iter();
        Ok(Self {
            execution: form.execution_id,
            at: Timestamp(form.timestamp),
            level: level.ok_or_else(|| format!("{} is no log level", form.level))?,
            template: form.template,
            values: values
                .map(|(name, value)| Ok((name, value.try_into()?)))
                .collect::<Result<_, String>>()?,
        })
    }
}

impl TryFrom<LogValue> for Value {
    type Error = String;
    fn try_from(form: LogValue) -> Result<Self, String> {
        let references = form.references.into_iter().map(|LogReference(known)| known).collect();
        let mut value = match (form.kind.as_str(), form.key, form.size) {
            ("raw", ..) => Self::raw(form.data.unwrap_or_else(Json::null), references),
            ("blob", Some(key), Some(size)) => Self::blob(key, size, references),
            (kind, ..) => return Err(format!("a log value of type {kind:?} is not complete")),
        };
        crate::compact::value(&mut value);
        Ok(value)
    }
}

/// A metric point in the server's form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a metric point")]
pub(crate) struct PointForm {
    execution_id: ExecutionId,
    key: String,
    value: f64,
    at: f64,
}

impl From<PointForm> for MetricPoint {
    fn from(form: PointForm) -> Self {
        Self { execution: form.execution_id, key: form.key, value: form.value, at: form.at }
    }
}

/// A log line, to be written in the server's form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogLine<'line> {
    execution_id: &'line ExecutionId,
    timestamp: Timestamp,
    level: u8,
    template: Option<&'line str>,
    values: &'line BTreeMap<String, Value>,
}

impl<'line> From<&'line LogEntry> for LogLine<'line> {
    fn from(line: &'line LogEntry) -> Self {
        Self {
            execution_id: &line.execution,
            timestamp: line.at,
            level: line.level.number(),
            template: line.template.as_deref(),
            values: &line.values,
        }
    }
}

/// A metric point, to be written in the server's form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PointLine<'point> {
    execution_id: &'point ExecutionId,
    key: &'point str,
    value: f64,
    at: f64,
}

impl<'point> From<&'point MetricPoint> for PointLine<'point> {
    fn from(point: &'point MetricPoint) -> Self {
        Self { execution_id: &point.execution, key: &point.key, value: point.value, at: point.at }
    }
}
