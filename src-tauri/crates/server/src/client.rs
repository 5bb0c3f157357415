//! Asking a server: one question over HTTP, asked again where that may help.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value as Any;
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

use crate::{Address, Cause, Mistrust, Project, ServerError, Token};

/// How long, how often and how much is asked before it is given up.
#[derive(Debug, Clone)]
pub struct Patience {
    /// How often one question is asked.
    pub attempts: u32,
    /// How long to wait before it is asked again; twice as long each further time.
    pub first_wait: Duration,
    /// The longest such wait, also where the server asks for more.
    pub longest_wait: Duration,
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long a server may be silent before or within an answer.
    pub silence: Duration,
    /// How many pages a list may have.
    pub pages: usize,
    /// How many questions are asked at once.
    pub at_once: usize,
    /// How large a document may be, in bytes.
    pub document: u64,
    /// How large a blob may be, in bytes.
    pub blob: u64,
}

impl Default for Patience {
    fn default() -> Self {
        let limits = hindcast_import::Limits::default();
        Self {
            attempts: 6,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(8),
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            pages: 10_000,
            at_once: 6,
            document: limits.document,
            blob: limits.blob,
        }
    }
}

/// A client of one server and project. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    agent: Agent,
    address: Address,
    project: Option<Project>,
    token: Option<Token>,
    patience: Patience,
    /// Whether the server ever answered, whatever it said.
    met: AtomicBool,
}

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Path and query.
    pub(crate) path: String,
    /// What to send; none to get.
    pub(crate) body: Option<String>,
    /// How large the answer may be, in bytes.
    pub(crate) limit: u64,
}

/// Why a question was not answered, and whether it may be asked again.
enum Failed {
    Again { cause: Cause, raw: String, after: Option<Duration> },
    ForGood(ServerError),
}

impl Client {
    /// A client of that server.
    pub fn new(address: Address, project: Option<Project>, token: Option<Token>) -> Self {
        Self::with_patience(address, project, token, Patience::default())
    }

    /// A client with that patience.
    pub fn with_patience(
        address: Address,
        project: Option<Project>,
        token: Option<Token>,
        patience: Patience,
    ) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(tls)
            .user_agent(concat!("hindcast/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.silence))
            .timeout_per_read(Some(patience.silence))
            .timeout_per_write(Some(patience.silence))
            .max_idle_connections_per_host(patience.at_once)
            .build();
        let agent = config.new_agent();
        let met = AtomicBool::new(false);
        Self(Arc::new(Inner { agent, address, project, token, patience, met }))
    }

    /// The server's address.
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.0.patience
    }

    /// A question for a document.
    pub(crate) fn document(&self, path: impl Into<String>) -> Question {
        Question { path: path.into(), body: None, limit: self.0.patience.document }
    }

    /// The address of a question, for messages.
    pub(crate) fn url(&self, question: &Question) -> String {
        self.0.address.with(&question.path)
    }

    /// Asks until there is an answer, or no hope of one. None if there is no such thing.
    pub(crate) fn ask(
        &self,
        question: &Question,
        stop: &AtomicBool,
    ) -> Result<Option<Vec<u8>>, ServerError> {
        let patience = self.patience();
        let mut wait = patience.first_wait;
        let mut attempts = 1;
        loop {
            let (cause, raw, after) = match self.once(question, stop) {
                Ok(answer) => return Ok(answer),
                Err(Failed::ForGood(error)) => return Err(error),
                Err(Failed::Again { cause, raw, after }) => (cause, raw, after),
            };
            // Who never answered may be nobody at all: a person who mistyped need not wait.
            let stranger = cause.lasts() && !self.0.met.load(Ordering::Relaxed);
            if attempts >= patience.attempts.min(if stranger { 2 } else { u32::MAX }) {
                let address = self.0.address.clone();
                let detail = format!("{}: {raw}", self.url(question));
                return Err(ServerError::Unreachable { address, cause, detail, attempts });
            }
            sleep(after.unwrap_or(wait).min(patience.longest_wait), stop)?;
            wait = wait.saturating_mul(2);
            attempts += 1;
        }
    }

    fn once(&self, question: &Question, stop: &AtomicBool) -> Result<Option<Vec<u8>>, Failed> {
        let sent = self.send(question).map_err(|error| self.unsent(question, &error))?;
        self.0.met.store(true, Ordering::Relaxed);
        let status = sent.status();
        match status {
            StatusCode::OK => self.body(question, sent, stop).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(self.refused(question, sent)),
        }
    }

