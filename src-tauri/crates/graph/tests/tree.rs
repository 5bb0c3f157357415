//! The call tree of recorded runs, and of runs made to hurt.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod support;

use hindcast_graph::{Options, PlaceKind, RunGraph};
use insta::assert_snapshot;
use petgraph::algo::is_cyclic_directed;
use support::{DEVELOPMENT, PRODUCTION, draw, environments, run, synthetic};

fn drawn(fixture: &str, viewpoint: hindcast_model::EnvironmentId) -> String {
    let run = run(fixture);
    let graph = RunGraph::build(&run, &environments(&run), viewpoint);
    assert!(!is_cyclic_directed(graph.graph()), "{fixture} goes round in a circle");
    draw(&graph)
}

#[test]
fn shop_as_production_saw_it() {
    assert_snapshot!(drawn("shop/R6Lf.json", PRODUCTION));
}

#[test]
fn shop_after_the_root_ran_again() {
    assert_snapshot!(drawn("shop/development/after-rerun-1.json", DEVELOPMENT));
}

#[test]
fn production_sees_nothing_of_development() {
    let after = drawn("shop/development/after-rerun-1.json", PRODUCTION);
    assert_eq!(after, drawn("shop/R6Lf.json", PRODUCTION));
}

#[test]
fn a_rerun_below_a_caller_that_did_not_run_again() {
    assert_snapshot!(drawn("shop/development/after-rerun-36.json", DEVELOPMENT));
}

#[test]
fn suspended_attempts_and_their_successors() {
    assert_snapshot!(drawn("conformance/lifecycle/suspends/after.json", DEVELOPMENT));
}

#[test]
fn memo_hits_of_every_kind() {
    assert_snapshot!(drawn("conformance/memo-edges/after.json", DEVELOPMENT));
}

#[test]
fn what_only_older_attempts_called_is_shown_when_asked_for() {
    let run = run("conformance/memo-edges/after.json");
    let options = Options { include_superseded: true, ..Options::default() };
    let graph = RunGraph::build_with(&run, &environments(&run), DEVELOPMENT, &options);
    assert_snapshot!(draw(&graph));
}

/// Makes `caller`'s only attempt call `step`, and `step` its own child.
fn adopt(run: &mut hindcast_model::Run, caller: u32, step: u32) {
    let (caller_id, step_id) = (run.step_id(caller).attempt(1), run.step_id(step));
    run.steps.get_mut(&step).unwrap().parent_id = Some(caller_id);
    let execution = run.steps.get_mut(&caller).unwrap().executions.get_mut(&1).unwrap();
    execution.children.push(hindcast_model::Child {
        step_id,
        attempt: 1,
        group_id: None,
        extra: hindcast_model::Extra::NONE,
    });
}

