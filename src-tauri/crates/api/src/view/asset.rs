use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An asset that an execution persisted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AssetView {
    /// Asset id: the same content has the same.
    pub asset: String,
    /// The execution that persisted it.
    pub execution: String,
    /// The environment that happened in.
    pub environment: String,
    /// Its name, where it was given one.
    pub name: Option<String>,
    /// How many files it has.
    pub count: u64,
    /// Their sizes together, in bytes.
    pub size: f64,
    /// The files, by path; fewer than it has where the export does not list them.
    pub files: Vec<AssetFile>,
}

/// A file of an asset.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AssetFile {
    /// Its path in the asset, as recorded: data, not a place on this machine.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type, where one was recorded.
    pub media_type: Option<String>,
    /// Whether its content is in the store.
    pub here: bool,
}

/// A file of an asset as far as it can be shown. What it is is told by its content, never by its
/// name or what was recorded of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum AssetPreview {
    /// As text, whatever the text says: HTML and SVG too.
    Text {
        /// At most 256 KiB of it.
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// As a picture of at most 4 MiB: PNG, JPEG, GIF or WebP.
    Picture {
        /// A `data:` URL.
        url: String,
    },
    /// Not at all.
    Nothing {
        /// Why, in words.
        reason: String,
    },
}

/// What writing assets did.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AssetsReport {
    /// The folder they were written below.
    pub folder: String,
    /// The files written.
    pub written: Vec<WrittenFile>,
    /// Files that could not be written, because their content is not in the store.
    pub missing: Vec<MissingFile>,
    /// How many more files the assets have that the export does not list.
    pub unlisted: u64,
}

/// A file that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WrittenFile {
    /// Where: absolute path.
    pub path: String,
    /// How many bytes.
    pub size: u64,
}

/// A file whose content is not in the store.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MissingFile {
    /// Asset id.
    pub asset: String,
    /// The file's path in it.
    pub path: String,
}
