//! Values between an executor and the store.
//!
//! From the SDK: small ones come inline and are normalised as Coflux's worker does, large ones and
//! fragments come as files and are kept as they are. To the SDK: what is a blob goes as the path of
//! the store's own file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_model::{Asset, AssetId, BlobKey, Encoding, Extra, Json, Reference, Value, legacy};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value as Any, json};

use super::repair::{python_path, repair};
use crate::{BlobFiles, ServerNumbers};

/// A value that cannot be passed on.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// It is a blob that the store does not have.
    #[error("the blob {key} ({size} bytes) is not in the store; import it first")]
    MissingBlob {
        /// Which.
        key: BlobKey,
        /// Its size in bytes.
        size: u64,
    },
    /// It holds a number that JSON does not know.
    #[error("it holds {token}{}, which JSON, and so Coflux, cannot keep", at(.path))]
    NotFinite {
        /// `NaN`, `Infinity` or `-Infinity`.
        token: &'static str,
        /// Where in the value, as Python would write it.
        path: String,
    },
    /// A file it came in cannot be read, or its content not be kept.
    #[error("the file {path:?} cannot be taken over: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It refers to something of a kind that is not known here.
    #[error("it refers to something of an unknown kind: {0:?}")]
    UnknownReference(String),
    /// The SDK wrote something that is not a value.
    #[error("it is not a value in Coflux's encoding: {0}")]
    Malformed(String),
}

fn at(path: &str) -> Cow<'_, str> {
    if path.is_empty() { Cow::Borrowed("") } else { Cow::Owned(format!(" at {path}")) }
}

/// A value as the SDK sends it.
#[derive(Deserialize)]
pub(super) struct WireValue<'a> {
    #[serde(rename = "type")]
    kind: WireKind,
    #[serde(default, borrow)]
    value: Option<&'a RawValue>,
    #[serde(default)]
    path: Option<PathBuf>,
    #[serde(default)]
    references: Vec<Vec<Any>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireKind {
    Inline,
    File,
}

