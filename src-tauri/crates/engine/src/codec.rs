//! The SDK's stdio protocol, 0.9 to 0.12: lines to messages and back.
//!
//! Source: the Python SDKs 0.9.1 to 0.12.0 and Coflux's own worker. One [`Conversation`] per
//! execution; it is told apart by `ready` which version it is held in.

mod asset;
mod blob_requests;
mod incoming;
mod long_line;
mod manifest;
mod outgoing;
mod repair;
mod request;
mod streams;
mod traceback;
mod value;
mod version;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_model::record::LogLevel;
use hindcast_model::{Debugger, Encoding, ExecutionId, Extra, Failure, Numbers};
use hindcast_orchestrator::message::{Message, Reply, RequestId};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::debug;
use crate::sentinel::{self, Reports, to_the_line};
use crate::{BlobFiles, ServerNumbers};
use incoming::{Addressed, Envelope};
pub(crate) use manifest::manifest;
pub use manifest::{Declaration, Parameter};
use outgoing::Form;
pub(crate) use outgoing::Prepared;
pub use outgoing::{Start, StartError};
use repair::{NotFinite, Place, python_path, repair};
pub use streams::Telling;
pub use value::ValueError;
use value::Values;
pub use version::{SdkVersion, UnknownVersion};

/// The longest text of a log line that is kept, in bytes.
const LONGEST_LOG: usize = 64 << 10;

/// The longest line that is read whole, in bytes. The SDK sends values above 64 KiB as files, so
/// only a call with very many arguments, or a very long text, comes near it.
pub(crate) const LONGEST_LINE: usize = 32 << 20;

/// What a line came to.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Something for the orchestrator.
    Says(Message),
    /// A request that was served right here: the line to write back.
    Answer(String),
    /// Something after which the execution cannot go on; its process is to be stopped.
    Fatal(Message),
}

/// What the first line of a process said.
#[derive(Debug, PartialEq, Eq)]
pub enum Greeting {
    /// It is ready, and speaks this version.
    Ready(SdkVersion),
    /// It is ready, and speaks one that we do not.
    Unknown(UnknownVersion),
    /// A debugger is waited for, or has attached.
    Debugger(Debugger),
    /// It is no greeting (something that was printed while modules were imported).
    Other,
}

/// Reads a line that came before `ready`.
pub fn greeting(line: &str) -> Greeting {
    let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(line) else { return Greeting::Other };
    let params = envelope.params.map_or("{}", RawValue::get);
    if envelope.method == debug::METHOD {
        return debug::heard(params).map_or(Greeting::Other, Greeting::Debugger);
    }
    if envelope.method != "ready" {
        return Greeting::Other;
    }
    let version = serde_json::from_str::<incoming::Ready<'_>>(params).map(|ready| ready.version);
    match SdkVersion::from_ready(&version.unwrap_or_default()) {
        Ok(version) => Greeting::Ready(version),
        Err(unknown) => Greeting::Unknown(unknown),
    }
}

/// Finds the files of all values of a start, before its process is started.
///
/// # Errors
/// If one of them is not in the store.
pub(crate) fn prepare<'a>(
    start: &'a Start,
    working_dir: &'a Path,
    blobs: &Arc<dyn BlobFiles>,
) -> Result<Prepared<'a>, StartError> {
    let values = Values { blobs: Arc::clone(blobs), encoding: start.encoding, numbers: None };
    Prepared::new(start, working_dir, &values)
}

/// What is said with one executor, from `execute` on.
pub struct Conversation {
    version: SdkVersion,
    execution: String,
    working_dir: PathBuf,
    values: Values,
    /// How the answers to open requests are written.
    forms: HashMap<RequestId, Form>,
    /// What the sentinel said.
    reports: Reports,
    /// Its streams that have not ended, by index.
    streams: BTreeSet<u32>,
    /// Whether it said how it ended.
    ended: bool,
}

impl Conversation {
    /// A conversation about `execution`, which runs in `working_dir`. Its values are
    /// written as `encoding` says.
    pub fn new(
        version: SdkVersion,
        execution: &ExecutionId,
        working_dir: PathBuf,
        blobs: Arc<dyn BlobFiles>,
        mut encoding: Encoding,
    ) -> Self {
        if version == SdkVersion::Bridged {
            // Before 0.9 nothing stood between the SDK and the server.
            encoding.numbers = Numbers::AsSent;
        }
        Self {
            version,
            execution: execution.to_string(),
            working_dir,
            values: Values { blobs, encoding, numbers: None },
            forms: HashMap::new(),
            reports: Reports::default(),
            streams: BTreeSet::new(),
            ended: false,
        }
    }

    /// With the numbers of what was recorded, which the bridge is told.
    #[must_use]
    pub fn with_numbers(mut self, numbers: &Arc<ServerNumbers>) -> Self {
        if self.version == SdkVersion::Bridged {
            self.values.numbers = Some(Arc::clone(numbers));
        }
        self
    }

    /// Whether it has said all that matters: how it ended, and all items of its streams.
    pub fn is_over(&self) -> bool {
        self.ended && self.streams.is_empty()
    }

