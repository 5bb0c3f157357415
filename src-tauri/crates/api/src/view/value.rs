use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A value as a tree of nodes in Python's own terms, cut where it is large.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValueTree {
    /// What `GetValue` takes to show more of the same value; set on the top node only.
    pub handle: Option<String>,
    /// `dict`, `list`, `tuple`, `set`, `str`, `int`, `float`, `bool`, `None`, `Decimal`, `datetime`,
    /// `date`, `time`, `timedelta`, `UUID`, `bytes`, `model`, `pickle`, `execution`, `asset`,
    /// `input`, `stream`, `missing`, `broken`.
    pub kind: String,
    /// The key or index in the parent, as Python would write it.
    pub label: Option<String>,
    /// The value as Python would write it, shortened; for a container, empty.
    pub text: String,
    /// How many children it has in all.
    pub count: u32,
    /// Its first children; more come with `GetValue`.
    pub children: Vec<ValueTree>,
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
