//! What can be wrong with what is read.

use std::fmt;
use std::io;

use hindcast_model::BlobKey;

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line and a column, from 1.
    Text {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// An id, or an archive's entry.
    Named(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column } => write!(f, "{line}:{column}"),
            Self::Named(name) => write!(f, "{name}"),
        }
    }
}

/// Why something cannot be read. Names the file (`source_name`) and the place.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It could not be opened or read.
    #[error("{source_name}: {error}")]
    Unreadable {
        /// The file.
        source_name: String,
        /// Why.
        error: io::Error,
    },
    /// It is something else.
    #[error("{source_name}: not an export: {reason}")]
    NotAnExport {
        /// The file.
        source_name: String,
        /// What it seems to be.
        reason: String,
    },
    /// It is an export with something wrong in it.
    #[error("{source_name}:{place}: {reason}")]
    Damaged {
        /// The file.
        source_name: String,
        /// Where in it.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// A blob is not what its name says.
    #[error("{source_name}: the content is not that of blob {key} (its SHA-256 is {found})")]
    WrongBlob {
        /// The file or entry.
        source_name: String,
        /// Its name.
        key: BlobKey,
        /// The name it should have.
        found: BlobKey,
    },
    /// It is larger than we read.
    #[error("{source_name}: {size} bytes; the limit is {limit}")]
    TooLarge {
        /// The file or entry.
        source_name: String,
        /// Its size, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// There is more than we read.
    #[error("{source_name}: more than {limit} files")]
    TooMany {
        /// The file or folder.
        source_name: String,
        /// The limit.
        limit: usize,
    },
    /// The person wanted no more.
    #[error("cancelled")]
    Cancelled,
}

impl ImportError {
    pub(crate) fn json(source_name: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = match text.rsplit_once(" at line ") {
            Some((reason, _)) => reason.to_owned(),
            None => text,
        };
        let place = Place::Text { line: error.line(), column: error.column() };
        Self::Damaged { source_name: source_name.to_owned(), place, reason }
    }

    pub(crate) fn at(
        source_name: &str,
        place: impl fmt::Display,
        reason: impl Into<String>,
    ) -> Self {
        Self::Damaged {
            source_name: source_name.to_owned(),
            place: Place::Named(place.to_string()),
            reason: reason.into(),
        }
    }
}
