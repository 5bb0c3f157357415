//! A fork is what a fresh process would be.

use std::path::Path;
use std::sync::Arc;

use hindcast_engine::snapshot::Snapshots;
use hindcast_engine::warm::Warm;
use hindcast_engine::{ChosenAdapter, Project, Trust};

use super::support::python;
use super::{eventually, place, value, write};

const APP: &str = r#"
import os
import coflux as cf

@cf.task()
def draws():
    import chance
    return [chance.DRAWN.random(), chance.FIXED.random(), os.getppid()]

@cf.task()
def asks_sibling():
    import uses_sibling
    return [uses_sibling.name(), os.getppid()]

@cf.task()
def schedules():
    import sched
    return [getattr(sched, "OWN", "Python's"), os.getppid()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_generator_that_was_seeded_by_chance_is_so_again_and_no_other_is() {
    let mut place = place(&[("app.py", APP)], Warm::Always);
    let library = place.folder.path().join("elsewhere/site-packages");
    let text = "import random\nDRAWN = random.Random()\nFIXED = random.Random(7)\n";
    write(&library, "chance.py", text);
    place.variables.push(("PYTHONPATH".into(), library.to_str().unwrap().into()));
    let project = place.with_sdk("0.12.0");
    value(&mut place, &project, "draws").await;
    let warm = eventually(|| {
        let report = place.workshop.warm.report(&project);
        report.preloaded.iter().any(|module| module.name == "chance").then_some(report)
    })
    .await;
    let one = value(&mut place, &project, "draws").await;
    let other = value(&mut place, &project, "draws").await;
    assert_eq!((&one[2], &other[2]), (&warm.pid.into(), &warm.pid.into()), "both are forks");
    assert_ne!(one[0], other[0]);
    assert_eq!(one[1], other[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_from_where_it_is_written_is_imported_by_each_fork() {
    let mut place = place(&[("app.py", APP)], Warm::Always);
    // Beside the project, not in it.
    let elsewhere = tempfile::tempdir().unwrap();
    let [library, sibling] = ["site-packages", "sibling"].map(|name| elsewhere.path().join(name));
    write(&library, "uses_sibling.py", "import sibling\ndef name():\n    return sibling.NAME\n");
    write(&sibling, "sibling.py", "NAME = 'old'\n");
    let path = format!("{}:{}", library.display(), sibling.display());
    place.variables.push(("PYTHONPATH".into(), path));
    let project = place.with_sdk("0.12.0");
    value(&mut place, &project, "asks_sibling").await;
    let warm = eventually(|| {
        let report = place.workshop.warm.report(&project);
        report.left.contains_key("uses_sibling").then_some(report)
    })
    .await;
    assert!(warm.left["uses_sibling"].contains("sibling.py, which is used from"), "{warm:?}");
    write(&sibling, "sibling.py", "NAME = 'saved'\n");
    let found = value(&mut place, &project, "asks_sibling").await;
    assert_eq!(found, serde_json::json!(["saved", warm.pid]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_of_the_project_takes_the_place_of_one_that_was_imported() {
    let mut place = place(&[("app.py", APP)], Warm::Always);
    let kept = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::new(kept.path().into());
    let live = place.with_sdk("0.12.0");
    let held = || Arc::new(Project::clone(&live).held(&snapshots));
    value(&mut place, &held(), "schedules").await;
    let warm = eventually(|| {
        let report = place.workshop.warm.report(&live);
        report.preloaded.iter().any(|module| module.name == "sched").then_some(report)
    })
    .await;
    let found = value(&mut place, &held(), "schedules").await;
    assert_eq!(found, serde_json::json!(["Python's", warm.pid]));

    write(place.folder.path(), "sched.py", "OWN = 'the project\\'s'\n");
    let found = value(&mut place, &held(), "schedules").await;
    assert_eq!(found[0], "the project's");
    let renewed = place.workshop.warm.report(&live);
    assert_eq!(found[1], serde_json::json!(renewed.pid), "it is a fork again");
    assert!(renewed.problem.unwrap().contains("sched.py"));
    // It stays: what Python finds first is known by now.
    value(&mut place, &held(), "schedules").await;
    assert_eq!(place.workshop.warm.report(&live).pid, renewed.pid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_s_folder_may_be_made_anew() {
    let mut place = place(&[], Warm::Always);
    let folder = place.folder.path().join("code");
    write(&folder, "app.py", APP);
    let project = open(&folder);
    let first = value(&mut place, &project, "schedules").await;
    std::fs::remove_dir_all(&folder).unwrap();
    write(&folder, "app.py", APP);
    assert_eq!(value(&mut place, &project, "schedules").await, first);
}

fn open(folder: &Path) -> Arc<Project> {
    let adapter = ChosenAdapter::Python(python("0.12.0"));
    Arc::new(Project::open(Trust::given(folder).unwrap(), Some(adapter), &[]).unwrap())
}
