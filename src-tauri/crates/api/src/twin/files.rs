//! The built window's files.

use std::path::{Component, Path};

use hyper::{Response, StatusCode};

use super::{Body, respond};

/// The file at `path` below `ui`; `/` is `index.html`.
pub(super) async fn file(ui: &Path, path: &str) -> Response<Body> {
    let path = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return respond(StatusCode::NOT_FOUND, "text/plain", Vec::new());
    }
    match tokio::fs::read(ui.join(path)).await {
        Ok(content) => respond(StatusCode::OK, kind(path), content),
        Err(error) => respond(StatusCode::NOT_FOUND, "text/plain", error.to_string().into_bytes()),
    }
}

fn kind(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
