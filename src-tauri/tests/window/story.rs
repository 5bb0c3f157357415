//! The main job in the window: a production run is dropped in, steps are re-run, nothing is sent
//! twice, and a fix is seen to work.

use std::path::{Path, PathBuf};

use fantoccini::key::Key;
use hindcast_api::{Api, Imports};
use hindcast_demo::{Outside, Project, Sdk};
use serde_json::json;
use tempfile::TempDir;

use crate::app::App;

/// From the drop of a production run to what came out differently, as a person would go.
#[tokio::test]
async fn a_production_run_is_dropped_mocked_fixed_and_nothing_is_sent_twice() {
    let story = Story::begin().await;
    story.drops_the_bundle_and_finds_what_failed().await;
    story.drops_the_code_and_reads_the_plan().await;
    story.re_runs_the_step_as_the_code_is().await;
    story.mocks_what_it_gives().await;
    story.re_runs_all_and_answers_the_guard().await;
    story.compares_with_the_ancestor().await;
    story.watches_and_saves_the_fix().await;
    story.takes_the_mock_back().await;
    story.deletes_the_run_and_brings_it_back().await;
    story.app.close().await;
}

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/shop");
const LOCAL: &str = "[data-testid=outcome-local]";
const ANCESTOR: &str = "[data-testid=outcome-ancestor]";
const INSPECTOR: &str = "[data-testid=inspector]";
const PLAN: &str = "footer [role=tabpanel]";
/// What a re-run came to so far, at the bottom.
const SUMMARY: &str = "footer .summary";
const PRICE: &str = "{'net': Decimal('90.40'), 'vat': Decimal('7.32'), 'total': Decimal('97.72'), \
                     'rate': Decimal('0.081')}";

/// The window, and the world around it.
struct Story {
    app: App,
    /// Where cards are charged and mails are sent.
    outside: Outside,
    project: Project,
    bundle: PathBuf,
    _home: TempDir,
}

impl Story {
    async fn begin() -> Self {
        let outside = Outside::start().unwrap();
        let home = tempfile::tempdir().unwrap();
        let project = project(&home.path().join("shöp code"), &outside);
        let bundle = bundle(home.path()).await;
        Self { app: App::open().await, outside, project, bundle, _home: home }
    }

    async fn drops_the_bundle_and_finds_what_failed(&self) {
        let Self { app, .. } = self;
        app.there_is("[data-testid=empty]").await;
        app.shoot("story-1-empty").await;
        app.drop_files(&[&self.bundle]).await;
        app.click("[data-testid=run-R6Lf]").await;
        self.is_in_state(36, "failed").await;
        app.key('e').await;
        app.there_is(&format!("{INSPECTOR}[data-step=\"R6Lf:36\"]")).await;
        app.says(ANCESTOR, "KeyError: 'CH'").await;
        app.says(ANCESTOR, "production").await;
        app.shoot("story-2-dropped").await;
    }

    async fn drops_the_code_and_reads_the_plan(&self) {
        let Self { app, .. } = self;
        app.drop_files(&[self.project.folder()]).await;
        app.click("[data-testid=trust]").await;
        app.key('p').await;
        app.says(PLAN, "1 would run").await;
        app.says(PLAN, "Nothing outside the plan runs").await;
        app.says(&format!("{PLAN} [data-call=run]"), "price_order").await;
        app.shoot("story-3-plan").await;
    }

    async fn re_runs_the_step_as_the_code_is(&self) {
        let Self { app, .. } = self;
        app.click("[data-testid=rerun]").await;
        app.says(LOCAL, "36:2").await;
        app.says(LOCAL, "KeyError: 'CH'").await;
        app.says(LOCAL, "development").await;
        app.says(ANCESTOR, "production").await;
        app.shoot("story-4-same-error").await;
    }

    async fn mocks_what_it_gives(&self) {
        let Self { app, .. } = self;
        app.key('m').await;
        app.fill("[data-testid=mock-dialog] textarea", PRICE).await;
        app.click("[data-testid=keep-mock]").await;
        app.there_is("[data-testid=step-pins][data-state=mocked]").await;
        app.says("[data-testid=pins]", "price_order").await;
    }

    async fn re_runs_all_and_answers_the_guard(&self) {
        let Self { app, outside, .. } = self;
        self.select(1).await;
        app.key('r').await;
        app.says("[data-testid=guard-card][data-target=charge_card]", "20260304-008").await;
        // Two wait, the run and order 008; pinned are 1 `load_orders`, 12 `fetch_customer`, and
        // `charge_card` and `send_receipt` of the 11 good orders.
        app.says(SUMMARY, "2 running").await;
        app.says(SUMMARY, "35 pinned").await;
        assert_eq!(outside.connections(), 0, "nothing may leave this machine");
        for theme in ["dark", "light"] {
            app.wear(theme).await;
            app.shoot(&format!("story-5-guard-{theme}")).await;
        }
        app.press("[data-target=charge_card]", "Run it once").await;
        app.press("[data-target=send_receipt]", "Run it once").await;
        // The run failed in production before it came to its report.
        app.press("[data-target=report]", "Give a value").await;
        app.fill("[data-target=report] textarea", "{'orders': 12}").await;
        app.press("[data-target=report]", "Give it").await;
        self.is_in_state(1, "succeeded").await;
        app.says(LOCAL, "12").await;
        let sent = (outside.connections(), outside.charges().len(), outside.mails().len());
        assert_eq!(sent, (2, 1, 1), "one charge and one mail, for order 008");
    }

