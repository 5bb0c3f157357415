//! The calls, asked of a real store with recorded runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::path::{Path, PathBuf};

use hindcast_api::calls::{
    Compare, ExportAssets, GetActivity, GetAsset, GetAssets, GetPlan, GetRun, GetSetting, GetStep,
    GetTree, Import, Rerun, SetProject, SetSetting, TrustProject,
};
use hindcast_api::choice::{MissChoice, PolicyChoice};
use hindcast_api::view::{AssetPreview, CallState, NodeState, OutcomeView};
use hindcast_api::{Api, Call, CallVisitor, ErrorCode, Imports, each_call};
use hindcast_model::record::{Because, NewExecution, Record};
use hindcast_model::{ExecutionId, Timestamp};
use hindcast_store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures");

/// A store in a folder of its own.
struct Desk {
    api: Api,
    home: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { api: Api::open(home.path().join("store")).await.unwrap(), home }
    }

    /// Asks as the window does.
    async fn call(&self, name: &str, params: Value) -> Value {
        let answer = self.api.call(name, params).await.unwrap();
        serde_json::from_str(answer.get()).unwrap()
    }

    /// With the failed run of the shop.
    async fn with_shop() -> Self {
        let desk = Self::new().await;
        desk.import("shop/R6Lf.json").await;
        desk
    }

    async fn import(&self, file: &str) {
        let paths = vec![format!("{FIXTURES}/{file}")];
        self.api.ask(Import { paths, environment: None }).await.unwrap();
    }

    fn project(&self) -> String {
        let folder = self.home.path().join("project");
        std::fs::create_dir_all(&folder).unwrap();
        folder.canonicalize().unwrap().to_str().unwrap().to_owned()
    }
}

