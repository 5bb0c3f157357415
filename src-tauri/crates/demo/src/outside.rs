//! Both services together, and what they saw.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::{mail, payments};

/// What a service calls with each thing it accepted.
pub(crate) type Accepted<'a> = &'a dyn Fn(String);

/// A payment service and a mail server, each on a free port of 127.0.0.1.
///
/// They run until the process ends.
#[derive(Debug)]
pub struct Outside {
    payments: Service,
    mail: Service,
}

impl Outside {
    /// Starts both.
    ///
    /// # Errors
    /// When no port of 127.0.0.1 can be listened on.
    pub fn start() -> io::Result<Self> {
        Ok(Self { payments: Service::start(payments::serve)?, mail: Service::start(mail::serve)? })
    }

    /// The environment variables that point the shop's code here.
    pub fn variables(&self) -> [(&'static str, String); 3] {
        variables(self.payments.port, self.mail.port)
    }

    /// Connections seen so far, to either service, whether or not anything was said on them.
    pub fn connections(&self) -> usize {
        self.payments.seen().connections + self.mail.seen().connections
    }

    /// The bodies of the charges taken, oldest first.
    pub fn charges(&self) -> Vec<String> {
        self.payments.seen().accepted
    }

    /// The messages delivered, oldest first.
    pub fn mails(&self) -> Vec<String> {
        self.mail.seen().accepted
    }
}

/// The environment variables that point the shop's code where nothing listens.
///
/// Port 9 is the discard service's (RFC 863): privileged, and long gone from every system.
pub fn unreachable_outside() -> [(&'static str, String); 3] {
    variables(9, 9)
}

/// What the shop reads to find its services on these ports of 127.0.0.1.
fn variables(payments: u16, mail: u16) -> [(&'static str, String); 3] {
    [
        ("SHOP_PAYMENTS_URL", format!("http://127.0.0.1:{payments}/charges")),
        ("SHOP_SMTP_HOST", "127.0.0.1".into()),
        ("SHOP_SMTP_PORT", mail.to_string()),
    ]
}

#[derive(Debug)]
struct Service {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    connections: usize,
    accepted: Vec<String>,
}

impl Service {
    fn start(serve: fn(&TcpStream, Accepted<'_>) -> io::Result<()>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                note(&shared, |seen| seen.connections += 1);
                let shared = Arc::clone(&shared);
                // A client that hangs up midway is its own affair: it is counted, and that is all.
                thread::spawn(move || {
                    serve(&stream, &|body| note(&shared, |seen| seen.accepted.push(body)))
                });
            }
        });
        Ok(Self { port, seen })
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(seen: &Mutex<Seen>, change: impl FnOnce(&mut Seen)) {
    change(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_charge_is_answered_as_the_recorded_service_answered() {
        let outside = Outside::start().unwrap();
        let body = r#"{"order": "20260304-008", "amount": "97.72", "currency": "EUR"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", outside.payments.port)).unwrap();
        write!(stream, "POST /charges HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();

        assert!(answer.ends_with(r#"{"charge": "ch_20260304008_0001"}"#), "{answer}");
        assert_eq!(outside.charges(), [body]);
        assert_eq!((outside.connections(), outside.mails().len()), (1, 0));
    }

    #[test]
    fn a_mail_is_kept_without_its_envelope() {
        let outside = Outside::start().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", outside.mail.port)).unwrap();
        stream
            .write_all(
                b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\
                  Subject: Hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
            )
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();

        let codes: Vec<_> = answer.lines().map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(outside.mails(), ["Subject: Hi\n\n.dot"]);
    }

    #[test]
    fn a_connection_counts_even_when_nothing_is_said() {
        let outside = Outside::start().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", outside.mail.port)).unwrap();
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!((outside.connections(), outside.mails().len()), (1, 0));
    }
}
