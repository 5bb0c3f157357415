//! The window and what it is connected to.

use hindcast_api::calls::Import;
use hindcast_api::view::ApiEvent;
use hindcast_api::{Api, ProjectChoice};
use tauri::async_runtime::{block_on, spawn};
use tauri::{AppHandle, Builder, Emitter, Manager, RunEvent, Runtime, Window, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

use crate::arguments::{Arguments, absolute};
use crate::failure::Failure;
use crate::{call, choose, size};

/// The name under which the page hears every [`ApiEvent`].
const EVENT: &str = "event";

/// Opens the window and stays until it is closed.
///
/// # Errors
/// If the store, the project or the display cannot be used.
pub(crate) fn open(arguments: &Arguments) -> Result<(), Failure> {
    let api = block_on(prepare(arguments))?;
    let paths = arguments.paths.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
    let app = connect(Builder::default(), api.clone(), paths).build(tauri::generate_context!())?;
    app.run(move |_, event| {
        if matches!(event, RunEvent::Exit) {
            block_on(api.shut_down());
        }
    });
    Ok(())
}

/// The api, with the project that the command line names.
async fn prepare(arguments: &Arguments) -> Result<Api, Failure> {
    let api = Api::open(hindcast_api::store_folder(arguments.store.clone())?).await?;
    api.watch_over().await?;
    api.choose_for_session(ProjectChoice {
        folder: arguments.project.clone(),
        trusted: arguments.trust_project,
        ..ProjectChoice::default()
    })?;
    Ok(api)
}

/// The builder with command, events, drops and size; `paths` are imported once the window is there.
fn connect<R: Runtime>(builder: Builder<R>, api: Api, paths: Vec<String>) -> Builder<R> {
    builder
        .plugin(tauri_plugin_dialog::init())
        .manage(api.clone())
        .invoke_handler(tauri::generate_handler![
            call::call,
            choose::choose_files,
            choose::choose_folder
        ])
        .on_window_event(react)
        .setup(move |app| {
            restore_size(app.handle(), &api);
            spawn(forward(app.handle().clone(), api.clone()));
            if !paths.is_empty() {
                spawn(import(api, paths));
            }
            Ok(())
        })
}

/// Tells the page everything the api tells.
async fn forward<R: Runtime>(app: AppHandle<R>, api: Api) {
    let mut events = api.subscribe();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => ApiEvent::OverviewChanged,
            Err(RecvError::Closed) => return,
        };
        if app.emit(EVENT, event).is_err() {
            return;
        }
    }
}

/// Imports what the command line named. The page hears how it went.
async fn import(api: Api, paths: Vec<String>) {
    if let Err(error) = api.ask(Import { paths, environment: None }).await {
        api.tell(ApiEvent::Failed { error });
    }
}

fn react<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    if !matches!(event, WindowEvent::CloseRequested { .. }) {
        return;
    }
    if let (Ok(inner), Ok(scale)) = (window.inner_size(), window.scale_factor()) {
        block_on(size::remember(&window.state::<Api>(), inner.to_logical(scale)));
    }
}

fn restore_size<R: Runtime>(app: &AppHandle<R>, api: &Api) {
    let size = block_on(size::remembered(api));
    if let (Some(size), Some(window)) = (size, app.get_webview_window("main")) {
        // A display that cannot take this size keeps its own.
        let _ = window.set_size(size);
    }
}
