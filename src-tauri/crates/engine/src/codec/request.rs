//! The SDK's requests, in the orchestrator's words.

use std::collections::BTreeMap;

use hindcast_model::record::TargetKind;
use hindcast_model::{Json, OwnKeys, Target, Timestamp};
use hindcast_orchestrator::message::{
    GivenKeys, Handle, Message, Request, RequestId, Select, Submit, SubmitInput,
};
use serde_json::{Value as Any, json};

use super::incoming::{self, WireHandle};
use super::outgoing::{Form, done, failure};
use super::{Conversation, Heard, MessageError, code, read};

impl Conversation {
    /// Reads a request. One that cannot be read is answered with an error: it never goes without an
    /// answer.
    pub(super) fn request(&mut self, request: RequestId, method: &str, params: &str) -> Heard {
        let served = match method {
            "download_blob" => {
                Some(read(params).and_then(|download| self.values.download(&download)))
            }
            "upload_blob" => Some(read(params).and_then(|upload| self.values.upload(&upload))),
            _ => None,
        };
        let outcome = match served {
            Some(result) => result.map(|result| Heard::Answer(done(request, &result))),
            None => self.understand(method, params).map(|asked| {
                let form = if method == "resolve_reference" { Form::Resolve } else { Form::Select };
                self.forms.insert(request, form);
                Heard::Says(Message::Request(request, asked))
            }),
        };
        outcome.unwrap_or_else(|error| {
            Heard::Answer(failure(request, &code(method), &error.to_string()))
        })
    }

    fn understand(&self, method: &str, params: &str) -> Result<Request, MessageError> {
        Ok(match method {
            "submit_execution" => Request::Submit(Box::new(self.submit(params)?)),
            "select" => {
                let select: incoming::Select = read(params)?;
                Request::Select(Select {
                    handles: handles(select.handles)?,
                    suspend: select.suspend,
                    timeout: select.timeout_ms.map(|ms| ms.0),
                    cancel_remaining: select.cancel_remaining,
                })
            }
            "resolve_reference" => {
                let resolve: incoming::ResolveReference = read(params)?;
                Request::Select(Select {
                    handles: vec![Handle::Execution(resolve.target_execution_id.parse()?)],
                    suspend: resolve.suspend,
                    timeout: resolve.timeout_ms.map(|ms| ms.0),
                    cancel_remaining: false,
                })
            }
            "cancel" => Request::Cancel(handles(read::<incoming::Cancel>(params)?.handles)?),
            "cancel_execution" => {
                let cancel: incoming::CancelExecution = read(params)?;
                Request::Cancel(vec![Handle::Execution(cancel.target_execution_id.parse()?)])
            }
            "suspend" => {
                let suspend: incoming::Suspend = read(params)?;
                let at = |ms: incoming::Millis| Timestamp(i64::try_from(ms.0).unwrap_or(i64::MAX));
                let wait = suspend.stream_wait;
                Request::Suspend {
                    execute_after: suspend.execute_after.map(at),
                    stream_wait: wait
                        .map(|wait| Ok::<_, MessageError>((wait.stream_id.parse()?, wait.sequence)))
                        .transpose()?,
                }
            }
            "stream_register" => super::streams::register(params)?,
            "persist_asset" => self.persist(params)?,
            "get_asset" => Request::GetAsset(read::<incoming::GetAsset>(params)?.asset_id.parse()?),
            "submit_input" => Request::SubmitInput(Box::new(self.input(params)?)),
            "flush" => Request::Flush,
            other => Request::Unknown(other.to_owned()),
        })
    }

    fn submit(&self, params: &str) -> Result<Submit, MessageError> {
        let wire: incoming::SubmitExecution<'_> = read(params)?;
        let arguments = wire.arguments.into_iter().map(|argument| self.values.take(argument));
        Ok(Submit {
            target: Target::new(&wire.module, &wire.target),
            kind: match wire.kind.as_deref() {
                Some("workflow") => TargetKind::Workflow,
                _ => TargetKind::Task,
            },
            arguments: arguments.collect::<Result<_, _>>()?,
            group: wire.group_id,
            wait_for: wire.wait_for.unwrap_or_default(),
            cache: wire.cache.and_then(incoming::WireCache::config),
            defer: wire.defer.and_then(|defer| defer.params.params()),
            memo: wire.memo.and_then(incoming::WireParams::params),
            delay: wire.delay.map_or(0, |ms| ms.0),
            retries: wire.retries.map(Into::into),
            recurrent: wire.recurrent,
            requires: requires(wire.requires),
            timeout: wire.timeout.map_or(0, |ms| ms.0),
            streams: wire.streams,
            given_keys: given_keys(wire.keys, wire.recorded)?.map(Box::new),
        })
    }

    fn persist(&self, params: &str) -> Result<Request, MessageError> {
        let wire: incoming::PersistAsset = read(params)?;
        let files = wire.paths.map(|paths| paths.by_name(&self.working_dir)).unwrap_or_default();
        let mut entries = self.values.take_files(files)?;
        entries.extend(super::asset::known_entries(wire.entries.unwrap_or_default())?);
        Ok(Request::PersistAsset {
            name: wire.metadata.and_then(|metadata| metadata.name),
            entries,
        })
    }

    fn input(&self, params: &str) -> Result<SubmitInput, MessageError> {
        let wire: incoming::SubmitInput<'_> = read(params)?;
        let initial = wire.initial.map(|initial| Json::parse(initial.get())).transpose();
        Ok(SubmitInput {
            key: wire.key,
            template: wire.template,
            placeholders: self.take_named(wire.placeholders)?,
            schema: wire.schema,
            initial: initial.unwrap_or_default(),
            title: wire.title,
            actions: wire.actions,
            requires: requires(wire.requires),
        })
    }
}

/// The keys of a call whose SDK makes them itself.
fn given_keys(
    keys: Option<incoming::WireKeys>,
    recorded: Option<BTreeMap<String, OwnKeys>>,
) -> Result<Option<GivenKeys>, MessageError> {
    let Some(incoming::WireKeys { memo, cache, defer, by_function }) = keys else {
        return Ok(None);
    };
    let read = |(id, keys): (String, OwnKeys)| Ok::<_, MessageError>((id.parse()?, keys));
    let recorded = recorded.map(|all| all.into_iter().map(read).collect()).transpose()?;
    Ok(Some(GivenKeys { memo, cache, defer, by_function, recorded }))
}

/// Coflux keeps "no requirements" as an empty object.
pub(super) fn requires(tags: Option<Any>) -> Any {
    tags.filter(|tags| !tags.is_null()).unwrap_or_else(|| json!({}))
}

fn handles(wire: Vec<WireHandle>) -> Result<Vec<Handle>, MessageError> {
    let handle = |handle: WireHandle| {
        Ok(match handle.kind.as_str() {
            "input" => Handle::Input(handle.id.parse()?),
            "stream" => Handle::Stream(handle.id.parse()?, handle.sequence),
            _ => Handle::Execution(handle.id.parse()?),
        })
    };
    wire.into_iter().map(handle).collect()
}
