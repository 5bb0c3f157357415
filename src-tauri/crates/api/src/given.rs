//! A value that a person gives, as the SDK would have sent it.

use hindcast_model::{Data, Encoding, THRESHOLD, Value, encode, normalise};
use hindcast_store::BlobStore;
use serde_json::{Value as Json, json};

use crate::choice::TextForm;
use crate::{ApiError, ErrorCode};

/// The value that a text of this form stands for. `like` is the value that was edited, if one was:
/// what has no literal can be kept from it.
pub(crate) fn given_as(
    text: &str,
    form: TextForm,
    like: Option<&Data>,
    blobs: &BlobStore,
) -> Result<Value, ApiError> {
    match form {
        TextForm::Json => given(text, blobs),
        TextForm::Python => {
            let bad = |error: &dyn std::fmt::Display| {
                ApiError::new(ErrorCode::BadRequest, format!("the value is not Python: {error}"))
            };
            let data = Data::parse_python(text, like).map_err(|error| bad(&error))?;
            let (value, kept) = data.encode(&Encoding::default()).map_err(|error| bad(&error))?;
            for (_, bytes) in kept {
                blobs.write(&bytes)?;
            }
            Ok(value)
        }
    }
}

/// The argument that a text of this form stands for where a run is submitted. JSON is taken as the
/// server's own interface takes it.
pub(crate) fn submitted_as(
    text: &str,
    form: TextForm,
    blobs: &BlobStore,
) -> Result<Value, ApiError> {
    match form {
        TextForm::Json => hindcast_model::submitted(text).map_err(|error| {
            ApiError::new(ErrorCode::BadRequest, format!("the value is not JSON: {error}"))
        }),
        TextForm::Python => given_as(text, form, None, blobs),
    }
}

/// The value that this JSON stands for. Objects are dicts; a large value goes into a blob.
pub(crate) fn given(text: &str, blobs: &BlobStore) -> Result<Value, ApiError> {
    let bad = |error: &dyn std::fmt::Display| {
        ApiError::new(ErrorCode::BadRequest, format!("the value is not JSON: {error}"))
    };
    let plain: Json = serde_json::from_str(text).map_err(|error| bad(&error))?;
    let normalised = normalise(&wrapped(plain).to_string()).map_err(|error| bad(&error))?;
    let (value, blob) = encode(normalised, Vec::new(), THRESHOLD);
    if let Some((_, bytes)) = blob {
        blobs.write(&bytes)?;
    }
    Ok(value)
}

/// As the SDK writes plain data: every object in its wrapper.
fn wrapped(plain: Json) -> Json {
    match plain {
        Json::Array(items) => items.into_iter().map(wrapped).collect(),
        Json::Object(fields) => {
            let items = fields.into_iter().flat_map(|(name, value)| [json!(name), wrapped(value)]);
            json!({ "type": "dict", "items": items.collect::<Vec<_>>() })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use hindcast_store::Store;

    use super::*;

    #[test]
    fn what_a_person_types_reads_back_as_python_would_show_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let read = |text| given(text, store.blobs()).unwrap().decode(store.blobs()).python(1000);
        assert_eq!(read("{\"a\": [1, {\"b\": null}]}"), "{'a': [1, {'b': None}]}");
        assert_eq!(read("\"x\""), "'x'");
        let long = format!("[{}]", vec!["\"some text\""; 40].join(","));
        assert_eq!(read(&long), format!("[{}]", vec!["'some text'"; 40].join(", ")));
        assert!(given("{'a': 1}", store.blobs()).is_err(), "Python is not JSON");
    }
}
