//! Why there is no window.

use hindcast_api::ApiError;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The store or the project cannot be used.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The desktop refuses: no display, no web view.
    #[error("the window could not be opened: {0}")]
    Window(#[from] tauri::Error),
    /// The current folder, which relative paths start from, is gone.
    #[error("{path}: {error}")]
    Path {
        /// The path as given.
        path: String,
        /// Why it is of no use.
        error: std::io::Error,
    },
}
