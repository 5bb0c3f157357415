use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A value as a tree of nodes in Python's own terms, cut where it is large.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValueTree {
    /// What `GetValue` takes to show more of the same value; set on the top node only.
    pub handle: Option<String>,
    /// What it is.
    pub kind: ValueKind,
    /// The key or index in the parent, as Python would write it.
    pub label: Option<String>,
    /// The value as Python would write it, shortened; empty for a container that holds anything.
    pub text: String,
    /// Of a text: how many characters. Of bytes, a pickle or a missing value: how many bytes.
    pub size: Option<u64>,
    /// How many children it has in all.
    pub count: u32,
    /// Its first children; more come with `GetValue`.
    pub children: Vec<ValueTree>,
}

/// What a value is, in Python's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ValueKind {
    /// `None`
    None,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `str`
    Str,
    /// `bytes`
    Bytes,
    /// `list`
    List,
    /// `tuple`
    Tuple,
    /// `dict`
    Dict,
    /// `set`
    Set,
    /// `Decimal`
    Decimal,
    /// `datetime`
    Datetime,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `timedelta`
    Timedelta,
    /// `UUID`
    Uuid,
    /// A pydantic model; its text is the class.
    Model,
    /// A pickled object, never unpickled here; its text is the class.
    Pickle,
    /// A handle on an execution.
    Execution,
    /// A handle on an asset.
    Asset,
    /// A handle on an input.
    Input,
    /// A handle on a stream.
    Stream,
    /// Its blob is not in the store.
    Missing,
    /// It cannot be read; its text says why.
    Broken,
    /// Too large to be read along with what it belongs to: `GetTop` reads it. Its text says how large.
    Unread,
}

/// Some children of a node.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValuePage {
    /// The first child's index.
    pub offset: u32,
    /// How many there are in all.
    pub count: u32,
    /// The children.
    pub children: Vec<ValueTree>,
}
