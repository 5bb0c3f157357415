//! Why a server cannot be reached or trusted, in words that say what to look at. What the machine says
//! of it is the detail.

use std::io::{self, ErrorKind};

use rustls::{CertificateError, InvalidMessage};
use ureq::Timeout;

/// Why there is no answer, or no whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Nobody is at that port.
    #[error(
        "nothing listens there (connection refused): is the server running, and the port right?"
    )]
    Refused,
    /// The name is nobody's.
    #[error("no host of that name is known: is the address right?")]
    UnknownHost,
    /// Names cannot be looked up at all.
    #[error("the host's name cannot be looked up now: is this machine on the network?")]
    NoNames,
    /// No network leads there.
    #[error("no network leads there from this machine: is it connected, or is a VPN needed?")]
    NoWay,
    /// The connection is not made in time.
    #[error(
        "no connection comes about in time: is the address right, or does a firewall keep it away?"
    )]
    NotConnected,
    /// There is a connection, and silence.
    #[error("the server took the question, but did not answer in time")]
    Silent,
    /// The connection ends before there is an answer.
    #[error("the server hung up before it answered")]
    HungUp,
    /// The answer ends in the middle.
    #[error("the answer broke off")]
    BrokenOff,
    /// The server can be reached, and has trouble of its own.
    #[error("the server says {said} ({status})")]
    Said {
        /// Its word for it.
        said: String,
        /// The HTTP status, with its name.
        status: String,
    },
    /// Anything else.
    #[error("the server cannot be asked")]
    Other,
}

impl Cause {
    /// What stands behind an error of asking.
    pub(crate) fn of(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Io(error) => Self::of_machine(error),
            ureq::Error::HostNotFound => Self::UnknownHost,
            ureq::Error::Timeout(Timeout::Resolve) => Self::NoNames,
            ureq::Error::Timeout(Timeout::Connect) => Self::NotConnected,
            ureq::Error::Timeout(_) => Self::Silent,
            _ => Self::Other,
        }
    }

    fn of_machine(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => Self::NoWay,
            ErrorKind::TimedOut => Self::NotConnected,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Self::HungUp,
            _ => Self::of_lookup(&error.to_string()),
        }
    }

    /// The standard library has no kind for names that are not found, only this text with the
    /// resolver's own words (`EAI_NONAME`, `EAI_AGAIN`) behind it.
    fn of_lookup(text: &str) -> Self {
        match text.strip_prefix("failed to lookup address information: ") {
            Some("Temporary failure in name resolution" | "Try again") => Self::NoNames,
            Some(_) => Self::UnknownHost,
            None => Self::Other,
        }
    }

    /// Whether it will hardly be different in a moment, as long as the server never answered at all.
    pub(crate) fn lasts(&self) -> bool {
        matches!(self, Self::Refused | Self::UnknownHost | Self::NoNames | Self::NoWay)
    }
}

/// Why nobody can tell who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistrust {
    /// The server speaks something else.
    #[error("what answers there does not speak TLS: is it http:// rather than https://?")]
    NoTls,
    /// Nobody this machine knows vouches for it.
    #[error("this machine does not know who issued its certificate")]
    UnknownIssuer,
    /// It is too late.
    #[error("its certificate has expired")]
    Expired,
    /// It is too early.
    #[error("its certificate is not valid yet: is this machine's clock right?")]
    NotYet,
    /// It is for somebody else.
    #[error("its certificate is for another name")]
    OtherName,
    /// It was taken back.
    #[error("its certificate was revoked")]
    Revoked,
    /// Anything else about the certificate: most often that it is signed by itself.
    #[error("this machine does not accept its certificate: is it one the server signed itself?")]
    Certificate,
    /// Anything else.
    #[error("no agreement on one could be reached")]
    Other,
}

impl Mistrust {
    /// What stands behind an error that `rustls` hands on within one of the machine.
    pub(crate) fn of(error: &io::Error) -> Self {
        use rustls::Error as Tls;
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            Some(Tls::InvalidMessage(InvalidMessage::InvalidContentType)) => Self::NoTls,
            Some(Tls::InvalidCertificate(certificate)) => Self::of_certificate(certificate),
            _ => Self::Other,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        use CertificateError as Bad;
        match error {
            Bad::UnknownIssuer => Self::UnknownIssuer,
            Bad::Expired | Bad::ExpiredContext { .. } => Self::Expired,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => Self::NotYet,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Self::OtherName,
            Bad::Revoked => Self::Revoked,
            _ => Self::Certificate,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs;

    use super::*;

    #[test]
    fn what_the_machine_says_is_told_in_words() {
        // A name that no resolver asks anybody for.
        let unknown = ("no host", 80).to_socket_addrs().unwrap_err();
        let away = "failed to lookup address information: Temporary failure in name resolution";
        let table = [
            (unknown, Cause::UnknownHost),
            (io::Error::other(away), Cause::NoNames),
            (ErrorKind::ConnectionRefused.into(), Cause::Refused),
            (ErrorKind::NetworkUnreachable.into(), Cause::NoWay),
            (ErrorKind::TimedOut.into(), Cause::NotConnected),
            (ErrorKind::UnexpectedEof.into(), Cause::HungUp),
            (io::Error::other("something else"), Cause::Other),
        ];
        for (error, cause) in table {
            let text = error.to_string();
            assert_eq!(Cause::of(&ureq::Error::Io(error)), cause, "{text}");
        }
        assert_eq!(Cause::of(&ureq::Error::Timeout(Timeout::Connect)), Cause::NotConnected);
        assert_eq!(Cause::of(&ureq::Error::Timeout(Timeout::PerRead)), Cause::Silent);
    }

    #[test]
    fn a_bad_certificate_is_told_in_words() {
        let table = [
            (CertificateError::UnknownIssuer, Mistrust::UnknownIssuer),
            (CertificateError::Expired, Mistrust::Expired),
            (CertificateError::NotValidForName, Mistrust::OtherName),
            (CertificateError::BadEncoding, Mistrust::Certificate),
        ];
        for (error, mistrust) in table {
            let error = rustls::Error::InvalidCertificate(error);
            let error = io::Error::new(ErrorKind::InvalidData, error);
            assert_eq!(Mistrust::of(&error), mistrust, "{error}");
        }
    }
}
