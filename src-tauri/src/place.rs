//! Where the window was and how large, remembered in the store.

use hindcast_api::Api;
use hindcast_api::calls::{GetSetting, SetSetting};
use serde::{Deserialize, Serialize};
use tauri::{LogicalSize, PhysicalPosition, Runtime, WebviewWindow, Window};

const KEY: &str = "window.place";
/// What an older window kept: `1440x900`.
const OLD_KEY: &str = "window.size";

/// Where the window was when it was last closed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// In CSS pixels.
    width: f64,
    height: f64,
    /// In pixels of the display, from the corner of all displays; some desktops do not tell.
    at: Option<(i32, i32)>,
    maximised: bool,
}

/// Where the window was, if that is known.
pub(crate) async fn remembered(api: &Api) -> Option<Place> {
    let kept = api.ask(GetSetting { key: KEY.to_owned() }).await.ok()?;
    if let Some(text) = kept {
        return serde_json::from_str(&text).ok();
    }
    let text = api.ask(GetSetting { key: OLD_KEY.to_owned() }).await.ok()??;
    let (width, height) = text.split_once('x')?;
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    Some(Place { width, height, at: None, maximised: false })
}

/// Remembers where the window is. A place that cannot be kept is not worth a word.
pub(crate) async fn remember<R: Runtime>(api: &Api, window: &Window<R>) {
    let maximised = window.is_maximized().unwrap_or(false);
    // As large as the display is no size to come back to.
    let before = if maximised { remembered(api).await } else { None };
    let place = if let Some(before) = before {
        Place { maximised, ..before }
    } else {
        let (Ok(inner), Ok(scale)) = (window.inner_size(), window.scale_factor()) else { return };
        let LogicalSize { width, height } = inner.to_logical::<f64>(scale);
        let at = window.outer_position().ok().map(|position| (position.x, position.y));
        Place { width, height, at, maximised }
    };
    if let Ok(value) = serde_json::to_string(&place) {
        let _ = api.ask(SetSetting { key: KEY.to_owned(), value }).await;
    }
}

/// Puts the window where it was. A display that cannot take this keeps its own.
pub(crate) fn restore<R: Runtime>(place: Place, window: &WebviewWindow<R>) {
    let _ = window.set_size(LogicalSize::new(place.width, place.height));
    if let Some((x, y)) = place.at
        && is_on_a_display(window, x, y)
    {
        let _ = window.set_position(PhysicalPosition::new(x, y));
    }
    if place.maximised {
        let _ = window.maximize();
    }
}

/// Whether the window's top would be seen there: the display it was on may be gone.
fn is_on_a_display<R: Runtime>(window: &WebviewWindow<R>, x: i32, y: i32) -> bool {
    let displays = window.available_monitors().unwrap_or_default();
    displays.iter().any(|display| {
        let (corner, size) = (display.position(), display.size());
        let right = corner.x.saturating_add_unsigned(size.width);
        let bottom = corner.y.saturating_add_unsigned(size.height);
        (corner.x..right - 40).contains(&x) && (corner.y..bottom - 40).contains(&y)
    })
}
