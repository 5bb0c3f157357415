//! Values as plain JSON, for programs that are not Python.

use hindcast_model::{Content, Data};
use serde_json::{Map, Number, Value as Json, json};

/// The value as plain JSON: what JSON knows as itself, everything else as the text that Python's
/// `str` or `repr` gives. Tuples and sets become lists; a dict whose keys are not all texts becomes a
/// list of pairs.
pub fn plain_json(data: &Data) -> Json {
    match data {
        Data::None => Json::Null,
        Data::Bool(bool) => Json::Bool(*bool),
        Data::Int(int) => json!(int),
        Data::BigInt(digits) => match digits.parse::<Number>() {
            Ok(number) => Json::Number(number),
            Err(_) => Json::String(digits.clone()),
        },
        Data::Float(float) => match Number::from_f64(*float) {
            Some(number) => Json::Number(number),
            None => Json::String(data.python(100)),
        },
        Data::Str(text)
        | Data::DateTime(text)
        | Data::Date(text)
        | Data::Time(text)
        | Data::Decimal(text)
        | Data::Uuid(text) => Json::String(text.clone()),
        Data::Duration(seconds) => json!(seconds),
        Data::List(items) | Data::Tuple(items) | Data::Set(items) => {
            Json::Array(items.iter().map(plain_json).collect())
        }
        Data::Dict(pairs) => dict(pairs),
        Data::Unknown { fields, .. } => {
            fields.iter().map(|(name, value)| (name.clone(), plain_json(value))).collect()
        }
        Data::Fragment(fragment) => match &fragment.content {
            Content::Json(inner) => plain_json(inner),
            _ => Json::String(data.python(usize::MAX)),
        },
        Data::Execution { id, .. } => json!({ "execution": id.to_string() }),
        Data::Asset { id, .. } => json!({ "asset": id.to_string() }),
        Data::Input(id) => json!({ "input": id.to_string() }),
        Data::Stream { id, .. } => json!({ "stream": id }),
        Data::Missing { key, size, .. } => json!({ "missing": key.to_string(), "size": size }),
        Data::Broken { reason } => json!({ "broken": reason }),
    }
}

fn dict(pairs: &[(Data, Data)]) -> Json {
    let texts: Option<Map<String, Json>> = pairs
        .iter()
        .map(|(key, value)| match key {
            Data::Str(key) => Some((key.clone(), plain_json(value))),
            _ => None,
        })
        .collect();
    texts.map_or_else(
        || pairs.iter().map(|(key, value)| json!([plain_json(key), plain_json(value)])).collect(),
        Json::Object,
    )
}
