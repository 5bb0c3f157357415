//! The window opens what it is asked to, and else where one left; what is copied can be pasted.

use std::path::Path;

use serde_json::json;

use crate::app::{App, fixture};

const STEP: &str = "[data-testid=inspector][data-step=\"R6Lf:36\"]";
const ROW: &str = "[data-testid=\"row-R6Lf:36\"][aria-selected=true]";

#[tokio::test]
async fn the_window_opens_what_it_is_asked_for_and_else_where_one_left() {
    let home = tempfile::tempdir().unwrap();
    // As `hindcast FILE` does, with nothing there before.
    let app = App::open_with(home, &[&fixture("shop/RPX9.json")]).await;
    app.says("[data-testid=toast]", "Imported RPX9").await;
    app.there_is("[data-testid=\"step-RPX9:1\"]").await;
    let home = app.close_for_now().await;

    // What is asked for comes before what was open last.
    let app = App::open_with(home, &[&fixture("shop/R6Lf.json")]).await;
    app.says("[data-testid=toast]", "Imported R6Lf").await;
    app.there_is("[data-testid=\"step-R6Lf:1\"]").await;
    let home = app.close_for_now().await;
    let app = App::open_with(home, &[Path::new("hindcast://R6Lf:36")]).await;
    app.there_is(STEP).await;
    app.key('3').await;
    app.there_is(ROW).await;
    app.click("#inspector-arguments").await;
    until_kept(&app, "arguments").await;
    let home = app.close_for_now().await;

    let app = App::open_with(home, &[]).await;
    app.there_is(STEP).await;
    app.there_is(ROW).await;
    app.there_is("#inspector-arguments[aria-selected=true]").await;
    let home = app.close_for_now().await;

    // What cannot be read is told, though nobody listened yet when it was named.
    let app = App::open_with(home, &[&fixture("hostile/json/truncated.json")]).await;
    app.says("[data-testid=toast][data-tone=bad]", "truncated.json").await;
    app.close().await;
}

#[tokio::test]
async fn what_is_copied_can_be_pasted() {
    let app = App::open().await;
    app.there_is("[data-testid=empty]").await;
    app.drop_files(&[&fixture("shop/R6Lf.json")]).await;
    let option = "[data-testid=\"step-R6Lf:36\"]";
    app.there_is(option).await;
    app.run(&format!("document.querySelector('{option}').click()"), vec![]).await;
    app.there_is(STEP).await;
    app.click("#inspector-arguments").await;
    // The core is asked for the text first: by then the click itself is over.
    app.click("#inspector-panel section:nth-of-type(2) [aria-label$=' as JSON']").await;
    app.says("[data-testid=toast]", " as JSON").await;
    app.key('/').await;
    app.there_is("[data-testid=search]:focus").await;
    app.ctrl('v').await;
    let pasted = "document.querySelector('[data-testid=search]').value === '\"CH\"'";
    app.wait("what was copied", pasted).await;
    app.close().await;
}

/// Waits until the store holds that somebody was there.
async fn until_kept(app: &App, place: &str) {
    let asked = json!({ "name": "getSetting", "params": { "key": "places" } });
    for _ in 0..1200 {
        if app.ask("call", asked.clone()).await.contains(place) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{place} was not kept");
}
