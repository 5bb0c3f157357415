//! What re-runs of recorded runs would do.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use hindcast_graph::{Plan, PlannedState, Policy, Rerun, Why};
use hindcast_model::record::MissReason;
use hindcast_model::{
    AnswerByHand, BlobKey, ByHand, Encoding, ExecutionId, Extra, Json, Run, StepByHand, StepNumber,
    Timestamp, Value,
};
use insta::assert_snapshot;
use support::{DEVELOPMENT, environments, run, synthetic};

fn plan(run: &Run, chosen: &[u32], policy: Policy, by_hand: &ByHand) -> Plan {
    plan_after(&BTreeMap::new(), run, chosen, policy, by_hand)
}

/// Calls that were pinned at the guard: caller, the step that answered, why they had missed.
type AtGuard = BTreeMap<(ExecutionId, StepNumber), MissReason>;

fn plan_after(
    pinned_at_guard: &AtGuard,
    run: &Run,
    chosen: &[u32],
    policy: Policy,
    by_hand: &ByHand,
) -> Plan {
    Plan::of(&Rerun {
        run,
        environments: &environments(run),
        environment: DEVELOPMENT,
        chosen,
        policy,
        allow: &[],
        by_hand,
        blobs: &HashMap::<BlobKey, Arc<[u8]>>::new(),
        encoding: Encoding::default(),
        edited_arguments: &BTreeMap::new(),
        edited: None,
        pinned_at_guard,
        now: Timestamp(i64::MAX),
    })
}

fn draw(plan: &Plan) -> String {
    let mut text = String::new();
    for call in &plan.calls {
        let indent = "  ".repeat(call.depth as usize);
        let name = call.target.as_ref().map_or("?", |target| &*target.name);
        let step = call.step.as_ref().map_or("-".to_owned(), ToString::to_string);
        writeln!(text, "{indent}{name} {step} {:?}: {:?}", call.state, call.why).unwrap();
    }
    text
}

fn drawn(fixture: &str, chosen: &[u32], policy: Policy) -> String {
    draw(&plan(&run(fixture), chosen, policy, &ByHand::default()))
}

