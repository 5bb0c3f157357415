//! Where a server is.

use std::fmt;
use std::str::FromStr;

use ureq::http::uri::Authority;

use crate::ServerError;

/// The port a Coflux server listens on unless told otherwise.
const PORT: u16 = 7777;

/// Scheme, host and port of a server, and nothing else: no name, no password, no path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    origin: String,
    in_the_clear: bool,
}

impl Address {
    /// Whether what goes over the network can be read on its way: plain HTTP to another machine.
    pub fn is_in_the_clear(&self) -> bool {
        self.in_the_clear
    }

    /// Its address with this path.
    pub(crate) fn with(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

impl FromStr for Address {
    type Err = ServerError;
    /// Reads `https://host:port`. Without a scheme it is `https`, and for this machine
    /// `http://localhost:7777`.
    fn from_str(text: &str) -> Result<Self, ServerError> {
        let text = text.trim();
        let refused = |reason| ServerError::Address { given: shown(text), reason };
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(refused("it holds a name or a password; give a token instead"));
        }
        if rest.contains(['/', '?', '#']) {
            return Err(refused("it holds more than a host and a port"));
        }
        let authority: Authority =
            rest.parse().map_err(|_| refused("it is no host, or host:port"))?;
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(refused("it names no host"));
        }
        let port_given = authority.as_str().len() > authority.host().len();
        if port_given && authority.port_u16().is_none() {
            return Err(refused("its port is none"));
        }
        let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        let encrypted = match scheme.as_deref() {
            Some("http") => false,
            Some("https") => true,
            None => !here,
            Some(_) => return Err(refused("it is neither http nor https")),
        };
        let port = authority.port_u16().or((scheme.is_none() && here).then_some(PORT));
        let scheme = if encrypted { "https" } else { "http" };
        let origin = match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self { origin, in_the_clear: !encrypted && !here })
    }
}

/// What a person gave, without what may be a password in it.
fn shown(text: &str) -> String {
    let text = match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    };
    text.chars().take(200).collect()
}

/// A project of a server: its id, as it goes into a header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Project(String);

impl Project {
    /// Its id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Project {
    type Err = ServerError;
    fn from_str(text: &str) -> Result<Self, ServerError> {
        let fits = |c: char| c.is_ascii_graphic();
        if text.is_empty() || text.len() > 200 || !text.chars().all(fits) {
            let given = text.chars().take(200).collect();
            return Err(ServerError::Project { given });
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_and_ports_alone() {
        let table = [
            ("localhost", Ok("http://localhost:7777")),
            ("localhost:8000", Ok("http://localhost:8000")),
            ("127.0.0.1", Ok("http://127.0.0.1:7777")),
            ("[::1]:80", Ok("http://[::1]:80")),
            ("coflux.example.com", Ok("https://coflux.example.com")),
            ("HTTP://Example.com:7777/", Ok("http://example.com:7777")),
            ("http://localhost", Ok("http://localhost")),
            (" https://example.com ", Ok("https://example.com")),
            ("", Err("it is no host")),
            ("ftp://example.com", Err("neither http nor https")),
            ("https://me:secret@example.com", Err("a name or a password")),
            ("https://example.com/topics", Err("more than a host")),
            ("https://example.com?token=x", Err("more than a host")),
            ("a b", Err("no host")),
            ("example.com:99999", Err("port")),
        ];
        for (text, expected) in table {
            match (text.parse::<Address>(), expected) {
                (Ok(address), Ok(expected)) => assert_eq!(address.to_string(), expected, "{text}"),
                (Err(error), Err(reason)) => {
                    let error = error.to_string();
                    assert!(error.contains(reason), "{text}: {error}");
                    assert!(!error.contains("secret"), "{error}");
                }
                (other, expected) => panic!("{text}: {other:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn what_can_be_read_on_its_way_is_told() {
        let clear = |text: &str| text.parse::<Address>().unwrap().is_in_the_clear();
        assert!(clear("http://example.com") && clear("http://10.0.0.1:7777"));
        assert!(!clear("example.com") && !clear("localhost") && !clear("http://[::1]:1"));
    }
}
