//! How large everything in the window is.

use tauri::{Runtime, WebviewWindow};

/// Makes everything on the page larger or smaller; 100 is as it was.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "tauri gives commands what they own")]
pub(crate) fn zoom<R: Runtime>(window: WebviewWindow<R>, percent: f64) {
    // A web view that cannot shows it as it was.
    let _ = window.set_zoom((percent / 100.0).clamp(0.5, 3.0));
}
