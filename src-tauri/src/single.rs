//! One window per store: a second start hands over what it was asked for, and ends.
//!
//! Starts find each other over the desktop's session bus. Where there is none, a second window opens;
//! the store is made for that.

use std::path::Path;

use clap::Parser;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Runtime};

use crate::arguments::Arguments;
use crate::{front, wishes};

/// The plugin, for windows on the store in this folder.
pub(crate) fn plugin<R: Runtime>(store: &Path) -> TauriPlugin<R> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("dev.hindcast.desktop.store{}", name(store)))
        .callback(|app, words, folder| handed_over(app, words, Path::new(&folder)))
        .build()
}

/// A second start was asked for this.
fn handed_over<R: Runtime>(app: &AppHandle<R>, words: Vec<String>, folder: &Path) {
    front::bring(app);
    // It looked through its own arguments before it handed them over.
    let wished = Arguments::try_parse_from(words).map(|arguments| arguments.wishes(folder));
    wishes::take(app, wished.unwrap_or_default());
}

/// A name for the store that the bus takes: the same folder, the same name.
fn name(store: &Path) -> String {
    let folder = store.canonicalize().unwrap_or_else(|_| store.to_owned());
    // FNV-1a; a clash would only make two stores share a window's place on the bus.
    let hash =
        folder.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3_u64)
        });
    format!("{hash:016x}")
}
