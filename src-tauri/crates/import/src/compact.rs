//! JSON without the white space between its parts.
//!
//! The command line prints exports indented, and so the data in them; the server keeps it without.

use hindcast_model::{Ended, Json, Resolved, Step, Value};

/// The text without white space outside of strings; none if there is no such.
fn compact(text: &str) -> Option<String> {
    if !text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let mut kept = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            in_string = true;
        } else if byte.is_ascii_whitespace() {
            kept.push_str(&text[from..at]);
            from = at + 1;
        }
    }
    kept.push_str(&text[from..]);
    (kept.len() < text.len()).then_some(kept)
}

/// Compacts the data of a value.
pub(crate) fn value(value: &mut Value) {
    if let Value::Raw { data, .. } = value
        && let Some(text) = compact(data.text())
        && let Ok(shorter) = Json::parse(text)
    {
        *data = shorter;
    }
}

/// Compacts the data of every value of a step, and gives back memory that its lists do not use:
/// most have one item, and were given room for four.
pub(crate) fn step(step: &mut Step) {
    step.arguments.iter_mut().for_each(value);
    step.arguments.shrink_to_fit();
    for execution in step.executions.values_mut() {
        execution.children.shrink_to_fit();
        let mut outcome = execution.result.as_mut();
        while let Some(this) = outcome {
            if let Ended::Value(result) = &mut this.ended {
                value(result);
            }
            outcome = match &mut this.resolved {
                Resolved::Known(resolved) => Some(resolved),
                Resolved::Absent | Resolved::Pending => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_outside_of_strings_goes() {
        let table = [
            ("[ 1,\n 2 ]", Some("[1,2]")),
            ("\"a b\"", None),
            (r#"{ "a\" b" : "\\" , "c": " " }"#, Some(r#"{"a\" b":"\\","c":" "}"#)),
            ("[1]", None),
            (" \"é ü\" ", Some("\"é ü\"")),
        ];
        for (text, expected) in table {
            assert_eq!(compact(text).as_deref(), expected, "{text}");
        }
    }
}
