//! A debugger's configuration in a project's `.vscode/launch.json`: JSON with comments, which is a
//! person's file. What is not ours stays as it is, to the character.

use hindcast_engine::debug::HOST;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObjectProp, CstRootNode};
use serde::Serialize;

/// A file that cannot be changed without risk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LaunchError {
    /// It is no JSON with comments.
    #[error("it is not JSON with comments: {0}")]
    Form(String),
    /// It is something else.
    #[error("it has no list \"configurations\" that can be added to")]
    NoList,
}

/// The file with our configuration in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Launch {
    /// All of it.
    pub(super) text: String,
    /// What our configuration is called there.
    pub(super) name: String,
    /// Whether it took the place of an older one of ours.
    pub(super) replaced: bool,
}

/// What VS Code keeps in `configurations`, in the order people write it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Configuration<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    request: &'static str,
    connect: Connect,
    just_my_code: bool,
}

#[derive(Debug, Serialize)]
struct Connect {
    host: &'static str,
    port: u16,
}

impl<'a> Configuration<'a> {
    pub(super) fn new(name: &'a str, port: u16) -> Self {
        let connect = Connect { host: HOST, port };
        Self { name, kind: "debugpy", request: "attach", connect, just_my_code: true }
    }

    /// As it stands in the file.
    pub(super) fn text(&self) -> String {
        // Nothing of it can fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    fn input(&self) -> CstInputValue {
        let text = |text: &str| CstInputValue::String(text.to_owned());
        let object = |fields: Vec<(&str, CstInputValue)>| {
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
            CstInputValue::Object(fields.collect())
        };
        let port = CstInputValue::Number(self.connect.port.to_string());
        object(vec![
            ("name", text(self.name)),
            ("type", text(self.kind)),
            ("request", text(self.request)),
            ("connect", object(vec![("host", text(self.connect.host)), ("port", port)])),
            ("justMyCode", CstInputValue::Bool(self.just_my_code)),
        ])
    }
}

/// The file with our configuration under this name: an older one of ours gets the port. Where a person
/// has one of that name, ours is called `NAME (2)`, and so on.
pub(super) fn with(file: Option<&str>, name: &str, port: u16) -> Result<Launch, LaunchError> {
    let (mark, text) = without_mark(file.unwrap_or_default());
    let (root, list) = read(if text.trim().is_empty() { NEW } else { text })?;
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name} ({n})")));
    for name in names {
        let same = list.elements().into_iter().find(|one| named(one).as_deref() == Some(&*name));
        match same.as_ref().map(own_port) {
            None => {
                list.append(Configuration::new(&name, port).input());
                return Ok(Launch { text: format!("{mark}{root}"), name, replaced: false });
            }
            Some(Some(place)) => {
                place.set_value(CstInputValue::Number(port.to_string()));
                return Ok(Launch { text: format!("{mark}{root}"), name, replaced: true });
            }
            // A person's.
            Some(None) => {}
        }
    }
    Err(LaunchError::NoList)
}

/// The file without our configuration of this name; none if it is not there.
pub(super) fn without(file: &str, name: &str) -> Result<Option<String>, LaunchError> {
    let (mark, text) = without_mark(file);
    let (root, list) = read(text)?;
    let own = |one: &CstNode| named(one).as_deref() == Some(name) && own_port(one).is_some();
    let Some(own) = list.elements().into_iter().find(own) else { return Ok(None) };
    own.remove();
    Ok(Some(format!("{mark}{root}")))
}

/// The mark that some editors begin a file with, and the text after it.
fn without_mark(file: &str) -> (&str, &str) {
    let text = file.strip_prefix('\u{feff}').unwrap_or(file);
    file.split_at(file.len() - text.len())
}

/// Whether nothing is in it that a person would miss.
pub(super) fn is_bare(file: &str) -> bool {
    let squeezed = |text: &str| without_mark(text).1.split_whitespace().collect::<String>();
    squeezed(file) == squeezed(NEW)
}

const NEW: &str = "{\n    \"version\": \"0.2.0\",\n    \"configurations\": []\n}\n";

fn read(text: &str) -> Result<(CstRootNode, CstArray), LaunchError> {
    // As VS Code reads it: comments, and commas that nothing follows.
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let root = CstRootNode::parse(text, &options);
    let root = root.map_err(|error| LaunchError::Form(error.to_string()))?;
    let whole = root.object_value().ok_or(LaunchError::NoList)?;
    let list = whole.array_value_or_create("configurations").ok_or(LaunchError::NoList)?;
    Ok((root, list))
}

