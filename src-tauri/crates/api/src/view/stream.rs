use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A stream that was produced here (SDK 0.12).
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StreamView {
    /// Its id: `RUN:STEP_INDEX`.
    pub stream: String,
    /// The execution that produced it, the latest where one went on after another.
    pub execution: String,
    /// That execution's function.
    pub target: String,
    /// How many items it has.
    pub items: u32,
    /// How it ended: `complete`, `errored`, `cancelled`, `abandoned`, `crashed`, `timeout` or
    /// `recurred`; none while it goes on.
    pub ended: Option<String>,
    /// What its body raised, if it did: class and message.
    pub error: Option<String>,
}

/// Items of a stream.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StreamPage {
    /// The items, in order.
    pub items: Vec<StreamItem>,
    /// How many the stream has in all.
    pub total: u32,
}

/// An item of a stream.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StreamItem {
    /// Its place, from 0.
    pub place: u32,
    /// It as Python would write it, shortened.
    pub python: String,
}
