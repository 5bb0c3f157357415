//! Going through a value's JSON, in the SDK's wrappers or plain.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text::{Patterns, placeholder};

/// Replaces what a pattern fits, or everything if `hidden`. Returns how many values went, and adds
/// the references that stand under a fitting name.
pub(super) fn replace(
    value: &mut Value,
    patterns: &Patterns,
    hidden: bool,
    references: &mut Vec<usize>,
) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(truth) => {
            let goes = hidden && *truth;
            *truth &= !hidden;
            usize::from(goes)
        }
        Value::Number(number) => {
            let goes = hidden || patterns.fit(&number.to_string());
            if goes {
                *value = if number.is_f64() { json!(0.0) } else { json!(0) };
            }
            usize::from(goes)
        }
        Value::String(text) => {
            let goes = hidden || patterns.fit(text);
            if goes {
                *text = placeholder(text);
            }
            usize::from(goes)
        }
        Value::Array(items) => {
            items.iter_mut().map(|item| replace(item, patterns, hidden, references)).sum()
        }
        Value::Object(fields) => object(fields, patterns, hidden, references),
    }
}

fn object(
    fields: &mut Map<String, Value>,
    patterns: &Patterns,
    hidden: bool,
    references: &mut Vec<usize>,
) -> usize {
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "dict" if fields.get("items").is_some_and(Value::is_array) => {
            let Some(Value::Array(items)) = fields.get_mut("items") else { return 0 };
            items.chunks_mut(2).map(|pair| entry(pair, patterns, hidden, references)).sum()
        }
        "set" | "tuple" | "list" if fields.get("items").is_some_and(Value::is_array) => {
            fields.get_mut("items").map_or(0, |items| replace(items, patterns, hidden, references))
        }
        "ref" => {
            let index = fields.get("index").and_then(Value::as_u64);
            if let Some(index) = index.filter(|_| hidden) {
                references.extend(usize::try_from(index));
            }
            0
        }
        _ => match scalar(&kind).filter(|_| fields.len() == 2 && fields.contains_key("value")) {
            Some(nothing) => {
                let text = fields["value"].as_str().unwrap_or_default().to_owned();
                let goes = hidden || patterns.fit(&text);
                if goes {
                    fields.insert("value".into(), nothing);
                }
                usize::from(goes)
            }
            None => plain(fields, patterns, hidden, references),
        },
    }
}

/// An object that is no wrapper: names and what stands under them.
fn plain(
    fields: &mut Map<String, Value>,
    patterns: &Patterns,
    hidden: bool,
    references: &mut Vec<usize>,
) -> usize {
    let mut count = 0;
    let mut renamed = Vec::new();
    for (name, mut value) in std::mem::take(fields) {
        let fits = patterns.fit(&name);
        count += replace(&mut value, patterns, hidden || fits, references);
        if fits && is_telling(&name) {
            count += 1;
            renamed.push((placeholder(&name), value));
        } else {
            fields.insert(name, value);
        }
    }
    // Several may have the same shape: each is numbered.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for (shape, value) in renamed {
        let number = numbers.entry(shape.clone()).or_insert(1);
        let mut name = shape.clone();
        while fields.contains_key(&name) {
            *number += 1;
            name = format!("{shape}{number}");
        }
        fields.insert(name, value);
    }
    count
}

/// Whether a name is more than a name: `email` tells nothing; an address or a number does.
fn is_telling(name: &str) -> bool {
    !name.chars().all(|c| c.is_alphabetic() || c == '_')
}

/// A dict's key and value. A key stays, unless it is itself a text that fits as a value would: then
/// what is under it goes with it, by its name.
fn entry(
    pair: &mut [Value],
    patterns: &Patterns,
    hidden: bool,
    references: &mut Vec<usize>,
) -> usize {
    let [key, value] = pair else { return 0 };
    let named = key.as_str().is_some_and(|name| patterns.fit(name));
    let telling = key.as_str().is_none_or(is_telling);
    let from_key = if telling { replace(key, patterns, false, references) } else { 0 };
    from_key + replace(value, patterns, hidden || named, references)
}

/// What stands for one of the SDK's single values: still one that Python can read.
fn scalar(kind: &str) -> Option<Value> {
    Some(match kind {
        "datetime" => json!("1970-01-01T00:00:00"),
        "date" => json!("1970-01-01"),
        "time" => json!("00:00:00"),
        "duration" => json!(0),
        "decimal" => json!("0"),
        "uuid" => json!("00000000-0000-0000-0000-000000000000"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_keeps_its_shape() {
        let patterns = Patterns::new(&["email".into(), "*@*".into(), "card*".into()]);
        let dict = |items: Value| json!({"type": "dict", "items": items});
        let table = [
            (json!("ana@x.com"), json!("xxx@x.xxx"), 1),
            (json!([1, "ana"]), json!([1, "ana"]), 0),
            (dict(json!(["email", "ana", "n", 1])), dict(json!(["email", "xxx", "n", 1])), 1),
            (dict(json!(["a@b", 1])), dict(json!(["x@x", 0])), 2),
            (
                dict(json!(["card", dict(json!(["no", 4111, "ok", true, "f", 1.5]))])),
                dict(json!(["card", dict(json!(["no", 0, "ok", false, "f", 0.0]))])),
                3,
            ),
            (
                dict(json!(["card_since", {"type": "date", "value": "2026-03-04"}])),
                dict(json!(["card_since", {"type": "date", "value": "1970-01-01"}])),
                1,
            ),
            // A model's own JSON is not wrapped.
            (json!({"email": "ana", "n": 1}), json!({"email": "xxx", "n": 1}), 1),
            (json!({"a@b": 1, "c@d": 2, "x@x": 3}), json!({"x@x": 0, "x@x2": 0, "x@x3": 0}), 6),
        ];
        for (mut value, expected, count) in table {
            assert_eq!(replace(&mut value, &patterns, false, &mut Vec::new()), count, "{expected}");
            assert_eq!(value, expected);
        }
        let mut references = Vec::new();
        let mut value = dict(json!(["email", {"type": "ref", "index": 3}]));
        replace(&mut value, &patterns, false, &mut references);
        assert_eq!(references, [3]);
    }
}
