//! How Python would write a value.

use std::fmt::Write;

use crate::data::{Content, Data, Fragment, Stride};
use crate::depth::deep;
use crate::{BlobKey, number};

impl Data {
    /// The value as Python's `repr` writes it, cut to `limit` characters; the last of them is then
    /// `…`. What Python has no literal for stands in `<…>`.
    pub fn python(&self, limit: usize) -> String {
        let mut writer = Writer { text: String::new(), room: limit, full: false, whole: false };
        writer.data(self);
        writer.finish()
    }

    /// The value as a literal that [`Data::parse_python`] reads by itself, models with the full name
    /// of their class; none where part of it has no literal: a handle, a pickle, what is missing.
    pub fn literal(&self) -> Option<String> {
        let mut writer = Writer { text: String::new(), room: usize::MAX, full: false, whole: true };
        writer.data(self);
        let text = writer.finish();
        Data::parse_python(&text, None).is_ok().then_some(text)
    }
}

/// A string as Python's `repr` writes it.
pub(crate) fn quoted(text: &str) -> String {
    let mut writer = Writer { text: String::new(), room: usize::MAX, full: false, whole: false };
    writer.string(text);
    writer.text
}

/// A class without its module.
pub(crate) fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Writes until there is no more room.
struct Writer {
    text: String,
    /// Characters that still fit.
    room: usize,
    full: bool,
    /// Whether classes are named with their module.
    whole: bool,
}

