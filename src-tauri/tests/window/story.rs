//! The main job in the window: a production run is dropped in, steps are re-run, nothing is sent
//! twice.

use std::path::{Path, PathBuf};

use hindcast_demo::{Outside, Project, Sdk};

use crate::app::App;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/shop");

#[tokio::test]
async fn a_dropped_run_is_re_run_and_nothing_is_sent_twice() {
    let outside = Outside::start().unwrap();
    let home = tempfile::tempdir().unwrap();
    let project = project(&home.path().join("shöp code"), &outside);
    let app = App::open().await;

    app.wait("the empty window", "document.querySelector('[data-testid=empty]') !== null").await;
    app.shoot("1-empty").await;
    app.display.drop_files(&[&Path::new(SHOP).join("R6Lf.json")]);
    app.click("[data-testid=run-R6Lf]").await;
    is_in_state(&app, 36, "failed").await;
    app.shoot("2-dropped").await;
    app.display.drop_files(&[project.folder()]);
    app.click("[data-testid=trust]").await;

    rerun(&app, 36).await;
    app.says(LOCAL, "36:2").await;
    app.says(LOCAL, "KeyError: 'CH'").await;
    app.says(LOCAL, "development").await;
    app.says(ANCESTOR, "KeyError: 'CH'").await;
    app.says(ANCESTOR, "production").await;
    app.shoot("3-same-error").await;

    project.add_vat_rate().unwrap();
    rerun(&app, 36).await;
    app.says(LOCAL, "36:3").await;
    app.says(LOCAL, "97.72").await;
    is_in_state(&app, 36, "succeeded").await;
    app.shoot("4-a-price").await;

    rerun(&app, 1).await;
    app.says("[data-testid=guard-card][data-target=charge_card]", "20260304-008").await;
    // Two wait, the run and order 008; pinned are 1 `load_orders`, 12 `fetch_customer`, and
    // `charge_card` and `send_receipt` of the 11 good orders.
    app.says(SUMMARY, "2 running").await;
    app.says(SUMMARY, "35 pinned").await;
    assert_eq!(outside.connections(), 0, "nothing may leave this machine");
    app.shoot("5-stopped-at-the-guard").await;
    app.run("document.querySelector('nav input[value=dark]').click()", vec![]).await;
    app.shoot("5-stopped-at-the-guard-dark").await;
    app.press("[data-target=charge_card]", "Run it once").await;
    app.press("[data-target=send_receipt]", "Run it once").await;
    // The run failed in production before it came to its report.
    app.press("[data-target=report]", "Run it once").await;
    is_in_state(&app, 1, "succeeded").await;
    app.says(LOCAL, "'CH'").await;
    app.shoot("6-done").await;
    assert_eq!((outside.connections(), outside.charges().len(), outside.mails().len()), (2, 1, 1));

    app.click("[data-testid=environment-production]").await;
    is_in_state(&app, 36, "failed").await;
    is_in_state(&app, 1, "failed").await;

    // What is deleted is gone, and comes back as it was.
    app.key("Delete", true).await;
    app.says("[data-testid=delete-dialog]", "ran on this machine").await;
    app.shoot("7-delete").await;
    app.click("[data-testid=delete]").await;
    app.wait("no run", "document.querySelector('[data-testid=run-R6Lf]') === null").await;
    app.press("[data-testid=toast]", "Undo").await;
    app.click("[data-testid=run-R6Lf]").await;
    app.click("[data-testid=environment-development]").await;
    is_in_state(&app, 1, "succeeded").await;
    app.key("k", true).await;
    app.wait("the palette", "document.querySelector('[data-testid=palette]') !== null").await;
    app.shoot("8-palette").await;
    app.close().await;
}

const LOCAL: &str = "[data-testid=outcome-local]";
const ANCESTOR: &str = "[data-testid=outcome-ancestor]";
/// What a re-run came to so far, at the bottom.
const SUMMARY: &str = "footer .summary";

fn project(folder: &Path, outside: &Outside) -> Project {
    let project = Project::copy(Path::new(SHOP), folder).unwrap();
    project.use_environment(&environment()).unwrap();
    project.set_variables(&outside.variables()).unwrap();
    project
}

/// The Python environment that `cargo xtask` made, or that the variable names an interpreter of.
fn environment() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let named = std::env::var_os(Sdk::NEWEST.variable).map(PathBuf::from);
    let python = named.unwrap_or_else(|| Sdk::NEWEST.interpreter(target));
    assert!(python.is_file(), "{} is not there: run `cargo xtask test`", python.display());
    python.ancestors().nth(2).unwrap().to_owned()
}

/// Selects a step on the graph, and presses the button.
async fn rerun(app: &App, step: u32) {
    // The option stands for the canvas's node; pressed by a program, it selects it.
    let option = format!("document.querySelector('[data-testid=\"step-R6Lf:{step}\"]')");
    app.wait(&format!("step {step}"), &format!("{option} !== null")).await;
    app.run(&format!("{option}.click()"), vec![]).await;
    let shown = format!("[data-testid=inspector][data-step=\"R6Lf:{step}\"]");
    app.wait(&shown, &format!("document.querySelector('{shown}') !== null")).await;
    app.click("[data-testid=rerun]").await;
}

async fn is_in_state(app: &App, step: u32, state: &str) {
    let option = format!("document.querySelector('[data-testid=\"step-R6Lf:{step}\"]')");
    let what = format!("step {step} {state}");
    app.wait(&what, &format!("{option}?.dataset.state === '{state}'")).await;
}