#[test]
fn callers_in_a_circle_are_reported_and_do_no_harm() {
    let mut run = synthetic(&[1, 2, 3, 1, 5]);
    adopt(&mut run, 6, 5);
    adopt(&mut run, 4, 4);
    let graph = RunGraph::build(&run, &environments(&run), PRODUCTION);
    assert_snapshot!(draw(&graph), @r"
    Rtest:1 t1 Succeeded 1/1 prod
      Rtest:2 t2 Succeeded 1/1 prod
        Rtest:3 t3 Succeeded 1/1 prod
          Rtest:3>Rtest:4 t4 pinned Rtest:4:1 Key Succeeded 1/1 prod
            Rtest:4 t4 Succeeded 1/1 prod
      Rtest:1>Rtest:5 t0 pinned Rtest:5:1 Key Succeeded 1/1 prod
        Rtest:6 t1 Succeeded 1/1 prod
          Rtest:5 t0 Succeeded 1/1 prod
    finding: Circle { steps: [Rtest:4] }
    finding: Circle { steps: [Rtest:5, Rtest:6] }
    0 hidden
    ");
}

#[test]
fn steps_that_are_not_in_the_file_are_shown_as_missing() {
    let mut run = synthetic(&[1, 2, 3]);
    run.steps.remove(&3);
    let graph = RunGraph::build(&run, &environments(&run), PRODUCTION);
    assert_snapshot!(draw(&graph), @r"
    Rtest:1 t1 Succeeded 1/1 prod
      Rtest:2 t2 Succeeded 1/1 prod
        Rtest:2>Rtest:3 ? Missing Unknown 0/0 prod
    Rtest:4 t4 Succeeded 1/1 prod
    finding: StepMissing { caller: Rtest:2:1, step: Rtest:3 }
    finding: CallerMissing { step: Rtest:4, caller: Rtest:3:1 }
    0 hidden
    ");
}

#[test]
fn a_step_answers_its_own_ancestor_without_getting_lost() {
    // The root's newest attempt is answered by step 3, which refers to its own caller, step 2.
    let mut run = synthetic(&[1, 2]);
    let root = run.steps.get_mut(&1).unwrap();
    let mut newest =
        support::execution(&hindcast_model::StepId::new("Rtest".parse().unwrap(), 1), 2, "Wprd");
    newest.created_at = hindcast_model::Timestamp(1000);
    let child = |number| hindcast_model::Child {
        step_id: hindcast_model::StepId::new("Rtest".parse().unwrap(), number),
        attempt: 1,
        group_id: None,
        extra: hindcast_model::Extra::NONE,
    };
    newest.children = vec![child(3)];
    root.executions.insert(2, newest);
    run.steps.get_mut(&3).unwrap().executions.get_mut(&1).unwrap().children = vec![child(2)];
    let graph = RunGraph::build(&run, &environments(&run), PRODUCTION);
    assert_snapshot!(draw(&graph), @r"
    Rtest:1 t1 Succeeded 2/2 prod
      Rtest:1>Rtest:3 t3 pinned Rtest:3:1 Key Succeeded 1/1 prod
        Rtest:3>Rtest:2 t2 pinned Rtest:2:1 Key Succeeded 1/1 prod
          Rtest:3 t3 Succeeded 1/1 prod
    finding: Circle { steps: [Rtest:2, Rtest:3] }
    0 hidden
    ");
}

#[test]
fn a_call_that_waits_at_the_guard_stands_between_its_neighbours() {
    use hindcast_model::record::{Answer, Call, Miss, MissReason, PinRule};
    let run = run("shop/R6Lf.json");
    let caller: hindcast_model::ExecutionId = "R6Lf:20:1".parse().unwrap();
    let call = |ordinal, target: &str, answer| Call {
        caller: caller.clone(),
        ordinal,
        at: hindcast_model::Timestamp(0),
        target: target.parse().unwrap(),
        arguments: Vec::new(),
        group: None,
        memo: None,
        memo_key: None,
        answer,
    };
    let miss = || Miss { reason: MissReason::NeverCalled, nearest: None };
    let pinned = |id: &str| Answer::Pinned { execution: id.parse().unwrap(), rule: PinRule::Hand };
    let calls = [
        call(0, "shop:fetch_customer", pinned("R6Lf:23:1")),
        call(1, "shop:charge_card", Answer::Blocked { miss: miss() }),
        call(2, "shop:price_order", pinned("R6Lf:36:1")),
        call(3, "shop:send_receipt", Answer::Refused { miss: miss() }),
    ];
    let options = Options { calls: &calls, ..Options::default() };
    let graph = RunGraph::build_with(&run, &environments(&run), PRODUCTION, &options);
    let tree = graph.tree();
    let place = &tree.places[tree.place_of(20).unwrap()];
    let ids: Vec<_> = place.children.iter().map(|&child| tree.places[child].id.as_str()).collect();
    assert_eq!(ids, ["R6Lf:23", "R6Lf:20!1", "R6Lf:36", "R6Lf:20!3"]);
    let refused = |run: &hindcast_model::Run| {
        let graph = RunGraph::build_with(run, &environments(run), PRODUCTION, &options);
        let places = graph.tree().places.iter();
        let refused = places.filter_map(|place| match place.kind {
            PlaceKind::Blocked { refused, .. } => Some(refused),
            _ => None,
        });
        refused.collect::<Vec<_>>()
    };
    assert_eq!(refused(&run), [true, true], "nobody waits once the caller has ended");
    let mut open = run.clone();
    let step = open.steps.get_mut(&20).unwrap();
    step.executions.get_mut(&1).unwrap().result = None;
    assert_eq!(refused(&open), [false, true]);
}

#[test]
fn every_recorded_run_is_a_graph_without_circles_and_shows_each_step_once() {
    let mut seen = 0;
    for fixture in support::exports() {
        let run = run(&fixture);
        for viewpoint in [PRODUCTION, DEVELOPMENT] {
            let graph = RunGraph::build(&run, &environments(&run), viewpoint);
            assert!(!is_cyclic_directed(graph.graph()), "{fixture} goes round in a circle");
            let called = graph.tree().places.iter().filter(|place| place.kind == PlaceKind::Called);
            let steps: Vec<_> = called.filter_map(|place| place.step).collect();
            let distinct: std::collections::BTreeSet<_> = steps.iter().collect();
            assert_eq!(distinct.len(), steps.len(), "{fixture} shows a step twice");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} views of recorded runs");
}
