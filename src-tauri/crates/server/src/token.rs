//! The secret that opens a server.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::ServerError;

/// A token. It shows itself to nobody, and is wiped from memory when it is let go.
#[derive(Clone)]
pub struct Token(Arc<Zeroizing<String>>);

impl Token {
    /// This token, without white space around it.
    ///
    /// # Errors
    /// If it cannot be one: empty, or with anything but visible ASCII in it.
    pub fn new(text: &str) -> Result<Self, ServerError> {
        let text = text.trim();
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(ServerError::Token);
        }
        Ok(Self(Arc::new(Zeroizing::new(text.to_owned()))))
    }

    /// The token itself, for the request that carries it and for the keyring.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// The text without the token, should it be in there.
    pub(crate) fn out_of(&self, text: &str) -> String {
        text.replace(self.secret(), "…")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_itself_to_nobody() {
        let token = Token::new(" cflx_secret\n").unwrap();
        assert_eq!(token.secret(), "cflx_secret");
        assert!(!format!("{token:?}").contains("secret"));
        assert_eq!(token.out_of("bad token cflx_secret!"), "bad token …!");
        assert!(Token::new("a\r\nX-Project: other").is_err());
        assert!(Token::new(" ").is_err());
    }
}
