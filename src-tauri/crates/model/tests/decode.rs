//! Values as a real server recorded them, decoded.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at what it does not expect"
)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use hindcast_model::{
    BlobKey, Content, Data, Extra, Fragment, Json, LARGEST, Reference, Step, Value,
};
use serde::Deserialize;

const VALUES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/conformance/values");

#[derive(Deserialize)]
struct Export {
    steps: BTreeMap<String, Step>,
}

fn values() -> Export {
    let text = std::fs::read_to_string(Path::new(VALUES).join("before.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn blobs() -> HashMap<BlobKey, Arc<[u8]>> {
    let entries = std::fs::read_dir(Path::new(VALUES).join("blobs")).unwrap();
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        (path.file_name().unwrap().to_str().unwrap().parse().unwrap(), bytes.into())
    };
    entries.map(|entry| read(entry.unwrap().path())).collect()
}

/// Each step of the run, its arguments and its value, as Python would write them.
fn listing(blobs: &HashMap<BlobKey, Arc<[u8]>>) -> String {
    let export = values();
    let mut steps: Vec<&Step> = export.steps.values().collect();
    steps.sort_by_key(|step| step.step_number);
    let mut text = String::new();
    for step in steps {
        let python = |value: &Value| value.decode(blobs).python(160);
        let arguments: Vec<_> = step.arguments.iter().map(python).collect();
        let outcome = step.executions.values().next().and_then(|it| it.result.as_ref());
        let value = outcome.and_then(|it| it.value()).map(python);
        let value = value.unwrap_or_else(|| "no value".to_owned());
        writeln!(text, "{}({}) -> {value}", step.target, arguments.join(", ")).unwrap();
    }
    text
}

#[test]
fn every_kind_of_value_is_decoded() {
    insta::assert_snapshot!(listing(&blobs()));
}

/// An export alone holds no blobs: what is missing says so, in its place.
#[test]
fn without_blobs_values_are_missing() {
    insta::assert_snapshot!(listing(&HashMap::new()));
}

fn raw(json: String) -> Value {
    Value::raw(Json::parse(json).unwrap(), Vec::new())
}

fn as_blob(bytes: &[u8]) -> Data {
    let key = BlobKey::of(bytes);
    let blobs = HashMap::from([(key, bytes.into())]);
    Value::blob(key, bytes.len() as u64, Vec::new()).decode(&blobs)
}

#[test]
fn what_cannot_be_decoded_says_why() {
    let reason = |data: Data| match data {
        Data::Broken { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(as_blob(b"[1,")), "not JSON: the text ends early at byte 3");
    assert_eq!(
        reason(as_blob(b"\"\xff\"")),
        "not UTF-8: invalid utf-8 sequence of 1 bytes from index 1"
    );
    // A size that an export claims is judged before anything is read.
    let key = BlobKey::of(b"1");
    let huge = Value::blob(key, LARGEST + 1, Vec::new());
    let blobs = HashMap::from([(key, Arc::from(b"1".as_slice()))]);
    assert_eq!(reason(huge.decode(&blobs)), "67108865 bytes; at most 67108864 are decoded");
    for wrapper in [
        r#"{"type":"dict","items":[1]}"#,
        r#"{"type":"set"}"#,
        r#"{"type":"date","value":1}"#,
        r#"{"type":"ref","index":-1}"#,
        r#"{"type":"duration","value":"1"}"#,
    ] {
        let reason = reason(raw(wrapper.to_owned()).decode(&HashMap::new()));
        assert!(reason.ends_with("without what belongs to it"), "{reason}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let mut data = raw("[".repeat(depth) + &"]".repeat(depth)).decode(&HashMap::new());
        let mut levels = 0;
        while let Data::List(mut items) = data {
            levels += 1;
            data = items.pop().unwrap_or(Data::None);
        }
        (levels, data)
    };
    assert_eq!(nested(400), (400, Data::None));
    let reason = "nested deeper than 500 levels".to_owned();
    assert_eq!(nested(1_000), (500, Data::Broken { reason }));
}

#[test]
fn numbers_keep_their_value() {
    let decode = |json: &str| raw(json.to_owned()).decode(&HashMap::new());
    assert_eq!(decode("9223372036854775807"), Data::Int(i64::MAX));
    assert_eq!(decode("-9223372036854775809"), Data::BigInt("-9223372036854775809".to_owned()));
    assert_eq!(decode("1.0"), Data::Float(1.0));
    assert_eq!(as_blob(b"[Infinity]"), Data::List(vec![Data::Float(f64::INFINITY)]));
}

/// A value of one fragment, decoded.
fn fragment(format: &str, bytes: &[u8], blobs: &mut HashMap<BlobKey, Arc<[u8]>>) -> Fragment {
    let key = BlobKey::of(bytes);
    blobs.insert(key, bytes.into());
    let reference = Reference::Fragment {
        format: format.to_owned(),
        blob_key: key,
        size: bytes.len() as u64,
        metadata: serde_json::Map::new(),
        extra: Extra::NONE,
    };
    let data = Json::parse(r#"{"type":"ref","index":0}"#).unwrap();
    match (Value::raw(data, vec![reference])).decode(blobs) {
        Data::Fragment(fragment) => fragment,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pickle_is_never_opened() {
    let mut blobs = HashMap::new();
    let pickle = fragment("pickle", b"\x80\x04N.", &mut blobs);
    assert_eq!((&pickle.content, pickle.read(&blobs)), (&Content::Unread, Content::Unread));
}

#[test]
fn many_bytes_are_read_only_when_asked_for() {
    let mut blobs = HashMap::new();
    let (few, many) = (vec![7; 64 * 1024], vec![7; 64 * 1024 + 1]);
    assert_eq!(fragment("bytes", &few, &mut blobs).content, Content::Bytes(few.into()));
    let fragment = fragment("bytes", &many, &mut blobs);
    assert_eq!(fragment.content, Content::Unread);
    assert_eq!(fragment.read(&blobs), Content::Bytes(many.into()));
}
