//! The window and what it is connected to.

use hindcast_api::view::ApiEvent;
use hindcast_api::{Api, ProjectChoice};
use tauri::async_runtime::{block_on, spawn};
use tauri::{AppHandle, Builder, Emitter, Manager, RunEvent, Runtime, Window, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

use crate::arguments::{Arguments, Wishes, current_folder};
use crate::failure::Failure;
use crate::links::NamedStore;
use crate::notice::Notices;
use crate::wishes::Waiting;
use crate::{call, choose, links, place, single, wishes, zoom};

/// The name under which the page hears every [`ApiEvent`].
const EVENT: &str = "event";

/// Opens the window and stays until it is closed.
///
/// # Errors
/// If the store, the project or the display cannot be used.
pub(crate) fn open(arguments: &Arguments) -> Result<(), Failure> {
    let api = block_on(prepare(arguments))?;
    let wished = arguments.wishes(&current_folder()?);
    let store = arguments.store.as_ref().map(|_| api.folder().to_string_lossy().into_owned());
    let builder = Builder::default().plugin(single::plugin(api.folder())).manage(NamedStore(store));
    let app = connect(builder, api.clone(), wished).build(tauri::generate_context!())?;
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
    api.stay();
    api.watch_over().await?;
    api.choose_for_session(ProjectChoice {
        folder: arguments.project.clone(),
        trusted: arguments.trust_project,
        ..ProjectChoice::default()
    })?;
    Ok(api)
}

/// The builder with commands, events, drops and place; what is wished for is done once the page listens.
fn connect<R: Runtime>(builder: Builder<R>, api: Api, wished: Wishes) -> Builder<R> {
    builder
        .plugin(tauri_plugin_dialog::init())
        .manage(api.clone())
        .manage(Waiting::new(wished))
        .invoke_handler(tauri::generate_handler![
            call::call,
            choose::choose_files,
            choose::choose_folder,
            choose::choose_save,
            links::register_links,
            wishes::listens,
            zoom::zoom
        ])
        .on_window_event(react)
        .setup(move |app| {
            restore_place(app.handle(), &api);
            spawn(forward(app.handle().clone(), api));
            Ok(())
        })
}

/// Tells the page everything the api tells, and the desktop what a person would miss.
async fn forward<R: Runtime>(app: AppHandle<R>, api: Api) {
    let mut events = api.subscribe();
    let mut notices = Notices::default();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => ApiEvent::OverviewChanged,
            Err(RecvError::Closed) => return,
        };
        if app.emit(EVENT, event.clone()).is_err() {
            return;
        }
        notices.hear(&app, &api, &event).await;
    }
}

fn react<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    if matches!(event, WindowEvent::CloseRequested { .. }) {
        block_on(place::remember(&window.state::<Api>(), window));
    }
}

fn restore_place<R: Runtime>(app: &AppHandle<R>, api: &Api) {
    let remembered = block_on(place::remembered(api));
    if let (Some(remembered), Some(window)) = (remembered, app.get_webview_window("main")) {
        place::restore(remembered, &window);
    }
}
