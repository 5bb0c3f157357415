//! Streams of SDK 0.12: what a generator's body yields, item by item. A stream belongs to its step;
//! the attempt that goes on after a suspension goes on with its streams.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, Failure};

/// What is known of a stream beside its items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The execution that produces it; the newest, where one went on after another.
    pub producer: ExecutionId,
    /// How many items it has.
    pub length: u64,
    /// How it ended; none while more may come.
    pub end: Option<StreamEnd>,
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamEnd {
    /// The body has yielded all.
    Complete,
    /// The body raised.
    Errored(Failure),
    /// Its execution was cancelled.
    Cancelled,
    /// Nobody produces it any more.
    Abandoned,
    /// Its process ended without saying how.
    Crashed,
    /// No item came for too long, or its execution took too long.
    Timeout,
    /// Its step recurs: the next attempt has streams of its own.
    Recurred,
}

impl StreamEnd {
    /// The SDK's word for it.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Errored(_) => "errored",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
            Self::Crashed => "crashed",
            Self::Timeout => "timeout",
            Self::Recurred => "recurred",
        }
    }
}
