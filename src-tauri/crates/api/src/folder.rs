//! Where the store is, if nobody says so.

use std::path::PathBuf;

use crate::{ApiError, ErrorCode};

/// The store's folder: the one asked for, else the platform's folder for an application's data.
///
/// # Errors
/// If none is asked for and the platform has none, as without a home folder.
pub fn store_folder(asked: Option<PathBuf>) -> Result<PathBuf, ApiError> {
    let platform = || {
        let folders = directories::ProjectDirs::from("dev", "hindcast", "hindcast")?;
        Some(folders.data_dir().to_owned())
    };
    asked.or_else(platform).ok_or_else(|| {
        let message = "there is no home folder to keep a store in: name one with --store";
        ApiError::new(ErrorCode::BadRequest, message)
    })
}
