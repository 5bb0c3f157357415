//! A decoded value, encoded again as the SDK would send it and the worker would store it.

use std::fmt::Write;

use serde_json::Value as Any;

use crate::data::{Content, Data, Fragment, Stride};
use crate::depth::deep;
use crate::{BlobKey, Encoding, Extra, NotJson, Reference, Value, number};

/// A value that cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// It holds a number that JSON or a float64 cannot.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// Part of it is not here, or cannot be written.
    #[error("{0}")]
    Part(String),
}

/// A value, and the contents of the blobs that were made for it, to be kept before it is used.
pub type Encoded = (Value, Vec<(BlobKey, Vec<u8>)>);

impl Data {
    /// The value that stands for this one. Sets and dicts are written in the order the SDK writes
    /// them in.
    ///
    /// # Errors
    /// If part of it is missing or broken, or holds a number that cannot be stored.
    pub fn encode(&self, encoding: &Encoding) -> Result<Encoded, EncodeError> {
        let mut writer = Writer { text: String::new(), references: Vec::new(), blobs: Vec::new() };
        writer.data(self)?;
        let Writer { text, references, mut blobs } = writer;
        let (value, blob) = encoding.value(&text, references)?;
        blobs.extend(blob);
        Ok((value, blobs))
    }
}

struct Writer {
    text: String,
    references: Vec<Reference>,
    blobs: Vec<(BlobKey, Vec<u8>)>,
}

type Done = Result<(), EncodeError>;

impl Writer {
    fn data(&mut self, data: &Data) -> Done {
        deep(|| self.any(data))
    }

    fn any(&mut self, data: &Data) -> Done {
        match data {
            Data::None => self.text.push_str("null"),
            Data::Bool(bool) => self.text.push_str(if *bool { "true" } else { "false" }),
            Data::Int(int) => self.text.push_str(&int.to_string()),
            Data::BigInt(digits) => self.text.push_str(digits),
            Data::Float(float) => self.float(*float)?,
            Data::Str(text) => self.string(text),
            Data::List(items) => self.items(items.iter())?,
            Data::Tuple(items) => self.wrapped_items("tuple", items.iter())?,
            Data::Set(items) => {
                let mut items: Vec<&Data> = items.iter().collect();
                items.sort_by_cached_key(|item| item.python(usize::MAX));
                self.wrapped_items("set", items.into_iter())?;
            }
            Data::Dict(pairs) => {
                let mut pairs: Vec<&(Data, Data)> = pairs.iter().collect();
                pairs.sort_by_cached_key(|(key, _)| key.python(usize::MAX));
                let items = pairs.into_iter().flat_map(|(key, value)| [key, value]);
                self.wrapped_items("dict", items)?;
            }
            Data::DateTime(text) => self.wrapped_text("datetime", text),
            Data::Date(text) => self.wrapped_text("date", text),
            Data::Time(text) => self.wrapped_text("time", text),
            Data::Duration(seconds) => {
                self.text.push_str(r#"{"type":"duration","value":"#);
                self.float(*seconds)?;
                self.text.push('}');
            }
            Data::Decimal(text) => self.wrapped_text("decimal", text),
            Data::Uuid(text) => self.wrapped_text("uuid", text),
            Data::Fragment(fragment) => self.fragment(fragment)?,
            Data::Execution { id, target } => self.reference(Reference::Execution {
                execution_id: id.clone(),
                module: target.as_ref().map(|target| target.module.to_string()),
                target: target.as_ref().map(|target| target.name.to_string()),
                extra: Extra::NONE,
            }),
            Data::Asset { id, asset } => {
                self.reference(Reference::Asset {
                    asset_id: id.clone(),
                    asset: asset.clone(),
                    extra: Extra::NONE,
                });
            }
            Data::Input(id) => {
                self.reference(Reference::Input { input_id: id.clone(), extra: Extra::NONE });
            }
            Data::Stream { id, stride } => self.stream(id, *stride),
            Data::Unknown { kind, .. } => {
                return Err(EncodeError::Part(format!("a {kind:?} cannot be written")));
            }
            Data::Missing { key, .. } => {
                return Err(EncodeError::Part(format!("blob {key} is not in the store")));
            }
            Data::Broken { reason } => return Err(EncodeError::Part(reason.clone())),
        }
        Ok(())
    }

    /// As Python's `json.dumps` writes it.
    fn float(&mut self, float: f64) -> Done {
        if !float.is_finite() {
            let number = number::python(float);
            return Err(NotJson::NotFinite { path: String::new(), number }.into());
        }
        self.text.push_str(&number::python(float));
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&Any::from(text).to_string());
    }

