//! A server of one's own, on a port of this machine, that answers over real HTTP.

#![allow(dead_code, reason = "not every test needs all of it")]

pub(crate) mod coflux;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hindcast_server::{Address, Client, Patience, Project, Token};

pub(crate) const TOKEN: &str = "cflx_a-token-that-nobody-may-see";

/// A question as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// How many times this path and query was asked for before.
    pub(crate) before: usize,
}

/// An answer, and how it is given.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: Manner,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    Whole,
    /// The connection ends after so many bytes of the body.
    CutOff(usize),
    /// A piece at a time, with a pause after each.
    Slowly(Duration),
    /// The body again and again, for as long as somebody reads.
    Endlessly,
    /// Nothing comes at all, for as long as the server lives.
    Never,
}

impl Reply {
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), manner: Manner::Whole }
    }

    pub(crate) fn status(status: u16, error: &str) -> Self {
        let body = format!("{{\"error\":{error:?}}}").into_bytes();
        Self { status, ..Self::json(body) }
    }

    pub(crate) fn given(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }
}

type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server that lives as long as this does.
pub(crate) struct Served {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Served {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, log) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Asked>>>::default());
        let answer: Arc<Answer> = Arc::new(answer);
        let (stopped, asked) = (Arc::clone(&stop), Arc::clone(&log));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                let stopped = Arc::clone(&stopped);
                std::thread::spawn(move || {
                    // A client that went away is none of the server's business.
                    let _ = converse(&stream.unwrap(), &*answer, &asked, &stopped);
                });
            }
        });
        Self { address, stop, log }
    }

    pub(crate) fn address(&self) -> Address {
        format!("http://{}", self.address).parse().unwrap()
    }

    /// A client that has little patience.
    pub(crate) fn client(&self) -> Client {
        let token = Token::new(TOKEN).unwrap();
        self.client_with(Some(token), hasty())
    }

    pub(crate) fn client_with(&self, token: Option<Token>, patience: Patience) -> Client {
        let project: Project = "oracle".parse().unwrap();
        Client::with_patience(self.address(), Some(project), token, patience)
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// The paths that were asked for and begin so.
    pub(crate) fn paths(&self, start: &str) -> Vec<String> {
        let asked = self.asked().into_iter().map(|asked| asked.path);
        asked.filter(|path| path.starts_with(start)).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for the next.
        let _ = TcpStream::connect(self.address);
    }
}

pub(crate) fn hasty() -> Patience {
    Patience {
        attempts: 4,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(5),
        ..Patience::default()
    }
}

fn converse(
    stream: &TcpStream,
    answer: &Answer,
    log: &Mutex<Vec<Asked>>,
    stopped: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut from = BufReader::new(stream.try_clone()?);
    let mut to = stream.try_clone()?;
    while let Some(mut asked) = question(&mut from)? {
        {
            let mut log = log.lock().unwrap();
            let same = |other: &&Asked| (&other.path, &other.query) == (&asked.path, &asked.query);
            asked.before = log.iter().filter(same).count();
            log.push(asked.clone());
        }
        let reply = answer(&asked);
        if let Manner::Never = reply.manner {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(5));
            }
            return Ok(());
        }
        let headers: Vec<String> =
            reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let (status, length) = (reply.status, reply.body.len());
        let length = match reply.manner {
            Manner::Endlessly => "transfer-encoding: chunked".to_owned(),
            _ => format!("content-length: {length}"),
        };
        let head = format!("HTTP/1.1 {status} Status\r\n{headers}{length}\r\n\r\n");
        to.write_all(head.as_bytes())?;
        match reply.manner {
            Manner::CutOff(after) => {
                to.write_all(&reply.body[..after.min(reply.body.len())])?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Manner::Slowly(pause) => {
                for piece in reply.body.chunks(reply.body.len() / 4 + 1) {
                    to.write_all(piece)?;
                    std::thread::sleep(pause);
                }
            }
            Manner::Endlessly => loop {
                write!(to, "{:x}\r\n", reply.body.len())?;
                to.write_all(&reply.body)?;
                to.write_all(b"\r\n")?;
            },
            Manner::Whole | Manner::Never => to.write_all(&reply.body)?,
        }
    }
    Ok(())
}

fn question(from: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    Ok(Some(Asked { method, path: decoded(path), query, headers, body, before: 0 }))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap();
            u8::try_from(digit() * 16 + digit()).unwrap()
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}