impl Writer {
    fn finish(mut self) -> String {
        // Something did not fit: its sign takes the place of the last character.
        if self.full && self.text.pop().is_some() {
            self.text.push('…');
        }
        self.text
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.room == 0 {
                self.full = true;
            }
            if self.full {
                return;
            }
            self.room -= 1;
            self.text.push(c);
        }
    }

    fn data(&mut self, data: &Data) {
        deep(|| self.kind_of_data(data));
    }

    fn kind_of_data(&mut self, data: &Data) {
        match data {
            Data::None => self.push("None"),
            Data::Bool(true) => self.push("True"),
            Data::Bool(false) => self.push("False"),
            Data::Int(int) => self.push(&int.to_string()),
            Data::BigInt(digits) => self.push(digits),
            Data::Float(float) => self.push(&number::python(*float)),
            Data::Str(text) => self.string(text),
            Data::List(items) => self.items("[", items, "]"),
            Data::Tuple(items) if items.len() == 1 => self.items("(", items, ",)"),
            Data::Tuple(items) => self.items("(", items, ")"),
            Data::Set(items) if items.is_empty() => self.push("set()"),
            Data::Set(items) => self.items("{", items, "}"),
            Data::Dict(pairs) => self.dict(pairs),
            Data::DateTime(iso) => self.push(&datetime(iso)),
            Data::Date(iso) => self.push(&date(iso)),
            Data::Time(iso) => self.push(&time(iso)),
            Data::Duration(seconds) => self.push(&duration(*seconds)),
            Data::Decimal(text) => self.call("Decimal", text),
            Data::Uuid(text) => self.call("UUID", text),
            Data::Fragment(fragment) => self.fragment(fragment),
            Data::Execution { id, target: Some(target) } => {
                self.push(&format!("<execution {id} of {target}>"));
            }
            Data::Execution { id, target: None } => self.push(&format!("<execution {id}>")),
            Data::Asset { id, .. } => self.push(&format!("<asset {id}>")),
            Data::Input(id) => self.push(&format!("<input {id}>")),
            Data::Stream { id, stride } => self.stream(id, *stride),
            Data::Unknown { kind, fields } => self.unknown(kind, fields),
            Data::Missing { key, size, .. } => {
                self.push(&format!("<missing {}, {size} bytes>", start_of(key)));
            }
            Data::Broken { reason } => self.push(&format!("<broken: {reason}>")),
        }
    }

    fn call(&mut self, name: &str, argument: &str) {
        self.push(name);
        self.push("(");
        self.string(argument);
        self.push(")");
    }

    fn items(&mut self, open: &str, items: &[Data], close: &str) {
        self.push(open);
        for (index, item) in items.iter().enumerate() {
            if self.full {
                return;
            }
            self.push(if index > 0 { ", " } else { "" });
            self.data(item);
        }
        self.push(close);
    }

    fn dict(&mut self, pairs: &[(Data, Data)]) {
        self.push("{");
        for (index, (key, value)) in pairs.iter().enumerate() {
            if self.full {
                return;
            }
            self.push(if index > 0 { ", " } else { "" });
            self.data(key);
            self.push(": ");
            self.data(value);
        }
        self.push("}");
    }

    fn fields<'data>(&mut self, fields: impl Iterator<Item = (&'data str, &'data Data)>) {
        for (index, (name, value)) in fields.enumerate() {
            if self.full {
                return;
            }
            self.push(if index > 0 { ", " } else { "" });
            self.push(name);
            self.push("=");
            self.data(value);
        }
    }

    fn fragment(&mut self, fragment: &Fragment) {
        let (key, size) = (start_of(&fragment.key), fragment.size);
        let short = |class| if self.whole { class } else { last_part(class) };
        let class = fragment.class().map(short);
        match (&fragment.content, class) {
            (Content::Bytes(bytes), _) => self.bytes(bytes),
            (Content::Json(data), None) => self.data(data),
            (Content::Json(data), Some(class)) => {
                self.push(class);
                self.push("(");
                match &**data {
                    // As pydantic's own repr has it.
                    Data::Dict(pairs) => self.fields(pairs.iter().filter_map(|(key, value)| {
                        if let Data::Str(name) = key { Some((name.as_str(), value)) } else { None }
                    })),
                    other => self.data(other),
                }
                self.push(")");
            }
            (Content::Missing, class) => {
                let what = class.unwrap_or(&fragment.format);
                self.push(&format!("<{what}, missing {key}, {size} bytes>"));
            }
            (Content::Broken(reason), class) => {
                let what = class.unwrap_or(&fragment.format);
                self.push(&format!("<{what}, broken: {reason}>"));
            }
            (Content::Unread, Some(class)) => self.push(&format!("<pickled {class} {key}>")),
            (Content::Unread, None) => {
                self.push(&format!("<{} {key}, {size} bytes>", fragment.format));
            }
        }
    }

    fn stream(&mut self, id: &str, stride: Option<Stride>) {
        self.push(&format!("<stream {id}"));
        if let Some(Stride { start, stop, step }) = stride {
            let stop = stop.map(|stop| stop.to_string()).unwrap_or_default();
            self.push(&format!("[{start}:{stop}:{step}]"));
        }
        self.push(">");
    }

    fn unknown(&mut self, kind: &str, fields: &[(String, Data)]) {
        self.push(&format!("<{kind} "));
        self.fields(fields.iter().map(|(name, value)| (name.as_str(), value)));
        self.push(">");
    }

    fn string(&mut self, text: &str) {
        let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
        let mut buffer = [0; 4];
        self.push(quote.encode_utf8(&mut buffer));
        for c in text.chars() {
            if self.full {
                return;
            }
            match c {
                '\\' => self.push("\\\\"),
                '\n' => self.push("\\n"),
                '\r' => self.push("\\r"),
                '\t' => self.push("\\t"),
                _ if c == quote => {
                    self.push("\\");
                    self.push(c.encode_utf8(&mut buffer));
                }
                _ if is_printable(c) => self.push(c.encode_utf8(&mut buffer)),
                _ => self.push(&escaped(c)),
            }
        }
        self.push(quote.encode_utf8(&mut buffer));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
        self.push(if quote == '"' { "b\"" } else { "b'" });
        for &byte in bytes {
            if self.full {
                return;
            }
            match byte {
                b'\\' => self.push("\\\\"),
                b'\n' => self.push("\\n"),
                b'\r' => self.push("\\r"),
                b'\t' => self.push("\\t"),
                b'\'' if quote == '\'' => self.push("\\'"),
                b' '..=b'~' => self.push(char::from(byte).encode_utf8(&mut [0; 4])),
                _ => self.push(&format!("\\x{byte:02x}")),
            }
        }
        self.push(quote.encode_utf8(&mut [0; 4]));
    }
}

/// Enough of a blob's key to tell it from another.
fn start_of(key: &BlobKey) -> String {
    key.to_string()[..8].to_owned()
}

/// What Python's `str.isprintable` says. Rust's own debug form draws the same line, from the same
/// Unicode categories; it escapes combining marks too, but only at the start of a text.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let text = format!("x{c}");
    text.escape_debug().eq(text.chars())
}

