//! What an executor hears, as lines.

use std::collections::BTreeMap;
use std::path::Path;

use hindcast_model::{AssetEntry, Encoding, ExecutionId, Failure, Target, Value};
use hindcast_orchestrator::message::{Reply, RequestId, Status, WantedCall};
use serde::Serialize;
use serde_json::{Value as Any, json};

use super::value::{Given, ValueError, Values};
use super::{SdkVersion, traceback};
use crate::ServerNumbers;

/// What an executor is told to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Which execution it is.
    pub execution: ExecutionId,
    /// What is called.
    pub target: Target,
    /// With what, by position.
    pub arguments: Vec<Value>,
    /// Effective checkpoints by name (0.12).
    pub checkpoints: BTreeMap<String, Value>,
    /// Stream settings (0.12).
    pub streams: Option<Any>,
    /// How the values it says are written.
    pub encoding: Encoding,
}

/// A value of a start that cannot be passed on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An argument.
    #[error("argument {index} of {target} cannot be passed: {source}")]
    Argument {
        /// Its position, from 0.
        index: usize,
        /// What is called.
        target: Target,
        /// Why.
        source: ValueError,
    },
    /// A checkpoint.
    #[error("checkpoint {name:?} of {target} cannot be passed: {source}")]
    Checkpoint {
        /// Its name.
        name: String,
        /// What is called.
        target: Target,
        /// Why.
        source: ValueError,
    },
}

#[derive(Serialize)]
struct Execute<'a> {
    execution_id: &'a ExecutionId,
    module: &'a str,
    target: &'a str,
    arguments: Vec<Given>,
    working_dir: &'a Path,
    /// What it was called by where it was recorded, for the bridge.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    streams: Option<&'a Any>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    checkpoints: BTreeMap<&'a str, Given>,
}

/// A start whose values have been found: ready to be written once the SDK says what it speaks.
pub(crate) struct Prepared<'a> {
    execute: Execute<'a>,
    encoding: Encoding,
}

impl<'a> Prepared<'a> {
    /// Finds the files of all values.
    pub(super) fn new(
        start: &'a Start,
        working_dir: &'a Path,
        values: &Values,
    ) -> Result<Self, StartError> {
        let target = &start.target;
        let argument = |(index, value)| {
            let failed = |source| StartError::Argument { index, target: target.clone(), source };
            values.give(value).map_err(failed)
        };
        let checkpoint = |(name, value): (&'a String, _)| {
            let failed = |source| {
                let (name, target) = (name.clone(), target.clone());
                StartError::Checkpoint { name, target, source }
            };
            Ok((name.as_str(), values.give(value).map_err(failed)?))
        };
        let execute = Execute {
            execution_id: &start.execution,
            module: &target.module,
            target: &target.name,
            arguments: start
                .arguments
                .iter()
                .enumerate()
                .map(argument)
                .collect::<Result<_, _>>()?,
            working_dir,
            number: None,
            streams: start.streams.as_ref(),
            checkpoints: start.checkpoints.iter().map(checkpoint).collect::<Result<_, _>>()?,
        };
        Ok(Self { execute, encoding: values.encoding })
    }

    /// The line that starts it.
    pub(crate) fn line(mut self, version: SdkVersion, numbers: &ServerNumbers) -> String {
        if version == SdkVersion::Bridged {
            let execute = &mut self.execute;
            execute.number = numbers.of(execute.execution_id);
            let given = execute.arguments.iter_mut().chain(execute.checkpoints.values_mut());
            given.for_each(|value| value.number(numbers));
        } else {
            self.execute.arguments.iter_mut().for_each(|given| given.normalise(&self.encoding));
        }
        if version < SdkVersion::V0_12 {
            self.execute.streams = None;
        }
        if version < SdkVersion::V0_12 && version != SdkVersion::Bridged {
            self.execute.checkpoints.clear();
        }
        line(&Notification { method: "execute", params: &self.execute })
    }
}

#[derive(Serialize)]
struct Notification<'a, P> {
    method: &'static str,
    params: &'a P,
}

#[derive(Serialize)]
struct Success<'a, R> {
    id: u64,
    result: &'a R,
}

/// Everything we write serialises: string keys only, and no foreign `Serialize`. Data keeps its own
/// text, which may be of several lines; in JSON a line's end is never more than a space.
fn line(message: &impl Serialize) -> String {
    let mut line = serde_json::to_string(message).unwrap_or_default();
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    line.push('\n');
    line
}

/// A message that wants no answer.
pub(super) fn notification(method: &'static str, params: &impl Serialize) -> String {
    line(&Notification { method, params })
}

fn success(request: RequestId, result: &impl Serialize) -> String {
    line(&Success { id: request.0, result })
}

/// The answer that becomes `RuntimeError("CODE: MESSAGE")` in user code.
pub(super) fn failure(request: RequestId, code: &str, message: &str) -> String {
    let error = json!({"code": code, "message": message});
    line(&json!({"id": request.0, "result": null, "error": error}))
}

/// The answer `{...}` to a request that is served right here.
pub(super) fn done(request: RequestId, result: &Any) -> String {
    success(request, result)
}

#[derive(Serialize)]
struct Wanted {
    keys_wanted: Vec<WantedKeys>,
    results: BTreeMap<String, Selected>,
}

