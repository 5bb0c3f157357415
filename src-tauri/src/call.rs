//! The one command: a call of the api.

use hindcast_api::{Api, ApiError};
use serde_json::Value;
use serde_json::value::RawValue;
use tauri::State;

/// Asks the api.
#[tauri::command]
pub(crate) async fn call(
    api: State<'_, Api>,
    name: String,
    params: Value,
) -> Result<Box<RawValue>, ApiError> {
    api.call(&name, params).await
}
