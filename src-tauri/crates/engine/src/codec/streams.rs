//! Streams (0.12), both ways.

use hindcast_model::{Failure, StreamEnd, Value};
use hindcast_orchestrator::message::{Message, Notice, Request, Subscribe};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Any, json};

use super::incoming::{Millis, WireError};
use super::outgoing::notification;
use super::value::{Given, ValueError, WireValue};
use super::{Conversation, MessageError, exception, read};

/// What an executor is told unasked, with the values it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Telling {
    /// What needs no values.
    Notice(Notice),
    /// Items of a stream it reads.
    Items {
        /// Which subscription.
        subscription: u64,
        /// The items, each with its place.
        items: Vec<(u64, Value)>,
    },
}

#[derive(Deserialize)]
struct Register {
    position: u32,
    #[serde(default)]
    buffer: Option<u64>,
    #[serde(default)]
    timeout_ms: Option<Millis>,
}

#[derive(Deserialize)]
struct Append<'a> {
    index: u32,
    sequence: u64,
    #[serde(borrow)]
    value: WireValue<'a>,
}

#[derive(Deserialize)]
struct Close {
    index: u32,
    #[serde(default)]
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireSubscribe {
    subscription_id: u64,
    stream_id: String,
    #[serde(default)]
    from_sequence: u64,
    prefetch: u64,
    #[serde(default)]
    stride: Option<WireStride>,
}

#[derive(Deserialize)]
struct WireStride {
    start: u64,
    #[serde(default)]
    stop: Option<u64>,
    step: u64,
}

#[derive(Deserialize)]
struct Ack {
    subscription_id: u64,
    count: u64,
    sequence: u64,
}

#[derive(Deserialize)]
struct Unsubscribe {
    subscription_id: u64,
}

#[derive(Serialize)]
struct Delivery<'a> {
    execution_id: &'a str,
    subscription_id: u64,
    items: Vec<(u64, Given)>,
}

impl Conversation {
    /// Reads what is said about a stream.
    pub(super) fn stream_message(
        &mut self,
        method: &str,
        params: &str,
    ) -> Result<Message, MessageError> {
        Ok(match method {
            "stream_append" => {
                let Append { index, sequence, value } = read(params)?;
                Message::Append { index, sequence, value: self.values.take(value)? }
            }
            "stream_close" => {
                let Close { index, error } = read(params)?;
                self.streams.remove(&index);
                Message::Close { index, error: error.map(exception) }
            }
            "stream_subscribe" => Message::Subscribe(subscribe(read(params)?)?),
            "stream_ack" => {
                let Ack { subscription_id, count, sequence } = read(params)?;
                Message::Acked { subscription: subscription_id, count, sequence }
            }
            _ => {
                let Unsubscribe { subscription_id } = read(params)?;
                Message::Unsubscribe { subscription: subscription_id }
            }
        })
    }

    /// The line that tells an executor something.
    pub fn tell(&mut self, telling: Telling) -> String {
        match telling {
            Telling::Items { subscription, items } => self.items(subscription, &items),
            Telling::Notice(notice) => self.notice(notice),
        }
    }

    fn notice(&mut self, notice: Notice) -> String {
        let execution = &self.execution;
        match notice {
            Notice::Demand { index, more } => notification(
                "stream_demand",
                &json!({"execution_id": execution, "index": index, "n": more}),
            ),
            Notice::ForceClose { index, end } => {
                self.streams.remove(&index);
                let reason = end.reason();
                notification(
                    "stream_force_close",
                    &json!({"execution_id": execution, "index": index, "reason": reason}),
                )
            }
            Notice::Closed { subscription, end } => self.closed(subscription, &end),
            // Its values are looked up first.
            Notice::Items { subscription, .. } => self.items(subscription, &[]),
        }
    }

    fn closed(&self, subscription: u64, end: &StreamEnd) -> String {
        let mut params = json!({
            "execution_id": self.execution,
            "subscription_id": subscription,
            "reason": end.reason(),
        });
        if let (StreamEnd::Errored(error), Some(params)) = (end, params.as_object_mut()) {
            params.insert("error".to_owned(), wire_failure(error));
        }
        notification("stream_closed", &params)
    }

    /// Items; an item that cannot be passed on ends the reading with an error that says why.
    fn items(&self, subscription: u64, items: &[(u64, Value)]) -> String {
        let given = items.iter().map(|(place, value)| Ok((*place, self.values.give(value)?)));
        match given.collect::<Result<Vec<_>, ValueError>>() {
            Ok(items) => notification(
                "stream_items",
                &Delivery { execution_id: &self.execution, subscription_id: subscription, items },
            ),
            Err(error) => {
                let message = format!("an item cannot be passed on: {error}");
                let error = Failure::of("hindcast.MissingValue", message);
                self.closed(subscription, &StreamEnd::Errored(error))
            }
        }
    }
}

/// The request to produce a stream.
pub(super) fn register(params: &str) -> Result<Request, MessageError> {
    let Register { position, buffer, timeout_ms } = read(params)?;
    Ok(Request::RegisterStream { position, buffer, timeout: timeout_ms.map(|ms| ms.0) })
}

fn subscribe(wire: WireSubscribe) -> Result<Subscribe, MessageError> {
    let stride = wire.stride.unwrap_or(WireStride { start: 0, stop: None, step: 1 });
    let step = stride.step.max(1);
    let before = wire.from_sequence.saturating_sub(stride.start).div_ceil(step);
    Ok(Subscribe {
        subscription: wire.subscription_id,
        stream: wire.stream_id.parse()?,
        start: stride.start.saturating_add(before.saturating_mul(step)),
        stop: stride.stop,
        step,
        prefetch: wire.prefetch,
    })
}

/// Frames as Coflux has them: file, line, function, code.
fn wire_failure(error: &Failure) -> Any {
    let frames = error.frames.iter().map(|f| json!([f.file, f.line, f.name, f.code]));
    let frames: Vec<Any> = frames.collect();
    json!({"type": error.kind, "message": error.message, "frames": frames})
}