fn escaped(c: char) -> String {
    match u32::from(c) {
        code @ 0..=0xFF => format!("\\x{code:02x}"),
        code @ 0x100..=0xFFFF => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// Fixed numbers of digits between separators: `2026-03-04` for `[4, 2, 2]` and `-`.
fn numbers(text: &str, separator: char, widths: &[usize]) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split(separator).collect();
    let fits = parts.len() <= widths.len()
        && parts.iter().zip(widths).all(|(part, width)| {
            part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    fits.then(|| parts.iter().filter_map(|part| part.parse().ok()).collect())
}

fn call(class: &str, arguments: &[String]) -> String {
    format!("datetime.{class}({})", arguments.join(", "))
}

/// What cannot be taken apart is at least valid Python.
fn from_iso(class: &str, iso: &str) -> String {
    format!("datetime.{class}.fromisoformat({})", quoted(iso))
}

fn date(iso: &str) -> String {
    date_arguments(iso).map_or_else(|| from_iso("date", iso), |arguments| call("date", &arguments))
}

fn time(iso: &str) -> String {
    time_arguments(iso).map_or_else(|| from_iso("time", iso), |arguments| call("time", &arguments))
}

fn datetime(iso: &str) -> String {
    let arguments = || {
        let (date, time) = iso.split_once(['T', ' '])?;
        let mut arguments = date_arguments(date)?;
        arguments.extend(time_arguments(time)?);
        Some(call("datetime", &arguments))
    };
    arguments().unwrap_or_else(|| from_iso("datetime", iso))
}

fn date_arguments(iso: &str) -> Option<Vec<String>> {
    let parts = numbers(iso, '-', &[4, 2, 2]).filter(|parts| parts.len() == 3)?;
    Some(parts.iter().map(u32::to_string).collect())
}

/// Hour and minute always, second and microsecond only up to the last that is not zero.
fn time_arguments(iso: &str) -> Option<Vec<String>> {
    let zone_at = iso.find(['+', '-', 'Z']);
    let (clock, zone) = iso.split_at(zone_at.unwrap_or(iso.len()));
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = numbers(whole, ':', &[2, 2, 2]).filter(|parts| parts.len() >= 2)?;
    if !fraction.is_empty() {
        parts.extend(numbers(fraction, '.', &[6])?);
    }
    while parts.len() > 2 && parts.last() == Some(&0) {
        parts.pop();
    }
    let mut arguments: Vec<String> = parts.iter().map(u32::to_string).collect();
    if !zone.is_empty() {
        arguments.push(format!("tzinfo={}", timezone(zone)?));
    }
    Some(arguments)
}

fn timezone(zone: &str) -> Option<String> {
    if zone == "Z" {
        return Some("datetime.timezone.utc".to_owned());
    }
    let (sign, clock) = zone.split_at(1);
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts = numbers(whole, ':', &[2, 2, 2])?;
    let seconds = parts.iter().zip([3600, 60, 1]).map(|(part, unit)| part * unit).sum::<u32>();
    let offset = f64::from(seconds) + fraction.parse::<f64>().ok()? / 1e6;
    if offset == 0.0 {
        return Some("datetime.timezone.utc".to_owned());
    }
    let offset = if sign == "-" { -offset } else { offset };
    Some(format!("datetime.timezone({})", duration(offset)))
}

/// As `timedelta`'s own repr has it: days may be negative, seconds and microseconds never.
fn duration(seconds: f64) -> String {
    const DAY: i64 = 86_400_000_000;
    // Python's own bound: 999,999,999 days.
    if !seconds.is_finite() || seconds.abs() > 86_400e9 {
        return format!("datetime.timedelta(seconds={})", number::python(seconds));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let microseconds =
        (seconds.fract() * 1e6).round_ties_even() as i64 + seconds as i64 * 1_000_000;
    let within = microseconds.rem_euclid(DAY);
    let parts = [
        ("days", microseconds.div_euclid(DAY)),
        ("seconds", within / 1_000_000),
        ("microseconds", within % 1_000_000),
    ];
    let mut text = String::new();
    for (name, amount) in parts.into_iter().filter(|(_, amount)| *amount != 0) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{name}={amount}", if text.is_empty() { "" } else { ", " });
    }
    format!("datetime.timedelta({})", if text.is_empty() { "0" } else { &text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Json, Value};

    fn python(data: &str) -> String {
        let value = Value::raw(Json::parse(data).unwrap(), Vec::new());
        value.decode(&std::collections::HashMap::new()).python(200)
    }

    /// As Python 3.11 has it after the SDK decoded it; the last three have no literal there.
    #[test]
    fn values_are_written_as_python_writes_them() {
        for (data, written) in [
            ("null", "None"),
            ("[true,false,1,-0,1.5,1e21]", "[True, False, 1, 0, 1.5, 1e+21]"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            (r#""it's""#, r#""it's""#),
            (r#""it's \"so\"""#, r#"'it\'s "so"'"#),
            (
                r#""a\\b\n\t\u0001\u007f\u00a0\u200b\u00e9e\u0301\ue000""#,
                "'a\\\\b\\n\\t\\x01\\x7f\\xa0\\u200bée\u{301}\\ue000'",
            ),
            (r#"{"type":"tuple","items":[1]}"#, "(1,)"),
            (r#"{"type":"tuple","items":[]}"#, "()"),
            (r#"{"type":"set","items":[]}"#, "set()"),
            (r#"{"type":"set","items":[1,2]}"#, "{1, 2}"),
            (
                r#"{"type":"dict","items":["a",{"type":"tuple","items":[1,2]},3,null]}"#,
                "{'a': (1, 2), 3: None}",
            ),
            (r#"{"plain":{"type":"set"}}"#, "{'plain': {'type': 'set'}}"),
            (r#"{"type":"date","value":"2026-03-04"}"#, "datetime.date(2026, 3, 4)"),
            (r#"{"type":"time","value":"09:00:00"}"#, "datetime.time(9, 0)"),
            (
                r#"{"type":"datetime","value":"2026-03-04T05:06:07.000008"}"#,
                "datetime.datetime(2026, 3, 4, 5, 6, 7, 8)",
            ),
            (
                r#"{"type":"datetime","value":"2026-03-04T05:06:00+00:00"}"#,
                "datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)",
            ),
            (
                r#"{"type":"datetime","value":"2026-03-04T00:00:00-05:30"}"#,
                "datetime.datetime(2026, 3, 4, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=66600)))",
            ),
            (r#"{"type":"date","value":"soon"}"#, "datetime.date.fromisoformat('soon')"),
            (
                r#"{"type":"duration","value":90061.5}"#,
                "datetime.timedelta(days=1, seconds=3661, microseconds=500000)",
            ),
            (
                r#"{"type":"duration","value":-1e-06}"#,
                "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)",
            ),
            (r#"{"type":"duration","value":0}"#, "datetime.timedelta(0)"),
            (r#"{"type":"decimal","value":"97.72"}"#, "Decimal('97.72')"),
            (
                r#"{"type":"uuid","value":"12345678-1234-5678-1234-567812345678"}"#,
                "UUID('12345678-1234-5678-1234-567812345678')",
            ),
            (
                r#"{"type":"stream","id":"R1:2_0","stride":{"start":2,"stop":null,"step":3}}"#,
                "<stream R1:2_0[2::3]>",
            ),
            (r#"{"type":"frozen","items":[{"type":"date"}]}"#, "<frozen items=[{'type': 'date'}]>"),
            (r#"{"type":"ref","index":0}"#, "<broken: a \"ref\" without what belongs to it>"),
        ] {
            assert_eq!(python(data), written, "{data}");
        }
    }

    #[test]
    fn bytes_are_written_as_python_writes_them() {
        let mut writer = Writer { text: String::new(), room: 100, full: false, whole: false };
        writer.bytes(b"a'b\x00\n\xff");
        assert_eq!(writer.finish(), "b\"a'b\\x00\\n\\xff\"");
    }

    #[test]
    fn what_is_too_long_is_cut_at_the_limit() {
        let list = Data::List(vec![Data::Int(7); 1_000_000]);
        assert_eq!(list.python(9), "[7, 7, 7…");
        assert_eq!(Data::Str("abcd".to_owned()).python(6), "'abcd'");
        assert_eq!(Data::Str("abcde".to_owned()).python(6), "'abcd…");
        assert_eq!(Data::None.python(0), "");
    }
}
