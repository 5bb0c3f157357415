//! Reading and writing columns: ids as text, documents as JSON.

use std::fmt::Display;
use std::str::FromStr;

use hindcast_model::ExecutionId;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Result, StoreError};

/// A document's text.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Row { what: "a new row".into(), error: error.to_string() })
}

/// A document, read back.
pub(crate) fn document<T: DeserializeOwned>(text: &str, what: impl Display) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Row { what: what.to_string(), error: error.to_string() })
}

/// A document that may be absent, read back.
pub(crate) fn optional<T: DeserializeOwned>(
    text: Option<&str>,
    what: impl Display,
) -> Result<Option<T>> {
    text.map(|text| document(text, what)).transpose()
}

/// An id, read back.
pub(crate) fn id<T: FromStr<Err = impl Display>>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|error: T::Err| StoreError::Row { what: "an id".into(), error: error.to_string() })
}

/// All rows of a query, each read by `read`.
pub(crate) fn all<T>(
    mut statement: rusqlite::CachedStatement<'_>,
    parameters: impl rusqlite::Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The columns that name an execution.
pub(crate) fn key(execution: &ExecutionId) -> (&str, u32, u32) {
    (execution.run().as_str(), execution.step.number, execution.attempt)
}
