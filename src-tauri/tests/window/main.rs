//! Tests in the real window: a display in memory, the real app, a real mouse.
//!
//! `cargo xtask test` installs what this needs. Pictures are kept in `target/screenshots`.

mod app;
mod display;

use app::App;

#[tokio::test]
async fn a_dropped_file_reaches_the_window() {
    let app = App::open(&[]).await;
    let listen = "window.dropped = null;
        const tauri = window.__TAURI_INTERNALS__;
        const handler = tauri.transformCallback((event) => { window.dropped = event.payload.paths; });
        tauri.invoke('plugin:event|listen',
            { event: 'tauri://drag-drop', target: { kind: 'Any' }, handler })
            .then(() => { window.listening = true; });";
    app.run(listen, vec![]).await;
    app.wait("the listener", "window.listening").await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run with späces.json");
    std::fs::write(&file, "{}").unwrap();
    app.display.drop_files(&[&file]);

    let dropped = app.wait("the drop", "window.dropped").await;
    assert_eq!(dropped, serde_json::json!([file]));
    app.shoot("empty").await;
    app.close().await;
}
