//! Where a token comes from: the environment, or the system's keyring.

use keyring::{Entry, Error};

use crate::{Address, Project, ServerError, Token};

/// The environment variable that may hold a token. It goes before the keyring.
pub const TOKEN_VARIABLE: &str = "HINDCAST_TOKEN";

/// What the keyring's entries are called.
const SERVICE: &str = "hindcast";

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFrom {
    /// A person gave it.
    Given,
    /// The environment variable.
    Environment,
    /// The system's keyring.
    Keyring,
    /// There is none; a server may want none.
    Nowhere,
}

/// The token for a server, if there is one. A machine without a keyring has none there.
///
/// # Errors
/// If what the environment variable holds cannot be a token.
pub fn find_token(
    address: &Address,
    project: Option<&Project>,
) -> Result<(Option<Token>, TokenFrom), ServerError> {
    match std::env::var(TOKEN_VARIABLE) {
        Ok(text) if !text.trim().is_empty() => {
            return Ok((Some(Token::new(&text)?), TokenFrom::Environment));
        }
        _ => {}
    }
    let kept = entry(address, project).and_then(|entry| match entry.get_password() {
        Ok(text) => Token::new(&text).map(Some),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(unavailable(&error)),
    });
    Ok(match kept {
        Ok(Some(token)) => (Some(token), TokenFrom::Keyring),
        Ok(None) | Err(_) => (None, TokenFrom::Nowhere),
    })
}

/// Keeps a token in the keyring.
///
/// # Errors
/// If there is no keyring, or it is locked.
pub fn keep_token(
    address: &Address,
    project: Option<&Project>,
    token: &Token,
) -> Result<(), ServerError> {
    entry(address, project)?.set_password(token.secret()).map_err(|error| unavailable(&error))
}

/// Takes the token of a server out of the keyring. Returns whether there was one.
///
/// # Errors
/// If there is no keyring, or it is locked.
pub fn forget_token(address: &Address, project: Option<&Project>) -> Result<bool, ServerError> {
    match entry(address, project)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(unavailable(&error)),
    }
}

fn entry(address: &Address, project: Option<&Project>) -> Result<Entry, ServerError> {
    let account = match project {
        Some(project) => format!("{address} {project}"),
        None => address.to_string(),
    };
    Entry::new(SERVICE, &account).map_err(|error| unavailable(&error))
}

/// The error without what it may hold of the entry itself.
fn unavailable(error: &Error) -> ServerError {
    let reason = match error {
        Error::NoDefaultStore | Error::PlatformFailure(_) => {
            "this session has no secret service".to_owned()
        }
        Error::NoStorageAccess(_) => "it is locked".to_owned(),
        Error::BadEncoding(_) => "what it holds is no text".to_owned(),
        _ => "it refused".to_owned(),
    };
    ServerError::Keyring { reason }
}
