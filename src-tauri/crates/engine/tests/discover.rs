//! What code declares, as the real SDKs tell it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use hindcast_engine::codec::Declaration;
use hindcast_model::Params;
use hindcast_model::record::TargetKind;
use support::VERSIONS;
use support::fresh::Fresh;

const FLOW: &str = "
print('imported')
import coflux as cf

@cf.task(memo=['b'], retries=2, delay=1.5, cache=cf.Cache(max_age=60, version='v1'))
def part(a: int, b='x'):
    return a

@cf.workflow(recurrent=True)
def whole():
    return part(1)
";

async fn declared(version: &str, flow: &str) -> Result<Vec<Declaration>, String> {
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(folder.path(), &[("flow.py", flow)], &[]);
    let handle = fresh.engine();
    let found = handle.discover(fresh.project(version), "flow").await;
    tokio::task::spawn_blocking(move || handle.shutdown()).await.unwrap();
    found.map_err(|error| error.to_string())
}

#[tokio::test]
async fn every_sdk_tells_what_code_declares() {
    for version in VERSIONS {
        let found = declared(version, FLOW).await.unwrap();
        let [part, whole] = &found[..] else { panic!("{version}: {found:?}") };
        let names: Vec<_> = part.parameters.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(part.parameters[1].default.as_deref(), Some("\"x\""));
        let options = &part.options;
        assert_eq!((&*options.target.module, &*options.target.name), ("flow", "part"));
        assert_eq!((options.kind, options.delay), (TargetKind::Task, 1500));
        assert_eq!(options.memo, Some(Params::Only(vec![1])));
        assert_eq!(options.retries.as_ref().unwrap().limit, Some(2));
        let cache = options.cache.as_ref().unwrap();
        assert_eq!((cache.max_age, cache.version.as_deref()), (Some(60_000), Some("v1")));
        assert_eq!(whole.options.kind, TargetKind::Workflow);
        assert!(whole.options.recurrent && !whole.memo);
    }
}

#[tokio::test]
async fn what_a_module_starts_as_it_is_imported_is_not_waited_for() {
    let starts = format!("import subprocess\nsubprocess.Popen(['sleep', '600'])\n{FLOW}");
    for version in ["0.11.1", "0.12.0"] {
        assert_eq!(declared(version, &starts).await.unwrap().len(), 2, "{version}");
    }
}

#[tokio::test]
async fn a_module_that_cannot_be_imported_is_told_with_its_reason() {
    for version in ["0.11.1", "0.12.0"] {
        let error = declared(version, "import nowhere_to_be_found").await.unwrap_err();
        assert!(error.contains("flow") && error.contains("nowhere_to_be_found"), "{error}");
    }
}
