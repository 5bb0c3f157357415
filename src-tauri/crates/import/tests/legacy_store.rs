//! Runs of servers before 0.9 in a store: what one export of a run lacks, another brings.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;

use desk::{Desk, fixture};
use hindcast_import::bundle::{self, Content};
use hindcast_model::{Ended, Resolved, Run};
use hindcast_store::Change;

fn seed(name: &str) -> std::path::PathBuf {
    fixture("seed-era").join(name)
}

fn run(desk: &Desk, id: &str) -> Run {
    desk.store.load(&id.parse().unwrap()).unwrap().run
}

#[test]
fn topics_and_the_database_are_one_run() {
    let desk = Desk::new();
    let table = [
        ("rollout/1-production.json", Change::Added, 17),
        ("rollout/2-leaf-development.json", Change::Extended, 17),
        ("rollout/6-root-production-production.json", Change::Extended, 28),
        ("rollout/5-root-again-development.json", Change::Extended, 51),
        ("rollout/6-root-production-development.json", Change::Unchanged, 51),
    ];
    for (name, change, steps) in table {
        let summary = desk.import(&seed(name)).unwrap();
        assert_eq!(
            (summary.runs[0].change, run(&desk, "R6s6").steps.len()),
            (change, steps),
            "{name}"
        );
        let contradicted =
            summary.findings.iter().any(|finding| finding.message.contains("otherwise"));
        assert!(!contradicted, "{name}: {:?}", summary.findings);
    }
    let step = run(&desk, "R6s6").steps[&6].clone();
    assert!(step.is_memoised() && step.memo_key.is_none());
    let summary = desk.import(&seed("data-dir/stopped")).unwrap();
    let contradicted = summary.findings.iter().any(|finding| finding.message.contains("otherwise"));
    assert!(!contradicted, "{:?}", summary.findings);
    // Now the keys are known, the run is as if it had been read from the database alone; but for the
    // order of children, which is the one seen first.
    let alone = Desk::new();
    alone.import(&seed("data-dir/stopped")).unwrap();
    let (mut both, mut whole) = (run(&desk, "R6s6"), run(&alone, "R6s6"));
    for run in [&mut both, &mut whole] {
        for execution in run.steps.values_mut().flat_map(|step| step.executions.values_mut()) {
            execution.children.sort_by_key(hindcast_model::Child::execution_id);
        }
    }
    for (number, step) in &both.steps {
        assert_eq!(Some(step), whole.steps.get(number), "step {number}");
    }
    assert_eq!(both.extra, whole.extra);
    let again = desk.import(&seed("data-dir/stopped")).unwrap();
    assert!(again.runs.iter().all(|run| run.change == Change::Unchanged));
    let topic = desk.import(&seed("rollout/5-root-again-development.json")).unwrap();
    assert_eq!(topic.runs[0].change, Change::Unchanged);
}

#[test]
fn what_a_call_became_is_found_when_it_comes() {
    let desk = Desk::new();
    desk.import(&seed("billing/1-production.json")).unwrap();
    let call = run(&desk, "RZC3").steps[&2].clone();
    assert!(call.arguments.is_empty());
    let outcome = call.executions.get(&1).unwrap().result.clone().unwrap();
    assert!(matches!(outcome.ended, Ended::Spawned(_)) && outcome.resolved == Resolved::Absent);
    desk.import(&seed("billing")).unwrap();
    let call = run(&desk, "RZC3").steps[&2].clone();
    assert_eq!(call.arguments.len(), 2);
    let outcome = call.executions.get(&1).unwrap().result.clone().unwrap();
    assert!(matches!(outcome.resolved, Resolved::Known(_)));
    assert_eq!(run(&desk, "Rjbg").parent.unwrap().execution_id.to_string(), "RZC3:2:1");
}

#[test]
fn a_bundle_of_it_brings_the_same() {
    let desk = Desk::new();
    desk.import(&seed("data-dir/stopped")).unwrap();
    let runs = desk.store.runs().unwrap();
    let views = runs.iter().flat_map(|run| desk.store.views(&run.id).unwrap()).collect();
    let content =
        Content { runs: views, workspaces: desk.store.workspaces().unwrap(), ..Content::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.hindcast");
    let file = std::fs::File::create(&path).unwrap();
    bundle::write(&content, desk.store.blobs(), file).unwrap();
    let other = Desk::new();
    other.import(&path).unwrap();
    for summary in &runs {
        let id = summary.id.as_str();
        let (before, after) = (run(&desk, id), run(&other, id));
        for (number, step) in &before.steps {
            assert_eq!(Some(step), after.steps.get(number), "{id}:{number}");
        }
        assert_eq!((before.parent, before.extra), (after.parent, after.extra), "{id}");
        desk.look_at(&summary.id);
    }
}