    /// Reads a line. Whatever is not a message of the protocol is a line that user code printed.
    pub fn hear(&mut self, line: &str) -> Heard {
        let repaired = repair(line);
        let Some((id, method, params)) = self.message(&repaired.text) else { return printed(line) };
        if method == sentinel::METHOD {
            return self.reports.take(params).map_or_else(|| printed(line), Heard::Says);
        }
        if method == debug::METHOD {
            let says = |debugger| Heard::Says(Message::Debugger(debugger));
            return debug::heard(params).map_or_else(|| printed(line), says);
        }
        match (id.map(RequestId), &repaired.not_finite) {
            (Some(request), Some(found)) => {
                let message = not_finite_message(found, params);
                Heard::Answer(outgoing::failure(request, &code(method), &message))
            }
            (Some(request), None) => self.request(request, method, params),
            (None, Some(found)) => self.notification_not_finite(method, params, found),
            (None, None) => self.notification(method, params).unwrap_or_else(|error| {
                let text = format!("the SDK's {method:?} message cannot be used: {error}");
                fatal("hindcast.ProtocolError", text)
            }),
        }
    }

    /// Reads a line that was too long to keep: its beginning, and its length in bytes.
    pub fn hear_long(&mut self, beginning: &str, length: u64) -> Heard {
        long_line::hear(beginning, length)
    }

    /// The line that answers a request.
    pub fn answer(&mut self, request: RequestId, reply: Reply) -> String {
        if let Reply::StreamRegistered { stream, .. } = &reply {
            self.streams.insert(stream.index);
        }
        let form = self.forms.remove(&request).unwrap_or(Form::Select);
        outgoing::reply(request, reply, (form, self.version), &self.values)
    }

    /// Id, method and parameters, if the line is a message about this execution.
    fn message<'a>(&self, text: &'a str) -> Option<(Option<u64>, &'a str, &'a str)> {
        let envelope: Envelope<'a> = serde_json::from_str(text).ok()?;
        let params = envelope.params.map(RawValue::get)?;
        let std::borrow::Cow::Borrowed(method) = envelope.method else { return None };
        let known = envelope.id.is_some() || NOTIFICATIONS.contains(&method);
        (known && self.is_addressed(params)?).then_some((envelope.id, method, params))
    }

    /// Whether parameters are about this execution. The SDK says so first of all; what is written in
    /// another order is read whole.
    fn is_addressed(&self, params: &str) -> Option<bool> {
        let first =
            params.strip_prefix("{\"execution_id\":\"").and_then(|rest| rest.split_once('"'));
        if first.is_some_and(|(id, _)| id == self.execution) {
            return Some(true);
        }
        let addressed: Addressed<'_> = serde_json::from_str(params).ok()?;
        Some(addressed.execution_id == self.execution)
    }

    fn notification(&mut self, method: &str, params: &str) -> Result<Heard, MessageError> {
        let message = match method {
            "execution_result" => match read::<incoming::ExecutionResult<'_>>(params)?.result {
                Some(value) => Message::Result(self.values.take(value)?),
                None => Message::Result(hindcast_model::Value::raw(
                    hindcast_model::Json::null(),
                    Vec::new(),
                )),
            },
            "execution_error" => {
                let raised = raised(read::<incoming::ExecutionError>(params)?.error);
                to_the_line(raised, self.reports.refused_at())
            }
            "log" => self.log(params)?,
            "register_group" => {
                let group: incoming::RegisterGroup = read(params)?;
                Message::RegisterGroup { group: group.group_id, name: group.name }
            }
            "define_metric" => {
                let metric: incoming::DefineMetric = read(params)?;
                Message::DefineMetric { key: metric.key, definition: metric.definition.into() }
            }
            "metric" => {
                let incoming::Metric { key, value, at } = read(params)?;
                Message::Metric { key, value, at }
            }
            "checkpoint_update" => self.checkpoints(params)?,
            _ => self.stream_message(method, params)?,
        };
        self.ended |= matches!(message, Message::Result(_) | Message::Failed { .. });
        Ok(Heard::Says(message))
    }

    fn log(&self, params: &str) -> Result<Message, MessageError> {
        let log: incoming::Log<'_> = read(params)?;
        let values = log.values.unwrap_or_default();
        Ok(Message::Log {
            level: LogLevel::from_number(log.level).unwrap_or(LogLevel::Info),
            template: log.template.map(|text| cut(&text, LONGEST_LOG)),
            values: self.take_named(values)?,
        })
    }

    fn take_named(
        &self,
        values: BTreeMap<String, value::WireValue<'_>>,
    ) -> Result<BTreeMap<String, hindcast_model::Value>, ValueError> {
        values.into_iter().map(|(name, value)| Ok((name, self.values.take(value)?))).collect()
    }

    /// Resets come before sets.
    fn checkpoints(&self, params: &str) -> Result<Message, MessageError> {
        let update: incoming::CheckpointUpdate<'_> = read(params)?;
        let mut changes: BTreeMap<_, _> =
            update.reset.into_iter().map(|name| (name, None)).collect();
        let set = self.take_named(update.set)?;
        changes.extend(set.into_iter().map(|(name, value)| (name, Some(value))));
        Ok(Message::Checkpoints(changes))
    }

    /// A message that holds NaN or an infinity: a log keeps the word, a measurement is told as a
    /// log line, anything else ends the execution with an error that says where it stood.
    fn notification_not_finite(&self, method: &str, params: &str, found: &NotFinite) -> Heard {
        match method {
            "log" => match self.log(params) {
                Ok(message) => Heard::Says(message),
                Err(_) => printed(params),
            },
            "metric" => {
                let key = serde_json::from_str::<serde_json::Value>(params).ok();
                let key = key.as_ref().and_then(|metric| metric.get("key")?.as_str());
                let key = key.unwrap_or("?");
                Heard::Says(line_of(
                    LogLevel::Warning,
                    format!("metric {key:?} measured {}, which is not kept", found.token),
                ))
            }
            _ => fatal("hindcast.NotFinite", not_finite_message(found, params)),
        }
    }
}

