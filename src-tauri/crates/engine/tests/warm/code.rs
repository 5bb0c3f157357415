//! The code of a re-run is what it was when the re-run began.

use std::sync::Arc;

use hindcast_engine::Project;
use hindcast_engine::snapshot::Snapshots;
use hindcast_engine::warm::Warm;
use hindcast_model::record::Record;

use super::support::fresh::{Fresh, submission};
use super::{Ended, eventually, place, run, value, write};

const APP: &str = "import coflux as cf\nfrom pkg import inner\n\n@cf.task()\ndef body():\n    import late\n    return [inner.NAME, late.NAME, inner.__file__.split('/')[-2:], late.LINE()]\n\n@cf.task()\ndef fails():\n    inner.fail()\n";
const INNER: &str = "NAME = 'old'\n\ndef fail():\n    raise KeyError('old line')\n";
const LATE: &str = "import inspect\nNAME = 'old'\n\ndef LINE():\n    return inspect.getsource(LINE).splitlines()[-1].strip()[:12]\n";

#[tokio::test(flavor = "multi_thread")]
async fn files_saved_meanwhile_are_not_seen_by_imports_nor_tracebacks() {
    for mode in [Warm::Off, Warm::Always] {
        let files = [("app.py", APP), ("late.py", LATE)];
        let mut place = place(&files, mode);
        let folder = place.folder.path().to_owned();
        write(&folder, "pkg/inner.py", INNER);
        let kept = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::new(kept.path().into());
        let live = place.with_sdk("0.12.0");
        let held = Arc::new(Project::clone(&live).held(&snapshots));

        write(&folder, "pkg/inner.py", "# moved\n\nNAME = 'new'\n\n\ndef fail():\n    pass\n");
        std::fs::remove_file(folder.join("late.py")).unwrap();
        // Twice: the second time from what the first one compiled.
        for _ in 0..2 {
            let found = value(&mut place, &held, "body").await;
            let expected = serde_json::json!(["old", "old", ["pkg", "inner.py"], "return inspe"]);
            assert_eq!(found, expected, "{mode:?}");
            let Ended::Raised(error) = run(&mut place, &held, "fails").await else {
                panic!("{mode:?}: the old code fails")
            };
            let frame = error.frames.last().unwrap();
            assert_eq!(frame.file, folder.join("pkg/inner.py").to_str().unwrap());
            let at = (frame.line, frame.code.as_deref());
            assert_eq!(at, (4, Some("raise KeyError('old line')")), "{mode:?}");
        }
        let compiled = kept.path().join("compiled");
        assert!(compiled.is_dir());
        assert!(!folder.join("pkg/__pycache__").exists(), "the project is left as it is");

        let next = Arc::new(Project::clone(&live).held(&snapshots));
        assert_ne!(next.snapshot().unwrap().key(), held.snapshot().unwrap().key());
        let Ended::Value(_) = run(&mut place, &next, "fails").await else {
            panic!("{mode:?}: the new code does not fail")
        };
    }
}

const FLOW: &str = r#"
import os, time
import coflux as cf

@cf.task()
def step(number):
    import helper
    return [number, helper.NAME]

@cf.workflow()
def flow(folder):
    first = step(1)
    open(folder + "/begun", "w").close()
    while not os.path.exists(folder + "/saved"):
        time.sleep(0.01)
    return [first, step(2)]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_with_its_code_and_what_was_saved_is_announced() {
    let place = tempfile::tempdir().unwrap();
    let files = [("flow.py", FLOW), ("helper.py", "NAME = 'old'\n")];
    let fresh = Fresh::new(place.path(), &files, &[]);
    let engine = fresh.engine();
    let project = fresh.project("0.12.0");
    let folder = serde_json::Value::from(place.path().to_str().unwrap());
    let folder = hindcast_model::Value::raw(hindcast_model::Json::from(&folder), Vec::new());
    let wish = submission("flow:flow", vec![folder], fresh.environment);
    let execution = engine.submit(wish, Arc::clone(&project)).await.unwrap();
    eventually(|| place.path().join("begun").exists().then_some(())).await;
    write(&place.path().join("code"), "helper.py", "NAME = 'new'\n");
    let saved = eventually(|| {
        let entries = fresh.store.journal_since(0).unwrap().into_iter();
        let mut records = entries.map(|entry| entry.record);
        records.find(|record| matches!(record, Record::CodeSaved { .. }))
    })
    .await;
    let Record::CodeSaved { run, code, files, .. } = saved else { panic!("found above") };
    assert_eq!((&run, files), (execution.run(), vec!["helper.py".to_owned()]));
    std::fs::write(place.path().join("saved"), "").unwrap();
    let outcome = engine.outcome(execution).await.unwrap();
    let text = serde_json::to_string(&outcome).unwrap();
    assert!(!text.contains("new"), "{text}");
    engine.idle().await.unwrap();
    let ledger = fresh.store.ledger(None).unwrap();
    assert_eq!(ledger.len(), 3);
    let codes: Vec<Option<&str>> = ledger.iter().map(|entry| entry.code.as_deref()).collect();
    assert_eq!(codes, [Some(code.as_str()); 3], "each body's code stands in the ledger");
    engine.shutdown();
}
