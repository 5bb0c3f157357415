//! What happens to a value between the SDK and the server.
//!
//! Coflux's worker is written in Go and reads the SDK's JSON into Go's own types and back. That
//! changes it: every number passes through a float64, keys are sorted, some characters are escaped.
//! Memo keys and blob keys are made of the result, so we do the same.
//!
//! Source: `encoding/json`, and the worker's own `blobs.threshold`.

use std::fmt::Write;

use crate::depth::deep;
use crate::tree::{Fault, Tree};
use crate::{BlobKey, Json, Numbers, Reference, Value, number};

/// The longest JSON, in bytes, that the worker keeps in the value itself, unless it is configured
/// otherwise. Anything longer becomes a blob.
pub const THRESHOLD: usize = 100;

/// The longest JSON, in bytes, that the SDK sends inline. Anything longer it writes to a file, and
/// the file becomes a blob as it is.
pub const INLINE: usize = 64 * 1024;

/// A text that is not JSON, or that holds what JSON cannot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// It is not well formed.
    #[error("not JSON: {what} at byte {at}")]
    Syntax {
        /// Bytes before the place.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// It holds NaN or an infinity, which JSON has no way to write.
    #[error("{number} cannot be stored{}: JSON has no such number", place(.path))]
    NotFinite {
        /// Where in the value, as Python would write it; empty for the value itself.
        path: String,
        /// `nan`, `inf` or `-inf`.
        number: String,
    },
    /// It holds a number beyond what a float64 can be.
    #[error("{number} cannot be stored{}: it is too large", place(.path))]
    TooLarge {
        /// Where in the value, as Python would write it; empty for the value itself.
        path: String,
        /// The number, shortened.
        number: String,
    },
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at {path}") }
}

impl From<Fault> for NotJson {
    fn from(Fault { at, what }: Fault) -> Self {
        Self::Syntax { at, what }
    }
}

/// JSON text as Go writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised(Json);

impl Normalised {
    /// The text.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// As JSON.
    pub fn into_json(self) -> Json {
        self.0
    }
}

/// The worker's round trip of a value that the SDK sent inline.
///
/// # Errors
/// If the text is not JSON or holds a number that JSON or a float64 cannot. Where Coflux then loses
/// the message, we say what is wrong.
pub fn normalise(text: &str) -> Result<Normalised, NotJson> {
    normalise_with(text, Numbers::RoundTrip)
}

/// As [`normalise`], with numbers as the worker has them.
pub(crate) fn normalise_with(text: &str, numbers: Numbers) -> Result<Normalised, NotJson> {
    let tree = Tree::parse(text)?;
    let written = go_text(&tree, numbers)?;
    // What `go_text` wrote is JSON; if it ever were not, that is said rather than hidden.
    let json = Json::parse(written)
        .map_err(|_| NotJson::Syntax { at: 0, what: "the normalised text is not JSON" })?;
    Ok(Normalised(json))
}

/// The value the worker sends for a normalised text: raw, or a blob where it is longer than
/// `threshold` bytes. The blob's content comes with it, to be kept.
pub fn encode(
    normalised: Normalised,
    references: Vec<Reference>,
    threshold: usize,
) -> (Value, Option<(BlobKey, Vec<u8>)>) {
    let Normalised(data) = normalised;
    // The worker sends null raw whatever the threshold.
    if data.is_null() || data.text().len() <= threshold {
        return (Value::raw(data, references), None);
    }
    let (value, blob) = encode_file(data.text().as_bytes().to_vec(), references);
    (value, Some(blob))
}

/// The value the worker sends for a file that the SDK wrote: a blob of exactly its bytes, neither
/// read nor changed.
pub fn encode_file(bytes: Vec<u8>, references: Vec<Reference>) -> (Value, (BlobKey, Vec<u8>)) {
    let key = BlobKey::of(&bytes);
    let value = Value::blob(key, bytes.len() as u64, references);
    (value, (key, bytes))
}

/// A document as Go's `encoding/json` writes it after reading it into `interface{}`.
pub(crate) fn go_text(tree: &Tree, numbers: Numbers) -> Result<String, NotJson> {
    let mut out = String::new();
    match write_go(tree, numbers, &mut out) {
        Ok(()) => Ok(out),
        Err(_) => Err(locate(tree, &mut String::new())
            .unwrap_or(NotJson::Syntax { at: 0, what: "a number without a place" })),
    }
}

/// A number that a float64 cannot be. Where it stands is found out only when there is one.
struct NoSuchFloat;

fn write_go(tree: &Tree, numbers: Numbers, out: &mut String) -> Result<(), NoSuchFloat> {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(true) => out.push_str("true"),
        Tree::Bool(false) => out.push_str("false"),
        Tree::Number(text) => match numbers {
            Numbers::RoundTrip => {
                out.push_str(&number::go(finite(text).ok_or(NoSuchFloat)?));
            }
            Numbers::AsSent if is_integer(text) || finite(text).is_some() => out.push_str(text),
            Numbers::AsSent => return Err(NoSuchFloat),
        },
        Tree::NotFinite(_) => return Err(NoSuchFloat),
        Tree::String(text) => write_go_string(text, out),
        Tree::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                deep(|| write_go(item, numbers, out))?;
            }
            out.push(']');
        }
        Tree::Object(fields) => {
            out.push('{');
            for (index, (key, value)) in sorted(fields).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_go_string(key, out);
                out.push(':');
                deep(|| write_go(value, numbers, out))?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Whether a JSON number is written as an integer, of any size.
pub(crate) fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// The float64 nearest to a JSON number, if it has one.
pub(crate) fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|float| float.is_finite())
}

