//! What people look for and look at: search, filters, values, a step beside its ancestor.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use hindcast_api::Api;
use hindcast_api::calls::{
    Compare, CompareStep, FindInValue, GetBytes, GetFacets, GetOverview, GetRun, GetStep, GetText,
    Import, PreviewValue, SaveValue, Search, SetProject,
};
use hindcast_api::choice::SaveForm;
use hindcast_api::view::{
    AssetPreview, Divergence, NodeState, OutcomeView, TextChangeView, ValueKind,
};
use hindcast_api::{Adapter, ErrorCode, ProjectChoice};
use hindcast_model::record::{Because, NewExecution, Record};
use hindcast_model::{Attempt, Ended, ExecutionId, Json, Outcome, Timestamp, Value};
use hindcast_store::Store;
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures");

struct Desk {
    api: Api,
    home: TempDir,
}

impl Desk {
    async fn with(files: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let api = Api::open(home.path().join("store")).await.unwrap();
        let paths = files.iter().map(|file| format!("{FIXTURES}/{file}")).collect();
        api.ask(Import { paths, environment: None }).await.unwrap();
        Self { api, home }
    }

    async fn shop() -> Self {
        Self::with(&["shop/R6Lf.json"]).await
    }

    async fn values() -> Self {
        let desk = Self::with(&["conformance/values/before.json"]).await;
        let paths = vec![format!("{FIXTURES}/conformance/values/blobs")];
        desk.api.ask(Import { paths, environment: None }).await.unwrap();
        desk
    }

    async fn search(&self, wish: Search) -> Vec<u32> {
        self.api.ask(wish).await.unwrap().steps
    }

    /// The run of `all_values`, whose id the export does not tell here.
    async fn run(&self) -> String {
        let overview = self.api.ask(hindcast_api::calls::GetOverview {}).await.unwrap();
        overview.runs[0].id.clone()
    }
}

fn search(text: &str) -> Search {
    Search {
        run: "R6Lf".to_owned(),
        environment: "production".to_owned(),
        text: text.to_owned(),
        states: Vec::new(),
        targets: Vec::new(),
        environments: Vec::new(),
        groups: Vec::new(),
    }
}

/// This very program is started again as the engine's guardian, with this test's name as its word.
#[test]
fn __guardian() {
    hindcast_engine::guardian::main_if_asked();
}

#[tokio::test]
async fn steps_are_found_by_every_word_in_what_they_hold() {
    let desk = Desk::shop().await;
    for (text, expected) in [
        // In the error, whatever the case of its letters.
        ("keyerror", vec![1, 20, 36]),
        // In the arguments and the target.
        ("price_order 'CH'", vec![36]),
        ("\"price_order CH\"", vec![]),
        ("R6Lf:36", vec![36]),
        ("nothing like it", vec![]),
    ] {
        assert_eq!(desk.search(search(text)).await, expected, "{text}");
    }
    let found = desk.api.ask(search("keyerror")).await.unwrap();
    let hit = found.hits.iter().find(|hit| hit.step == "R6Lf:36").unwrap();
    assert_eq!((hit.place.as_str(), hit.excerpt.as_str()), ("error", "KeyError: 'CH'"));
    assert_eq!(found.command, "hindcast search R6Lf keyerror --env production");
}