#[test]
fn shop_leaf_and_its_caller() {
    assert_snapshot!(drawn("shop/R6Lf.json", &[36, 20], Policy::Memo), @r"
    price_order R6Lf:36 Run: Chosen
      ? - Unknown: Stopped
    fulfil_order R6Lf:20 Run: Chosen
      fetch_customer R6Lf:23 Pinned: MemoKey { execution: R6Lf:23:1 }
      price_order R6Lf:36 Run: Unmemoised
        ? - Unknown: Stopped
      ? - Unknown: Stopped
    ");
}

#[test]
fn a_call_that_was_pinned_at_the_guard_to_another_misses_again() {
    let run = run("shop/R6Lf.json");
    let at_guard = [(("R6Lf:20:1".parse().unwrap(), 23), MissReason::ArgumentsDiffer)].into();
    let planned = plan_after(&at_guard, &run, &[20], Policy::Memo, &ByHand::default());
    assert_snapshot!(draw(&planned), @r"
    fulfil_order R6Lf:20 Run: Chosen
      fetch_customer R6Lf:23 Blocked: Miss { reason: ArgumentsDiffer }
      price_order R6Lf:36 Run: Unmemoised
        ? - Unknown: Stopped
      ? - Unknown: Stopped
    ");
}

#[test]
fn shop_root_by_memo() {
    assert_snapshot!(drawn("shop/R6Lf.json", &[1], Policy::Memo));
}

#[test]
fn shop_root_isolated() {
    assert_snapshot!(drawn("shop/R6Lf.json", &[1], Policy::Isolate), @r"
    fulfil_orders R6Lf:1 Run: Chosen
      load_orders R6Lf:2 Pinned: MemoKey { execution: R6Lf:2:1 }
      fulfil_order R6Lf:3 Pinned: Isolate { execution: R6Lf:3:1 }
      fulfil_order R6Lf:4 Pinned: Isolate { execution: R6Lf:4:1 }
      fulfil_order R6Lf:6 Pinned: Isolate { execution: R6Lf:6:1 }
      fulfil_order R6Lf:7 Pinned: Isolate { execution: R6Lf:7:1 }
      fulfil_order R6Lf:9 Pinned: Isolate { execution: R6Lf:9:1 }
      fulfil_order R6Lf:13 Pinned: Isolate { execution: R6Lf:13:1 }
      fulfil_order R6Lf:15 Pinned: Isolate { execution: R6Lf:15:1 }
      fulfil_order R6Lf:20 Pinned: Isolate { execution: R6Lf:20:1 }
      fulfil_order R6Lf:22 Pinned: Isolate { execution: R6Lf:22:1 }
      fulfil_order R6Lf:27 Pinned: Isolate { execution: R6Lf:27:1 }
      fulfil_order R6Lf:31 Pinned: Isolate { execution: R6Lf:31:1 }
      fulfil_order R6Lf:33 Pinned: Isolate { execution: R6Lf:33:1 }
      ? - Unknown: Stopped
    ");
}

#[test]
fn shop_once_more_after_it_was_mended() {
    // The newest attempt of step 20 with a value tells what it calls now.
    let after = "shop/development/after-rerun-20.json";
    assert_snapshot!(drawn(after, &[20], Policy::Memo), @r"
    fulfil_order R6Lf:20 Run: Chosen
      fetch_customer R6Lf:23 Pinned: MemoKey { execution: R6Lf:23:1 }
      price_order R6Lf:67 Run: Unmemoised
      charge_card R6Lf:68 Pinned: MemoKey { execution: R6Lf:68:1 }
      render_invoice R6Lf:69 Run: Unmemoised
      send_receipt R6Lf:70 Pinned: MemoKey { execution: R6Lf:70:1 }
    ");
}

#[test]
fn what_the_memo_rule_never_finds() {
    assert_snapshot!(drawn("conformance/memo-edges/before.json", &[1], Policy::Memo), @r"
    edges RCgT:1 Run: Chosen
      flaky RCgT:2 Blocked: Miss { reason: NotAValue }
      flaky RCgT:3 Blocked: Miss { reason: NotAValue }
      memo_and_cache RCgT:4 Pinned: MemoKey { execution: RCgT:4:1 }
      suspender RCgT:5 Pinned: MemoKey { execution: RCgT:5:2 }
      child_flow RCgT:6 Blocked: Miss { reason: BecameRun }
      child_flow RCgT:7 Blocked: Miss { reason: BecameRun }
      memo_returns_none RCgT:8 Pinned: MemoKey { execution: RCgT:8:1 }
      memo_dict RCgT:9 Pinned: MemoKey { execution: RCgT:9:1 }
      memo_dict RCgT:10 Pinned: MemoKey { execution: RCgT:10:1 }
    ");
}

#[test]
fn open_lets_the_same_calls_run() {
    assert_snapshot!(drawn("conformance/memo-edges/before.json", &[1], Policy::Open), @r"
    edges RCgT:1 Run: Chosen
      flaky RCgT:2 Run: Allowed
        ? - Unknown: Stopped
      flaky RCgT:3 Run: Allowed
        ? - Unknown: Stopped
      memo_and_cache RCgT:4 Pinned: MemoKey { execution: RCgT:4:1 }
      suspender RCgT:5 Pinned: MemoKey { execution: RCgT:5:2 }
      child_flow RCgT:6 Run: Allowed
        ? - Unknown: OtherRun { run: R3ZQ }
      child_flow RCgT:7 Run: Allowed
        ? - Unknown: OtherRun { run: RJq9 }
      memo_returns_none RCgT:8 Pinned: MemoKey { execution: RCgT:8:1 }
      memo_dict RCgT:9 Pinned: MemoKey { execution: RCgT:9:1 }
      memo_dict RCgT:10 Pinned: MemoKey { execution: RCgT:10:1 }
    ");
}

#[test]
fn cached_calls_and_their_age() {
    assert_snapshot!(drawn("conformance/caching/before.json", &[1], Policy::Memo), @r"
    use_caches RHW5:1 Run: Chosen
      exchange_rate RHW5:2 Pinned: Cache { execution: RHW5:2:1 }
      exchange_rate RHW5:3 Pinned: Cache { execution: RHW5:2:1 }
      exchange_rate RHW5:4 Pinned: Cache { execution: RHW5:4:1 }
      posts RHW5:5 Run: Unmemoised
      product RHW5:6 Pinned: Cache { execution: RHW5:6:1 }
      product RHW5:7 Pinned: Cache { execution: RHW5:6:1 }
      price_a RHW5:8 Pinned: Cache { execution: RHW5:8:1 }
      price_b RHW5:9 Pinned: Cache { execution: RHW5:8:1 }
      report RHW5:10 Run: Unmemoised
      fib RHW5:11 Pinned: Cache { execution: RHW5:11:1 }
      cached_failure RHW5:22 Run: Unmemoised
        ? - Unknown: Stopped
      cached_failure RHW5:23 Run: Unmemoised
        ? - Unknown: Stopped
    ");
}

fn set(answers: &[(&str, AnswerByHand)]) -> ByHand {
    let mut by_hand = ByHand::default();
    for (step, answer) in answers {
        let value = Value::raw(Json::parse("7").unwrap(), Vec::new());
        let mocks = BTreeMap::from([("m".to_owned(), value)]);
        let setting = StepByHand { answer: Some(answer.clone()), mocks };
        by_hand.steps.insert(step.parse().unwrap(), setting);
    }
    by_hand
}

#[test]
fn what_was_pinned_runs_where_a_person_unpinned_it() {
    let by_hand = set(&[("R6Lf:23", AnswerByHand::Unpinned)]);
    let plan = plan(&run("shop/R6Lf.json"), &[20], Policy::Isolate, &by_hand);
    assert_eq!(plan.calls[1].why, Why::Unpinned);
    assert_eq!(plan.calls[1].state, PlannedState::Run);
    // It is one memoised call, whoever makes it.
    let other = set(&[("R6Lf:5", AnswerByHand::Mock("m".into()))]);
    let plan = self::plan(&run("shop/R6Lf.json"), &[3], Policy::Memo, &other);
    assert!(plan.calls.iter().any(|call| call.state == PlannedState::Mocked), "{plan:#?}");
}

#[test]
fn a_pin_holds_for_the_call_that_edited_code_makes_again() {
    // The newest attempt of step 20 made its calls as steps 67 and 69.
    let after = run("shop/development/after-rerun-20.json");
    let by_hand = set(&[("R6Lf:36", AnswerByHand::Mock("m".into()))]);
    let plan = plan(&after, &[20], Policy::Memo, &by_hand);
    assert_eq!(plan.calls[2].why, Why::Mock { name: "m".into() }, "{}", draw(&plan));
}

#[test]
fn a_hand_beats_every_rule() {
    let pin = AnswerByHand::Pin("R6Lf:21:1".parse().unwrap());
    let by_hand = set(&[("R6Lf:36", AnswerByHand::Mock("m".into())), ("R6Lf:23", pin)]);
    let plan = plan(&run("shop/R6Lf.json"), &[20], Policy::Memo, &by_hand);
    let states: Vec<_> = plan.calls.iter().map(|call| (call.state, call.why.clone())).collect();
    let expected = [
        (PlannedState::Run, Why::Chosen),
        (PlannedState::Pinned, Why::ByHand { execution: "R6Lf:21:1".parse().unwrap() }),
        (PlannedState::Mocked, Why::Mock { name: "m".into() }),
        (PlannedState::Unknown, Why::Stopped),
    ];
    assert_eq!(states, expected);
}

#[test]
fn a_memoised_call_is_pinned_though_its_export_holds_no_key() {
    let mut run = synthetic(&[1, 1]);
    let step = run.steps.get_mut(&2).unwrap();
    step.memo_key = None;
    let is_memoised = true;
    step.set_old(&hindcast_model::legacy::OldStep { is_memoised, ..Default::default() });
    let plan = plan(&run, &[1], Policy::Memo, &ByHand::default());
    let execution = "Rtest:2:1".parse().unwrap();
    assert_eq!(plan.calls[1].why, Why::MemoKey { execution }, "{}", draw(&plan));
}

#[test]
fn a_memoised_call_on_a_handle_of_what_runs_again_is_unknown() {
    use hindcast_model::{Reference, Value};
    let mut run = synthetic(&[1, 1]);
    let step = run.steps.get_mut(&3).unwrap();
    step.memo_key = Some("0123456789".parse().unwrap());
    let data = hindcast_model::Json::parse(r#"{"type":"ref","index":0}"#).unwrap();
    let handle = Reference::Execution {
        execution_id: "Rtest:2:1".parse().unwrap(),
        module: None,
        target: None,
        extra: Extra::NONE,
    };
    step.arguments = vec![Value::raw(data, vec![handle])];
    let plan = plan(&run, &[1], Policy::Memo, &ByHand::default());
    assert_eq!(plan.calls[2].why, Why::DependsOn { step: run.step_id(2) });
}

#[test]
fn callers_in_a_circle_end() {
    let mut run = synthetic(&[1, 2]);
    let root = hindcast_model::Child {
        step_id: run.step_id(1),
        attempt: 1,
        group_id: None,
        extra: Extra::NONE,
    };
    run.steps.get_mut(&3).unwrap().executions.get_mut(&1).unwrap().children.push(root);
    assert_eq!(plan(&run, &[1], Policy::Memo, &ByHand::default()).calls.len(), 4);
}

#[test]
fn a_chain_of_calls_fits_the_stack() {
    let callers: Vec<u32> = (1..20_000).collect();
    let plan = plan(&synthetic(&callers), &[1], Policy::Memo, &ByHand::default());
    assert_eq!(plan.calls.len(), 20_000);
}
