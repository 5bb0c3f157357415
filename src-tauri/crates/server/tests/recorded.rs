//! What comes over the network is what comes in files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use std::collections::BTreeSet;

use hindcast_model::{EnvironmentName, Found};
use hindcast_server::Watch;
use hindcast_store::Naming;
use support::coflux::{Answers, Desk, bytes};
use support::{Served, TOKEN};

/// The log lines of what was found, one list, in order.
fn lines(found: &Found) -> usize {
    found.logs.iter().map(Vec::len).sum()
}

#[test]
fn a_recorded_run_is_the_run_of_its_exports() {
    let answers = Answers::shop();
    let served = Served::start(move |asked| answers.reply(asked));
    let desk = Desk::new();
    let fetched = desk.fetch(&served.client(), "development", &["R6Lf"]).unwrap();
    assert!(fetched.found.findings.is_empty(), "{:?}", fetched.found.findings);
    assert_eq!((fetched.found.runs.len(), fetched.blobs_missing), (1, 0));
    assert!(lines(&fetched.found) > 9, "more than three pages");
    desk.import(fetched.found);

    let files = Desk::new();
    files.read(&["shop/R6Lf.topic.json", "shop/development/after-rerun-1.json"]);
    files.read(&["shop/workspaces.json", "shop-data-dir/blobs"]);
    for workspace in ["WBcn", "WNXK"] {
        assert!(
            desk.seen("R6Lf", workspace) == files.seen("R6Lf", workspace),
            "other from {workspace}"
        );
    }
    let id = "R6Lf".parse().unwrap();
    assert!(desk.store.logs(&id, None).unwrap() == files.store.logs(&id, None).unwrap());
    let stored = desk.store.load(&id).unwrap();
    assert!(desk.store.missing_blobs(&stored.run).is_empty());

    // Again: nothing is fetched that is here, nothing is new.
    desk.holding().clear();
    let before = served.paths("/blobs/").len();
    let again = desk.fetch(&served.client(), "development", &["R6Lf"]).unwrap();
    assert_eq!((again.blobs_fetched, served.paths("/blobs/").len()), (0, before));
    let summary = desk.store.import(again.found, &Naming::default()).unwrap();
    assert!(summary.changed_nothing(), "{summary:?}");
}

#[test]
fn every_run_of_a_server_comes_whole() {
    let source = Desk::new();
    source.read(&["data-dir"]);
    let answers = Answers::of(&source.store);
    let served = Served::start(move |asked| answers.reply(asked));
    let desk = Desk::new();
    let ids: Vec<String> =
        source.store.runs().unwrap().into_iter().map(|run| run.id.to_string()).collect();
    assert!(ids.len() > 50);
    let workspaces = source.store.workspaces().unwrap();
    for id in &ids {
        // From where the most is inherited; what it does not inherit is another matter.
        let fetched = desk.fetch(&served.client(), "feature", &[id]).unwrap();
        assert!(fetched.found.findings.is_empty(), "{id}: {:?}", fetched.found.findings);
        desk.import(fetched.found);
    }
    let mut inputs = 0;
    let mut points = 0;
    for id in &ids {
        let run = id.parse().unwrap();
        let (there, here) = (source.store.load(&run).unwrap(), desk.store.load(&run).unwrap());
        let shown: BTreeSet<_> = here
            .run
            .steps
            .values()
            .flat_map(|step| step.executions.values())
            .map(|execution| execution.workspace_id.clone())
            .collect();
        for workspace in workspaces.keys().filter(|workspace| shown.contains(*workspace)) {
            let workspace = workspace.as_str();
            assert!(
                source.seen(id, workspace) == desk.seen(id, workspace),
                "{id} differs from {workspace}"
            );
        }
        let of = |input: &&hindcast_model::record::Input| shown.contains(&input.workspace);
        let asked: Vec<_> = there.inputs.iter().filter(of).collect();
        assert_eq!(asked, here.inputs.iter().collect::<Vec<_>>(), "{id}");
        inputs += asked.len();
        points += desk.store.points(&run, None).unwrap().len();
        for step in here.run.steps.values() {
            for asset in step.executions.values().flat_map(|execution| execution.assets.keys()) {
                let files = source.store.asset_entries(asset).unwrap();
                assert_eq!(desk.store.asset_entries(asset).unwrap(), files, "{asset}");
            }
        }
    }
    assert!(inputs >= 2 && points > 5, "{inputs} inputs, {points} points");
}

#[test]
fn spawned_runs_come_along_and_inputs_as_recorded() {
    let source = Desk::new();
    source.read(&["data-dir"]);
    let mut answers = Answers::of(&source.store);
    let parents = source.store.runs().unwrap().into_iter().find_map(|run| {
        let stored = source.store.load(&run.id).unwrap();
        Some((stored.run.parent?.execution_id.run().to_string(), run.id.to_string()))
    });
    let (parent, child) = parents.unwrap();
    // The server's own answer for an input, in place of the one made from the store.
    let input = answers.inputs.keys().next().unwrap().clone();
    let recorded = bytes("conformance/inputs/input-1.json");
    answers.inputs.insert(input.clone(), serde_json::from_slice(&recorded).unwrap());
    let served = Served::start(move |asked| answers.reply(asked));
    let desk = Desk::new();
    let fetched = desk.fetch(&served.client(), "feature", &[&parent]).unwrap();
    let ids: Vec<String> = fetched.found.runs.iter().map(|run| run.run.id.to_string()).collect();
    assert!(ids.contains(&parent) && ids.contains(&child), "{ids:?}");

    let (run, _) = input.split_once('/').unwrap();
    let fetched = desk.fetch(&served.client(), "production", &[run]).unwrap();
    let inputs = &fetched.found.runs[0].inputs;
    let there = source.store.load(&run.parse().unwrap()).unwrap().inputs;
    assert_eq!(inputs[0], there[0], "as the data directory has it");
}

#[test]
fn runs_are_listed_and_found() {
    let answers = Answers::shop();
    let served = Served::start(move |asked| answers.reply(asked));
    let client = served.client();
    let mut on_progress = |_: &_| true;
    let mut watch = Watch::new(&mut on_progress);
    let workspaces = client.workspaces(&mut watch).unwrap();
    let names: Vec<_> = workspaces
        .iter()
        .map(|one| (one.name.as_str(), one.base.as_ref().map(EnvironmentName::as_str)))
        .collect();
    assert_eq!(names, [("production", None), ("development", Some("production"))]);

    let production = "production".parse().unwrap();
    for (search, expected) in [
        (None, vec!["R6Lf", "RPX9"]),
        (Some("FULFIL"), vec!["R6Lf", "RPX9"]),
        (Some("RPX9"), vec!["RPX9"]),
        (Some("R6Lf"), vec!["R6Lf"]),
        (Some("nothing"), vec![]),
    ] {
        let listing = client.list(&production, search, &mut watch).unwrap();
        let ids: Vec<&str> = listing.runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(ids, expected, "{search:?}");
    }
    let error = client.list(&"nowhere".parse().unwrap(), None, &mut watch).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("no workspace nowhere") && error.contains("development"), "{error}");
    assert!(served.asked().iter().all(|asked| asked.headers["authorization"].contains(TOKEN)));
}