    fn items<'data>(&mut self, items: impl Iterator<Item = &'data Data>) -> Done {
        self.text.push('[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.data(item)?;
        }
        self.text.push(']');
        Ok(())
    }

    // Writing to a string cannot fail.
    fn wrapped_items<'data>(
        &mut self,
        kind: &str,
        items: impl Iterator<Item = &'data Data>,
    ) -> Done {
        let _ = write!(self.text, r#"{{"type":"{kind}","items":"#);
        self.items(items)?;
        self.text.push('}');
        Ok(())
    }

    fn wrapped_text(&mut self, kind: &str, text: &str) {
        let _ = write!(self.text, r#"{{"type":"{kind}","value":"#);
        self.string(text);
        self.text.push('}');
    }

    fn reference(&mut self, reference: Reference) {
        let index = self.references.len();
        self.references.push(reference);
        let _ = write!(self.text, r#"{{"type":"ref","index":{index}}}"#);
    }

    fn stream(&mut self, id: &str, stride: Option<Stride>) {
        self.text.push_str(r#"{"type":"stream","id":"#);
        self.string(id);
        if let Some(Stride { start, stop, step }) = stride {
            let stride = serde_json::json!({ "start": start, "stop": stop, "step": step });
            let _ = write!(self.text, r#","stride":{stride}"#);
        }
        self.text.push('}');
    }

    /// One that was read is referred to as it is; a new one becomes a blob.
    fn fragment(&mut self, fragment: &Fragment) -> Done {
        let Fragment { format, key, size, metadata, content } = fragment;
        let made = match content {
            Content::Bytes(bytes) if format == "bytes" => Some(bytes.to_vec()),
            Content::Json(data) if *key == BlobKey([0; 32]) => {
                Some(plain(data)?.to_string().into_bytes())
            }
            Content::Missing => {
                return Err(EncodeError::Part(format!("blob {key} is not in the store")));
            }
            Content::Broken(reason) => return Err(EncodeError::Part(reason.clone())),
            _ => None,
        };
        let (blob_key, size) = match made {
            Some(bytes) => {
                let made = (BlobKey::of(&bytes), bytes.len() as u64);
                self.blobs.push((made.0, bytes));
                made
            }
            None => (*key, *size),
        };
        let (format, metadata) = (format.clone(), metadata.clone());
        self.reference(Reference::Fragment {
            format,
            blob_key,
            size,
            metadata,
            extra: Extra::NONE,
        });
        Ok(())
    }
}

/// A model's field as pydantic's own JSON has it.
fn plain(data: &Data) -> Result<Any, EncodeError> {
    deep(|| {
        Ok(match data {
            Data::None => Any::Null,
            Data::Bool(bool) => Any::Bool(*bool),
            Data::Int(int) => Any::from(*int),
            Data::BigInt(digits) => serde_json::from_str(digits)
                .map_err(|error| EncodeError::Part(format!("{digits}: {error}")))?,
            Data::Float(float) => serde_json::Number::from_f64(*float).map_or_else(
                || Err(EncodeError::Part(format!("{} has no JSON", number::python(*float)))),
                |number| Ok(Any::Number(number)),
            )?,
            Data::Str(text)
            | Data::DateTime(text)
            | Data::Date(text)
            | Data::Time(text)
            | Data::Decimal(text)
            | Data::Uuid(text) => Any::from(text.as_str()),
            Data::Duration(seconds) => Any::from(format!("PT{}S", number::go(*seconds))),
            Data::List(items) | Data::Tuple(items) | Data::Set(items) => {
                Any::Array(items.iter().map(plain).collect::<Result<_, _>>()?)
            }
            Data::Dict(pairs) => Any::Object(
                pairs
                    .iter()
                    .map(|(key, value)| {
                        let name = match key {
                            Data::Str(text) => text.clone(),
                            other => other.python(200),
                        };
                        Ok::<_, EncodeError>((name, plain(value)?))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            Data::Fragment(Fragment { content: Content::Json(inner), .. }) => plain(inner)?,
            other => {
                let written = other.python(60);
                return Err(EncodeError::Part(format!("a model's field cannot hold {written}")));
            }
        })
    })
}
