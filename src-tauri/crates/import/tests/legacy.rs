//! Runs of servers before 0.9, recorded from a real one of 0.3: as topics, live and cold, and as its
//! databases.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "legacy/facts.rs"]
mod facts;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use facts::common;
use hindcast_import::bundle::{self, Content};
use hindcast_import::{Options, read};
use hindcast_model::{BlobKey, Blobs, Data, Found, FoundRun, Run, Step, StepId};
use serde_json::json;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/seed-era")).join(name)
}

fn found(paths: &[PathBuf]) -> Found {
    read(paths, &Options::default(), &mut |_| true).unwrap()
}

/// Every topic of a run that was recorded.
fn topics() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for scenario in ["audit", "billing", "lambdas", "rollout", "settle", "values"] {
        let files = fixture(scenario).read_dir().unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        all.extend(files.filter(|path| is_json(path) && !name(path).contains("logs")));
    }
    all.sort();
    all
}

#[test]
fn topic_and_database_give_the_same_graph() {
    let database = found(&[fixture("data-dir/stopped")]);
    let whole: BTreeMap<_, &Run> =
        database.runs.iter().map(|found| (found.run.id.clone(), &found.run)).collect();
    let shown = found(&topics());
    assert!(whole.len() == 19 && shown.runs.len() == 41, "{} {}", whole.len(), shown.runs.len());
    for FoundRun { source, run, .. } in &shown.runs {
        let (from_topic, from_database) = (common(run, run), common(whole[&run.id], run));
        for (id, facts) in &from_topic {
            assert_eq!(Some(facts), from_database.get(id), "{source}: {id}");
        }
    }
}

#[test]
fn keys_and_ids_are_the_recorded_ones() {
    let database = found(&[fixture("data-dir/stopped")]);
    let topics = found(&topics());
    let step = |found: &Found, id: &str| -> Step {
        let id: StepId = id.parse().unwrap();
        let runs = found.runs.iter().map(|found| &found.run).filter(|run| run.id == id.run);
        runs.filter_map(|run| run.steps.get(&id.number)).next_back().unwrap().clone()
    };
    // `memo=True` over handles, whose integers are part of it; a function of one argument of two.
    for (id, over_all) in [("R6s6:11", true), ("R6s6:6", false)] {
        let (kept, shown) = (step(&database, id), step(&topics, id));
        let whole = kept.memo_key.unwrap();
        assert!(whole.is_whole() && shown.memo_key.is_none() && shown.is_memoised());
        assert_eq!(shown.key_over_all() == Some(whole), over_all, "{id}");
        let id: StepId = id.parse().unwrap();
        let of_run = database.runs.iter().find(|found| found.run.id == id.run).unwrap();
        assert_eq!(of_run.declared[&id.number].memo.is_some(), over_all, "{id}");
    }
    // Every key of the database that is over all arguments is found from the topics' arguments.
    let mut made = 0;
    for found in &topics.runs {
        for (number, shown) in &found.run.steps {
            let Some(made_here) = shown.key_over_all() else { continue };
            let id = found.run.step_id(*number);
            let Some(whole) = step(&database, &id.to_string()).memo_key else {
                panic!("{id} is memoised in the topic only")
            };
            made += usize::from(whole == made_here);
        }
    }
    assert!(made > 50, "{made}");
    let rerun = step(&database, "R6s6:6");
    assert_eq!(rerun.executions.get(&2).unwrap().old_id(), Some(31));
    // What a checkpoint left is kept by position.
    let corners = database.runs.iter().find(|found| found.run.id.as_str() == "RPQq").unwrap();
    let (_, left) = corners.checkpoints.last_key_value().unwrap();
    assert!(left.contains_key("0"));
}

#[test]
fn a_run_in_todays_form() {
    let found =
        found(&[fixture("lambdas/2-development.json"), fixture("topics/environments.json")]);
    let [FoundRun { run, .. }] = found.runs.as_slice() else { panic!("more than one run") };
    let mut document = serde_json::to_value(run.document()).unwrap();
    for step in document["steps"].as_object_mut().unwrap().values_mut() {
        for execution in step["executions"].as_object_mut().unwrap().values_mut() {
            if let Some(error) = execution["result"].get_mut("error") {
                error["frames"] = json!(error["frames"].as_array().unwrap().len());
            }
        }
    }
    insta::assert_snapshot!("lambdas", serde_json::to_string_pretty(&document).unwrap());
    let findings: Vec<String> = found
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.message))
        .collect();
    insta::assert_snapshot!("lambdas_findings", findings.join("\n"));
    let environments: Vec<String> = found
        .workspaces
        .iter()
        .map(|(id, known)| format!("{id} {} {:?}", known.name, known.base))
        .collect();
    assert_eq!(environments[..2], ["1 production None", "2 development Some(1)"]);
}

