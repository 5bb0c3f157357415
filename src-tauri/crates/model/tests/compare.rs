//! Which values count as the same, where others differ, and what that says of two calls.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

use std::collections::HashMap;
use std::sync::Arc;

use hindcast_model::record::KeyDiffers;
use hindcast_model::{
    BlobKey, Data, DifferenceKind, ExecutionId, Json, Known, Params, Reference, THRESHOLD, Value,
    argument_differences, difference, difference_with, distance, encode, key_differs, normalise,
    same,
};
use proptest::prelude::*;

type Store = HashMap<BlobKey, Arc<[u8]>>;

fn raw(json: &str) -> Value {
    Value::raw(Json::parse(json).unwrap(), Vec::new())
}

fn decoded(json: &str) -> Data {
    raw(json).decode(&Store::new())
}

/// A handle on an execution.
fn handle(id: &str) -> Value {
    refers(&format!(r#"{{"type":"execution","executionId":"{id}","module":null,"target":null}}"#))
}

fn fragment(format: &str, content: &[u8], metadata: &str, store: &mut Store) -> Value {
    let key = BlobKey::of(content);
    store.insert(key, content.into());
    let size = content.len();
    refers(&format!(
        r#"{{"type":"fragment","format":"{format}","blobKey":"{key}","size":{size},"metadata":{metadata}}}"#
    ))
}

fn refers(reference: &str) -> Value {
    let reference: Reference = serde_json::from_str(reference).unwrap();
    let data = Json::parse(r#"{"type":"ref","index":0}"#).unwrap();
    Value::raw(data, vec![reference])
}

/// Executions `Ra:1:1`, `Rb:1:1` and `Rc:1:1` produced 5, 5 and 6; others produced nothing.
fn produced(id: &ExecutionId) -> Option<Data> {
    match id.run().as_str() {
        "Ra" | "Rb" => Some(Data::Int(5)),
        "Rc" => Some(Data::Int(6)),
        _ => None,
    }
}

fn lines(ancestor: &Data, local: &Data) -> Vec<String> {
    let side = |side: Option<String>| side.unwrap_or_default();
    let line = |it: hindcast_model::Difference| {
        format!("{:?} {} | {} | {}", it.kind, it.path, side(it.ancestor), side(it.local))
    };
    difference(ancestor, local).into_iter().map(line).collect()
}

#[test]
fn differences_are_told_by_place() {
    let dict = |items: &str| format!(r#"{{"type":"dict","items":[{items}]}}"#);
    let set = |items: &str| format!(r#"{{"type":"set","items":[{items}]}}"#);
    for (ancestor, local, told) in [
        ("1", "1.0", vec![]),
        ("[1,[2,3]]", "[1,[2,3]]", vec![]),
        (&*dict("\"a\",1,\"b\",2"), &*dict("\"b\",2,\"a\",1"), vec![]),
        (&*set("1,2"), &*set("2,1"), vec![]),
        ("1", "true", vec!["Changed  | 1 | True"]),
        ("[1]", r#"{"type":"tuple","items":[1]}"#, vec!["Changed  | [1] | (1,)"]),
        ("[1,2,3]", "[0,1,2,3]", vec!["Added [0] |  | 0"]),
        ("[1,2,3]", "[1,3]", vec!["Removed [1] | 2 | "]),
        ("[1,2,2,3,4]", "[1,2,3,5]", vec!["Removed [2] | 2 | ", "Changed [3] | 4 | 5"]),
        (
            "[[1,2],[3,4]]",
            "[[9],[1,2],[3,5]]",
            vec!["Added [0] |  | [9]", "Changed [2][1] | 4 | 5"],
        ),
        (
            "[[1,2,3],[4,5,6]]",
            "[[9,9,9],[1,2,7],[4,5,6]]",
            vec!["Added [0] |  | [9, 9, 9]", "Changed [1][2] | 3 | 7"],
        ),
        (
            "[[1,2,3],[8,8],[4,5,6]]",
            "[[1,2,7],[4,5,7]]",
            vec!["Changed [0][2] | 3 | 7", "Removed [1] | [8, 8] | ", "Changed [1][2] | 6 | 7"],
        ),
        (
            "[1,7,7,2]",
            "[7,7,3,4]",
            vec!["Removed [0] | 1 | ", "Changed [2] | 2 | 3", "Added [3] |  | 4"],
        ),
        (&*set("1,2"), &*set("2,3"), vec!["Removed  | 1 | ", "Added  |  | 3"]),
        (
            &*dict(r#""lines",[{"a":1}],2,"x""#),
            &*dict(r#""lines",[{"a":2,"b":null}],"it's",1"#),
            vec![
                "Changed ['lines'][0]['a'] | 1 | 2",
                "Added ['lines'][0]['b'] |  | None",
                "Removed [2] | 'x' | ",
                "Added [\"it's\"] |  | 1",
            ],
        ),
        (
            r#"{"type":"ref","index":7}"#,
            "1",
            vec!["Unreadable  | <broken: a \"ref\" without what belongs to it> | 1"],
        ),
    ] {
        assert_eq!(lines(&decoded(ancestor), &decoded(local)), told, "{ancestor} {local}");
    }
}

#[test]
fn long_texts_are_shown_where_they_part() {
    let text = |end: &str| Data::Str("x".repeat(500) + end);
    assert_eq!(
        lines(&text("one"), &text("two")),
        ["Changed  | …'xxxxxxxxxxxxxxxxxxxxone' | …'xxxxxxxxxxxxxxxxxxxxtwo'"]
    );
}

#[test]
fn models_differ_by_field_and_pickles_as_a_whole() {
    let mut store = Store::new();
    let class = r#"{"model":"shop.Line"}"#;
    let a = fragment("json", br#"{"name":"tea","price":1}"#, class, &mut store);
    let b = fragment("json", br#"{"price":2,"name":"tea"}"#, class, &mut store);
    let other =
        fragment("json", br#"{"name":"tea","price":1}"#, r#"{"model":"shop.Row"}"#, &mut store);
    let decode = |value: &Value| value.decode(&store);
    assert_eq!(lines(&decode(&a), &decode(&b)), ["Changed .price | 1 | 2"]);
    assert_eq!(
        lines(&decode(&a), &decode(&other)),
        ["Changed  | Line(name='tea', price=1) | Row(name='tea', price=1)"]
    );

    let thing = r#"{"type":"Thing"}"#;
    let one = fragment("pickle", b"one", thing, &mut store);
    let two = fragment("pickle", b"two", thing, &mut store);
    let decode = |value: &Value| value.decode(&store);
    assert_eq!(lines(&decode(&one), &decode(&one)), [""; 0]);
    assert_eq!(
        lines(&decode(&one), &decode(&two)),
        ["Changed  | <pickled Thing 7692c3ad> | <pickled Thing 3fc4ccfe>"]
    );
}

#[test]
fn what_is_missing_is_the_same_only_as_itself() {
    let missing = |content: &str, references: Vec<Reference>| {
        let key = BlobKey::of(content.as_bytes());
        Value::blob(key, 200, references).decode(&Store::new())
    };
    let handles = |_: &ExecutionId| None;
    let a = missing("a", Vec::new());
    assert!(same(&a, &a, &handles));
    assert!(!same(&a, &missing("b", Vec::new()), &handles));
    assert!(!same(&a, &missing("a", handle("Ra:1:1").references().to_vec()), &handles));
    assert_eq!(difference(&a, &Data::None)[0].kind, DifferenceKind::Unreadable);
    let broken = Data::Broken { reason: "not JSON".to_owned() };
    assert!(!same(&broken, &broken, &handles));
}

#[test]
fn a_handle_stands_for_what_its_execution_produced() {
    let decode = |id: &str| handle(id).decode(&Store::new());
    for (a, b, is_same) in [
        ("Ra:1:1", "Rb:1:1", true),
        ("Ra:1:1", "Rc:1:1", false),
        ("Rx:1:1", "Rx:1:1", true),
        ("Rx:1:1", "Ry:1:1", false),
        ("Ra:1:1", "Rx:1:1", false),
    ] {
        assert_eq!(same(&decode(a), &decode(b), &produced), is_same, "{a} {b}");
    }
    // In a set, whatever the order; but a handle on 5 is not 5 itself.
    let set = |a: &str, b: &str| Data::Set(vec![decode(a), decode(b)]);
    assert!(same(&set("Ra:1:1", "Rc:1:1"), &set("Rc:2:1", "Rb:1:1"), &produced));
    assert!(!same(&decode("Ra:1:1"), &Data::Int(5), &produced));

    let store = Store::new();
    let known = Known { handles: &produced, ..Known::only(&store) };
    let differences = difference_with(&decode("Ra:1:1"), &decode("Rc:1:1"), &known);
    assert_eq!(differences[0].path, ".result()");
}

/// A value whose handles lead back to it must not run for ever.
#[test]
fn handles_in_a_circle_end() {
    let circle = |id: &ExecutionId| Some(handle(&id.to_string()).decode(&Store::new()));
    let (a, b) = (handle("Ra:1:1").decode(&Store::new()), handle("Rb:1:1").decode(&Store::new()));
    assert!(same(&a, &a, &circle));
    assert!(!same(&a, &b, &circle));
    let store = Store::new();
    let known = Known { handles: &circle, ..Known::only(&store) };
    let found = difference_with(&a, &b, &known);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, ".result()");
    let (a, b) = ([handle("Ra:1:1")], [handle("Rb:1:1")]);
    assert_eq!(distance(&a, &b, &Params::All, &known).in_key, 1_000_000);
}

#[test]
fn the_cause_of_another_key_is_told() {
    let mut store = Store::new();
    let text = format!("\"{}\"", "x".repeat(99));
    let (blob, kept) = encode(normalise(&text).unwrap(), Vec::new(), THRESHOLD);
    store.extend(kept.map(|(key, bytes)| (key, bytes.into())));
    let pickles = ["one", "two"].map(|it| fragment("pickle", it.as_bytes(), "{}", &mut store));
    let known = Known { handles: &produced, ..Known::only(&store) };
    let defaults = [None, Some(Data::Int(2))];
    let known = Known { defaults: &defaults, ..known };
    let ordered = r#"{"type":"dict","items":["a",1,"b",2]}"#;
    let reversed = r#"{"type":"dict","items":["b",2,"a",1]}"#;

    let check = |ancestor: &[Value], local: &[Value], params: &Params, known: &Known<'_>| {
        let found = key_differs(ancestor, local, params, known);
        assert_eq!(found, key_differs(local, ancestor, params, known), "both ways alike");
        found
    };
    let all = &Params::All;
    for (ancestor, local, cause) in [
        (vec![handle("Ra:1:1")], vec![handle("Rb:1:1")], Some(KeyDiffers::Handle)),
        (vec![handle("Ra:1:1")], vec![handle("Rc:1:1")], None),
        (vec![raw(&text)], vec![blob], Some(KeyDiffers::Threshold)),
        (vec![raw("1")], vec![raw("1"), raw("2")], Some(KeyDiffers::Default)),
        (vec![raw("1")], vec![raw("1"), raw("3")], None),
        (vec![], vec![raw("1")], None),
        (vec![raw(ordered)], vec![raw(reversed)], Some(KeyDiffers::Spelling)),
        (pickles[..1].to_vec(), pickles[1..].to_vec(), None),
        (vec![raw("1")], vec![raw("1")], Some(KeyDiffers::Unknown)),
        (vec![raw("1"), handle("Ra:1:1")], vec![raw("2"), handle("Rb:1:1")], None),
    ] {
        assert_eq!(check(&ancestor, &local, all, &known), cause, "{ancestor:?} {local:?}");
    }
    let of_one = BlobKey::of(b"one");
    let known = Known { pickles: &|_| of_one, ..known };
    assert_eq!(check(&pickles[..1], &pickles[1..], all, &known), Some(KeyDiffers::Pickle));
    // What is not part of the key may differ.
    let second = Params::Only(vec![1]);
    let (a, b) = ([raw("1"), handle("Ra:1:1")], [raw("2"), handle("Rb:1:1")]);
    assert_eq!(check(&a, &b, &second, &known), Some(KeyDiffers::Handle));
}

#[test]
fn arguments_that_differ_are_named() {
    let store = Store::new();
    let defaults = [None, None, Some(Data::Bool(true))];
    let known = Known { defaults: &defaults, ..Known::only(&store) };
    let ancestor = [raw(r#"{"id":"007"}"#), raw("1")];
    let local = [raw(r#"{"id":"008"}"#), raw("1.0"), raw("true"), raw("[4]")];
    let found = argument_differences(&ancestor, &local, &Params::Only(vec![0, 1]), &known);
    let told: Vec<_> = found
        .iter()
        .map(|it| {
            (it.index, it.path.as_str(), it.ancestor.as_deref(), it.local.as_deref(), it.in_key)
        })
        .collect();
    assert_eq!(
        told,
        [(0, "['id']", Some("'007'"), Some("'008'"), true), (3, "", None, Some("[4]"), false)]
    );
}

#[test]
fn the_nearest_call_is_the_one_with_most_in_common() {
    let store = Store::new();
    let known = Known::only(&store);
    let local = [raw(r#"{"customer":"Ada","lines":[1,2,3]}"#), raw("8")];
    let by_nearness = [
        [raw(r#"{"customer":"Ada","lines":[1,2,3]}"#), raw("8")],
        [raw(r#"{"customer":"Ada","lines":[1,2,3]}"#), raw("7")],
        [raw(r#"{"customer":"Ada","lines":[1,2,3]}"#), raw("900")],
        [raw(r#"{"customer":"Ada","lines":[1,2,4]}"#), raw("8")],
        [raw(r#"{"customer":"Ida","lines":[7,8,9]}"#), raw("8")],
        [raw(r#"{"client":"Ida","lines":[]}"#), raw("8")],
    ];
    // The second argument is not part of the key: it only decides between what is alike in the first.
    let distances: Vec<_> =
        by_nearness.iter().map(|it| distance(it, &local, &Params::Only(vec![0]), &known)).collect();
    assert!(distances.windows(2).all(|pair| pair[0] < pair[1]), "{distances:?}");
    assert_eq!(distances[0], hindcast_model::Distance::default());
}

/// A chain of executions, each of which produced a handle on the next: followed a while.
#[test]
fn a_long_chain_of_handles_is_followed_a_while() {
    let next = |id: &ExecutionId| {
        let next = format!("{}:1:{}", id.run(), id.attempt + 1);
        Some(handle(&next).decode(&Store::new()))
    };
    let (a, b) = (handle("Ra:1:1").decode(&Store::new()), handle("Rb:1:1").decode(&Store::new()));
    assert!(!same(&a, &b, &next));
    let store = Store::new();
    let known = Known { handles: &next, ..Known::only(&store) };
    let found = difference_with(&a, &b, &known);
    assert_eq!(found[0].path, ".result()".repeat(100));
}

/// The deepest values that are decoded, on a test's small stack.
#[test]
fn deep_values_are_compared() {
    let nested = |leaf: &str| {
        let dict = r#"{"type":"dict","items":[1,["#;
        decoded(&format!("{}{leaf}{}", dict.repeat(249), "]]}".repeat(249)))
    };
    let found = difference(&nested("1"), &nested("2"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "[1][0]".repeat(249));
    let found = difference(&nested("1"), &nested("2,3"));
    assert_eq!((found.len(), found[0].kind), (2, DifferenceKind::Changed));
}

/// JSON as the SDK may send it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        (-1e30..1e30).prop_map(|it| format!("{it:e}")),
        any::<String>().prop_map(|it| serde_json::Value::from(it).to_string()),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        (prop_oneof![Just("list"), Just("dict"), Just("set")], prop::collection::vec(inner, 0..5))
            .prop_map(|(kind, mut items)| {
                items.truncate(if kind == "dict" { items.len() / 2 * 2 } else { 5 });
                let items = items.join(",");
                if kind == "list" {
                    format!("[{items}]")
                } else {
                    format!(r#"{{"type":"{kind}","items":[{items}]}}"#)
                }
            })
    })
}

proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(json in json()) {
        let once = normalise(&json).unwrap();
        prop_assert_eq!(normalise(once.text()).unwrap(), once);
    }

    #[test]
    fn there_is_a_difference_exactly_if_two_values_are_not_the_same(a in json(), b in json()) {
        let (a, b) = (decoded(&a), decoded(&b));
        prop_assert!(difference(&a, &a).is_empty());
        prop_assert_eq!(difference(&a, &b).is_empty(), same(&a, &b, &|_| None));
    }

    #[test]
    fn one_element_more_is_one_difference(
        mut list in prop::collection::vec(0..5_u8, 0..300),
        place in any::<prop::sample::Index>(),
        element in 0..7_u8,
    ) {
        let data = |list: &[u8]| Data::List(list.iter().map(|it| Data::Int((*it).into())).collect());
        let ancestor = data(&list);
        list.insert(place.index(list.len() + 1), element);
        let local = data(&list);
        let found = difference(&ancestor, &local);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].kind, DifferenceKind::Added);
        prop_assert_eq!(difference(&local, &ancestor).len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Long lists in another order take the quick way, which must still pair places with the same
    /// element, ascending on both sides: what remains is as much on either side.
    #[test]
    fn long_lists_in_another_order_are_compared_in_bounded_time(turn in 1..3_000_usize) {
        let list: Vec<Data> = (0..3_000).map(Data::Int).collect();
        let mut turned = list.clone();
        turned.rotate_left(turn);
        let found = difference(&Data::List(list), &Data::List(turned));
        prop_assert_eq!(found.len(), 2 * turn.min(3_000 - turn));
    }
}
