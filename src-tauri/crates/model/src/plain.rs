//! Plain JSON as the server's HTTP interface takes it for the arguments of a run.

use crate::depth::deep;
use crate::key::write_jason_string;
use crate::normalise::{NotJson, finite, is_integer, sorted};
use crate::tree::Tree;
use crate::{Json, Value, number};

/// The argument that plain JSON stands for where a run is submitted: objects are dicts, their keys in
/// byte order; numbers stay what they are, `1.0` among them; and the value is raw whatever its size.
/// Memo and cache keys of root steps are made of this.
///
/// # Errors
/// If the text is not JSON, or holds a number that no float64 is.
pub fn submitted(text: &str) -> Result<Value, NotJson> {
    let mut out = String::new();
    write(&Tree::parse(text)?, &mut out)?;
    // What was written is JSON; if it ever were not, that is said rather than hidden.
    let data = Json::parse(out).map_err(|_| NotJson::Syntax { at: 0, what: "no plain JSON" })?;
    Ok(Value::raw(data, Vec::new()))
}

fn write(tree: &Tree, out: &mut String) -> Result<(), NotJson> {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(true) => out.push_str("true"),
        Tree::Bool(false) => out.push_str("false"),
        Tree::Number(text) if is_integer(text) => out.push_str(text),
        Tree::Number(text) => {
            let float = finite(text).ok_or_else(|| {
                let number = text.chars().take(20).collect::<String>() + "…";
                NotJson::TooLarge { path: String::new(), number }
            })?;
            out.push_str(&number::erlang(float));
        }
        Tree::NotFinite(float) => {
            let number = number::python(*float);
            return Err(NotJson::NotFinite { path: String::new(), number });
        }
        Tree::String(text) => write_jason_string(text, out),
        Tree::Array(items) => list(items.iter().map(Item::Value), out)?,
        Tree::Object(fields) => {
            out.push_str(r#"{"items":"#);
            let fields = sorted(fields);
            let items = fields.iter().flat_map(|(key, value)| [Item::Key(key), Item::Value(value)]);
            list(items, out)?;
            out.push_str(r#","type":"dict"}"#);
        }
    }
    Ok(())
}

enum Item<'a> {
    Key(&'a str),
    Value(&'a Tree),
}

fn list<'a>(items: impl Iterator<Item = Item<'a>>, out: &mut String) -> Result<(), NotJson> {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        match item {
            Item::Key(key) => write_jason_string(key, out),
            Item::Value(tree) => deep(|| write(tree, out))?,
        }
    }
    out.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_is_submitted_with_keeps_its_numbers_and_stays_raw() {
        for (given, kept) in [
            ("1.0", "1.0"),
            ("1e2", "100.0"),
            ("12345678901234567890", "12345678901234567890"),
            (
                r#"{ "b": [1, {"é": null}], "a": "<" }"#,
                r#"{"items":["a","<","b",[1,{"items":["é",null],"type":"dict"}]],"type":"dict"}"#,
            ),
        ] {
            let Value::Raw { data, .. } = submitted(given).unwrap() else { panic!("raw") };
            assert_eq!(data.text(), kept);
        }
        let long = format!("\"{}\"", "x".repeat(1000));
        assert!(matches!(submitted(&long), Ok(Value::Raw { .. })));
        assert!(submitted("NaN").is_err() && submitted("{'a': 1}").is_err());
    }
}
