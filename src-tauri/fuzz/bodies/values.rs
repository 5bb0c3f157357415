//! Any text at all as the data of a value: decoded, compared and made into a key.

use std::collections::HashMap;
use std::sync::Arc;

use hindcast_model::{
    BlobKey, Data, Extra, Json, Params, Reference, Target, Value, difference, find_params,
    memo_key, normalise, same,
};

/// The data of a value, raw and in a blob.
pub(crate) fn value(data: &[u8]) {
    let key = BlobKey::of(data);
    let blobs: HashMap<BlobKey, Arc<[u8]>> = HashMap::from([(key, data.into())]);
    let references = references(key, data.len() as u64);
    let blob = Value::blob(key, data.len() as u64, references.clone());
    let from_blob = blob.decode(&blobs);
    look_at(&from_blob);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(normalised) = normalise(text) {
        let again = normalise(normalised.text()).expect("what was normalised is JSON");
        assert_eq!(again.text(), normalised.text(), "normalising twice is normalising once");
    }
    let Ok(json) = Json::parse(text) else { return };
    look_at(&Data::of_json(&json));
    let raw = Value::raw(json, references);
    let decoded = raw.decode(&blobs);
    look_at(&decoded);
    assert_eq!(same(&decoded, &from_blob, &|_| None), same(&from_blob, &decoded, &|_| None));
    drop(difference(&decoded, &from_blob));
    let target = Target::new("flow", "main");
    let arguments = [raw, blob];
    if let Ok(key) = memo_key(&target, &arguments, &Params::All) {
        assert_eq!(find_params(&key, &target, &arguments), Some(Params::All));
    }
}

fn look_at(data: &Data) {
    if data.is_readable() {
        assert!(same(data, data, &|_| None), "a value that is all here is the same as itself");
    }
    assert!(difference(data, data).is_empty() || !data.is_readable(), "it differs from itself");
}

/// One of each kind; the fragments are the data itself.
fn references(key: BlobKey, size: u64) -> Vec<Reference> {
    let fragment = |format: &str| Reference::Fragment {
        format: format.to_owned(),
        blob_key: key,
        size,
        metadata: serde_json::Map::default(),
        extra: Extra::NONE,
    };
    let execution = "Rfzz:1:1".parse().expect("an execution id");
    let input = "Rfzz/i1".parse().expect("an input id");
    vec![
        Reference::Execution {
            execution_id: execution,
            module: None,
            target: None,
            extra: Extra::NONE,
        },
        Reference::Input { input_id: input, extra: Extra::NONE },
        fragment("json"),
        fragment("bytes"),
        fragment("pickle"),
    ]
}