    async fn compares_with_the_ancestor(&self) {
        let Self { app, .. } = self;
        app.key('4').await;
        app.says("[data-testid=first-divergence]", "price_order").await;
        app.says("[data-testid=first-divergence]", "KeyError: 'CH'").await;
        app.shoot("story-6-compare").await;
        // The step itself, both of its executions side by side.
        app.press("[data-testid=first-divergence]", "price_order").await;
        app.says("[data-testid=compare]", "97.72").await;
        app.says("[data-testid=compare]", "KeyError: 'CH'").await;
        app.key('1').await;
        app.click("[data-testid=environment-production]").await;
        self.is_in_state(36, "failed").await;
        self.is_in_state(1, "failed").await;
    }

    async fn watches_and_saves_the_fix(&self) {
        let Self { app, .. } = self;
        // The whole run made a step of its own in place of 36, which is chosen where it stands.
        self.select(36).await;
        app.click("[data-testid=environment-development]").await;
        app.there_is("[data-testid=step-pins][data-state=mocked]").await;
        app.click("#inspector-result").await;
        app.key('w').await;
        app.there_is("[data-try='1'][data-state=failed]").await;
        self.project.add_vat_rate().unwrap();
        app.there_is("[data-try='2'][data-state=succeeded]").await;
        app.says("[data-testid=tries]", "97.72").await;
        app.says("[data-testid=tries]", "Beside the try before").await;
        app.says("[data-testid=tries]", "KeyError: 'CH'").await;
        app.says(LOCAL, "97.72").await;
        app.shoot("story-7-fixed").await;
        // What is compared is what is shown: the try, and not the mock that answered the call before.
        app.click("#inspector-compare").await;
        app.says("[data-testid=compare]", "R6Lf:36:4").await;
        app.key('w').await;
        app.there_is("[data-testid=watch][aria-pressed=false]").await;
    }

    async fn takes_the_mock_back(&self) {
        let Self { app, .. } = self;
        app.there_is("[data-testid=step-pins][data-state=mocked]").await;
        app.ctrl('z').await;
        app.says("[data-testid=toast]", "Undone: mock R6Lf:36").await;
        app.there_is("[data-testid=step-pins]:not([data-state=mocked])").await;
    }

    async fn deletes_the_run_and_brings_it_back(&self) {
        let Self { app, .. } = self;
        app.ctrl(Key::Delete).await;
        app.says("[data-testid=delete-dialog]", "ran on this machine").await;
        app.click("[data-testid=delete]").await;
        app.wait("no run", "document.querySelector('[data-testid=run-R6Lf]') === null").await;
        app.ctrl('z').await;
        app.click("[data-testid=run-R6Lf]").await;
        app.click("[data-testid=environment-development]").await;
        self.is_in_state(1, "succeeded").await;
    }

    /// Selects a step on the graph.
    async fn select(&self, step: u32) {
        // The option stands for the canvas's node; pressed by a program, it selects it.
        let option = format!("[data-testid=\"step-R6Lf:{step}\"]");
        self.app.there_is(&option).await;
        self.app.run(&format!("document.querySelector('{option}').click()"), vec![]).await;
        self.app.there_is(&format!("{INSPECTOR}[data-step=\"R6Lf:{step}\"]")).await;
    }

    async fn is_in_state(&self, step: u32, state: &str) {
        let option = format!("[data-testid=\"step-R6Lf:{step}\"][data-state={state}]");
        self.app.there_is(&option).await;
    }
}

/// The shop's code with the real SDK; its cards and mails go where they are counted.
pub(crate) fn project(folder: &Path, outside: &Outside) -> Project {
    let project = Project::copy(Path::new(SHOP), folder).unwrap();
    project.use_environment(&environment()).unwrap();
    project.set_variables(&outside.variables()).unwrap();
    project
}

/// The production run with all that belongs to it in one file, as someone next to production makes it.
async fn bundle(home: &Path) -> PathBuf {
    let file = home.join("4 March.hindcast");
    let elsewhere = Api::open(home.join("elsewhere")).await.unwrap();
    let paths = vec![Path::new(SHOP).join("R6Lf.json")];
    elsewhere.import(Imports { paths, ..Imports::default() }).await.unwrap();
    elsewhere.call("export", json!({ "run": "R6Lf", "path": file })).await.unwrap();
    file
}

/// The Python environment that `cargo xtask` made, or that the variable names an interpreter of.
fn environment() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let named = std::env::var_os(Sdk::NEWEST.variable).map(PathBuf::from);
    let python = named.unwrap_or_else(|| Sdk::NEWEST.interpreter(target));
    assert!(python.is_file(), "{} is not there: run `cargo xtask test`", python.display());
    python.ancestors().nth(2).unwrap().to_owned()
}
