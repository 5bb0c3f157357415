//! Bringing the window to the front.

use tauri::{AppHandle, Manager, Runtime};

/// Brings the window to the front, as far as the desktop lets it.
pub(crate) fn bring<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window("main") {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}