/// A value as the SDK reads it. (Serialised as it stands, so that the data keeps its text.)
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Given {
    Inline { format: &'static str, value: Json, references: Vec<Any> },
    File { format: &'static str, path: PathBuf, references: Vec<Any> },
}

impl Given {
    /// The argument of a run's first step may never have been through a worker: it goes through one
    /// on its way.
    pub(super) fn normalise(&mut self, encoding: &Encoding) {
        if let Self::Inline { value, .. } = self
            && let Ok(normalised) = encoding.normalise(value.text())
        {
            *value = normalised.into_json();
        }
    }

    /// As the bridge reads it.
    pub(super) fn number(&mut self, numbers: &ServerNumbers) {
        let (Self::Inline { references, .. } | Self::File { references, .. }) = self;
        *references = numbered(std::mem::take(references), numbers);
    }
}

/// Turns values over: keeps what comes, finds what goes.
#[derive(Clone)]
pub(super) struct Values {
    pub(super) blobs: Arc<dyn BlobFiles>,
    /// How those that come are written.
    pub(super) encoding: Encoding,
    /// What recorded executions and assets were called by, for the bridge.
    pub(super) numbers: Option<Arc<ServerNumbers>>,
}

impl Values {
    /// What the SDK sent, kept.
    pub(super) fn take(&self, wire: WireValue<'_>) -> Result<Value, ValueError> {
        let references = wire
            .references
            .iter()
            .map(|slots| self.take_reference(slots))
            .collect::<Result<_, _>>()?;
        match (wire.kind, wire.path) {
            (WireKind::Inline, _) => {
                self.take_inline(wire.value.map_or("null", RawValue::get), references)
            }
            (WireKind::File, Some(path)) => self.take_file(&path, references),
            (WireKind::File, None) => {
                Err(ValueError::Malformed("a file value without a path".into()))
            }
        }
    }

    fn take_inline(&self, text: &str, references: Vec<Reference>) -> Result<Value, ValueError> {
        let (value, blob) = self
            .encoding
            .value(text, references)
            .map_err(|error| ValueError::Malformed(error.to_string()))?;
        if let Some((key, bytes)) = blob {
            self.keep(&bytes, Path::new(&key.to_string()))?;
        }
        Ok(value)
    }

    /// A file's bytes are the blob: Coflux's worker uploads them as they are.
    fn take_file(&self, path: &Path, references: Vec<Reference>) -> Result<Value, ValueError> {
        let bytes = std::fs::read(path)
            .map_err(|source| ValueError::File { path: path.to_owned(), source })?;
        // Before 0.9 NaN did travel: values were bytes that nobody read.
        if self.numbers.is_none()
            && let Ok(text) = std::str::from_utf8(&bytes)
        {
            refuse_not_finite(text)?;
        }
        let key = self.keep(&bytes, path)?;
        Ok(Value::blob(key, bytes.len() as u64, references))
    }

    fn keep(&self, bytes: &[u8], path: &Path) -> Result<BlobKey, ValueError> {
        let failed = |source| ValueError::File { path: path.to_owned(), source };
        self.blobs.keep(bytes).map_err(failed)
    }

    /// Keeps a file; gives its key and size.
    pub(super) fn keep_file(&self, path: &Path) -> Result<(BlobKey, u64), ValueError> {
        let failed = |source| ValueError::File { path: path.to_owned(), source };
        self.blobs.keep_file(path).map_err(failed)
    }

    /// The file of a blob: by its whole path, as bodies do not run where we do.
    pub(super) fn file(&self, key: BlobKey, size: u64) -> Result<PathBuf, ValueError> {
        let path = self.blobs.file(&key).ok_or(ValueError::MissingBlob { key, size })?;
        std::path::absolute(&path).map_err(|source| ValueError::File { path, source })
    }

    fn take_reference(&self, slots: &[Any]) -> Result<Reference, ValueError> {
        let malformed =
            || ValueError::Malformed(format!("the reference {}", Any::from(slots.to_vec())));
        let text = |index: usize| slots.get(index).and_then(Any::as_str);
        let id = text(1).ok_or_else(malformed)?;
        match text(0) {
            Some("fragment") => {
                let (blob_key, size) = self.keep_file(Path::new(text(2).ok_or_else(malformed)?))?;
                let metadata = slots.get(4).and_then(Any::as_object).cloned().unwrap_or_default();
                Ok(Reference::Fragment {
                    format: id.to_owned(),
                    blob_key,
                    size,
                    metadata,
                    extra: Extra::NONE,
                })
            }
            Some("execution") => Ok(Reference::Execution {
                execution_id: id.parse().map_err(|_| malformed())?,
                module: text(2).map(str::to_owned),
                target: text(3).map(str::to_owned),
                extra: Extra::NONE,
            }),
            Some("asset") => Ok(Reference::Asset {
                asset_id: id.parse().map_err(|_| malformed())?,
                asset: asset(slots),
                extra: Extra::NONE,
            }),
            Some("input") => Ok(Reference::Input {
                input_id: id.parse().map_err(|_| malformed())?,
                extra: Extra::NONE,
            }),
            _ => Err(malformed()),
        }
    }

    /// The value as the SDK reads it.
    pub(super) fn give(&self, value: &Value) -> Result<Given, ValueError> {
        if self.numbers.is_none()
            && let Some(today) = self.in_todays_encoding(value)?
        {
            return self.give(&today);
        }
        let references: Vec<Any> =
            value.references().iter().map(|r| self.give_reference(r)).collect::<Result<_, _>>()?;
        let references = match &self.numbers {
            Some(numbers) => numbered(references, numbers),
            None => references,
        };
        let format = "json";
        match value {
            Value::Raw { data, .. } => {
                Ok(Given::Inline { format, value: data.clone(), references })
            }
            Value::Blob { key, size, .. } => {
                Ok(Given::File { format, path: self.file(*key, *size)?, references })
            }
        }
    }

    /// A value that SDKs of before 0.5 wrote into a blob, for one that does not know their encoding;
    /// none if it is no such value. (The bridge knows it.)
    fn in_todays_encoding(&self, value: &Value) -> Result<Option<Value>, ValueError> {
        let Some((key, size)) = legacy::old_blob(value) else { return Ok(None) };
        let path = self.file(key, size)?;
        let bytes = std::fs::read(&path)
            .map_err(|source| ValueError::File { path: path.clone(), source })?;
        let translated = legacy::without_old_blob(value, &bytes)
            .map_err(|error| ValueError::Malformed(error.to_string()))?;
        if let Some((_, bytes)) = &translated.blob {
            self.keep(bytes, &path)?;
        }
        Ok(Some(translated.value))
    }

    fn give_reference(&self, reference: &Reference) -> Result<Any, ValueError> {
        Ok(match reference {
            Reference::Fragment { format, blob_key, size, metadata, .. } => {
                json!(["fragment", format, self.file(*blob_key, *size)?, size, metadata])
            }
            Reference::Execution { execution_id, module, target, .. } => {
                json!(["execution", execution_id, module, target])
            }
            Reference::Asset { asset_id, asset, .. } => {
                json!(["asset", asset_id, asset.name, asset.total_count, asset.total_size])
            }
            Reference::Input { input_id, .. } => json!(["input", input_id]),
            Reference::Other { kind, .. } => {
                return Err(ValueError::UnknownReference(kind.clone()));
            }
        })
    }
}

/// References as the bridge reads them: the number of what was recorded stands last.
pub(super) fn numbered(references: Vec<Any>, numbers: &ServerNumbers) -> Vec<Any> {
    let add = |mut reference: Any| {
        let number = match reference.as_array().map(Vec::as_slice) {
            Some([Any::String(kind), Any::String(id), ..]) => match kind.as_str() {
                "execution" => id.parse().ok().and_then(|id| numbers.of(&id)),
                "asset" => id.parse().ok().and_then(|id: AssetId| id.old_id()),
                _ => None,
            },
            _ => None,
        };
        if let (Some(number), Some(slots)) = (number, reference.as_array_mut()) {
            slots.push(number.into());
        }
        reference
    };
    references.into_iter().map(add).collect()
}

/// What an asset reference tells of its asset.
fn asset(slots: &[Any]) -> Asset {
    Asset {
        name: slots.get(2).and_then(Any::as_str).map(str::to_owned),
        total_count: slots.get(3).and_then(Any::as_u64).unwrap_or(0),
        total_size: match slots.get(4) {
            Some(Any::Number(size)) => size.clone(),
            _ => 0.into(),
        },
        entry: None,
        extra: Extra::NONE,
    }
}

fn refuse_not_finite(text: &str) -> Result<(), ValueError> {
    let repaired = repair(text);
    let Some(found) = repaired.not_finite else { return Ok(()) };
    let value = serde_json::from_str(&repaired.text).unwrap_or_default();
    Err(ValueError::NotFinite { token: found.token, path: python_path(&value, &found.path) })
}