#[derive(Serialize)]
struct WantedKeys {
    step: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Vec<Given>>,
    /// Why they cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Recorded calls whose keys are wanted of the bridge. A call with a value that is not there has no
/// key; a result that is not there is left out.
fn wanted(
    calls: Vec<WantedCall>,
    results: BTreeMap<ExecutionId, Status>,
    version: SdkVersion,
    values: &Values,
) -> Wanted {
    let call = |call: WantedCall| {
        let step = call.step.to_string();
        let given: Result<Vec<_>, _> = call.arguments.iter().map(|one| values.give(one)).collect();
        match given {
            Ok(arguments) => WantedKeys { step, arguments: Some(arguments), problem: None },
            Err(error) => WantedKeys { step, arguments: None, problem: Some(error.to_string()) },
        }
    };
    let results = results.into_iter().filter_map(|(id, status)| {
        Some((id.to_string(), selection(0, &status, version, values).ok()?))
    });
    Wanted { keys_wanted: calls.into_iter().map(call).collect(), results: results.collect() }
}

/// How an answer to a wait is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `select`, 0.11 on.
    Select,
    /// `resolve_reference`, up to 0.10.
    Resolve,
}

#[derive(Serialize)]
struct Selected {
    winner: usize,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Given>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Any>,
}

/// The answer to a request.
pub(super) fn reply(
    request: RequestId,
    reply: Reply,
    (form, version): (Form, SdkVersion),
    values: &Values,
) -> String {
    match reply {
        Reply::Submitted { execution, target } => {
            let number = values.numbers.as_ref().and_then(|all| all.of(&execution));
            let (module, target) = (&*target.module, &*target.name);
            let mut result = json!({"execution_id": execution, "module": module, "target": target});
            if let Some(number) = number {
                result["number"] = number.into();
            }
            success(request, &result)
        }
        Reply::KeysWanted { calls, results } => {
            success(request, &wanted(calls, results, version, values))
        }
        Reply::NothingYet => success(request, &Any::Null),
        Reply::Selected { winner, status } => {
            let text = match form {
                Form::Select => selected(request, winner, &status, version, values),
                Form::Resolve => resolved(request, status, version, values),
            };
            text.unwrap_or_else(|error| failure(request, "select_error", &unreadable(&error)))
        }
        Reply::AssetPersisted { id, asset } => {
            let number = values.numbers.as_ref().and_then(|_| id.old_id());
            let reference = json!(["asset", id, asset.name, asset.total_count, asset.total_size]);
            let mut result = json!({"asset_id": id, "reference": reference});
            if let Some(number) = number {
                result["number"] = number.into();
            }
            success(request, &result)
        }
        Reply::AssetEntries(entries) => success(request, &listing(entries)),
        Reply::InputSubmitted(input) => success(request, &json!({"input_id": input})),
        Reply::StreamRegistered { stream, length } => {
            let head = i64::try_from(length).unwrap_or(i64::MAX) - 1;
            success(request, &json!({"id": stream, "index": stream.index, "head": head}))
        }
        Reply::Done => success(request, &json!({})),
        Reply::Error { code, message } => failure(request, code, &message),
    }
}

fn unreadable(error: &ValueError) -> String {
    format!("the result cannot be passed on: {error}")
}

fn listing(entries: Vec<AssetEntry>) -> Any {
    let entry = |e: AssetEntry| (e.path, json!([e.blob_key, e.size, e.metadata]));
    json!({"entries": entries.into_iter().map(entry).collect::<serde_json::Map<_, _>>()})
}

fn selected(
    request: RequestId,
    winner: usize,
    status: &Status,
    version: SdkVersion,
    values: &Values,
) -> Result<String, ValueError> {
    Ok(success(request, &selection(winner, status, version, values)?))
}

fn selection(
    winner: usize,
    status: &Status,
    version: SdkVersion,
    values: &Values,
) -> Result<Selected, ValueError> {
    let name = match status {
        Status::Ok(_) => "ok",
        Status::Error(_) => "error",
        Status::Cancelled => "cancelled",
        Status::Dismissed => "dismissed",
        Status::Timeout => "timeout",
        // 0.11 does not know `crashed`; for it the two were one.
        Status::Crashed if version >= SdkVersion::V0_12 => "crashed",
        Status::Crashed | Status::Abandoned => "abandoned",
    };
    let (value, error) = match status {
        Status::Ok(value) => (Some(values.give(value)?), None),
        Status::Error(error) => (None, Some(wire_error(error))),
        _ => (None, None),
    };
    Ok(Selected { winner, status: name, value, error })
}

fn wire_error(failure: &Failure) -> Any {
    json!({
        "type": failure.kind,
        "message": failure.message,
        "traceback": traceback::text(failure),
    })
}

/// 0.9 knows a value and an error and nothing else, 0.10 also `cancelled` and `timeout`; the rest is
/// told as an error, so that user code sees what happened.
fn resolved(
    request: RequestId,
    status: Status,
    version: SdkVersion,
    values: &Values,
) -> Result<String, ValueError> {
    let bare = |name: &str| json!({"status": name});
    let error = |kind: &str, message: &str| json!({"status": "error", "error_type": kind, "error_message": message});
    let result = match status {
        Status::Ok(value) => return Ok(success(request, &values.give(&value)?)),
        Status::Error(failure) => error(&failure.kind, &failure.message),
        Status::Cancelled if version >= SdkVersion::V0_10 => bare("cancelled"),
        Status::Timeout if version >= SdkVersion::V0_10 => bare("timeout"),
        Status::Cancelled => error("coflux.ExecutionCancelled", "the execution was cancelled"),
        Status::Timeout => error("coflux.ExecutionTimeout", "the execution timed out"),
        Status::Dismissed => error("coflux.InputDismissed", "the input was dismissed"),
        Status::Abandoned => error("coflux.ExecutionAbandoned", "the execution was abandoned"),
        Status::Crashed => error("coflux.ExecutionCrashed", "the execution's process ended"),
    };
    Ok(success(request, &result))
}
