//! What came out differently, in recorded runs.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use hindcast_graph::{Comparison, Divergence, Sides};
use hindcast_model::{BlobKey, Extra, Run, Value};
use insta::assert_snapshot;
use support::{DEVELOPMENT, PRODUCTION, blobs, environments, run, synthetic};

type BlobMap = HashMap<BlobKey, Arc<[u8]>>;
type Edited = BTreeMap<(u32, u32), Vec<Value>>;

fn compare(run: &Run, blobs: &BlobMap, edited: &Edited) -> Comparison {
    sides(run, blobs, edited, Comparison::of)
}

fn sides<T>(run: &Run, blobs: &BlobMap, edited: &Edited, of: impl FnOnce(&Sides<'_>) -> T) -> T {
    of(&Sides {
        run,
        environments: &environments(run),
        ancestor: PRODUCTION,
        local: DEVELOPMENT,
        blobs,
        calls: &[],
        edited_arguments: edited,
    })
}

/// Calls that are not equal, then how many are; `>` marks the first divergence.
fn draw(comparison: &Comparison) -> String {
    let mut text = String::new();
    let mut equal = 0;
    for (index, call) in comparison.calls.iter().enumerate() {
        if call.divergence == Divergence::Equal {
            equal += 1;
            continue;
        }
        let first = comparison.first_divergence.is_some_and(|first| first as usize == index);
        let mark = if first { '>' } else { ' ' };
        let indent = "  ".repeat(call.depth as usize);
        let name = call.target.as_ref().map_or("?", |target| &*target.name);
        let side = |id: &Option<_>| id.as_ref().map_or("-".to_owned(), ToString::to_string);
        let (ancestor, local) = (side(&call.ancestor), side(&call.local));
        writeln!(text, "{mark} {indent}{name} {ancestor} {local} {:?}", call.divergence).unwrap();
    }
    writeln!(text, "{equal} equal").unwrap();
    text
}

fn drawn(fixture: &str, blob_folder: &str) -> String {
    draw(&compare(&run(fixture), &blobs(blob_folder), &Edited::new()))
}

#[test]
fn shop_leaf() {
    assert_snapshot!(drawn("shop/development/after-rerun-36.json", "shop/blobs"), @r"
    >     price_order R6Lf:36:1 R6Lf:36:2 Differs
    70 equal
    ");
}

#[test]
fn shop_caller() {
    assert_snapshot!(drawn("shop/development/after-rerun-20.json", "shop/blobs"), @r"
        fulfil_order R6Lf:20:1 R6Lf:20:2 Differs
    >     price_order R6Lf:36:1 R6Lf:67:1 Differs
          charge_card - R6Lf:68:1 New
          render_invoice - R6Lf:69:1 New
          send_receipt - R6Lf:70:1 New
    69 equal
    ");
}

#[test]
fn shop_root() {
    assert_snapshot!(drawn("shop/development/after-rerun-1.json", "shop/blobs"), @r"
      fulfil_orders R6Lf:1:1 R6Lf:1:2 Differs
        fulfil_order R6Lf:20:1 R6Lf:81:1 Differs
          charge_card - R6Lf:68:1 New
          send_receipt - R6Lf:70:1 New
    >     price_order R6Lf:36:1 R6Lf:92:1 Differs
          render_invoice - R6Lf:102:1 New
        report - R6Lf:107:1 New
    68 equal
    ");
}

/// The whole run was re-run after it and calls it no more: there its place is taken by step 81.
#[test]
fn a_step_that_ran_by_itself_stands_beside_its_own_attempt() {
    let run = run("shop/development/after-rerun-1.json");
    let of_step = |sides: &Sides<'_>| Comparison::of_step(sides, 20);
    let comparison = sides(&run, &blobs("shop/blobs"), &Edited::new(), of_step);
    assert_snapshot!(draw(&comparison), @r"
      fulfil_order R6Lf:20:1 R6Lf:20:2 Differs
    >   price_order R6Lf:36:1 R6Lf:67:1 Differs
        charge_card - R6Lf:68:1 New
        render_invoice - R6Lf:69:1 New
        send_receipt - R6Lf:70:1 New
    1 equal
    ");
}

#[test]
fn one_failing_record_of_many() {
    let after = "conformance/failing-record/after.json";
    assert_snapshot!(drawn(after, "conformance/failing-record/blobs"), @r"
      nightly Rk96:1:1 Rk96:1:2 Differs
    >   convert Rk96:20:1 Rk96:20:2 Differs
        summarise - Rk96:27:1 New
    24 equal
    ");
}

#[test]
fn orders() {
    let after = "conformance/orders/after-2-root.json";
    assert_snapshot!(drawn(after, "conformance/orders/blobs"), @r"
      process_order RkCd:1:1 RkCd:1:2 Differs
    >   render_invoice RkCd:7:1 RkCd:10:1 Differs
    7 equal
    ");
}

/// Step 1 ran again in development and called these, each with one argument.
fn rerun(calls: &[(&str, u32)]) -> Run {
    // Production called t2 with 2, t3 with 3, t4 with 4.
    let mut run = synthetic(&[1, 1, 1]);
    let root = run.step_id(1);
    let mut newest = support::execution(&root, 2, "Wdev");
    newest.created_at = hindcast_model::Timestamp(1000);
    for (number, (target, argument)) in (5u32..).zip(calls) {
        let mut step = run.steps[&2].clone();
        let id = run.step_id(number);
        step.step_number = number;
        (*target).clone_into(&mut step.target);
        step.parent_id = Some(root.attempt(2));
        step.arguments = vec![raw(*argument)];
        let mut execution = support::execution(&id, 1, "Wdev");
        // As production's own: the result is the argument.
        execution.result =
            Some(hindcast_model::Outcome::of(hindcast_model::Ended::Value(raw(*argument))));
        step.executions = [(1, execution)].into();
        run.steps.insert(number, step);
        newest.children.push(hindcast_model::Child {
            step_id: id,
            attempt: 1,
            group_id: None,
            extra: Extra::NONE,
        });
    }
    run.steps.get_mut(&1).unwrap().executions.insert(2, newest);
    run
}

fn raw(number: u32) -> Value {
    let data = hindcast_model::Json::parse(number.to_string()).unwrap();
    Value::raw(data, Vec::new())
}

fn drawn_rerun(calls: &[(&str, u32)]) -> String {
    draw(&compare(&rerun(calls), &BlobMap::new(), &Edited::new()))
}

#[test]
fn another_number_of_calls_leaves_the_rest_aligned() {
    assert_snapshot!(drawn_rerun(&[("t2", 2), ("t2", 9), ("t3", 3), ("t4", 4)]), @r"
        t2 - Rtest:6:1 New
    4 equal
    ");
    assert_snapshot!(drawn_rerun(&[("t3", 3), ("t4", 4)]), @r"
        t2 Rtest:2:1 - Unreached
    3 equal
    ");
    assert_snapshot!(drawn_rerun(&[("t2", 2), ("t3", 7), ("t4", 4)]), @r"
        t3 Rtest:3:1 Rtest:6:1 InputsDiffer
    3 equal
    ");
}

#[test]
fn edited_arguments_are_other_inputs() {
    let run = rerun(&[]);
    let edited = Edited::from([((1, 2), vec![raw(5)])]);
    assert_eq!(
        compare(&run, &BlobMap::new(), &edited).calls[0].divergence,
        Divergence::InputsDiffer
    );
    let same = Edited::from([((1, 2), run.steps[&1].arguments.clone())]);
    assert_eq!(compare(&run, &BlobMap::new(), &same).calls[0].divergence, Divergence::Equal);
}

#[test]
fn what_has_no_outcome_yet_is_not_judged() {
    let mut run = rerun(&[]);
    run.steps.get_mut(&1).unwrap().executions.get_mut(&2).unwrap().result = None;
    let comparison = compare(&run, &BlobMap::new(), &Edited::new());
    assert_eq!(comparison.calls[0].divergence, Divergence::Unfinished);
    assert_eq!(comparison.first_divergence, None);
}

#[test]
fn the_first_divergence_is_the_first_to_end() {
    let mut run = rerun(&[("t2", 2), ("t3", 3), ("t4", 4)]);
    for (step, attempt, result) in [(1, 2, 70), (6, 1, 71), (7, 1, 72)] {
        let execution = run.steps.get_mut(&step).unwrap().executions.get_mut(&attempt).unwrap();
        let ended = hindcast_model::Ended::Value(raw(result));
        execution.result = Some(hindcast_model::Outcome::of(ended));
    }
    assert_snapshot!(draw(&compare(&run, &BlobMap::new(), &Edited::new())), @r"
      t1 Rtest:1:1 Rtest:1:2 Differs
    >   t3 Rtest:3:1 Rtest:6:1 Differs
        t4 Rtest:4:1 Rtest:7:1 Differs
    1 equal
    ");
}

#[test]
fn results_that_are_handles_on_results_without_end_do_no_harm() {
    // Each step's result is a handle on the next step's.
    let callers: Vec<u32> = vec![1; 20_000];
    let mut run = synthetic(&callers);
    let id = run.id.clone();
    for step in run.steps.values_mut() {
        let next = hindcast_model::StepId::new(id.clone(), step.step_number + 1);
        let handle = hindcast_model::Reference::Execution {
            execution_id: next.attempt(1),
            module: None,
            target: None,
            extra: Extra::NONE,
        };
        let data = hindcast_model::Json::parse(r#"{"type":"ref","index":0}"#).unwrap();
        let value = Value::raw(data, vec![handle]);
        let ended = hindcast_model::Ended::Value(value);
        let execution = step.executions.get_mut(&1).unwrap();
        execution.result = Some(hindcast_model::Outcome::of(ended));
    }
    let mut newest = support::execution(&run.step_id(1), 2, "Wdev");
    newest.created_at = hindcast_model::Timestamp(1_000_000);
    run.steps.get_mut(&1).unwrap().executions.insert(2, newest);
    let comparison = compare(&run, &BlobMap::new(), &Edited::new());
    assert_eq!(comparison.calls[0].divergence, Divergence::Differs);
}

#[test]
fn a_chain_of_calls_fits_the_stack() {
    let callers: Vec<u32> = (1..20_000).collect();
    let comparison = compare(&synthetic(&callers), &BlobMap::new(), &Edited::new());
    assert_eq!(comparison.calls.len(), 20_000);
}
