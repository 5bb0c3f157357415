//! What Python writes that is not JSON: bare `NaN` and `Infinity`, and lone surrogates.

use std::borrow::Cow;

/// A line made into JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repaired<'a> {
    /// The line; each bare token is now a string, each lone surrogate U+FFFD.
    pub(super) text: Cow<'a, str>,
    /// The first bare token, and where it stood.
    pub(super) not_finite: Option<NotFinite>,
}

/// A number that JSON does not know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotFinite {
    /// `NaN`, `Infinity` or `-Infinity`.
    pub(super) token: &'static str,
    /// Where it stood, from the outermost object.
    pub(super) path: Vec<Place>,
}

/// A place in an object or an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Under this key (as it is written, escapes and all).
    Key(String),
    /// At this index.
    Index(usize),
}

/// The longest first, so that `-Infinity` is found whole.
const TOKENS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// Makes a line of Python's `json.dumps` into JSON. What is wrong in other ways stays wrong.
pub(super) fn repair(line: &str) -> Repaired<'_> {
    let suspicious = line.contains("NaN") || line.contains("Infinity") || has_surrogate(line);
    if !suspicious {
        return Repaired { text: Cow::Borrowed(line), not_finite: None };
    }
    let mut scan = Scan { line, out: String::with_capacity(line.len()), ..Scan::default() };
    scan.run();
    Repaired { text: Cow::Owned(scan.out), not_finite: scan.not_finite }
}

fn has_surrogate(line: &str) -> bool {
    line.contains("\\ud") || line.contains("\\uD")
}

/// One pass over a line.
#[derive(Default)]
struct Scan<'a> {
    line: &'a str,
    /// How far it is.
    at: usize,
    out: String,
    /// Where it is: one place an open bracket.
    path: Vec<Place>,
    /// Whether the next string in an object is a key.
    key_next: bool,
    not_finite: Option<NotFinite>,
}

impl Scan<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.line.as_bytes().get(self.at) {
            match byte {
                b'"' => self.string(),
                b'{' => self.open(Place::Key(String::new()), true),
                b'[' => self.open(Place::Index(0), false),
                b'}' | b']' => {
                    self.path.pop();
                    self.key_next = false;
                    self.copy(1);
                }
                b',' => self.next_item(),
                b':' => {
                    self.key_next = false;
                    self.copy(1);
                }
                b'-' | b'I' | b'N' => self.token(),
                _ => self.plain(),
            }
        }
    }

    fn copy(&mut self, length: usize) {
        self.out.push_str(&self.line[self.at..self.at + length]);
        self.at += length;
    }

    /// Copies up to the next byte that means something. (All of those are ASCII.)
    fn plain(&mut self) {
        let rest = &self.line[self.at..];
        let stop = rest.bytes().skip(1).position(|b| b"\"{}[],:-IN".contains(&b));
        self.copy(stop.map_or(rest.len(), |stop| stop + 1));
    }

    fn open(&mut self, place: Place, key_next: bool) {
        self.path.push(place);
        self.key_next = key_next;
        self.copy(1);
    }

    fn next_item(&mut self) {
        match self.path.last_mut() {
            Some(Place::Index(index)) => *index += 1,
            Some(Place::Key(_)) => self.key_next = true,
            None => {}
        }
        self.copy(1);
    }

    fn token(&mut self) {
        let rest = &self.line[self.at..];
        let Some(token) = TOKENS.into_iter().find(|token| rest.starts_with(token)) else {
            return self.copy(1);
        };
        if self.not_finite.is_none() {
            self.not_finite = Some(NotFinite { token, path: self.path.clone() });
        }
        self.out.push('"');
        self.out.push_str(token);
        self.out.push('"');
        self.at += token.len();
    }

    /// Copies a string, and keeps it if it is a key.
    fn string(&mut self) {
        let rest = &self.line[self.at..];
        let mut end = 1;
        let bytes = rest.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = (end + 1).min(rest.len());
        // An escaped multi-byte character at the very end of a broken line.
        let end = (end..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let string = &rest[..end];
        if self.key_next
            && let Some(Place::Key(key)) = self.path.last_mut()
        {
            string.trim_matches('"').clone_into(key);
        }
        if has_surrogate(string) {
            self.surrogates(string);
        } else {
            self.out.push_str(string);
        }
        self.at += end;
    }

    /// Copies a string; a surrogate without its other half becomes U+FFFD.
    fn surrogates(&mut self, string: &str) {
        let mut rest = string;
        while let Some(at) = rest.find('\\') {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = match unit(rest) {
                Some(0xD800..=0xDBFF) if matches!(unit(&rest[6..]), Some(0xDC00..=0xDFFF)) => 12,
                Some(0xD800..=0xDFFF) => {
                    self.out.push_str("\\ufffd");
                    rest = &rest[6..];
                    continue;
                }
                Some(_) => 6,
                None => rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at),
            };
            self.out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        self.out.push_str(rest);
    }
}

