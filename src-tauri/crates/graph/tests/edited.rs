//! What re-runs with edited arguments would do.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use hindcast_graph::{Plan, Policy, Rerun};
use hindcast_model::{
    AnswerByHand, BlobKey, ByHand, Data, Encoding, Run, StepByHand, StepNumber, Timestamp, Value,
};
use insta::assert_snapshot;
use support::{DEVELOPMENT, environments, run};

type Blobs = HashMap<BlobKey, Arc<[u8]>>;

fn blobs() -> Blobs {
    let folder = format!("{}/../../../fixtures/shop/blobs", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let key = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        (key, std::fs::read(&path).unwrap().into())
    };
    files.map(read).collect()
}

/// The first argument of a step with one text in place of another, as a person types it.
fn edited(run: &Run, step: StepNumber, from: &str, to: &str, blobs: &mut Blobs) -> Vec<Value> {
    let mut arguments = run.steps[&step].arguments.clone();
    let recorded = arguments[0].decode(blobs);
    let text = recorded.python(usize::MAX);
    assert!(text.contains(from), "{text}");
    let typed = Data::parse_python(&text.replacen(from, to, 1), Some(&recorded)).unwrap();
    let (value, contents) = typed.encode(&Encoding::default()).unwrap();
    blobs.extend(contents.into_iter().map(|(key, bytes)| (key, bytes.into())));
    arguments[0] = value;
    arguments
}

fn drawn(step: StepNumber, (from, to): (&str, &str), policy: Policy, by_hand: &ByHand) -> String {
    let (run, mut blobs) = (run("shop/R6Lf.json"), blobs());
    let given = edited(&run, step, from, to, &mut blobs);
    let plan = Plan::of(&Rerun {
        run: &run,
        environments: &environments(&run),
        environment: DEVELOPMENT,
        chosen: &[step],
        policy,
        allow: &[],
        by_hand,
        blobs: &blobs,
        encoding: Encoding::default(),
        edited_arguments: &BTreeMap::new(),
        edited: Some(&given),
        pinned_at_guard: &BTreeMap::new(),
        now: Timestamp(i64::MAX),
    });
    let mut text = String::new();
    for call in &plan.calls {
        let indent = "  ".repeat(call.depth as usize);
        let name = call.target.as_ref().map_or("?", |target| &*target.name);
        let mark = if call.edited { ", edited" } else { "" };
        writeln!(text, "{indent}{name} {:?}: {:?}{mark}", call.state, call.why).unwrap();
    }
    text
}

/// The sixth order of the day is of customer 6; another number is not to be found in it.
const SIXTH: StepNumber = 13;

#[test]
fn a_call_that_takes_part_of_what_was_edited_is_another_recorded_call() {
    // The third customer's country is at hand then, and so on; the order's id stays.
    let edit = ("'customer_id': 6", "'customer_id': 3");
    assert_snapshot!(drawn(SIXTH, edit, Policy::Memo, &ByHand::default()), @r"
    fulfil_order Run: Chosen, edited
      fetch_customer Pinned: MemoKey { execution: R6Lf:10:1 }, edited
      price_order Run: Unmemoised, edited
      charge_card Pinned: MemoKey { execution: R6Lf:45:1 }
      render_invoice Run: Unmemoised, edited
      send_receipt Unknown: DependsOn { step: R6Lf:57 }, edited
    ");
}

#[test]
fn a_call_that_no_recorded_one_is_like_stops_at_the_guard() {
    let edit = ("'customer_id': 6", "'customer_id': 99");
    assert_snapshot!(drawn(SIXTH, edit, Policy::Memo, &ByHand::default()), @r"
    fulfil_order Run: Chosen, edited
      fetch_customer Blocked: Miss { reason: ArgumentsDiffer }, edited
      price_order Run: Unmemoised, edited
      charge_card Pinned: MemoKey { execution: R6Lf:45:1 }
      render_invoice Run: Unmemoised, edited
      send_receipt Unknown: Edited
    ");
}

#[test]
fn what_takes_nothing_of_what_was_edited_is_planned_as_ever() {
    let edit = ("datetime.datetime(2026", "datetime.datetime(2027");
    assert_snapshot!(drawn(SIXTH, edit, Policy::Memo, &ByHand::default()), @r"
    fulfil_order Run: Chosen, edited
      fetch_customer Pinned: MemoKey { execution: R6Lf:21:1 }
      price_order Run: Unmemoised, edited
      charge_card Pinned: MemoKey { execution: R6Lf:45:1 }
      render_invoice Run: Unmemoised, edited
      send_receipt Unknown: DependsOn { step: R6Lf:57 }
    ");
}

#[test]
fn isolated_only_what_is_the_same_call_is_pinned() {
    let edit = ("'customer_id': 6", "'customer_id': 3");
    assert_snapshot!(drawn(SIXTH, edit, Policy::Isolate, &ByHand::default()), @r"
    fulfil_order Run: Chosen, edited
      fetch_customer Pinned: MemoKey { execution: R6Lf:10:1 }, edited
      price_order Blocked: Miss { reason: ArgumentsDiffer }, edited
      charge_card Pinned: MemoKey { execution: R6Lf:45:1 }
      render_invoice Unknown: Edited, edited
      send_receipt Unknown: Edited, edited
    ");
}

#[test]
fn a_value_that_stands_in_several_places_of_which_one_was_edited_tells_nothing() {
    // Customer 1 buys one kettle.
    let edit = ("'customer_id': 1", "'customer_id': 3");
    let plan = drawn(3, edit, Policy::Memo, &ByHand::default());
    assert!(plan.contains("fetch_customer Unknown: Edited\n"), "{plan}");
}

#[test]
fn what_is_set_by_hand_holds_for_the_only_call_of_its_target() {
    let mut by_hand = ByHand::default();
    let pin = AnswerByHand::Pin("R6Lf:5:1".parse().unwrap());
    let own = run("shop/R6Lf.json").steps[&SIXTH].executions[&1].children[0].step_id.clone();
    by_hand.steps.insert(own, StepByHand { answer: Some(pin), mocks: BTreeMap::new() });
    let plan = drawn(SIXTH, ("'customer_id': 6", "'customer_id': 99"), Policy::Memo, &by_hand);
    assert!(plan.contains("fetch_customer Pinned: ByHand { execution: R6Lf:5:1 }"), "{plan}");
}
