use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::AssetPreview;

/// A part of a long text.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextPage {
    /// Which character it begins at.
    pub offset: u32,
    /// How many characters there are in all.
    pub count: u32,
    /// The text.
    pub text: String,
}

/// A part of some bytes, and what they are.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BytesPage {
    /// Which byte it begins at.
    pub offset: u32,
    /// How many bytes there are in all.
    pub count: u32,
    /// The bytes, two hexadecimal digits each.
    pub hex: String,
    /// The whole as text or as a picture, where it is one; only with the first page.
    pub shows: Option<AssetPreview>,
}

/// What a search in a value found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValueMatches {
    /// The first of them, in order.
    pub matches: Vec<ValueMatch>,
    /// Whether there are more.
    pub more: bool,
}

/// A node of a value that a text was found in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValueMatch {
    /// Which node: child indexes from the top.
    pub path: Vec<u32>,
    /// The same as Python would write it after the value's name: `['lines'][0].price`.
    pub place: String,
    /// What stands there, around the text.
    pub excerpt: String,
}

/// What a throw-away Python of the project says of an object.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectPreview {
    /// Its class, `module.Class`.
    pub class: String,
    /// Its `repr`, shortened.
    pub text: String,
    /// Its rows, if it is a data frame or something like one.
    pub table: Option<TablePreview>,
    /// Its attributes or items: name and `repr`, shortened.
    pub parts: Vec<(String, String)>,
}

/// The first rows of a table.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TablePreview {
    /// How many rows it has in all.
    pub rows: u64,
    /// How many columns it has in all.
    pub width: u64,
    /// The names of the columns, the index first where it has one.
    pub columns: Vec<String>,
    /// What the columns hold.
    pub types: Vec<String>,
    /// The first rows.
    pub head: Vec<Vec<String>>,
}
