use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something a body did, or tried to do, outside of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EffectView {
    /// What it did, in words: `connected to smtp.example.com:587`.
    pub what: String,
    /// What a body like it does, in words: `connect to smtp.example.com:587`.
    pub does: String,
    /// What more is known: `POST http://127.0.0.1:8099/charges`.
    pub detail: Option<String>,
    /// The line of the project that did it; none where no such line was on the stack.
    pub place: Option<PlaceView>,
    /// How often.
    pub count: u64,
    /// Whether it was refused.
    pub refused: bool,
    /// The execution that did it last.
    pub execution: String,
}

/// A line of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlaceView {
    /// The file, relative to the project where it is in there.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function.
    pub function: String,
}

/// Whether what a body did outside of itself was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Sentinel {
    /// It was.
    Watching,
    /// It was, and refused.
    Locked,
    /// It was not: the project is run by a command of its own.
    Absent,
}
