//! Arguments and results as the server keeps them.

use serde::{Deserialize, Serialize};

use crate::run::Asset;
use crate::{AssetId, BlobKey, ExecutionId, InputId, Json};

/// An argument or a result, encoded: JSON in Coflux's own wrappers, held here or in a blob.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "ValueForm", into = "ValueForm")]
pub enum Value {
    /// The JSON itself.
    Raw {
        /// Data in the SDK's wrappers; `{"type":"ref","index":N}` points into `references`.
        data: Json,
        /// What the data refers to.
        references: Vec<Reference>,
    },
    /// The JSON is the content of a blob.
    Blob {
        /// Which blob.
        key: BlobKey,
        /// Its size in bytes.
        size: u64,
        /// What its data refers to.
        references: Vec<Reference>,
    },
}

impl Value {
    /// What the value's data refers to.
    pub fn references(&self) -> &[Reference] {
        match self {
            Self::Raw { references, .. } | Self::Blob { references, .. } => references,
        }
    }

    /// Every blob this value needs: its own, and its fragments'.
    pub fn blobs(&self) -> impl Iterator<Item = (BlobKey, u64)> {
        let own = match self {
            Self::Blob { key, size, .. } => Some((*key, *size)),
            Self::Raw { .. } => None,
        };
        own.into_iter().chain(self.references().iter().filter_map(Reference::blob))
    }
}

/// The value as one flat JSON object. (Not a tagged enum: serde would then buffer `data` and lose
/// its text.)
#[derive(Deserialize, Serialize)]
struct ValueForm {
    #[serde(rename = "type")]
    kind: ValueKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<BlobKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum ValueKind {
    Raw,
    Blob,
}

impl TryFrom<ValueForm> for Value {
    type Error = &'static str;
    fn try_from(form: ValueForm) -> Result<Self, Self::Error> {
        let references = form.references;
        match form.kind {
            ValueKind::Raw => {
                // serde reads `"data": null` as absent.
                Ok(Self::Raw { data: form.data.unwrap_or_else(Json::null), references })
            }
            ValueKind::Blob => Ok(Self::Blob {
                key: form.key.ok_or("a blob value without its key")?,
                size: form.size.ok_or("a blob value without its size")?,
                references,
            }),
        }
    }
}

impl From<Value> for ValueForm {
    fn from(value: Value) -> Self {
        match value {
            Value::Raw { data, references } => {
                Self { kind: ValueKind::Raw, data: Some(data), key: None, size: None, references }
            }
            Value::Blob { key, size, references } => Self {
                kind: ValueKind::Blob,
                data: None,
                key: Some(key),
                size: Some(size),
                references,
            },
        }
    }
}

/// Something a value points to that is not part of its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Reference {
    /// Bytes in a blob of their own: `bytes`, a pydantic model's `json`, or a `pickle`.
    Fragment {
        /// `bytes`, `json` or `pickle`.
        format: String,
        /// The blob that holds it.
        blob_key: BlobKey,
        /// Its size in bytes.
        size: u64,
        /// `{"model": "mod.Class"}` for pydantic, `{"type": "Class"}` for a pickle.
        metadata: serde_json::Map<String, serde_json::Value>,
    },
    /// A handle on an execution.
    Execution {
        /// Which.
        execution_id: ExecutionId,
        /// The module of its target, if known.
        module: Option<String>,
        /// The function of its target, if known.
        target: Option<String>,
    },
    /// A handle on an asset.
    Asset {
        /// Which.
        asset_id: AssetId,
        /// What is known of it.
        asset: Asset,
    },
    /// A handle on an input.
    Input {
        /// Which.
        input_id: InputId,
    },
}

impl Reference {
    /// The blob this needs, with its size in bytes.
    pub fn blob(&self) -> Option<(BlobKey, u64)> {
        match self {
            Self::Fragment { blob_key, size, .. } => Some((*blob_key, *size)),
            Self::Asset { asset, .. } => {
                asset.entry.as_ref().map(|entry| (entry.blob_key, entry.size))
            }
            Self::Execution { .. } | Self::Input { .. } => None,
        }
    }
}