/// Notifications of the protocol; any other object that is printed is just printed.
const NOTIFICATIONS: [&str; 14] = [
    "execution_result",
    "execution_error",
    "log",
    "register_group",
    "define_metric",
    "metric",
    "checkpoint_update",
    "stream_append",
    "stream_close",
    "stream_subscribe",
    "stream_ack",
    "stream_unsubscribe",
    sentinel::METHOD,
    debug::METHOD,
];

/// A message whose parameters cannot be used.
#[derive(Debug, thiserror::Error)]
enum MessageError {
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    #[error("{0}")]
    Value(#[from] ValueError),
    #[error("{0}")]
    Id(#[from] hindcast_model::IdError),
}

fn read<'a, T: Deserialize<'a>>(params: &'a str) -> Result<T, MessageError> {
    Ok(serde_json::from_str(params)?)
}

fn raised(error: incoming::WireError) -> Message {
    let retryable = error.retryable;
    Message::Failed { error: exception(error), retryable }
}

fn exception(error: incoming::WireError) -> Failure {
    Failure {
        kind: error.kind,
        message: cut(&error.message, LONGEST_LOG),
        frames: traceback::frames(&error.traceback),
        extra: Extra::NONE,
    }
}

/// An error of our own making.
fn fatal(kind: &str, message: String) -> Heard {
    Heard::Fatal(failed(kind, message))
}

/// An execution that failed for a reason of our own.
pub(crate) fn failed(kind: &str, message: String) -> Message {
    Message::Failed { error: Failure::of(kind, message), retryable: None }
}

/// A line that user code printed past the SDK.
pub(crate) fn printed(line: &str) -> Heard {
    Heard::Says(line_of(LogLevel::Stdout, cut(line, LONGEST_LOG)))
}

/// A log line that is nothing but text.
pub(crate) fn line_of(level: LogLevel, text: String) -> Message {
    Message::Log { level, template: Some(text), values: BTreeMap::new() }
}

/// The text, cut to so many bytes at a character's end; says so.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    shortened(text, longest, text.len() as u64)
}

/// The first bytes of a text of which `length` bytes were said.
fn shortened(text: &str, longest: usize, length: u64) -> String {
    let longest = longest.min(text.len());
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({length} bytes in all)", &text[..end])
}

/// The error code Coflux's worker uses for a request's failure.
fn code(method: &str) -> std::borrow::Cow<'static, str> {
    std::borrow::Cow::Borrowed(match method {
        "submit_execution" => "submit_error",
        "submit_input" => "input_error",
        "persist_asset" => "persist_error",
        "get_asset" => "get_asset_error",
        "download_blob" => "download_error",
        "upload_blob" => "upload_error",
        "select" | "resolve_reference" => "select_error",
        "cancel" | "cancel_execution" => "cancel_error",
        "suspend" => "suspend_error",
        _ => "parse_error",
    })
}

/// `argument 0 holds NaN at ['rate'], which …`
fn not_finite_message(found: &NotFinite, params: &str) -> String {
    let params: serde_json::Value = serde_json::from_str(params).unwrap_or_default();
    // The first place is `params` itself; what stands at `value` is in the SDK's wrappers.
    let path = found.path.get(1..).unwrap_or_default();
    let split = path.iter().position(|place| *place == Place::Key("value".to_owned()));
    let (outer, inner) = path.split_at(split.map_or(path.len(), |at| at + 1));
    let inside = outer.iter().try_fold(&params, |here, place| match place {
        Place::Key(key) => here.get(key),
        Place::Index(index) => here.get(index),
    });
    let what = match outer {
        [Place::Key(first), Place::Index(index), ..] if first == "arguments" => {
            format!("argument {index}")
        }
        [Place::Key(first), Place::Key(name), ..] if first == "set" => {
            format!("checkpoint {name:?}")
        }
        [Place::Key(first), ..] => format!("the {first}"),
        _ => "the message".to_owned(),
    };
    let at = inside.map(|inside| python_path(inside, inner)).unwrap_or_default();
    let at = if at.is_empty() { at } else { format!(" at {at}") };
    format!("{what} holds {}{at}, which JSON, and so Coflux, cannot keep", found.token)
}