#[tokio::test]
async fn filters_let_through_what_is_in_each_of_them() {
    let desk = Desk::shop().await;
    let where_ = GetFacets { run: "R6Lf".to_owned(), environment: "production".to_owned() };
    let facets = desk.api.ask(where_).await.unwrap();
    let groups: Vec<_> = facets.groups.iter().map(|one| (one.name.as_str(), one.count)).collect();
    assert_eq!(groups, [("orders", 12)]);
    let of = |state| facets.states.iter().find(|one| one.state == state).map(|one| one.count);
    assert_eq!((of(NodeState::Failed), of(NodeState::Succeeded)), (Some(3), Some(63)));

    let failed = Search { states: vec![NodeState::Failed], ..search("") };
    assert_eq!(desk.search(failed.clone()).await, [1, 20, 36]);
    let order = Search { groups: vec!["orders".to_owned()], ..failed };
    assert_eq!(desk.search(order.clone()).await, [20]);
    let elsewhere = Search { environments: vec!["development".to_owned()], ..order };
    assert!(desk.search(elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_fold_tells_its_steps_and_lets_one_out_that_is_wanted() {
    let desk = Desk::shop().await;
    let run = |keep: Vec<u32>, whole| GetRun {
        run: "R6Lf".to_owned(),
        environment: "production".to_owned(),
        unfolded: Vec::new(),
        keep,
        whole,
    };
    let folded = desk.api.ask(run(Vec::new(), false)).await.unwrap();
    let [fold] = &folded.folds[..] else { panic!("one fold: {:?}", folded.folds) };
    let holds = |number: u32| fold.numbers.iter().any(|(from, to)| (*from..=*to).contains(&number));
    assert!(holds(3) && !holds(20) && !holds(36) && !holds(1));
    assert_eq!(fold.caller.as_deref(), Some("R6Lf:1"));

    let kept = desk.api.ask(run(vec![3], false)).await.unwrap();
    assert!(kept.nodes.iter().any(|node| node.number == Some(3)));
    assert_eq!(kept.folds[0].steps, fold.steps - 1);

    let whole = desk.api.ask(run(Vec::new(), true)).await.unwrap();
    assert_eq!((whole.nodes.len(), whole.folds.len(), whole.edges.len()), (66, 0, 0));
    let order = whole.nodes.iter().find(|node| node.number == Some(20)).unwrap();
    let [first, ..] = order.waits[..] else { panic!("it waited for what it called") };
    assert!(order.started_at.unwrap() <= first.0 && first.1 <= order.completed_at.unwrap());
    assert!(whole.nodes.iter().all(|node| node.number != Some(36) || node.waits.is_empty()));
}

#[tokio::test]
async fn an_error_leads_to_the_call_that_raised_it() {
    let desk = Desk::shop().await;
    let step = GetStep { step: "R6Lf:1".to_owned(), environment: "production".to_owned() };
    let step = desk.api.ask(step).await.unwrap();
    let raised = step.ancestor.unwrap().raised;
    let chain: Vec<_> = raised.iter().map(|one| one.execution.as_str()).collect();
    assert_eq!(chain, ["R6Lf:20:1", "R6Lf:36:1"]);
}

#[tokio::test]
async fn large_values_are_read_in_pages_searched_and_saved() {
    let desk = Desk::values().await;
    let run = desk.run().await;
    let handle = |step: u32| format!("result/{run}:{step}:1");

    let text = |offset| GetText { handle: handle(13), path: Vec::new(), offset, limit: 20 };
    let page = desk.api.ask(text(299_990)).await.unwrap();
    assert_eq!((page.count, page.text.as_str()), (300_000, "6789abcdef"));

    let bytes = GetBytes { handle: handle(7), path: Vec::new(), offset: 254, limit: 4 };
    let page = desk.api.ask(bytes.clone()).await.unwrap();
    assert_eq!((page.count, page.hex.as_str(), page.shows.is_none()), (1024, "feff0001", true));
    let page = desk.api.ask(GetBytes { offset: 0, ..bytes }).await.unwrap();
    assert!(matches!(page.shows, Some(AssetPreview::Nothing { .. })));

    let find = FindInValue { handle: handle(9), path: Vec::new(), text: "PURE".to_owned() };
    let found = desk.api.ask(find).await.unwrap().matches;
    assert_eq!((found.len(), found[0].place.as_str(), &found[0].path[..]), (1, "[2]", &[2][..]));

    let folder = desk.home.path().join("saved").to_str().unwrap().to_owned();
    let save =
        |step, form| SaveValue { handle: handle(step), path: vec![], form, folder: folder.clone() };
    let written = desk.api.ask(save(7, SaveForm::Raw)).await.unwrap();
    assert_eq!((written.size, written.path.ends_with("-7-1.bin")), (1024, true));
    let error = desk.api.ask(save(9, SaveForm::Raw)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest, "a list has no bytes of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_looked_at_only_in_a_trusted_project_and_reaches_nothing() {
    let desk = Desk::values().await;
    let run = desk.run().await;
    let preview = |path| PreviewValue { handle: format!("result/{run}:9:1"), path };
    let project = desk.home.path().join("project");
    std::fs::create_dir(&project).unwrap();
    let choose = |trusted| ProjectChoice {
        folder: Some(project.clone()),
        trusted,
        adapter: Some(Adapter::Python("python3".into())),
        ..ProjectChoice::default()
    };
    desk.api.choose_for_session(choose(false)).unwrap();
    let error = desk.api.ask(preview(vec![2])).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Untrusted);

    desk.api.choose_for_session(choose(true)).unwrap();
    let path = desk.api.ask(preview(vec![2])).await.unwrap();
    assert_eq!(
        (path.class.as_str(), path.text.as_str()),
        ("pathlib.PurePosixPath", "PurePosixPath('/x/y')")
    );
    // Its class stands in the project's code, which is not there.
    let error = desk.api.ask(preview(vec![0])).await.unwrap_err();
    assert!(error.message.contains("ModuleNotFoundError"), "{error}");
    // With code that does something when it is loaded, that is refused.
    let code = format!("class Point:\n    pass\n\nopen({:?}, 'w')\n", project.join("trace"));
    std::fs::write(project.join("shapes.py"), code).unwrap();
    let error = desk.api.ask(preview(vec![0])).await.unwrap_err();
    assert!(error.message.contains("Refused"), "{error}");
    assert!(!project.join("trace").exists());
    desk.api.shut_down().await;
}

fn ran_here(store: &Store, execution: &str, value: &str) {
    ran_with(store, execution, value, None);
}

fn ran_with(store: &Store, execution: &str, value: &str, edited_arguments: Option<Vec<Value>>) {
    let environments = store.environments().unwrap();
    let named = |name: &str| environments.named(&name.parse().unwrap()).cloned();
    let production = named("production").unwrap().id;
    let made = || store.create_local(&"development".parse().unwrap(), Some(production)).unwrap();
    let local = named("development").unwrap_or_else(made);
    let id: ExecutionId = execution.parse().unwrap();
    let attempt: Attempt = id.attempt;
    assert!(attempt > 1);
    let made = NewExecution {
        id: id.clone(),
        environment: local.id,
        workspace: local.workspaces[0].clone(),
        created_at: Timestamp(1_795_361_900_000),
        execute_after: None,
        because: Because::Rerun,
        edited_arguments,
    };
    let data = Json::parse(value.to_owned()).unwrap();
    let outcome = Outcome::of(Ended::Value(Value::raw(data, Vec::new())));
    let ended =
        Record::ExecutionFinished { execution: id, at: Timestamp(1_795_361_900_040), outcome };
    let records = [Record::ExecutionCreated(made), ended];
    store.transaction(|transaction| transaction.apply("gone", &records).map(drop)).unwrap();
}

#[tokio::test]
async fn a_step_stands_beside_its_ancestor_with_all_that_differs() {
    let desk = Desk::shop().await;
    let rate = r#"{"type":"dict","items":["rate",{"type":"decimal","value":"0.081"}]}"#;
    ran_here(&Store::open(desk.api.folder()).unwrap(), "R6Lf:36:2", rate);
    let ask = |step: &str| CompareStep {
        step: step.to_owned(),
        environment: "development".to_owned(),
        ancestor: None,
        local: None,
    };
    let price = desk.api.ask(ask("R6Lf:36")).await.unwrap();
    assert_eq!(
        (price.ancestor.state, price.local.state),
        (NodeState::Failed, NodeState::Succeeded)
    );
    assert_eq!(price.divergence, Divergence::Differs);
    assert_eq!(price.local.outcome, "{'rate': Decimal('0.081')}");
    assert!(price.arguments.iter().all(|argument| argument.differences.is_empty()));
    let gone: Vec<_> = price.error.iter().map(|line| line.change).collect();
    assert!(!gone.is_empty() && gone.iter().all(|change| *change == TextChangeView::Removed));

    // A step that did not run here is the same execution on both sides.
    let order = desk.api.ask(ask("R6Lf:2")).await.unwrap();
    assert_eq!(
        (order.ancestor.execution, order.divergence),
        (order.local.execution, Divergence::Equal)
    );

    let nobody = CompareStep { local: Some("R6Lf:36:9".to_owned()), ..ask("R6Lf:36") };
    assert_eq!(desk.api.ask(nobody).await.unwrap_err().code, ErrorCode::NotFound);
    let above = CompareStep { environment: "production".to_owned(), ..ask("R6Lf:36") };
    assert_eq!(desk.api.ask(above).await.unwrap_err().code, ErrorCode::BadRequest);
}

#[tokio::test]
async fn what_came_out_differently_is_told_of_a_fold_and_the_first_of_it_is_drawn() {
    let desk = Desk::shop().await;
    let run = |environment: &str, whole| GetRun {
        run: "R6Lf".to_owned(),
        environment: environment.to_owned(),
        unfolded: Vec::new(),
        keep: Vec::new(),
        whole,
    };
    let before = desk.api.ask(run("production", false)).await.unwrap();
    assert_eq!(before.folds[0].differing, 0);
    // Where it stands every step ran, though some answered further calls later.
    let whole = desk.api.ask(run("production", true)).await.unwrap();
    assert!(whole.nodes.iter().all(|node| !node.pinned));

    // Both prices are folded away in production.
    let prices: Vec<u32> = whole
        .nodes
        .iter()
        .filter(|node| node.target == "price_order" && node.number != Some(36))
        .filter_map(|node| node.number)
        .take(2)
        .collect();
    let store = Store::open(desk.api.folder()).unwrap();
    for number in &prices {
        ran_here(&store, &format!("R6Lf:{number}:2"), "1");
    }
    let here = desk.api.ask(run("development", false)).await.unwrap();
    let first = here.first_divergence.clone().unwrap();
    assert!(prices.iter().any(|number| first == format!("R6Lf:{number}")), "{first}");
    assert!(here.nodes.iter().any(|node| node.step == here.first_divergence));
    assert_eq!(here.folds[0].differing, 1);
}

#[tokio::test]
async fn the_attempts_that_one_goes_on_from_are_told_and_count_in_how_long_a_run_took() {
    let desk = Desk::with(&["conformance/retries/after.json"]).await;
    let run = desk.run().await;
    let retrying = desk.api.ask(whole(&run, "production")).await.unwrap();
    let of = |target: &str| retrying.nodes.iter().find(|node| node.target == target).unwrap();
    let told = |target: &str| of(target).earlier.iter().map(|one| one.attempt).collect::<Vec<_>>();
    assert_eq!(
        (told("never_succeeds"), told("permanent"), told("retrying")),
        (vec![1, 2], vec![], vec![])
    );
    let shown = of("never_succeeds");
    assert!(shown.earlier[1].completed_at.unwrap() <= shown.started_at.unwrap());
    assert_eq!(shown.earlier[0].state, NodeState::Failed);

    // It was suspended twice while it waited: what it took is from its first attempt on.
    let desk = Desk::with(&["conformance/lifecycle/suspends/after-production.json"]).await;
    let run = desk.run().await;
    let root = desk.api.ask(whole(&run, "production")).await.unwrap();
    let root = root.nodes.iter().find(|node| node.number == Some(1)).unwrap();
    let first = root.earlier[0].started_at.unwrap();
    let [listed] = &desk.api.ask(GetOverview {}).await.unwrap().runs[..] else { panic!("one") };
    assert_eq!(listed.duration_ms, Some(root.completed_at.unwrap() - first));
}

fn whole(run: &str, environment: &str) -> GetRun {
    GetRun {
        run: run.to_owned(),
        environment: environment.to_owned(),
        unfolded: Vec::new(),
        keep: Vec::new(),
        whole: true,
    }
}

#[tokio::test]
async fn of_a_call_with_other_inputs_the_argument_that_differs_is_told() {
    let desk = Desk::shop().await;
    let store = Store::open(desk.api.folder()).unwrap();
    let text = |text: &str| {
        let data = Json::parse(format!("{text:?}")).unwrap();
        Value::raw(data, Vec::new())
    };
    let production =
        desk.api.ask(GetStep { step: "R6Lf:36".to_owned(), environment: "production".to_owned() });
    assert_eq!(production.await.unwrap().arguments.len(), 2);
    ran_with(&store, "R6Lf:36:2", "1", Some(vec![text("008"), text("DE")]));
    let compared =
        desk.api.ask(Compare { run: "R6Lf".to_owned(), environment: "development".to_owned() });
    let compared = compared.await.unwrap();
    let price =
        compared.steps.iter().find(|one| one.local.as_deref() == Some("R6Lf:36:2")).unwrap();
    assert_eq!(price.divergence, Divergence::InputsDiffer);
    assert!(
        price.note.starts_with("argument 1") && price.note.ends_with("→ '008'"),
        "{}",
        price.note
    );
}

#[tokio::test]
async fn arguments_have_the_names_that_the_chosen_projects_code_gives_them() {
    let desk = Desk::shop().await;
    ran_here(&Store::open(desk.api.folder()).unwrap(), "R6Lf:36:2", "1");
    let told = async || {
        let compared = desk.api.ask(CompareStep {
            step: "R6Lf:36".to_owned(),
            environment: "development".to_owned(),
            ancestor: None,
            local: None,
        });
        let compared = compared.await.unwrap().arguments;
        let found = desk.api.ask(search("R6Lf:36 'CH'")).await.unwrap();
        let names: Vec<_> = compared.into_iter().map(|argument| argument.name).collect();
        (names, found.hits[0].place.clone())
    };
    assert_eq!(told().await, (vec![None, None], "argument 2".to_owned()));
    // Its code is read, not run: nobody said that it may be trusted.
    desk.api.ask(SetProject { path: format!("{FIXTURES}/shop") }).await.unwrap();
    let names = vec![Some("order".to_owned()), Some("country".to_owned())];
    assert_eq!(told().await, (names, "argument country".to_owned()));
}

#[tokio::test]
async fn a_value_says_how_large_it_is() {
    let desk = Desk::values().await;
    let run = desk.run().await;
    for (step, kind, size) in [(13, ValueKind::Str, 300_000), (7, ValueKind::Bytes, 1024)] {
        let step = GetStep { step: format!("{run}:{step}"), environment: "production".to_owned() };
        let step = desk.api.ask(step).await.unwrap();
        let outcome = step.ancestor.and_then(|ancestor| ancestor.outcome);
        let Some(OutcomeView::Value { value }) = outcome else { panic!("a value") };
        assert_eq!((value.kind, value.size), (kind, Some(size)));
    }
}