    fn send(&self, question: &Question) -> Result<Response<Body>, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(if question.body.is_some() { "POST" } else { "GET" })
            .uri(self.url(question));
        if let Some(token) = &self.0.token {
            request = request.header("authorization", format!("Bearer {}", token.secret()));
        }
        if let Some(project) = &self.0.project {
            request = request.header("x-project", project.as_str());
        }
        match &question.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.0.agent.run(request.body(body.as_str())?)
            }
            None => self.0.agent.run(request.body(SendBody::none())?),
        }
    }

    fn body(
        &self,
        question: &Question,
        sent: Response<Body>,
        stop: &AtomicBool,
    ) -> Result<Vec<u8>, Failed> {
        let limit = question.limit;
        let mut body = sent.into_body().into_with_config().limit(u64::MAX).reader();
        let mut bytes = Vec::new();
        let mut part = vec![0; 1 << 16];
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Failed::ForGood(ServerError::Cancelled));
            }
            match body.read(&mut part) {
                Ok(0) => return Ok(bytes),
                Ok(read) => bytes.extend_from_slice(&part[..read]),
                Err(error) => {
                    let (cause, raw) = (Cause::BrokenOff, self.clean(&error.to_string()));
                    return Err(Failed::Again { cause, raw, after: None });
                }
            }
            if bytes.len() as u64 > limit {
                let url = self.url(question);
                return Err(Failed::ForGood(ServerError::TooLarge { url, limit }));
            }
        }
    }

    /// What an answer other than "here it is" means.
    fn refused(&self, question: &Question, sent: Response<Body>) -> Failed {
        let (url, status) = (self.url(question), sent.status());
        let header = |name: &str| {
            let text = sent.headers().get(name)?.to_str().ok()?;
            Some(self.clean(text))
        };
        if status == StatusCode::UNAUTHORIZED {
            return Failed::ForGood(ServerError::Unauthorized { url });
        }
        if status.is_redirection() {
            let to = header("location").unwrap_or_else(|| "nowhere".to_owned());
            return Failed::ForGood(ServerError::Elsewhere { url, to });
        }
        let after =
            header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let said = self.said(sent);
        let again = matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504);
        if again && said != "not_configured" {
            let raw = status.to_string();
            return Failed::Again { cause: Cause::Said { said, status: raw.clone() }, raw, after };
        }
        Failed::ForGood(ServerError::Refused { url, status: status.as_u16(), said })
    }

    /// The server's own word for an error, if it has one.
    fn said(&self, sent: Response<Body>) -> String {
        let mut bytes = Vec::new();
        let body = sent.into_body().into_with_config().limit(u64::MAX).reader();
        // Half a word is no word: nothing is lost where it cannot be read.
        let _ = body.take(4096).read_to_end(&mut bytes);
        let word = serde_json::from_slice(&bytes)
            .ok()
            .and_then(|answer: Any| Some(self.clean(answer.get("error")?.as_str()?)));
        word.unwrap_or_else(|| "nothing more".to_owned())
    }

    /// A server's text for a message: short, of one line, and without the token.
    fn clean(&self, text: &str) -> String {
        let text = match &self.0.token {
            Some(token) => token.out_of(text),
            None => text.to_owned(),
        };
        text.chars().filter(|c| !c.is_control()).take(200).collect()
    }

    fn unsent(&self, question: &Question, error: &ureq::Error) -> Failed {
        match error {
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
                let (url, reason) = (self.url(question), self.clean(&error.to_string()));
                Failed::ForGood(ServerError::NotCoflux { url, reason })
            }
            // What rustls says of certificates, and of servers that do not speak TLS.
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                let (address, mistrust) = (self.0.address.clone(), Mistrust::of(error));
                let raw = self.clean(&error.to_string());
                let detail = format!("{}: {raw}", self.url(question));
                Failed::ForGood(ServerError::Insecure { address, mistrust, detail })
            }
            error => {
                let (cause, raw) = (Cause::of(error), self.clean(&error.to_string()));
                Failed::Again { cause, raw, after: None }
            }
        }
    }
}

/// Sleeps, but not on when there is nothing left to wait for.
fn sleep(time: Duration, stop: &AtomicBool) -> Result<(), ServerError> {
    const LONGEST: Duration = Duration::from_millis(50);
    let mut left = time;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ServerError::Cancelled);
        }
        if left.is_zero() {
            return Ok(());
        }
        let slice = left.min(LONGEST);
        std::thread::sleep(slice);
        left -= slice;
    }
}

/// A text as part of a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_path_cannot_leave_it() {
        assert_eq!(encoded("R6Lf"), "R6Lf");
        assert_eq!(encoded("../a?b=c&d#é"), "..%2Fa%3Fb%3Dc%26d%23%C3%A9");
        assert_eq!(encoded(":1795:47"), "%3A1795%3A47");
    }
}
