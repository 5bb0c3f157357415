//! Texts with `{name}` placeholders, as logs and inputs have them.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{Blobs, Data, Value};

/// How long a value in a text is at most, in characters.
const LONGEST: usize = 400;

/// The text with its placeholders filled in, and the values that no placeholder shows: name, value
/// as Python would write it. A placeholder without a value stays as it is.
pub(crate) fn fill(
    template: &str,
    values: &BTreeMap<String, Value>,
    blobs: &dyn Blobs,
) -> (String, Vec<(String, String)>) {
    let mut text = String::new();
    let mut shown = BTreeSet::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let end = from.find('}');
        let name = end.map(|end| &from[1..end]);
        if let Some((name, value)) = name.and_then(|name| Some((name, values.get(name)?))) {
            shown.insert(name);
            text.push_str(&plain(&value.decode(blobs)));
            rest = &from[name.len() + 2..];
        } else {
            text.push('{');
            rest = &from[1..];
        }
    }
    text.push_str(rest);
    let others = values.iter().filter(|(name, _)| !shown.contains(name.as_str()));
    let others = others.map(|(name, value)| (name.clone(), value.decode(blobs).python(LONGEST)));
    (text, others.collect())
}

/// A text goes in as it is, everything else as Python would write it.
fn plain(data: &Data) -> String {
    match data {
        Data::Str(text) => text.clone(),
        other => other.python(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hindcast_model::{BlobKey, Json};

    use super::*;

    fn value(json: &str) -> Value {
        Value::raw(Json::parse(json).unwrap(), Vec::new())
    }

    #[test]
    fn placeholders_are_filled_and_what_is_left_is_listed() {
        let blobs = std::collections::HashMap::<BlobKey, Arc<[u8]>>::new();
        let values = [("a", "\"x\""), ("b", "[1,2]"), ("c", "null")];
        let values = values.map(|(name, json)| (name.to_owned(), value(json))).into();
        for (template, text, left) in [
            ("{a} has {b}", "x has [1, 2]", "c=None"),
            ("{d} {a", "{d} {a", "a='x' b=[1, 2] c=None"),
            ("{{a}}", "{x}", "b=[1, 2] c=None"),
            ("", "", "a='x' b=[1, 2] c=None"),
        ] {
            let (filled, others) = fill(template, &values, &blobs);
            let others: Vec<_> =
                others.iter().map(|(name, text)| format!("{name}={text}")).collect();
            assert_eq!((filled.as_str(), others.join(" ").as_str()), (text, left), "{template:?}");
        }
    }
}
