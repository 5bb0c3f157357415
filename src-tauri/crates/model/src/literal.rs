//! Values as a person types them: Python literals, and calls of the types that Coflux carries, such
//! as `Decimal('1.10')`, `datetime.date(2026, 3, 4)` or `shop.models.Order(id=7)`. It reads
//! everything [`Data::python`] writes; what has no literal (`<execution R1:2:1>`) stands for the same
//! part of the value that is edited.

mod calls;
mod text;

use std::sync::Arc;

use crate::BlobKey;
use crate::data::{Content, Data, Fragment};
use crate::depth::deep;

/// How deep literals may stand in each other.
const DEEPEST: usize = 400;

/// Where and why a text is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct LiteralError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl Data {
    /// The value that a text in Python's terms stands for. `like` is the value that was edited, if
    /// one was.
    ///
    /// # Errors
    /// If the text is no such value, with the place.
    pub fn parse_python(text: &str, like: Option<&Data>) -> Result<Self, LiteralError> {
        let mut reader = Reader { text, at: 0, depth: 0, like };
        let value = reader.value().and_then(|value| {
            reader.space();
            match reader.peek() {
                None => Ok(value),
                Some(_) => Err(reader.fault("more text after the value")),
            }
        });
        value.map_err(|Fault { at, what }| {
            let before = text.get(..at.min(text.len())).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            LiteralError {
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                what,
            }
        })
    }
}

/// What is wrong, and the byte it is at.
struct Fault {
    at: usize,
    what: String,
}

type Read<T> = Result<T, Fault>;

struct Reader<'text> {
    text: &'text str,
    at: usize,
    depth: usize,
    like: Option<&'text Data>,
}

impl<'text> Reader<'text> {
    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into() }
    }

    fn rest(&self) -> &'text str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// Passes over `token` and the space before it, if it is next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        if self.take(token) { Ok(()) } else { Err(self.fault(format!("{token} is missing"))) }
    }

    fn value(&mut self) -> Read<Data> {
        self.space();
        if self.depth >= DEEPEST {
            return Err(self.fault(format!("nested deeper than {DEEPEST} levels")));
        }
        self.depth += 1;
        let value = deep(|| self.any());
        self.depth -= 1;
        value
    }

    fn any(&mut self) -> Read<Data> {
        let Some(first) = self.peek() else {
            return Err(self.fault("a value is missing"));
        };
        match first {
            '[' => {
                self.at += 1;
                Ok(Data::List(self.items("]")?.0))
            }
            '(' => self.tuple(),
            '{' => self.braces(),
            '<' => self.original(),
            '-' | '+' | '.' | '0'..='9' => self.number(),
            '\'' | '"' => self.strings(),
            _ if self.starts_string() => self.strings(),
            _ if first.is_alphabetic() || first == '_' => self.named(),
            _ => Err(self.fault(format!("{first:?} does not begin a value"))),
        }
    }

    /// Items up to the closing token, and whether a comma came after the last.
    fn items(&mut self, close: &str) -> Read<(Vec<Data>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            if self.take(close) {
                return Ok((items, comma));
            }
            if !items.is_empty() && !comma {
                return Err(self.fault(format!("a comma or {close} is missing")));
            }
            items.push(self.value()?);
            comma = self.take(",");
        }
    }

    fn tuple(&mut self) -> Read<Data> {
        self.at += 1;
        let (mut items, comma) = self.items(")")?;
        match (items.len(), comma) {
            // Brackets around a value are the value.
            (1, false) => Ok(items.swap_remove(0)),
            _ => Ok(Data::Tuple(items)),
        }
    }

    fn braces(&mut self) -> Read<Data> {
        self.at += 1;
        if self.take("}") {
            return Ok(Data::Dict(Vec::new()));
        }
        let first = self.value()?;
        if !self.take(":") {
            let mut items = vec![first];
            while self.take(",") && !self.closes("}") {
                items.push(self.value()?);
            }
            self.expect("}")?;
            return Ok(Data::Set(items));
        }
        let mut pairs = vec![(first, self.value()?)];
        while self.take(",") && !self.closes("}") {
            let key = self.value()?;
            self.expect(":")?;
            pairs.push((key, self.value()?));
        }
        self.expect("}")?;
        Ok(Data::Dict(pairs))
    }

    fn closes(&mut self, close: &str) -> bool {
        self.space();
        self.rest().starts_with(close)
    }

    /// `<…>`: what has no literal, and so must be in the value that is edited.
    fn original(&mut self) -> Read<Data> {
        let rest = self.rest();
        let found = self.like.and_then(|like| {
            let mut found: Option<(usize, Data)> = None;
            walk(like, &mut |data| {
                let written = data.python(usize::MAX);
                let longer = found.as_ref().is_none_or(|(length, _)| *length < written.len());
                if written.starts_with('<') && rest.starts_with(&written) && longer {
                    found = Some((written.len(), data.clone()));
                }
            });
            found
        });
        let Some((length, data)) = found else {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            let name: String = rest[..end].chars().take(60).collect();
            return Err(self.fault(format!("{name} is no part of the value that is edited")));
        };
        self.at += length;
        Ok(data)
    }

    fn word(&mut self) -> &'text str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn named(&mut self) -> Read<Data> {
        let start = self.at;
        let word = self.word();
        match word {
            "None" | "null" => return Ok(Data::None),
            "True" | "true" => return Ok(Data::Bool(true)),
            "False" | "false" => return Ok(Data::Bool(false)),
            "nan" | "inf" | "NaN" | "Infinity" => {
                self.at = start;
                return Err(self.fault(format!("{word} cannot be stored: JSON has no such number")));
            }
            "datetime.timezone.utc" | "timezone.utc" => {
                self.at = start;
                return Err(self.fault("a time zone alone is no value"));
            }
            _ => {}
        }
        if !self.take("(") {
            self.at = start;
            return Err(self.fault(format!("{word} is no value; texts stand in quotes")));
        }
        self.call(start, word)
    }

    fn number(&mut self) -> Read<Data> {
        let start = self.at;
        let rest = self.rest();
        let negative = rest.starts_with('-');
        let signless = rest.trim_start_matches(['-', '+']);
        if rest.len() - signless.len() > 1 {
            return Err(self.fault("one sign is enough"));
        }
        let mut end = 0;
        let bytes = signless.as_bytes();
        while let Some(byte) = bytes.get(end) {
            let after_exponent =
                end > 0 && matches!(bytes[end - 1], b'e' | b'E') && !signless.starts_with("0x");
            let part = byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'_')
                || (after_exponent && matches!(byte, b'+' | b'-'));
            if !part {
                break;
            }
            end += 1;
        }
        let word = &signless[..end];
        self.at += rest.len() - signless.len() + end;
        if word.ends_with('_') || word.contains("__") || word.starts_with('_') {
            return Err(Fault { at: start, what: format!("{word} is no number") });
        }
        let digits = word.replace('_', "");
        let sign = if negative { "-" } else { "" };
        parse_number(sign, &digits)
            .ok_or_else(|| Fault { at: start, what: format!("{sign}{word} is no number") })
    }
}