fn named(configuration: &CstNode) -> Option<String> {
    let name = configuration.as_object()?.get("name")?.value()?.to_serde_value()?;
    name.as_str().map(str::to_owned)
}

/// Where the port stands in a configuration that is as we write it; none if a person made it theirs.
fn own_port(one: &CstNode) -> Option<CstObjectProp> {
    let value = one.to_serde_value()?;
    let port = u16::try_from(value["connect"]["port"].as_u64()?).ok()?;
    let own = serde_json::to_value(Configuration::new(value["name"].as_str()?, port)).ok()?;
    let connect = one.as_object()?.object_value("connect")?;
    connect.get("port").filter(|_| value == own)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PERSONS: &str = r#"{
  // "configurations": [
  "inputs": [{"configurations": []}],
  "configurations": [
    /* mine */ {"name": "a ] \" b", "x": [1,],}, // stays
    {
      "name": "Hindcast",
      "type": "debugpy",
      "request": "attach", // to the other machine
      "connect": {"host": "10.0.0.7", "port": 5678},
    },
  ],
}
"#;

    fn ports(text: &str) -> Vec<(String, Value)> {
        let (_, list) = read(text).unwrap();
        let values = list.elements().into_iter().map(|one| one.to_serde_value().unwrap());
        values
            .map(|one| (one["name"].as_str().unwrap().into(), one["connect"]["port"].clone()))
            .collect()
    }

    #[test]
    fn a_person_s_file_keeps_every_character_and_every_entry() {
        let added = with(Some(PERSONS), "Hindcast", 1).unwrap();
        assert_eq!((&*added.name, added.replaced), ("Hindcast (2)", false));
        let (head, _) = PERSONS.split_once("    },\n  ],").unwrap();
        assert!(added.text.starts_with(head), "{}", added.text);
        assert_eq!(ports(&added.text)[2], ("Hindcast (2)".into(), json!(1)));

        // The second time only the port is another.
        let again = with(Some(&added.text), "Hindcast", 22).unwrap();
        assert_eq!((&*again.name, again.replaced), ("Hindcast (2)", true));
        assert_eq!(again.text, added.text.replace("\"port\": 1,", "\"port\": 22,"));

        assert_eq!(without(&again.text, "Hindcast (2)").unwrap().as_deref(), Some(PERSONS));
        assert_eq!(without(&again.text, "Hindcast").unwrap(), None, "it is the person's");
    }

    #[test]
    fn a_mark_at_the_beginning_stays_there() {
        for old in ["\u{feff}{\"configurations\": []}", "\u{feff}"] {
            let made = with(Some(old), "Hindcast", 7).unwrap().text;
            assert_eq!(made.matches('\u{feff}').count(), 1);
            assert!(made.starts_with("\u{feff}{"), "{made}");
            assert!(without(&made, "Hindcast").unwrap().unwrap().starts_with("\u{feff}{"));
        }
    }

    #[test]
    fn a_file_is_made_where_there_is_none_and_a_bad_one_is_left() {
        for nothing in [None, Some(""), Some("{}"), Some("{\"configurations\": []}")] {
            let made = with(nothing, "Hindcast", 7).unwrap();
            assert_eq!(ports(&made.text), [("Hindcast".to_owned(), json!(7))], "{}", made.text);
            assert!(!is_bare(&made.text));
        }
        let made = with(None, "Hindcast", 7).unwrap().text;
        assert!(is_bare(&without(&made, "Hindcast").unwrap().unwrap()));
        let whole = serde_json::to_value(Configuration::new("Hindcast", 7)).unwrap();
        let expected = json!({"version": "0.2.0", "configurations": [whole]});
        assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), expected);
        for bad in ["[]", "1", "{\"configurations\": 1}"] {
            assert_eq!(with(Some(bad), "Hindcast", 1), Err(LaunchError::NoList), "{bad}");
        }
        for bad in ["{\"configurations\": [", "\"é", "{'a': 1}"] {
            assert!(matches!(with(Some(bad), "H", 1), Err(LaunchError::Form(_))), "{bad}");
        }
    }
}