struct Names(Vec<&'static str>);

impl CallVisitor for Names {
    fn visit<C: Call + 'static>(&mut self)
    where
        C::Answer: 'static,
    {
        self.0.push(C::NAME);
    }
}

#[tokio::test]
async fn every_call_is_known_by_its_name_and_takes_nothing_but_its_own_parameters() {
    let desk = Desk::new().await;
    let mut names = Names(Vec::new());
    each_call(&mut names);
    for name in names.0 {
        let error = desk.api.call(name, json!({ "no such parameter": 1 })).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest, "{name}: {error}");
    }
    let error = desk.api.call("toString", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn no_code_runs_in_a_folder_that_nobody_trusts() {
    let desk = Desk::with_shop().await;
    let rerun = || Rerun {
        steps: vec!["R6Lf:36".to_owned()],
        environment: None,
        policy: PolicyChoice::Memo,
        on_miss: MissChoice::Fail,
        allow: Vec::new(),
        locked: None,
        mocks: Vec::new(),
        arguments: Vec::new(),
        debug: None,
    };
    assert_eq!(desk.api.ask(rerun()).await.unwrap_err().code, ErrorCode::NoProject);

    let path = desk.project();
    let project = desk.api.ask(SetProject { path: path.clone() }).await.unwrap();
    assert!(!project.trusted && project.adapter.is_none());
    let error = desk.api.ask(rerun()).await.unwrap_err();
    assert_eq!((error.code, error.detail), (ErrorCode::Untrusted, Some(path.clone())));

    // A setting of the page is no way round.
    let key = format!("../trust/{path}");
    for key in [key, format!("trust/{path}")] {
        desk.api.ask(SetSetting { key, value: "trusted".to_owned() }).await.unwrap();
    }
    assert_eq!(desk.api.ask(rerun()).await.unwrap_err().code, ErrorCode::Untrusted);

    // Another folder's trust is not this one's.
    let other = desk.home.path().to_str().unwrap().to_owned();
    let error = desk.api.ask(TrustProject { path: other }).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert!(desk.api.ask(TrustProject { path }).await.unwrap().trusted);

    let tree = desk.api.ask(GetTree { run: "R6Lf".to_owned(), environment: None }).await.unwrap();
    assert_eq!(tree.environment, "production", "nothing was made here");
}

#[tokio::test]
async fn a_recorded_run_is_drawn_with_its_failure_in_sight() {
    let desk = Desk::with_shop().await;
    let run = |unfolded| GetRun {
        run: "R6Lf".to_owned(),
        environment: "production".to_owned(),
        unfolded,
        keep: Vec::new(),
        whole: false,
    };
    let drawn = desk.api.ask(run(Vec::new())).await.unwrap();
    let node = drawn.nodes.iter().find(|node| node.id == "R6Lf:36").unwrap();
    assert_eq!((node.state, node.note.as_str()), (NodeState::Failed, "KeyError"));
    let [fold] = &drawn.folds[..] else { panic!("one fan-out is folded: {:?}", drawn.folds) };
    assert_eq!(fold.steps, 11);

    let unfolded = desk.api.ask(run(vec![fold.id.clone()])).await.unwrap();
    assert!(unfolded.folds.is_empty());
    assert_eq!(unfolded.nodes.len(), 66);
}

#[tokio::test]
async fn a_step_tells_its_arguments_and_its_error() {
    let desk = Desk::with_shop().await;
    let ask = GetStep { step: "R6Lf:36".to_owned(), environment: "production".to_owned() };
    let step = desk.api.ask(ask).await.unwrap();
    assert!(step.local.is_none() && step.divergence.is_none());
    assert_eq!(step.called_by.unwrap().target, "fulfil_order");
    assert_eq!(step.arguments[1].value.text, "'CH'");
    let Some(OutcomeView::Error { error }) = step.ancestor.unwrap().outcome else {
        panic!("it failed")
    };
    assert_eq!((error.class.as_str(), error.message.as_str()), ("KeyError", "'CH'"));
    assert_eq!(error.frames[0].code, "rate = VAT[country]");
    assert_eq!(step.command, "hindcast rerun R6Lf:36 --project DIR");
}

#[tokio::test]
async fn a_plan_pins_what_production_memoised_and_makes_nothing() {
    let desk = Desk::with_shop().await;
    let ask = GetPlan {
        steps: vec!["R6Lf:1".to_owned()],
        environment: None,
        policy: PolicyChoice::Memo,
        on_miss: None,
        allow: Vec::new(),
        mocks: Vec::new(),
        arguments: Vec::new(),
    };
    let plan = desk.api.ask(ask).await.unwrap();
    let pinned = |target: &str| {
        let calls = plan.calls.iter().filter(|call| call.target == target);
        calls.filter(|call| call.call == CallState::Pinned).count()
    };
    assert_eq!([pinned("load_orders"), pinned("charge_card"), pinned("send_receipt")], [1, 11, 11]);
    assert_eq!(pinned("price_order"), 0);
    let overview = desk.call("overview", json!({})).await;
    assert_eq!(overview["environments"].as_array().unwrap().len(), 1, "{overview}");
}

#[tokio::test]
async fn nothing_stands_below_production_to_compare_with() {
    let desk = Desk::with_shop().await;
    let ask = Compare { run: "R6Lf".to_owned(), environment: "production".to_owned() };
    assert_eq!(desk.api.ask(ask).await.unwrap_err().code, ErrorCode::BadRequest);
}

#[tokio::test]
async fn a_damaged_file_leaves_the_store_as_it_was() {
    let desk = Desk::new().await;
    let whole = std::fs::read(format!("{FIXTURES}/shop/R6Lf.json")).unwrap();
    let cut: PathBuf = desk.home.path().join("cut.json");
    std::fs::write(&cut, &whole[..5000]).unwrap();
    let good = Path::new(FIXTURES).join("shop/RPX9.json");
    let imports = Imports { paths: vec![good, cut.clone()], ..Imports::default() };
    let error = desk.api.import(imports).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadFile);
    assert!(error.message.contains(cut.to_str().unwrap()), "{error}");
    let overview = desk.call("overview", json!({})).await;
    assert_eq!((&overview["runs"], &overview["environments"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn settings_are_kept_by_name() {
    let desk = Desk::new().await;
    let get = || GetSetting { key: "theme".to_owned() };
    assert_eq!(desk.api.ask(get()).await.unwrap(), None);
    let set = SetSetting { key: "theme".to_owned(), value: "dark".to_owned() };
    desk.api.ask(set).await.unwrap();
    assert_eq!(desk.api.ask(get()).await.unwrap().as_deref(), Some("dark"));
}

#[tokio::test]
async fn a_bundle_of_a_run_brings_all_of_it_to_another_store() {
    let desk = Desk::with_shop().await;
    let file = desk.home.path().join("r.hindcast");
    let params = json!({ "run": "R6Lf", "path": file });
    let report = desk.call("export", params).await;
    assert_eq!(report["missingBlobs"], 0);

    let other = Desk::new().await;
    let imports = Imports { paths: vec![file], ..Imports::default() };
    let report = other.api.import(imports).await.unwrap();
    assert_eq!((report.runs[0].new, report.runs[0].missing_values), (true, 0));
    let here = desk.api.document("R6Lf", None).await.unwrap();
    assert_eq!(other.api.document("R6Lf", None).await.unwrap(), here);
}

#[tokio::test]
async fn what_a_process_that_is_gone_left_unfinished_is_abandoned_when_the_store_is_opened() {
    let desk = Desk::with_shop().await;
    let folder = desk.home.path().join("store");
    leave_unfinished(&Store::open(&folder).unwrap());
    let api = Api::open(folder).await.unwrap();
    let step = GetStep { step: "R6Lf:36".to_owned(), environment: "development".to_owned() };
    let attempts = api.ask(step).await.unwrap().attempts;
    let states: Vec<NodeState> = attempts.iter().map(|attempt| attempt.state).collect();
    assert_eq!(states, [NodeState::Failed, NodeState::Abandoned]);
}

#[tokio::test]
async fn where_a_rerun_of_another_process_happens_is_told() {
    let desk = Desk::with_shop().await;
    let folder = desk.home.path().join("store");
    leave_unfinished(&Store::open(&folder).unwrap());
    let api = Api::open(folder).await.unwrap();
    let rerun = api.ask(GetActivity {}).await.unwrap().rerun.unwrap();
    assert_eq!(
        (&*rerun.environment, rerun.executions),
        ("development", vec!["R6Lf:36:2".to_owned()])
    );
}

/// As a process does that is killed right after it asked for an attempt.
fn leave_unfinished(store: &Store) {
    begin(store, "development", "R6Lf:36:2", Vec::new());
}

/// Asks for an attempt in a new local environment below production, and says more of it.
fn begin(store: &Store, environment: &str, execution: &str, more: Vec<Record>) {
    let production = store.environments().unwrap();
    let production = production.named(&"production".parse().unwrap()).unwrap().id;
    let local = store.create_local(&environment.parse().unwrap(), Some(production)).unwrap();
    let execution = NewExecution {
        id: execution.parse().unwrap(),
        environment: local.id,
        workspace: local.workspaces[0].clone(),
        created_at: Timestamp(1_795_361_900_000),
        execute_after: None,
        because: Because::Rerun,
        edited_arguments: None,
    };
    let records = [vec![Record::ExecutionCreated(execution)], more].concat();
    store.transaction(|transaction| transaction.apply("gone", &records).map(drop)).unwrap();
}

#[tokio::test]
async fn what_both_executions_of_a_step_measured_is_told_by_metric() {
    let desk = Desk::new().await;
    let telemetry = |file: &str| format!("{FIXTURES}/conformance/telemetry/{file}");
    let files = ["after-production.json", "metrics-production-RyQF.json"];
    let paths = files.map(telemetry).to_vec();
    desk.api.ask(Import { paths, environment: None }).await.unwrap();
    let step = |step: &str, environment: &str| GetStep {
        step: step.to_owned(),
        environment: environment.to_owned(),
    };
    let train = desk.api.ask(step("RyQF:4", "production")).await.unwrap();
    let told: Vec<_> = train
        .metrics
        .iter()
        .map(|metric| {
            let [series] = &metric.series[..] else { panic!("one series: {metric:?}") };
            let range = (series.count, series.smallest, series.largest, series.last);
            (metric.key.as_str(), metric.group.as_deref(), metric.units.as_deref(), range)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("progress", None, None, (2, 1.0, 5.0, 5.0)),
            ("free", None, None, (1, 42.0, 42.0, 42.0)),
            ("accuracy", Some("training"), Some("%"), (4, 50.0, 53.0, 53.0)),
            ("loss", Some("training"), None, (4, 0.25, 1.0, 0.25)),
        ]
    );

    let execution: ExecutionId = "RyQF:4:2".parse().unwrap();
    let measured = |key: &str, value: f64| Record::Measured {
        execution: execution.clone(),
        key: key.to_owned(),
        value,
        at: 0.5,
    };
    let definition = serde_json::from_value(json!({"progress": true, "upper": 5})).unwrap();
    let defined = Record::MetricDefined {
        execution: execution.clone(),
        key: "progress".to_owned(),
        definition,
    };
    let more = vec![defined, measured("progress", 2.0), measured("loss", 0.75)];
    begin(&Store::open(desk.api.folder()).unwrap(), "here", "RyQF:4:2", more);
    let train = desk.api.ask(step("RyQF:4", "here")).await.unwrap();
    let loss = train.metrics.iter().find(|metric| metric.key == "loss").unwrap();
    let lasts: Vec<_> =
        loss.series.iter().map(|one| (one.environment.as_str(), one.imported, one.last)).collect();
    assert_eq!(lasts, [("production", true, 0.25), ("here", false, 0.75)]);
    assert_eq!(loss.group_units.as_deref(), Some("epoch"), "as the ancestor defined it");

    assert_eq!(progress(&desk.api, "production").await, [("train".to_owned(), 1.0)]);
    assert_eq!(progress(&desk.api, "here").await, [("train".to_owned(), 0.4)]);
}

/// The nodes that measure progress.
async fn progress(api: &Api, environment: &str) -> Vec<(String, f64)> {
    let run = GetRun {
        run: "RyQF".to_owned(),
        environment: environment.to_owned(),
        unfolded: Vec::new(),
        keep: Vec::new(),
        whole: false,
    };
    let nodes = api.ask(run).await.unwrap().nodes;
    nodes.into_iter().filter_map(|node| Some((node.target, node.progress?))).collect()
}
#[tokio::test]
async fn an_asset_is_listed_shown_and_written_where_nothing_stands() {
    let desk = Desk::new().await;
    desk.import("data-dir").await;
    let execution = "RvxF:2:1".to_owned();
    let [parts] = &desk.api.ask(GetAssets { execution: execution.clone() }).await.unwrap()[..]
    else {
        panic!("one asset")
    };
    let paths: Vec<_> = parts.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["README.txt", "part-0.csv", "part-1.csv", "part-2.csv"]);
    assert_eq!(parts.files[1].media_type.as_deref(), Some("text/csv; charset=utf-8"));
    let ask = |path: &str| GetAsset {
        execution: execution.clone(),
        asset: parts.asset.clone(),
        path: path.to_owned(),
    };
    let shown = desk.api.ask(ask("README.txt")).await.unwrap();
    let AssetPreview::Text { text, cut: false } = shown else { panic!("a text: {shown:?}") };
    assert_eq!(text.len(), 15);
    let error = desk.api.ask(ask("../README.txt")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);

    let folder = desk.home.path().join("out");
    let export =
        || ExportAssets { execution: execution.clone(), folder: folder.display().to_string() };
    let report = desk.api.ask(export()).await.unwrap();
    assert_eq!((report.written.len(), report.missing.len(), report.unlisted), (4, 0, 0));
    let written = folder.join("A373/README.txt");
    assert_eq!(std::fs::read_to_string(&written).unwrap(), text);

    std::fs::write(&written, "mine").unwrap();
    assert_eq!(desk.api.ask(export()).await.unwrap_err().code, ErrorCode::Refused);
    assert_eq!(std::fs::read_to_string(&written).unwrap(), "mine");
}
