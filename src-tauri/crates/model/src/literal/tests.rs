use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::{Extra, Json, Reference, Value};

fn read(text: &str) -> String {
    match Data::parse_python(text, None) {
        Ok(data) => data.python(usize::MAX),
        Err(error) => format!("! {error}"),
    }
}

#[test]
fn python_reads_back_as_python_writes_it() {
    for text in [
        "None",
        "[1, -2, 1.5, 1e+16, True, 123456789012345678901234567890]",
        "('a', (), (1,), {1, 2}, set())",
        "{'a': {'b': None}, 3: [], (1, 2): 'x'}",
        "Decimal('1.10')",
        "UUID('12345678-1234-5678-1234-567812345678')",
        "datetime.datetime(2026, 3, 4, 5, 6, 7, 8)",
        "datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)",
        "datetime.datetime(2026, 3, 4, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=66600)))",
        "datetime.date(2026, 3, 4)",
        "datetime.time(9, 0)",
        "datetime.timedelta(days=1, seconds=3661, microseconds=500000)",
        "b\"a'b\\x00\\n\\xff\"",
        "'\\\\ \\' \" \\t\\x01 é 😀'",
    ] {
        assert_eq!(read(text), text);
    }
}

#[test]
fn what_people_type_is_understood() {
    for (text, meant) in [
        (" ( 1 ) ", "1"),
        ("[1, 2,]", "[1, 2]"),
        ("{'a': 1, }", "{'a': 1}"),
        ("'a' \"b\"\n'''c\nd'''", "'abc\\nd'"),
        (r"r'\d' '\d\q\x41\101\u00e9'", r"'\\d\\d\\qAAé'"),
        ("0xff", "255"),
        ("1_000", "1000"),
        ("+.5", "0.5"),
        ("null", "None"),
        ("{\"a\": true} # as JSON", "{'a': True}"),
        ("frozenset([1])", "{1}"),
        ("dict()", "{}"),
        ("decimal.Decimal(7)", "Decimal('7')"),
        ("datetime(2026, month=3, day=4)", "datetime.datetime(2026, 3, 4, 0, 0)"),
        ("timedelta(hours=1.5)", "datetime.timedelta(seconds=5400)"),
        ("date.fromisoformat('2026-03-04')", "datetime.date(2026, 3, 4)"),
        ("shop.Order(id=7, lines=[{'sku': 'a'}])", "Order(id=7, lines=[{'sku': 'a'}])"),
    ] {
        assert_eq!(read(text), meant, "{text}");
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, said) in [
        ("", "line 1, column 1: a value is missing"),
        ("[1, 2", "line 1, column 6: a comma or ] is missing"),
        ("[1 2]", "line 1, column 4: a comma or ] is missing"),
        ("{'a': 1,\n 'b' 2}", "line 2, column 6: : is missing"),
        ("hello", "line 1, column 1: hello is no value; texts stand in quotes"),
        ("'open", "line 1, column 1: a text without its closing quote"),
        ("1 2", "line 1, column 3: more text after the value"),
        ("nan", "line 1, column 1: nan cannot be stored: JSON has no such number"),
        ("[1, 1e999]", "line 1, column 5: 1e999 is no number"),
        ("007", "line 1, column 1: 007 is no number"),
        ("date(2026, 2, 30)", "line 1, column 1: date is not called so"),
        ("Decimal('x')", "line 1, column 1: Decimal is not called so"),
        (
            "Order(id=1)",
            "line 1, column 1: Order is not known: write a model with its module, as in module.Order(…)",
        ),
        ("m.Order(1)", "line 1, column 9: fields of m.Order are given by name"),
        (
            "<execution R1:2:1>",
            "line 1, column 1: <execution R1:2:1> is no part of the value that is edited",
        ),
        ("b'é'", "line 1, column 3: bytes hold ASCII and escapes only"),
        ("'\\x4'", "line 1, column 2: an escape without its 2 digits"),
    ] {
        assert_eq!(read(text), format!("! {said}"), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(&deep).contains("nested deeper"), "{}", read(&deep));
}

#[test]
fn what_has_no_literal_stands_for_the_part_that_was_there() {
    let blobs: HashMap<BlobKey, Arc<[u8]>> =
        HashMap::from([(BlobKey::of(b"{\"id\":1}"), Arc::from(b"{\"id\":1}".as_slice()))]);
    let fragment = |format: &str, metadata: serde_json::Value| Reference::Fragment {
        format: format.to_owned(),
        blob_key: BlobKey::of(b"{\"id\":1}"),
        size: 8,
        metadata: metadata.as_object().unwrap().clone(),
        extra: Extra::NONE,
    };
    let references = vec![
        Reference::Execution {
            execution_id: "R1:2:1".parse().unwrap(),
            module: Some("m".into()),
            target: Some("f".into()),
            extra: Extra::NONE,
        },
        fragment("pickle", serde_json::json!({"type": "Thing"})),
        fragment("json", serde_json::json!({"model": "shop.Order"})),
    ];
    let data = r#"[{"type":"ref","index":0},{"type":"ref","index":1},{"type":"ref","index":2}]"#;
    let value = Value::raw(Json::parse(data).unwrap(), references);
    let like = value.decode(&blobs);
    let text = like.python(usize::MAX);
    assert_eq!(Data::parse_python(&text, Some(&like)).unwrap().python(usize::MAX), text);
    let edited = text.replace("id=1", "id=2");
    let edited = Data::parse_python(&edited, Some(&like)).unwrap();
    let (value, kept) = edited.encode(&crate::Encoding::default()).unwrap();
    let blobs: HashMap<BlobKey, Arc<[u8]>> =
        kept.into_iter().map(|(key, bytes)| (key, Arc::from(bytes))).chain(blobs).collect();
    assert_eq!(value.decode(&blobs).python(usize::MAX), text.replace("id=1", "id=2"));
    let Reference::Fragment { metadata, .. } = &value.references()[2] else { panic!() };
    assert_eq!(metadata["model"], "shop.Order");
}

#[test]
fn what_is_too_long_for_a_line_is_laid_out() {
    let text = "{'id': 'A-8', 'lines': [{'price': Decimal('54.00'), 'title': 'Teapot'}, (1, 2)], 'shop.Order': shop.Order(id=7, day=datetime.date(2026, 3, 4))}";
    let data = Data::parse_python(text, None).unwrap();
    let lines = data.laid_out(40);
    insta::assert_snapshot!(lines, @r"
    {
        'id': 'A-8',
        'lines': [
            {
                'price': Decimal('54.00'),
                'title': 'Teapot',
            },
            (1, 2),
        ],
        'shop.Order': Order(
            id=7,
            day=datetime.date(2026, 3, 4),
        ),
    }
    ");
    assert_eq!(data.laid_out(1000), data.python(1000));
    assert_eq!(Data::parse_python(&lines, Some(&data)).unwrap().python(1000), data.python(1000));
}

fn any_data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::None),
        any::<bool>().prop_map(Data::Bool),
        (-(1_i64 << 53)..(1 << 53)).prop_map(Data::Int),
        (-1e300..1e300_f64).prop_map(Data::Float),
        any::<String>().prop_map(Data::Str),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(bytes),
        Just(Data::Decimal("97.720".into())),
        Just(Data::Date("2026-03-04".into())),
        Just(Data::Duration(-0.000_001)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let items = || proptest::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            items().prop_map(Data::List),
            items().prop_map(Data::Tuple),
            items().prop_map(Data::Set),
            proptest::collection::vec((inner.clone(), inner.clone()), 0..6).prop_map(Data::Dict),
        ]
    })
}

proptest! {
    /// What is written is read, and what is read is stored and decoded as the same value.
    #[test]
    fn values_survive_being_written_read_and_stored(data in any_data()) {
        let read = Data::parse_python(&data.python(usize::MAX), None).unwrap();
        let lines = data.laid_out(24);
        prop_assert_eq!(&Data::parse_python(&lines, None).unwrap(), &read, "{}", lines);
        let (value, blobs) = read.encode(&crate::Encoding::default()).unwrap();
        let blobs: HashMap<BlobKey, Arc<[u8]>> =
            blobs.into_iter().map(|(key, bytes)| (key, Arc::from(bytes))).collect();
        prop_assert!(crate::same(&value.decode(&blobs), &data, &|_| None), "{}", data.python(500));
    }

    #[test]
    fn no_text_is_too_much(text in any::<String>()) {
        let _ = Data::parse_python(&text, None);
    }
}