/// Fields in byte order of their keys; of a key that comes twice, the last.
pub(crate) fn sorted(fields: &[(String, Tree)]) -> Vec<(&str, &Tree)> {
    let mut sorted: Vec<(&str, &Tree)> =
        fields.iter().rev().map(|(key, value)| (key.as_str(), value)).collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted.dedup_by_key(|(key, _)| *key);
    sorted
}

fn write_go_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The first number that a float64 cannot be, with its place in the value as Python sees it.
fn locate(tree: &Tree, path: &mut String) -> Option<NotJson> {
    let before = path.len();
    let mut inner = |step: &str, tree: &Tree| {
        path.truncate(before);
        path.push_str(step);
        deep(|| locate(tree, path))
    };
    match tree {
        Tree::NotFinite(float) => {
            Some(NotJson::NotFinite { path: path.clone(), number: number::python(*float) })
        }
        Tree::Number(text) if finite(text).is_none() => {
            let number = text.chars().take(20).collect::<String>() + "…";
            Some(NotJson::TooLarge { path: path.clone(), number })
        }
        Tree::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| inner(&format!("[{index}]"), item))
        }
        Tree::Object(fields) => {
            match (tree.field("type"), tree.field("items"), tree.field("value")) {
                (Some(Tree::String(kind)), Some(Tree::Array(items)), _) if kind == "dict" => {
                    items.chunks(2).find_map(|pair| match pair {
                        [key, value] => {
                            let step = format!("[{}]", crate::data::decode_alone(key).python(60));
                            inner(&step, key).or_else(|| inner(&step, value))
                        }
                        _ => None,
                    })
                }
                // Any other wrapper stands for its items, or its value.
                (Some(Tree::String(_)), Some(items), _) => inner("", items),
                (Some(Tree::String(_)), None, Some(value)) => inner("", value),
                _ => fields.iter().find_map(|(key, value)| {
                    inner(&format!("[{}]", crate::python::quoted(key)), value)
                }),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_changes_as_it_does_in_go() {
        for (sent, kept) in [
            (r#"{"b": 1.0, "a": [-0.0, 1E400e]}"#, None),
            (r#"{ "b" : 1.0, "a":[ -0.0, 1e0, 0.1] }"#, Some(r#"{"a":[-0,1,0.1],"b":1}"#)),
            (r"[1152921504606846977,1e21,1e-7]", Some("[1152921504606847000,1e+21,1e-7]")),
            (r#""<&>\u2028\u00e9\/\u0001\b""#, Some(r#""\u003c\u0026\u003e\u2028é/\u0001\b""#)),
            (
                r#""\ud83d\ude00 \ud83d \ude00 \ud83d\ud83d\ude00""#,
                Some("\"😀 \u{fffd} \u{fffd} \u{fffd}😀\""),
            ),
            (r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
            (r#""\u+123""#, None),
            ("[1,]", None),
            ("01", None),
            ("[] []", None),
        ] {
            assert_eq!(normalise(sent).ok().as_ref().map(Normalised::text), kept, "{sent}");
        }
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_named_with_its_place() {
        for (sent, said) in [
            ("NaN", "nan cannot be stored: JSON has no such number"),
            (
                r#"{"type":"dict","items":["lines",[1,{"type":"tuple","items":[-Infinity]}]]}"#,
                "-inf cannot be stored at ['lines'][1][0]: JSON has no such number",
            ),
            (
                r#"{"price":[Infinity]}"#,
                "inf cannot be stored at ['price'][0]: JSON has no such number",
            ),
            ("[0,1e999]", "1e999… cannot be stored at [1]: it is too large"),
        ] {
            assert_eq!(normalise(sent).unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn nesting_is_bounded_and_never_exhausts_the_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(normalise(&nested(1_990)).is_ok());
        let error = normalise(&nested(1_000_000)).unwrap_err();
        assert_eq!(error.to_string(), "not JSON: nesting deeper than 2000 levels at byte 2000");
    }

    #[test]
    fn what_is_longer_than_the_threshold_becomes_a_blob() {
        let value = |letters: usize| {
            let text = format!("\"{}\"", "x".repeat(letters));
            encode(normalise(&text).unwrap(), Vec::new(), THRESHOLD)
        };
        assert!(matches!(value(98), (Value::Raw { .. }, None)));
        let (Value::Blob { key, size, .. }, Some((kept_as, bytes))) = value(99) else {
            panic!("101 bytes stay raw");
        };
        assert_eq!((key, size), (kept_as, 101));
        assert_eq!(key, BlobKey::of(&bytes));
        assert!(matches!(
            encode(normalise("null").unwrap(), Vec::new(), 0),
            (Value::Raw { .. }, None)
        ));
    }
}
