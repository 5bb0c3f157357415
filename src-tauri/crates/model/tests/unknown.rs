//! What a newer server adds is kept as it is, and makes no difference.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::HashMap;
use std::sync::Arc;

use hindcast_model::record::KeyDiffers;
use hindcast_model::{
    BlobKey, Child, Data, Dependency, Distance, Known, MatchingRule, Outcome, Params, Target,
    Value, argument_differences, difference, distance, key_differs, memo_key,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn again<T: DeserializeOwned + Serialize>(text: &str) -> String {
    serde_json::to_string(&serde_json::from_str::<T>(text).unwrap()).unwrap()
}

const KEY: &str = "8f1243f25279a928942b6a89a17ead542796871c941989f4bd9b081d03a75faf";

#[test]
fn what_is_written_is_what_was_read_to_the_letter() {
    let blob = format!(r#"{{"type":"blob","key":"{KEY}","size":8,"references":[],"a":1}}"#);
    let asset = format!(
        r#"{{"name":null,"totalCount":1,"totalSize":8.0,"entry":{{"path":"p","blobKey":"{KEY}","size":8,"metadata":{{}},"a":1}},"b":[null]}}"#
    );
    let references = [
        format!(
            r#"{{"type":"fragment","format":"json","blobKey":"{KEY}","size":8,"metadata":{{"model":"M"}},"a":{{}}}}"#
        ),
        r#"{"type":"execution","executionId":"R1:1:1","module":"m","target":null,"asset":2}"#
            .to_owned(),
        format!(r#"{{"type":"asset","assetId":"A1","asset":{asset},"c":"é"}}"#),
        r#"{"type":"input","inputId":"R1/i1","size":3}"#.to_owned(),
        r#"{"type":"queue","executionId":4,"queue":[{"x":1.5}]}"#.to_owned(),
    ];
    // A number that no float holds, white space and an escape: the text of data is never read.
    let raw = format!(
        r#"{{"type":"raw","data":[1.0e0, "\u0041",12345678901234567890123],"references":[{}],"":{{}},"a":null}}"#,
        references.join(",")
    );
    for text in [&blob, &raw] {
        assert_eq!(again::<Value>(text), *text);
    }
    let error = r#"{"type":"E","message":"m","frames":[{"file":"f","line":1,"name":null,"code":"c","a":1}],"a":2}"#;
    let execution = r#"{"executionId":"R1:1:1","module":null,"target":"t","a":1}"#;
    for rest in [
        &format!(r#""value","createdBy":null,"value":{raw}"#),
        &format!(
            r#""error","createdBy":{{"type":"user"}},"error":{error},"retry":2,"retryable":null"#
        ),
        r#""abandoned","createdBy":null,"retry":null"#,
        r#""cancelled","createdBy":null"#,
        r#""suspended","createdBy":null,"successor":2"#,
        &format!(
            r#""spawned","createdBy":null,"execution":{execution},"result":{{"type":"cancelled","createdBy":null,"b":1}}"#
        ),
        &format!(r#""cached","createdBy":null,"execution":{execution},"result":null"#),
    ] {
        let text = format!(r#"{{"type":{rest},"a":{{"a":[1]}},"b":null}}"#);
        assert_eq!(again::<Outcome>(&text), text);
    }
    for text in [
        format!(r#"{{"type":"result","execution":{execution},"a":1}}"#),
        r#"{"type":"input","inputId":"R1/i1","title":null,"status":"value","execution":1}"#.into(),
        format!(r#"{{"type":"asset","assetId":"A1","asset":{asset},"a":1}}"#),
        // Of a kind that is not known: what is in it is kept, whether or not we see what it is about.
        format!(r#"{{"execution":{execution},"a":1,"type":"queue"}}"#),
        r#"{"queueId":"Q1","type":"queue"}"#.into(),
    ] {
        assert_eq!(again::<Dependency>(&text), text);
    }
    let twice = r#"{"stepId":"R1:1","attempt":1,"groupId":null,"a":1,"a":{"b":2}}"#;
    let once = r#"{"stepId":"R1:1","attempt":1,"groupId":null,"a":{"b":2}}"#;
    assert_eq!(again::<Child>(twice), once, "of two of one name the later counts");
}

#[test]
fn what_is_wrong_with_a_known_reference_is_told() {
    for (reference, expected) in [
        (r#"{"type":"execution","module":null}"#, "missing field `executionId`"),
        (r#"{"type":"execution","executionId":"1"}"#, "not an execution id"),
        (r#"{"type":"input","type":"input","inputId":"R1/i1"}"#, "duplicate field `type`"),
        (r#"{"type":"input","inputId":"R1/i1","inputId":"R1/i1"}"#, "duplicate field `inputId`"),
        (r#"{"inputId":"R1/i1"}"#, "missing field `type`"),
    ] {
        let text = format!(r#"{{"type":"raw","data":1,"references":[{reference}]}}"#);
        let error = serde_json::from_str::<Value>(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected:?} is not in {error:?}");
    }
}

#[test]
fn unknown_fields_make_no_difference() {
    let value = |a: &str| -> Value {
        let text = format!(
            r#"{{"type":"raw","data":[{{"type":"ref","index":0}},{{"type":"ref","index":1}}],"references":[
                {{"type":"asset","assetId":"A1","asset":{{"name":null,"totalCount":1,"totalSize":8,
                  "entry":{{"path":"p","blobKey":"{KEY}","size":8,"metadata":{{}}{a}}}{a}}}{a}}},
                {{"type":"fragment","format":"json","blobKey":"{KEY}","size":8,"metadata":{{}}{a}}}]{a}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let (older, newer) = (value(""), value(r#","later":1"#));
    assert_ne!(older, newer);
    assert!(older.known_equals(&newer) && older.known() == newer.known());

    // Whether or not its blobs are here.
    let here =
        HashMap::from([(KEY.parse::<BlobKey>().unwrap(), Arc::<[u8]>::from(&b"[10, 20]"[..]))]);
    for blobs in [&HashMap::new(), &here] {
        let known = Known::only(blobs);
        let (one, other) = ([older.clone()], [newer.clone()]);
        let key = |arguments: &[Value]| memo_key(&Target::new("m", "f"), arguments, &Params::All);
        assert_eq!(key(&one), key(&other));
        let rule = MatchingRule::default();
        assert_eq!(rule.print(&one, &known), rule.print(&other, &known));
        assert_eq!(difference(&older.decode(blobs), &newer.decode(blobs)), []);
        assert_eq!(distance(&one, &other, &Params::All, &known), Distance::default());
        assert_eq!(argument_differences(&one, &other, &Params::All, &known), []);
        assert_eq!(key_differs(&one, &other, &Params::All, &known), Some(KeyDiffers::Unknown));
    }
}

#[test]
fn what_refers_to_something_unknown_opens_and_is_never_taken_for_another() {
    let text = r#"{"type":"raw","data":[1,{"type":"ref","index":0}],
        "references":[{"type":"queue","id":"Q1"}]}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let blobs = HashMap::<BlobKey, Arc<[u8]>>::new();
    let data = value.decode(&blobs);
    let Data::List(items) = &data else { panic!("{data:?}") };
    assert_eq!(items[0], Data::Int(1));
    assert!(!data.is_readable());
    assert_eq!(data.python(100), r#"[1, <broken: something of an unknown kind: "queue">]"#);
    let error = memo_key(&Target::new("m", "f"), std::slice::from_ref(&value), &Params::All);
    let expected = r#"argument 0 has no key: it refers to something of an unknown kind: "queue""#;
    assert_eq!(error.unwrap_err().to_string(), expected);
    assert!(!difference(&data, &data).is_empty());
}