/// The code unit of a `\uXXXX` that `text` starts with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Where the token stood in a value, as Python would write it. `value` is what stands there, in
/// the SDK's wrappers; `path` leads into it.
pub(super) fn python_path(value: &serde_json::Value, path: &[Place]) -> String {
    let mut text = String::new();
    let mut here = Some(value);
    let mut wrapper = None;
    for place in path {
        match place {
            Place::Key(key) => {
                wrapper = (key == "items").then(|| here.map(kind)).flatten();
                here = here.and_then(|here| here.get(key));
            }
            Place::Index(index) => {
                let items = here;
                here = items.and_then(|items| items.get(index));
                match wrapper.take() {
                    Some("dict") if index % 2 == 1 => {
                        let key = items.and_then(|items| items.get(index - 1));
                        text.extend(["[", &key.map(written).unwrap_or_default(), "]"]);
                    }
                    Some("dict") => text.push_str(" (a key)"),
                    Some("set") => text.push_str(" (in a set)"),
                    _ => text.extend(["[", &index.to_string(), "]"]),
                }
            }
        }
    }
    text
}

fn kind(value: &serde_json::Value) -> &str {
    value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn written(key: &serde_json::Value) -> String {
    match key {
        serde_json::Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_where_they_stand_and_only_outside_strings() {
        let line = r#"{"a":["NaN: \"NaN\"",{"b":1,"c":[0,-Infinity,NaN]}],"d":-1}"#;
        let repaired = repair(line);
        assert_eq!(
            repaired.text,
            r#"{"a":["NaN: \"NaN\"",{"b":1,"c":[0,"-Infinity","NaN"]}],"d":-1}"#
        );
        let path = ["a", "1", "c", "1"]
            .map(|place| place.parse().map_or_else(|_| Place::Key(place.to_owned()), Place::Index));
        let found = repaired.not_finite.unwrap();
        assert_eq!((found.token, found.path.as_slice()), ("-Infinity", path.as_slice()));
    }

    #[test]
    fn a_lone_surrogate_becomes_the_replacement_character() {
        let table = [
            (r#"["\ud83d\ude00"]"#, r#"["\ud83d\ude00"]"#),
            (r#"["a\ud83d","\ude00b"]"#, r#"["a\ufffd","\ufffdb"]"#),
            (r#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#),
            (r#"["\\ud83d"]"#, r#"["\\ud83d"]"#),
            (r#"["\ud8"#, r#"["\ud8"#),
        ];
        for (line, expected) in table {
            assert_eq!(repair(line).text, expected, "{line}");
        }
    }

    #[test]
    fn a_place_in_a_value_reads_as_python() {
        let value = serde_json::json!(
            {"type": "dict", "items": ["rate", [1, {"type": "tuple", "items": ["NaN"]}]]}
        );
        let path = [
            Place::Key("items".into()),
            Place::Index(1),
            Place::Index(1),
            Place::Key("items".into()),
            Place::Index(0),
        ];
        assert_eq!(python_path(&value, &path), "['rate'][1][0]");
    }

    proptest::proptest! {
        #[test]
        fn json_stays_as_it_is_and_nothing_panics(text in "[\\[\\]{}\",:\\\\u0-9a-fNaInfity é-]{0,60}") {
            let repaired = repair(&text);
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                proptest::prop_assert_eq!(repaired.text.as_ref(), text.as_str());
            }
        }
    }
}
