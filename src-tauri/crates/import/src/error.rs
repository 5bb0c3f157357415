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
        Self::Damaged { source_name: source_name.to_owned(), place, reason: short(reason) }
    }

    pub(crate) fn at(
        source_name: &str,
        place: impl fmt::Display,
        reason: impl Into<String>,
    ) -> Self {
        Self::Damaged {
            source_name: source_name.to_owned(),
            place: Place::Named(short(place.to_string())),
            reason: short(reason.into()),
        }
    }
}

/// How long a place or a reason may be, in letters: either may quote what is wrong, and that may be long.
const LONGEST: usize = 300;

/// The text, or its beginning and its end.
fn short(text: String) -> String {
    let letters = text.chars().count();
    if letters <= LONGEST {
        return text;
    }
    let (start, end) = (LONGEST * 2 / 3, LONGEST / 3);
    let start: String = text.chars().take(start).collect();
    let end: String = text.chars().skip(letters - end).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_short() {
        let long = format!("invalid type: string \"{}\", expected a number", "é".repeat(1 << 20));
        let said = ImportError::at("x.json", "the document", long).to_string();
        assert!(said.starts_with("x.json:the document: invalid type: string \"éé"), "{said}");
        assert!(said.ends_with("éé\", expected a number") && said.len() < 1000, "{said}");
        assert_eq!(short("as it is".to_owned()), "as it is");
    }
}
