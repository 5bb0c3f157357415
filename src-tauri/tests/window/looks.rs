//! The main states of the window as the web view draws them, in both themes and sizes, for people to look at.

use fantoccini::key::Key;

use crate::app::{App, fixture};

const SIZES: [(u32, u32); 2] = [(1280, 800), (1920, 1080)];

/// Each state is there, and can be left again; how it looks is for people to judge.
#[tokio::test]
async fn every_main_state_is_drawn_in_both_themes_and_sizes() {
    let app = App::open().await;
    app.there_is("[data-testid=empty]").await;
    look(&app, "empty").await;

    let held = app.display.hold_files(&[&fixture("shop/R6Lf.json")]);
    app.says("[data-testid=drop-overlay]", "R6Lf.json").await;
    look(&app, "drop").await;
    app.display.let_go(held);
    app.click("[data-testid=run-R6Lf]").await;
    app.there_is("[data-testid=\"step-R6Lf:36\"][data-state=failed]").await;
    app.key('e').await;
    app.says("[data-testid=inspector]", "KeyError: 'CH'").await;
    look(&app, "graph").await;
    for (key, view) in [('2', "timeline"), ('3', "list")] {
        app.key(key).await;
        app.there_is(&format!("[data-testid={view}]")).await;
        look(&app, view).await;
    }
    app.key('1').await;

    app.drop_files(&[&fixture("conformance")]).await;
    app.there_is("[data-testid=found-sheet]").await;
    look(&app, "found").await;
    close(&app).await;
    app.drop_files(&[&fixture("hostile/json/truncated.json")]).await;
    app.says("[data-testid=toast]", "truncated.json").await;
    look(&app, "broken").await;
    app.click("[data-testid=toast][data-tone=bad] [aria-label='Put away']").await;

    app.key('m').await;
    app.there_is("[data-testid=mock-dialog]").await;
    look(&app, "mock").await;
    close(&app).await;
    app.press("[data-testid=step-pins]", "Matching rule").await;
    app.there_is("[data-testid=matching-dialog] [role=radiogroup]").await;
    look(&app, "matching").await;
    close(&app).await;
    app.click("[data-testid=open-server]").await;
    app.there_is("[data-testid=connect-dialog]").await;
    look(&app, "connect").await;
    close(&app).await;
    app.ctrl('k').await;
    app.there_is("[data-testid=palette]").await;
    look(&app, "palette").await;
    close(&app).await;
    app.ctrl(Key::Delete).await;
    app.says("[data-testid=delete-dialog]", "R6Lf").await;
    look(&app, "delete").await;
    close(&app).await;
    app.ctrl(',').await;
    for part in ["general", "project", "environments", "deleted"] {
        app.click(&format!("#settings-{part}")).await;
        app.there_is(&format!("#settings-panel[aria-labelledby=settings-{part}]")).await;
        look(&app, &format!("settings-{part}")).await;
    }
    app.close().await;
}

/// A picture in each theme and size.
async fn look(app: &App, state: &str) {
    for size in SIZES {
        app.resize(size).await;
        for theme in ["light", "dark"] {
            app.wear(theme).await;
            app.shoot(&format!("{state}-{theme}-{}", size.0)).await;
        }
    }
}

/// Leaves the dialog that is open.
async fn close(app: &App) {
    app.key(Key::Escape).await;
    app.wait("no dialog", "document.querySelector('dialog[open]') === null").await;
}
