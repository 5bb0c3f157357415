//! The JSON text of old values, token by token: numbers and strings stay as they were written.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::tree::Tree;

/// Old JSON in today's wrappers: objects as dicts, `"{N}"` as a reference to the index of `N`.
pub(super) fn translated(text: &str, indexes: &BTreeMap<u32, usize>) -> Result<String, String> {
    Tree::parse(text).map_err(|fault| fault.to_string())?;
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() * 2);
    let mut in_object = Vec::new();
    let mut key_next = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = if *byte == b'"' { end_of_string(bytes, at) } else { at + 1 };
        match byte {
            b'"' => match handle(&text[at..end], indexes).filter(|_| !key_next) {
                Some(index) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, r#"{{"type":"ref","index":{index}}}"#);
                }
                None => out.push_str(&text[at..end]),
            },
            b'{' => {
                out.push_str(r#"{"type":"dict","items":["#);
                in_object.push(true);
                key_next = true;
            }
            b'[' => {
                out.push('[');
                in_object.push(false);
                key_next = false;
            }
            b'}' | b']' => {
                out.push_str(if in_object.pop() == Some(true) { "]}" } else { "]" });
                key_next = false;
            }
            b':' => {
                out.push(',');
                key_next = false;
            }
            b',' => {
                out.push(',');
                key_next = in_object.last() == Some(&true);
            }
            byte if byte.is_ascii_whitespace() => {}
            byte => out.push(char::from(*byte)),
        }
        at = end;
    }
    Ok(out)
}

/// Behind the closing quote of the string that begins at `at`; the text is known to be JSON.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    bytes.len()
}

fn handle(quoted: &str, indexes: &BTreeMap<u32, usize>) -> Option<usize> {
    let number = quoted.strip_prefix("\"{")?.strip_suffix("}\"")?;
    // As Python writes numbers.
    let number: u32 = number.parse().ok().filter(|known: &u32| known.to_string() == number)?;
    indexes.get(&number).copied()
}

/// `repr` of the text's UTF-8 bytes.
pub(super) fn as_bytes_in_python(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for byte in text.bytes() {
        let _ = match byte {
            b'\\' => write!(out, "\\\\"),
            b'\t' => write!(out, "\\t"),
            b'\n' => write!(out, "\\n"),
            b'\r' => write!(out, "\\r"),
            byte if char::from(byte) == quote => write!(out, "\\{quote}"),
            b' '..=b'~' => write!(out, "{}", char::from(byte)),
            byte => write!(out, "\\x{byte:02x}"),
        };
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_printed_as_python_prints_them() {
        let table = [
            (r#""oslo""#, r#"b'"oslo"'"#),
            ("it's", r#"b"it's""#),
            ("\"it's\"", r#"b'"it\'s"'"#),
            ("é\\\n\u{1}", r"b'\xc3\xa9\\\n\x01'"),
        ];
        for (text, expected) in table {
            assert_eq!(as_bytes_in_python(text), expected);
        }
    }
}
