//! Dialogs in which a person chooses files and folders.

use tauri::{AppHandle, Runtime};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

/// Files to import; none if the person changed their mind.
#[tauri::command]
pub(crate) async fn choose_files<R: Runtime>(app: AppHandle<R>) -> Vec<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().pick_files(move |files| {
        // Nobody waits any more once the window is closed.
        let _ = chosen.send(files);
    });
    choice.await.ok().flatten().unwrap_or_default().into_iter().filter_map(text).collect()
}

/// A file to write, beginning with that name; none if the person changed their mind.
#[tauri::command]
pub(crate) async fn choose_save<R: Runtime>(app: AppHandle<R>, name: String) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().set_file_name(name).save_file(move |file| {
        let _ = chosen.send(file);
    });
    choice.await.ok().flatten().and_then(text)
}

/// A folder; none if the person changed their mind.
#[tauri::command]
pub(crate) async fn choose_folder<R: Runtime>(app: AppHandle<R>) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().pick_folder(move |folder| {
        let _ = chosen.send(folder);
    });
    choice.await.ok().flatten().and_then(text)
}

fn text(path: FilePath) -> Option<String> {
    Some(path.into_path().ok()?.to_string_lossy().into_owned())
}