/// The blobs that were found.
struct OfFound<'f>(&'f Found);

impl Blobs for OfFound<'_> {
    fn get(&self, key: &BlobKey) -> Option<std::sync::Arc<[u8]>> {
        Some(self.0.blobs.get(key)?.read(key).ok()?.into())
    }
}

#[test]
fn every_value_is_read_as_python_saw_it() {
    let found = found(&[fixture("values"), fixture("blobs")]);
    let run = &found.runs[0].run;
    let mut lines = Vec::new();
    for step in run.steps.values() {
        for (place, value) in step.arguments.iter().enumerate() {
            let data = value.decode(&OfFound(&found));
            assert!(data.is_readable() || matches!(data, Data::Fragment(_)), "{data:?}");
            let cut: String = format!("{data:?}").chars().take(300).collect();
            lines.push(format!("{} {place} {cut}", step.step_number));
        }
        let results = step.executions.values().filter_map(|of| of.result.as_ref()?.value());
        lines.extend(results.map(|value| {
            let data = format!("{:?}", value.decode(&OfFound(&found)));
            let cut: String = data.chars().take(300).collect();
            format!("{} -> {cut}", step.step_number)
        }));
    }
    insta::assert_snapshot!("values", lines.join("\n"));
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path, inside: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{inside}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            all.extend(files(&path, &format!("{name}/")));
        } else {
            all.push((name, std::fs::read(&path).unwrap()));
        }
    }
    all
}

fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn runs(found: &Found) -> Vec<&Run> {
    found.runs.iter().map(|found| &found.run).collect()
}

#[test]
fn a_data_directory_is_told_in_whatever_it_comes() {
    let from_folder = found(&[fixture("data-dir/stopped")]);
    assert_eq!(from_folder.findings.len(), 1, "{:?}", from_folder.findings);
    assert_eq!(from_folder.logs.concat().len(), 105);
    let folder = tempfile::tempdir().unwrap();
    let files = files(&fixture("data-dir/stopped"), "backup/");
    for (name, bytes) in [("old.zip", zipped(&files)), ("old.tar.gz", tarred(&files))] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let from_archive = found(&[path]);
        assert!(runs(&from_archive) == runs(&from_folder), "{name}: other runs");
        assert_eq!(from_archive.logs, from_folder.logs);
        assert_eq!(from_archive.workspaces, from_folder.workspaces);
        assert!(from_archive.blobs.keys().eq(from_folder.blobs.keys()));
    }
    let alone = fixture("data-dir/stopped/projects/pDH6KvS/orchestration.sqlite");
    let from_database = found(&[alone]);
    assert!(runs(&from_database) == runs(&from_folder));
    assert_eq!(from_database.logs, from_folder.logs);
    assert!(from_database.blobs.keys().eq(from_folder.blobs.keys()));
}

#[test]
fn a_bundle_gives_back_what_went_into_it() {
    let from_folder = found(&[fixture("data-dir/stopped")]);
    let mut logs = from_folder.logs.concat();
    let content = Content {
        runs: from_folder.runs.clone(),
        workspaces: from_folder.workspaces.clone(),
        logs: logs.clone(),
        points: Vec::new(),
        source: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.hindcast");
    let file = std::fs::File::create(&path).unwrap();
    let written = bundle::write(&content, &OfFound(&from_folder), file).unwrap();
    assert_eq!((written.runs, written.missing.len()), (19, 0));
    let again = found(&[path]);
    assert_eq!(again.workspaces, from_folder.workspaces);
    let mut came: Vec<&FoundRun> = again.runs.iter().collect();
    let mut went: Vec<&FoundRun> = from_folder.runs.iter().collect();
    came.sort_by_key(|found| found.run.id.clone());
    went.sort_by_key(|found| found.run.id.clone());
    for (came, went) in came.iter().zip(&went) {
        assert!(came.run == went.run, "{} came otherwise", went.run.id);
        assert_eq!((&came.declared, &came.checkpoints), (&went.declared, &went.checkpoints));
    }
    let mut logs_again = again.logs.concat();
    let order = |line: &hindcast_model::record::LogEntry| (line.execution.clone(), line.at);
    logs.sort_by_key(order);
    logs_again.sort_by_key(order);
    assert_eq!(logs_again, logs);
}
