//! How a question can fail.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::TroubleView;

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// What kind of failure it is: what a program goes by.
    pub code: ErrorCode,
    /// What went wrong, in a sentence that names the thing and the place.
    pub message: String,
    /// What lies behind it, or what can be done, where there is more to say.
    pub detail: Option<String>,
    /// What keeps the project's code from running, where it is that.
    pub trouble: Option<Box<TroubleView>>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The question itself is wrong: an id that is none, an unknown name.
    BadRequest,
    /// There is no such run, step, execution, environment or value.
    NotFound,
    /// A file cannot be read in; the store is as it was.
    BadFile,
    /// No project folder is chosen.
    NoProject,
    /// The project folder is not trusted; the message's detail is its path. The window shows the
    /// trust dialog.
    Untrusted,
    /// The project's code cannot run: `trouble` says why.
    Trouble,
    /// It cannot be done as things are: the rules refuse it.
    Refused,
    /// The project's Python has no debugpy, and there is no copy of Hindcast's own. The window asks
    /// whether one may be installed.
    NoDebugpy,
    /// A server wants a token, or another one.
    Unauthorized,
    /// A server cannot be reached, says no, or answers what makes no sense.
    Server,
    /// A person wanted no more of it; nothing was changed.
    Cancelled,
    /// The store or the machine failed.
    Internal,
}

impl ApiError {
    /// An error of this kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: None, trouble: None }
    }

    /// The same, with what lies behind it.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// There is no `what` of that name or id.
    pub fn not_found(what: &str, name: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no {what} {name}"))
    }

    /// The store or the machine failed while `doing`.
    pub fn internal(doing: &str, error: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Internal, format!("{doing}: {error}"))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<hindcast_model::IdError> for ApiError {
    fn from(error: hindcast_model::IdError) -> Self {
        Self::new(ErrorCode::BadRequest, error.to_string())
    }
}

impl From<hindcast_store::StoreError> for ApiError {
    fn from(error: hindcast_store::StoreError) -> Self {
        use hindcast_store::StoreError as Store;
        let code = match &error {
            Store::NoRun(_)
            | Store::NoExecution(_)
            | Store::NoEnvironment(_)
            | Store::NoDeletion(_) => ErrorCode::NotFound,
            Store::Cancelled => ErrorCode::Cancelled,
            Store::WrongBlob { .. } | Store::UnreadableBlob { .. } => ErrorCode::BadFile,
            Store::NameTaken(_)
            | Store::NameIsLocal { .. }
            | Store::NameContradicts { .. }
            | Store::RunIsLocal { .. } => ErrorCode::BadRequest,
            Store::Newer { .. }
            | Store::ImportedStays(_)
            | Store::UnderWay { .. }
            | Store::NeededFirst { .. }
            | Store::HereAgain { .. } => ErrorCode::Refused,
            Store::Database(_)
            | Store::Version { .. }
            | Store::Open { .. }
            | Store::File { .. }
            | Store::Row { .. }
            | Store::NoThread(_)
            | Store::Conflict { .. } => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}
