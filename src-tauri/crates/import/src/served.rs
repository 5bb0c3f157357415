//! What a live server answers, read as the files of an export are. Whoever asks the server hands the
//! bytes on; nothing here knows where they come from.

mod listing;

use std::collections::BTreeMap;

use hindcast_model::record::{Input, InputResponse, LogEntry, MetricPoint};
use hindcast_model::{
    AssetEntry, BlobKey, EnvironmentName, Extra, Finding, FoundRun, FoundWorkspace, InputId, Json,
    Run, Timestamp, Value, WorkspaceId,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Any};

use crate::document::Document;
use crate::log::{LogForm, PointForm};
use crate::room::{Room, Shape};
use crate::{ImportError, check};

pub use listing::{ListedRun, ListedWorkflow, matches, runs, workflows};

/// A page of a list, and where the next one begins.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask the next page with; none after the last.
    pub cursor: Option<String>,
}

/// Reads the topic of a run: the run as seen from one workspace. `name` is for messages.
///
/// # Errors
/// If it is no run or a damaged one.
pub fn run(bytes: &[u8], name: &str) -> Result<Run, ImportError> {
    match Document::read(bytes, name, &mut Room::default())? {
        Document::Run(run) => Ok(*run),
        _ => Err(ImportError::at(name, "the document", "it is no run")),
    }
}

/// Checks a run, put together of all its views.
///
/// # Errors
/// If it contradicts itself.
pub fn checked(
    found: FoundRun,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Result<FoundRun, ImportError> {
    check::run(found, name, findings)
}

/// Reads the topic of workspaces: names and bases.
///
/// # Errors
/// If it is something else.
pub fn workspaces(
    bytes: &[u8],
    name: &str,
) -> Result<BTreeMap<WorkspaceId, FoundWorkspace>, ImportError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Form {
        name: EnvironmentName,
        base_id: Option<WorkspaceId>,
    }
    let forms: BTreeMap<WorkspaceId, Form> = json(bytes, name)?;
    let named =
        |(id, form): (_, Form)| (id, FoundWorkspace { name: form.name, base: form.base_id });
    Ok(forms.into_iter().map(named).collect())
}

/// Reads a page of log lines.
///
/// # Errors
/// If it is something else.
pub fn logs(bytes: &[u8], name: &str) -> Result<Page<LogEntry>, ImportError> {
    #[derive(Deserialize)]
    struct Form {
        logs: Vec<LogForm>,
        cursor: Option<String>,
    }
    let Form { logs, cursor } = json(bytes, name)?;
    let items = logs.into_iter().map(TryInto::try_into).collect::<Result<_, _>>();
    let items = items.map_err(|reason: String| ImportError::at(name, "logs", reason))?;
    Ok(Page { items, cursor })
}

/// Reads a page of metric points.
///
/// # Errors
/// If it is something else.
pub fn points(bytes: &[u8], name: &str) -> Result<Page<MetricPoint>, ImportError> {
    #[derive(Deserialize)]
    struct Form {
        metrics: Vec<PointForm>,
        cursor: Option<String>,
    }
    let Form { metrics, cursor } = json(bytes, name)?;
    Ok(Page { items: metrics.into_iter().map(Into::into).collect(), cursor })
}

/// Reads the topic of an asset: all its files, by path.
///
/// # Errors
/// If it is something else.
pub fn asset(bytes: &[u8], name: &str) -> Result<Vec<AssetEntry>, ImportError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        blob_key: BlobKey,
        size: u64,
        #[serde(default)]
        metadata: Map<String, Any>,
    }
    #[derive(Deserialize)]
    struct Form {
        entries: BTreeMap<String, File>,
    }
    let Form { entries } = json(bytes, name)?;
    let entry = |(path, File { blob_key, size, metadata })| AssetEntry {
        path,
        blob_key,
        size,
        metadata,
        extra: Extra::NONE,
    };
    Ok(entries.into_iter().map(entry).collect())
}

/// Reads what the server says of an input. It says neither which it is nor where it was asked.
///
/// # Errors
/// If it is something else.
pub fn input(
    bytes: &[u8],
    name: &str,
    id: InputId,
    workspace: WorkspaceId,
) -> Result<Input, ImportError> {
    let form: InputForm = json(bytes, name)?;
    let mut placeholders = form.placeholders;
    placeholders.values_mut().for_each(crate::compact::value);
    let response = form.response.map(|response| {
        let at = response.created_at;
        match response.kind.as_str() {
            "value" => {
                Ok(InputResponse::Value { value: response.value.unwrap_or_else(Json::null), at })
            }
            "dismissed" => Ok(InputResponse::Dismissed { at }),
            "cancelled" => Ok(InputResponse::Cancelled { at }),
            other => {
                Err(ImportError::at(name, "response", format!("a response of type {other:?}")))
            }
        }
    });
    Ok(Input {
        id,
        workspace,
        key: form.key,
        template: form.template,
        placeholders,
        schema: form.schema,
        initial: form.initial,
        title: form.title,
        actions: form.actions,
        requires: form.requires,
        created_at: form.created_at,
        response: response.transpose()?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputForm {
    key: Option<String>,
    template: String,
    #[serde(default)]
    placeholders: BTreeMap<String, Value>,
    schema: Option<String>,
    initial: Option<Json>,
    title: Option<String>,
    actions: Option<Vec<String>>,
    #[serde(default)]
    requires: Any,
    created_at: Timestamp,
    response: Option<ResponseForm>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseForm {
    #[serde(rename = "type")]
    kind: String,
    created_at: Timestamp,
    value: Option<Json>,
}

/// Reads any JSON answer. If it is not of that form, the error names the line and the column.
fn json<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, ImportError> {
    let taken = Room::default().take(bytes, Shape::Document);
    taken.map_err(|reason| ImportError::at(name, "the answer", reason))?;
    serde_json::from_slice(bytes).map_err(|error| ImportError::json(name, &error))
}
