//! What is set by hand, as a small text file beside the code: stable, to be read and reviewed by
//! people.

use std::fmt::Write;
use std::path::Path;

use hindcast_model::{
    AnswerByHand, Blobs, ByHand, MatchingRule, StepByHand, StepId, Target, Value, ValuePath,
};
use hindcast_store::BlobStore;
use serde::Deserialize;

use crate::choice::TextForm;
use crate::given::given_as;
use crate::{ApiError, ErrorCode};

/// What the file is called.
pub(crate) const NAME: &str = "hindcast-pins.toml";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The file's text.
pub(crate) fn text(
    by_hand: &ByHand,
    target: impl Fn(&StepId) -> Option<Target>,
    blobs: &dyn Blobs,
) -> String {
    let mut text = String::from(
        "# What was set by hand in Hindcast: pins, mocks, matching rules, renamed targets.\n\
         # Written by `hindcast pins save`, read by `hindcast pins load`.\n\
         version = 1\n",
    );
    for (step, setting) in &by_hand.steps {
        text.push_str("\n[[step]]\n");
        line(&mut text, "step", &step.to_string());
        if let Some(target) = target(step) {
            line(&mut text, "target", &target.to_string());
        }
        match &setting.answer {
            Some(AnswerByHand::Pin(execution)) => line(&mut text, "pin", &execution.to_string()),
            Some(AnswerByHand::Unpinned) => text.push_str("unpinned = true\n"),
            Some(AnswerByHand::Mock(name)) => line(&mut text, "use", name),
            None => {}
        }
        for (name, value) in &setting.mocks {
            text.push_str("\n[[step.mock]]\n");
            line(&mut text, "name", name);
            if let Some(literal) = value.decode(blobs).literal() {
                line(&mut text, "python", &literal);
            } else {
                let encoded = serde_json::to_string(value).unwrap_or_default();
                line(&mut text, "encoded", &encoded);
            }
        }
    }
    for (target, rule) in &by_hand.rules {
        text.push_str("\n[[rule]]\n");
        line(&mut text, "target", &target.to_string());
        if let Some(only) = &rule.only {
            numbers(&mut text, "only", only.iter());
        }
        if !rule.ignore.is_empty() {
            numbers(&mut text, "ignore", rule.ignore.iter());
        }
        for (parameter, paths) in &rule.parts {
            for path in paths {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n[[rule.part]]\nparameter = {parameter}\n");
                line(&mut text, "path", &path.to_string());
            }
        }
    }
    for (target, old) in &by_hand.renamed {
        text.push_str("\n[[renamed]]\n");
        line(&mut text, "target", &target.to_string());
        line(&mut text, "old", &old.to_string());
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    // A JSON string is a TOML string, but for one character that JSON leaves as it is.
    let quoted = serde_json::Value::from(value).to_string().replace('\u{7f}', "\\u007f");
    let _ = writeln!(text, "{name} = {quoted}");
}

fn numbers<'a>(text: &mut String, name: &str, numbers: impl Iterator<Item = &'a usize>) {
    let numbers: Vec<String> = numbers.map(ToString::to_string).collect();
    let _ = writeln!(text, "{name} = [{}]", numbers.join(", "));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    step: Vec<StepForm>,
    #[serde(default)]
    rule: Vec<RuleForm>,
    #[serde(default)]
    renamed: Vec<RenamedForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    step: String,
    /// For whoever reads the file.
    #[serde(rename = "target")]
    _target: Option<String>,
    pin: Option<String>,
    #[serde(default)]
    unpinned: bool,
    r#use: Option<String>,
    #[serde(default)]
    mock: Vec<MockForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MockForm {
    name: String,
    python: Option<String>,
    json: Option<String>,
    encoded: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleForm {
    target: String,
    only: Option<Vec<usize>>,
    #[serde(default)]
    ignore: Vec<usize>,
    #[serde(default)]
    part: Vec<PartForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartForm {
    parameter: usize,
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenamedForm {
    target: String,
    old: String,
}

/// Reads a file. The values of mocks are kept in the store.
pub(crate) fn read(path: &Path, blobs: &BlobStore) -> Result<ByHand, ApiError> {
    let bad =
        |what: String| ApiError::new(ErrorCode::BadFile, format!("{}: {what}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?.len();
    if size > LARGEST {
        return Err(bad(format!("{size} bytes; at most {LARGEST} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    parse(&text, blobs).map_err(bad)
}

fn parse(text: &str, blobs: &BlobStore) -> Result<ByHand, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
    if file.version != 1 {
        return Err(format!("version {} is not known; 1 is", file.version));
    }
    let mut by_hand = ByHand::default();
    for form in file.step {
        let step: StepId = form.step.parse().map_err(|error| format!("step: {error}"))?;
        let place = format!("step {step}");
        let setting = step_of(form, blobs).map_err(|what| format!("{place}: {what}"))?;
        if by_hand.steps.insert(step, setting).is_some() {
            return Err(format!("{place} comes twice"));
        }
    }
    for form in file.rule {
        let target: Target = form.target.parse().map_err(|error| format!("rule: {error}"))?;
        let mut rule = MatchingRule {
            only: form.only.map(|only| only.into_iter().collect()),
            ignore: form.ignore.into_iter().collect(),
            ..MatchingRule::default()
        };
        for PartForm { parameter, path } in form.part {
            let path: ValuePath =
                path.parse().map_err(|error| format!("rule for {target}: {error}"))?;
            rule.parts.entry(parameter).or_default().push(path);
        }
        by_hand.rules.insert(target, rule);
    }
    for RenamedForm { target, old } in file.renamed {
        let parse = |text: &str| text.parse().map_err(|error| format!("renamed: {error}"));
        by_hand.renamed.insert(parse(&target)?, parse(&old)?);
    }
    Ok(by_hand)
}

fn step_of(form: StepForm, blobs: &BlobStore) -> Result<StepByHand, String> {
    let mut setting = StepByHand::default();
    for mock in form.mock {
        let value = mock_of(&mock, blobs).map_err(|what| format!("mock {}: {what}", mock.name))?;
        setting.mocks.insert(mock.name, value);
    }
    setting.answer = match (form.pin, form.unpinned, form.r#use) {
        (None, false, None) => None,
        (Some(pin), false, None) => Some(AnswerByHand::Pin(
            pin.parse().map_err(|error: hindcast_model::IdError| error.to_string())?,
        )),
        (None, true, None) => Some(AnswerByHand::Unpinned),
        (None, false, Some(name)) if setting.mocks.contains_key(&name) => {
            Some(AnswerByHand::Mock(name))
        }
        (None, false, Some(name)) => return Err(format!("there is no mock {name} to use")),
        _ => return Err("only one of pin, unpinned and use can be said".to_owned()),
    };
    Ok(setting)
}

fn mock_of(mock: &MockForm, blobs: &BlobStore) -> Result<Value, String> {
    let text = |text: &str, form| given_as(text, form, None, blobs).map_err(|error| error.message);
    match (&mock.python, &mock.json, &mock.encoded) {
        (Some(python), None, None) => text(python, TextForm::Python),
        (None, Some(json), None) => text(json, TextForm::Json),
        (None, None, Some(encoded)) => {
            serde_json::from_str(encoded).map_err(|error| format!("its encoded value: {error}"))
        }
        _ => Err("its value is said as one of python, json and encoded".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use hindcast_model::Setting;
    use hindcast_store::Store;

    use super::*;

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let written = r#"# What was set by hand in Hindcast: pins, mocks, matching rules, renamed targets.
# Written by `hindcast pins save`, read by `hindcast pins load`.
version = 1

[[step]]
step = "R6Lf:20"
unpinned = true

[[step]]
step = "R6Lf:36"
target = "m:f"
use = "cheap"

[[step.mock]]
name = "cheap"
python = "{'at': datetime.date(2026, 3, 4), 'total': Decimal('1.10')}"

[[step.mock]]
name = "model"
python = "shop.models.Order(id=7)"

[[step]]
step = "R6Lf:100"
pin = "R6Lf:100:1"

[[rule]]
target = "m:f"
only = [0, 2]

[[rule.part]]
parameter = 0
path = "['order'].id"

[[rule]]
target = "m:g"
ignore = [1]

[[renamed]]
target = "m:new"
old = "m:old"
"#;
        let by_hand = parse(written, store.blobs()).unwrap();
        let target = |step: &StepId| (step.number == 36).then(|| Target::new("m", "f"));
        assert_eq!(text(&by_hand, target, store.blobs()), written);
        assert_eq!(by_hand.settings().len(), 6);
        assert!(matches!(&by_hand.settings()[5], Setting::Renamed(..)));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mock = |rest: &str| {
            format!("version = 1\n[[step]]\nstep = \"R1:2\"\n[[step.mock]]\nname = \"a\"\n{rest}")
        };
        for (text, said) in [
            ("version = 2".to_owned(), "version 2 is not known; 1 is"),
            ("version = 1\n[[step]]\nstap = 1".to_owned(), "line 3"),
            ("version = 1\n[[step]]\nstep = \"R1\"".to_owned(), "step: \"R1\" is not"),
            (
                mock("python = \"[1, 2\""),
                "step R1:2: mock a: the value is not Python: line 1, column 6",
            ),
            (mock("json = \"{'a'}\""), "step R1:2: mock a: the value is not JSON"),
            (mock("python = \"1\"\njson = \"1\""), "its value is said as one of"),
            (
                "version = 1\n[[step]]\nstep = \"R1:2\"\nuse = \"b\"".to_owned(),
                "step R1:2: there is no mock b to use",
            ),
        ] {
            let error = parse(&text, store.blobs()).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
