//! Calls that Coflux would run again, and that a re-run here pins: a default that is now sent, and
//! what a spawned run memoises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use std::sync::Arc;

use hindcast_engine::{Project, Rerun};
use hindcast_import::Options;
use hindcast_model::record::{Answer, PinRule};
use hindcast_model::{ExecutionId, Value};
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use support::fresh::{Fresh, submission};
use support::shop::import;

const FLOW: &str = "
import os
import coflux as cf

def effect(name):
    with open(os.environ['EFFECTS'], 'a') as file:
        file.write(name + '\\n')

@cf.task(memo=True)
def rate(country, base=0.25, names=('a', None)):
    effect(f'rate {country}')
    return base

@cf.task(memo=True)
def mail(to):
    effect(f'mail {to}')
    return 'sent'

@cf.workflow()
def ship(order):
    return mail(f'owner of {order}')

@cf.workflow()
def main():
    return [rate('DE'), ship(1), ship(2)]
";

fn production(effects: &str) -> (tempfile::TempDir, ExecutionId, Vec<std::path::PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(folder.path(), &[("flow.py", FLOW)], &[("EFFECTS", effects)]);
    let handle = fresh.engine();
    let root = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let submission = submission("flow:main", Vec::new(), fresh.environment);
        let root = handle.submit(submission, fresh.project("0.11.1")).await.unwrap();
        handle.idle().await.unwrap();
        root
    });
    handle.shutdown();
    let files = fresh.store.runs().unwrap().into_iter().map(|run| {
        let document = fresh.store.export_run(&run.id, fresh.environment).unwrap();
        let path = folder.path().join(format!("{}.json", run.id));
        std::fs::write(&path, serde_json::to_string(&document.document()).unwrap()).unwrap();
        path
    });
    let files = files.collect();
    (folder, root, files)
}

#[test]
fn a_default_that_is_sent_now_and_what_a_spawned_run_memoises_are_pinned() {
    pinned(FLOW, |project| project);
}

/// What is asked of the code, importing it may not do.
#[test]
fn so_are_they_where_the_rerun_is_locked() {
    let flow = format!(
        "{FLOW}
try:
    effect('imported')
except PermissionError:
    pass
"
    );
    pinned(&flow, |project| Arc::new(Arc::unwrap_or_clone(project).locked().unwrap()));
}

/// Runs `FLOW` as production, then `flow` again on what was recorded.
fn pinned(flow: &str, how: impl FnOnce(Arc<Project>) -> Arc<Project>) {
    let folder = tempfile::tempdir().unwrap();
    let effects = folder.path().join("effects").to_str().unwrap().to_owned();
    let (_recorded, root, files) = production(&effects);
    let before = std::fs::read_to_string(&effects).unwrap();
    assert_eq!(before.lines().count(), 3);

    let fresh = Fresh::new(folder.path(), &[("flow.py", flow)], &[("EFFECTS", &effects)]);
    import(&fresh.store, &files, &Options::default());
    let environments = fresh.store.environments().unwrap();
    let production = environments.named(&"production".parse().unwrap()).unwrap().id;
    let local = fresh.store.create_local(&"local".parse().unwrap(), Some(production)).unwrap();
    let handle = fresh.engine();
    let execution = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let rules = Rules { policy: Policy::Memo, on_miss: OnMiss::Fail, ..Rules::default() };
        let rerun = Rerun {
            steps: vec![root.step.clone()],
            environment: local.id,
            rules,
            edited_arguments: None,
        };
        let made = handle.rerun(rerun, how(fresh.project("0.12.0"))).await.unwrap();
        handle.idle().await.unwrap();
        made.into_iter().next().unwrap()
    });
    handle.shutdown();

    assert_eq!(std::fs::read_to_string(&effects).unwrap(), before, "no memoised body ran");
    let run = fresh.store.load(root.run()).unwrap().run;
    let result = run.execution(&execution).unwrap().result.as_ref().unwrap();
    let value = result.value().map(|value: &Value| value.decode(fresh.store.blobs()).python(100));
    assert_eq!(value.as_deref(), Some("[0.25, 'sent', 'sent']"), "{result:?}");
    let rules = fresh.store.runs().unwrap().into_iter().flat_map(|run| {
        let calls = fresh.store.calls_of_run(&run.id).unwrap();
        calls.into_iter().filter_map(|call| match call.answer {
            Answer::Pinned { rule, .. } => Some((call.target.name.to_string(), rule)),
            _ => None,
        })
    });
    let mut rules: Vec<_> = rules.collect();
    rules.sort_by(|(a, _), (b, _)| a.cmp(b));
    let default = PinRule::Values(hindcast_model::record::KeyDiffers::Default);
    assert_eq!(
        rules,
        [
            ("mail".to_owned(), PinRule::ChildRun),
            ("mail".to_owned(), PinRule::ChildRun),
            ("rate".to_owned(), default)
        ]
    );
}
