//! Why a server did not give what was asked for.

use std::io;
use std::path::PathBuf;

use hindcast_import::ImportError;
use hindcast_model::{BlobKey, EnvironmentName, RunId};

use crate::{Address, Cause, Mistrust, TOKEN_VARIABLE};

/// Why something cannot be had from a server. Names the address, and the thing asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is none.
    #[error("{given:?} is not a server's address: {reason}")]
    Address {
        /// What was given, without any password.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The project's id is none.
    #[error("{given:?} is not a project's id")]
    Project {
        /// What was given.
        given: String,
    },
    /// The token is none. (It is not shown.)
    #[error("the token is none: it has to be visible ASCII text")]
    Token,
    /// The server does not answer, or stops in the middle.
    #[error("{address}: {cause}")]
    Unreachable {
        /// The server.
        address: Address,
        /// Why, in words.
        cause: Cause,
        /// What was asked for, and what the machine says of it.
        detail: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The server wants a token, or another.
    #[error(
        "{url}: the server does not accept the token, or wants one (401); set {TOKEN_VARIABLE} or log in"
    )]
    Unauthorized {
        /// What was asked for.
        url: String,
    },
    /// The server says no.
    #[error("{url}: the server refuses: {said} ({status})")]
    Refused {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's own word for it.
        said: String,
    },
    /// The server is elsewhere. Nobody is sent there: the token is for this address alone.
    #[error("{url}: the server sends us to {to}; if that is right, use that address")]
    Elsewhere {
        /// What was asked for.
        url: String,
        /// Where it says it is.
        to: String,
    },
    /// There is nothing of the kind at this address.
    #[error("{url}: no Coflux server answers there: {reason}")]
    NotCoflux {
        /// What was asked for.
        url: String,
        /// What came instead.
        reason: String,
    },
    /// Who answers cannot be told for sure, so nothing is asked.
    #[error("{address}: no secure connection: {mistrust}")]
    Insecure {
        /// The server.
        address: Address,
        /// What is wrong, such as a certificate that this machine does not trust.
        mistrust: Mistrust,
        /// What was asked for, and what the machine says of it.
        detail: String,
    },
    /// It is larger than we read.
    #[error("{url}: more than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A list does not end.
    #[error("{url}: the list does not end (stopped after {pages} pages)")]
    Endless {
        /// Which list.
        url: String,
        /// How many pages were read.
        pages: usize,
    },
    /// A blob is not what its name says, however often it is asked for.
    #[error("{url}: the content is not that of blob {key} (its SHA-256 is {found})")]
    WrongBlob {
        /// What was asked for.
        url: String,
        /// Its name.
        key: BlobKey,
        /// The name it should have.
        found: BlobKey,
    },
    /// There is no such workspace.
    #[error("{address}: there is no workspace {name}; there {known}")]
    NoWorkspace {
        /// The server.
        address: String,
        /// The name asked for.
        name: EnvironmentName,
        /// Those there are, as a clause.
        known: String,
    },
    /// There is no such run.
    #[error("{address}: there is no run {run}")]
    NoRun {
        /// The server.
        address: String,
        /// The run asked for.
        run: RunId,
    },
    /// What the server gave makes no sense.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A blob cannot be put aside.
    #[error("{path}: cannot keep what was fetched: {error}")]
    Holding {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no keyring, or it is locked.
    #[error("no keyring: {reason}; set {TOKEN_VARIABLE} to the token instead")]
    Keyring {
        /// Why.
        reason: String,
    },
    /// The machine failed.
    #[error("{doing}: {error}")]
    Machine {
        /// At what.
        doing: &'static str,
        /// How.
        error: io::Error,
    },
    /// The person wanted no more.
    #[error("cancelled")]
    Cancelled,
}

impl ServerError {
    /// What lies behind the sentence, where there is more to say.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Unreachable { detail, attempts, .. } => {
                Some(format!("{detail} (tried {attempts} times)"))
            }
            Self::Insecure { detail, .. } => Some(detail.clone()),
            _ => None,
        }
    }
}
