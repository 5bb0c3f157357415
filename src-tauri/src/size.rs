//! The window's size, remembered in the store.

use hindcast_api::Api;
use hindcast_api::calls::{GetSetting, SetSetting};
use tauri::LogicalSize;

const KEY: &str = "window.size";

/// The size the window had when it was last closed, in CSS pixels.
pub(crate) async fn remembered(api: &Api) -> Option<LogicalSize<f64>> {
    let text = api.ask(GetSetting { key: KEY.to_owned() }).await.ok()??;
    let (width, height) = text.split_once('x')?;
    Some(LogicalSize::new(width.parse().ok()?, height.parse().ok()?))
}

/// Remembers it. A size that cannot be kept is not worth a word.
pub(crate) async fn remember(api: &Api, size: LogicalSize<f64>) {
    let value = format!("{:.0}x{:.0}", size.width, size.height);
    let _ = api.ask(SetSetting { key: KEY.to_owned(), value }).await;
}