fn parse_number(sign: &str, digits: &str) -> Option<Data> {
    let lower = digits.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return i64::from_str_radix(&format!("{sign}{digits}"), radix).ok().map(Data::Int);
        }
    }
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        if digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|byte| byte != b'0') {
            return None;
        }
        let text = format!("{sign}{digits}");
        return Some(text.parse().map_or_else(|_| Data::BigInt(text.clone()), Data::Int));
    }
    let begins = |c: char| c.is_ascii_digit() || c == '.';
    let has_digit = digits.bytes().any(|byte| byte.is_ascii_digit());
    let float: f64 = format!("{sign}{digits}").parse().ok()?;
    (digits.starts_with(begins) && has_digit && float.is_finite()).then_some(Data::Float(float))
}

/// Bytes as a value.
fn bytes(content: Vec<u8>) -> Data {
    Data::Fragment(Fragment {
        format: "bytes".to_owned(),
        key: BlobKey::of(&content),
        size: content.len() as u64,
        metadata: serde_json::Map::new(),
        content: Content::Bytes(content.into()),
    })
}

/// A model of this class, with these fields.
fn model(class: &str, fields: Vec<(Data, Data)>) -> Data {
    let mut metadata = serde_json::Map::new();
    metadata.insert("model".to_owned(), class.into());
    Data::Fragment(Fragment {
        format: "json".to_owned(),
        // Known once it is written.
        key: BlobKey([0; 32]),
        size: 0,
        metadata,
        content: Content::Json(Arc::new(Data::Dict(fields))),
    })
}

/// Hands a value and every part of it to `visit`.
fn walk(data: &Data, visit: &mut dyn FnMut(&Data)) {
    visit(data);
    deep(|| match data {
        Data::List(items) | Data::Tuple(items) | Data::Set(items) => {
            for item in items {
                walk(item, visit);
            }
        }
        Data::Dict(pairs) => pairs.iter().for_each(|(key, value)| {
            walk(key, visit);
            walk(value, visit);
        }),
        Data::Fragment(Fragment { content: Content::Json(inner), .. }) => walk(inner, visit),
        _ => {}
    });
}

#[cfg(test)]
mod tests;
