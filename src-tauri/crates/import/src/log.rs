//! Log lines and metric points as the server gives them.

use std::collections::BTreeMap;

use hindcast_model::record::{LogEntry, LogLevel, MetricPoint};
use hindcast_model::{
    Asset, AssetId, BlobKey, ExecutionId, InputId, Json, Reference, Timestamp, Value,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value as Any};

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

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum LogReference {
    Fragment {
        format: String,
        blob_key: BlobKey,
        size: u64,
        #[serde(default)]
        metadata: Map<String, Any>,
    },
    Execution {
        execution_id: ExecutionId,
        module: Option<String>,
        target: Option<String>,
    },
    Asset {
        asset_id: AssetId,
        name: Option<String>,
        total_count: Option<u64>,
        total_size: Option<Number>,
        asset: Option<Asset>,
    },
    Input {
        input_id: InputId,
    },
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
        let references = form.references.into_iter().map(Into::into).collect();
        let mut value = match (form.kind.as_str(), form.key, form.size) {
            ("raw", ..) => Self::Raw { data: form.data.unwrap_or_else(Json::null), references },
            ("blob", Some(key), Some(size)) => Self::Blob { key, size, references },
            (kind, ..) => return Err(format!("a log value of type {kind:?} is not complete")),
        };
        crate::compact::value(&mut value);
        Ok(value)
    }
}

impl From<LogReference> for Reference {
    fn from(form: LogReference) -> Self {
        match form {
            LogReference::Fragment { format, blob_key, size, metadata } => {
                Self::Fragment { format, blob_key, size, metadata }
            }
            LogReference::Execution { execution_id, module, target } => {
                Self::Execution { execution_id, module, target }
            }
            LogReference::Asset { asset_id, name, total_count, total_size, asset } => {
                let summary = Asset {
                    name,
                    total_count: total_count.unwrap_or(0),
                    total_size: total_size.unwrap_or_else(|| 0.into()),
                    entry: None,
                };
                Self::Asset { asset_id, asset: asset.unwrap_or(summary) }
            }
            LogReference::Input { input_id } => Self::Input { input_id },
        }
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
