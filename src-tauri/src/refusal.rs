//! What a person sees where there can be no window: why, and that it is over.

use tauri::{Builder, Context, Wry};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::failure::Failure;

/// How a start that came to nothing ends.
const STATUS: i32 = 2;

/// Says why there is no window, in a dialog, and stays until it is put away. Whoever started us from a
/// desktop sees no standard error.
pub(crate) fn show(failure: &Failure, mut context: Context<Wry>) {
    let words = failure.to_string();
    context.config_mut().app.windows.clear();
    let app = Builder::default().plugin(tauri_plugin_dialog::init()).setup(move |app| {
        let handle = app.handle().clone();
        let dialog = app.dialog().message(words).title("Hindcast cannot start");
        dialog.kind(MessageDialogKind::Error).show(move |_| handle.exit(STATUS));
        Ok(())
    });
    // Without a display it was said on standard error.
    if let Ok(app) = app.build(context) {
        app.run(|_, _| ());
    }
}
