//! Arguments and results as the server keeps them.

use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Any};

use crate::run::Asset;
use crate::{AssetId, BlobKey, ExecutionId, Extra, InputId, Json};

/// An argument or a result, encoded: JSON in Coflux's own wrappers, held here or in a blob.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ValueForm")]
pub enum Value {
    /// The JSON itself.
    Raw {
        /// Data in the SDK's wrappers; `{"type":"ref","index":N}` points into `references`.
        data: Json,
        /// What the data refers to.
        references: Vec<Reference>,
        /// Fields unknown to us.
        extra: Extra,
    },
    /// The JSON is the content of a blob.
    Blob {
        /// Which blob.
        key: BlobKey,
        /// Its size in bytes.
        size: u64,
        /// What its data refers to.
        references: Vec<Reference>,
        /// Fields unknown to us.
        extra: Extra,
    },
}

impl Value {
    /// A value that is here.
    pub fn raw(data: Json, references: Vec<Reference>) -> Self {
        Self::Raw { data, references, extra: Extra::NONE }
    }

    /// A value that is the content of a blob, with that one's size in bytes.
    pub fn blob(key: BlobKey, size: u64, references: Vec<Reference>) -> Self {
        Self::Blob { key, size, references, extra: Extra::NONE }
    }

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

    /// The value as far as we know it, to be compared as it is written.
    pub fn known(&self) -> KnownValue<'_> {
        KnownValue(self)
    }

    /// Whether all that we know is equal, as it is written: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let (same, references, others) = match (self, other) {
            (
                Self::Raw { data, references, extra: _ },
                Self::Raw { data: other, references: others, extra: _ },
            ) => (data == other, references, others),
            (
                Self::Blob { key, size, references, extra: _ },
                Self::Blob { key: other, size: other_size, references: others, extra: _ },
            ) => ((key, size) == (other, other_size), references, others),
            _ => return false,
        };
        same && references.len() == others.len()
            && references.iter().zip(others).all(|(one, other)| one.known_equals(other))
    }
}

/// A value as far as we know it, to be compared: unknown fields do not count.
#[derive(Debug, Clone, Copy)]
pub struct KnownValue<'value>(&'value Value);

impl PartialEq for KnownValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.known_equals(other.0)
    }
}

impl Eq for KnownValue<'_> {}

/// The value as one flat JSON object. (Not a tagged enum: serde would then buffer `data` and lose
/// its text.)
#[derive(Deserialize)]
struct ValueForm {
    #[serde(rename = "type")]
    kind: ValueKind,
    #[serde(default)]
    data: Option<Json>,
    #[serde(default)]
    key: Option<BlobKey>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(flatten)]
    extra: Extra,
}

/// The same to be written, without a copy of anything.
#[derive(Serialize)]
struct ValueRef<'value> {
    #[serde(rename = "type")]
    kind: ValueKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'value Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'value BlobKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    references: &'value [Reference],
    #[serde(flatten)]
    extra: &'value Extra,
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
        let ValueForm { kind, data, key, size, references, extra } = form;
        match kind {
            ValueKind::Raw => {
                // serde reads `"data": null` as absent.
                Ok(Self::Raw { data: data.unwrap_or_else(Json::null), references, extra })
            }
            ValueKind::Blob => Ok(Self::Blob {
                key: key.ok_or("a blob value without its key")?,
                size: size.ok_or("a blob value without its size")?,
                references,
                extra,
            }),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::Raw { data, references, extra } => ValueRef {
                kind: ValueKind::Raw,
                data: Some(data),
                key: None,
                size: None,
                references,
                extra,
            },
            Self::Blob { key, size, references, extra } => ValueRef {
                kind: ValueKind::Blob,
                data: None,
                key: Some(key),
                size: Some(*size),
                references,
                extra,
            },
        };
        form.serialize(serializer)
    }
}

/// Something a value points to that is not part of its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
// Of the known kinds only: the other one is read and written by hand, below.
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase", remote = "Self")]
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
        metadata: Map<String, Any>,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// A handle on an execution.
    Execution {
        /// Which.
        execution_id: ExecutionId,
        /// The module of its target, if known.
        module: Option<String>,
        /// The function of its target, if known.
        target: Option<String>,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// A handle on an asset.
    Asset {
        /// Which.
        asset_id: AssetId,
        /// What is known of it.
        asset: Asset,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// A handle on an input.
    Input {
        /// Which.
        input_id: InputId,
        /// Fields unknown to us.
        #[serde(flatten)]
        extra: Extra,
    },
    /// A kind we do not know, kept as it is. What refers to it cannot be read, compared, made into a key
    /// or given to a body; the rest of the run can.
    #[serde(skip)]
    Other {
        /// Its kind.
        kind: String,
        /// Its fields.
        extra: Extra,
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
            Self::Execution { .. } | Self::Input { .. } | Self::Other { .. } => None,
        }
    }

    /// Whether all that we know is equal: unknown fields do not count, but of a kind that is unknown.
    pub fn known_equals(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Fragment { format, blob_key, size, metadata, extra: _ },
                Self::Fragment {
                    format: other_format,
                    blob_key: other_key,
                    size: other_size,
                    metadata: other_metadata,
                    extra: _,
                },
            ) => {
                (format, blob_key, size, metadata)
                    == (other_format, other_key, other_size, other_metadata)
            }
            (
                Self::Execution { execution_id, module, target, extra: _ },
                Self::Execution {
                    execution_id: other_id,
                    module: other_module,
                    target: other_target,
                    extra: _,
                },
            ) => (execution_id, module, target) == (other_id, other_module, other_target),
            (
                Self::Asset { asset_id, asset, extra: _ },
                Self::Asset { asset_id: other_id, asset: other, extra: _ },
            ) => asset_id == other_id && asset.known_equals(other),
            (Self::Input { input_id, extra: _ }, Self::Input { input_id: other, extra: _ }) => {
                input_id == other
            }
            (Self::Other { .. }, Self::Other { .. }) => self == other,
            _ => false,
        }
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::Other { kind, extra } = self else { return Self::serialize(self, serializer) };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", kind)?;
        for (name, value) in extra.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Reference {
    /// One of a known kind has what belongs to it; one of another is kept, whatever it holds.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReferenceVisitor;
        impl<'de> Visitor<'de> for ReferenceVisitor {
            type Value = Reference;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reference")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reference, A::Error> {
                let mut kind: Option<String> = None;
                let mut fields: Vec<(String, Any)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name != "type" {
                        fields.push((name, map.next_value()?));
                    } else if kind.replace(map.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("type"));
                    }
                }
                let kind = kind.ok_or_else(|| A::Error::missing_field("type"))?;
                if !["fragment", "execution", "asset", "input"].contains(&kind.as_str()) {
                    return Ok(Reference::Other { kind, extra: fields.into_iter().collect() });
                }
                fields.push(("type".to_owned(), kind.into()));
                let fields = MapDeserializer::new(fields.into_iter());
                let known = Reference::deserialize(fields);
                known.map_err(|error: serde_json::Error| A::Error::custom(error))
            }
        }
        deserializer.deserialize_map(ReferenceVisitor)
    }
}
