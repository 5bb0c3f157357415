//! The socket to a warm Python: messages with a length before them, and descriptors beside them.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// The longest message that is read, in bytes.
const LONGEST: u32 = 16 << 20;

/// What a warm Python says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Heard {
    /// It has imported what it could, and can be forked.
    Ready(Ready),
    /// It cannot be forked.
    Unfit {
        /// Why.
        unfit: String,
        /// Modules that made it so, with the reason: to be left next time.
        spoiled: std::collections::BTreeMap<String, String>,
    },
    /// A fork that was asked for.
    Forked { forked: u64, pid: i32 },
    /// A fork that could not be made.
    Refused { refused: u64, reason: String },
    /// A fork ended; its status is as `wait` has it.
    Exited { exited: i32, status: i32 },
    /// It is well.
    Pong { pong: u64, memory: u64, tasks: u32 },
}

/// A warm Python that can be forked.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Ready {
    /// Its own process id (below `uv run` it is not the one that we started).
    pub(super) pid: i32,
    pub(super) preloaded: Vec<Preloaded>,
    pub(super) left: std::collections::BTreeMap<String, String>,
    pub(super) places: Places,
    pub(super) files: Vec<std::path::PathBuf>,
    /// Every module that is imported.
    pub(super) names: Vec<String>,
    /// Those among them that would be the project's own if it had them, which it has not.
    #[serde(default)]
    pub(super) taken: Vec<String>,
    pub(super) memory: u64,
}

/// A module that was imported before any fork.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Preloaded {
    /// Its dotted name.
    pub name: String,
    /// How long importing it took, with all it imports, in ms.
    pub ms: f64,
    /// How many modules came with it.
    pub modules: u32,
}

/// Where its modules come from.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Places {
    pub(super) version: String,
    pub(super) executable: std::path::PathBuf,
    pub(super) prefix: std::path::PathBuf,
    pub(super) folders: Vec<std::path::PathBuf>,
}

/// Our end that hears.
#[derive(Debug)]
pub(super) struct Ears(OwnedReadHalf);

/// Our end that speaks.
#[derive(Debug)]
pub(super) struct Mouth(OwnedWriteHalf);

/// Both ends of a connected socket.
pub(super) fn split(socket: UnixStream) -> (Ears, Mouth) {
    let (read, write) = socket.into_split();
    (Ears(read), Mouth(write))
}

impl Ears {
    /// The next message; none at the end. Not to be dropped while it waits.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let length = match self.0.read_u32().await {
            Ok(length) if length <= LONGEST => length,
            Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut body = vec![0; length as usize];
        self.0.read_exact(&mut body).await?;
        Ok(Some(serde_json::from_slice(&body)?))
    }
}

impl Mouth {
    /// Text as it stands.
    pub(super) async fn write(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes()).await
    }

    /// A message, with descriptors for whoever hears it.
    pub(super) async fn say(&mut self, message: &str, descriptors: &[OwnedFd]) -> io::Result<()> {
        let length = u32::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let head = length.to_be_bytes();
        let raw: Vec<i32> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&raw)];
        let control = if raw.is_empty() { &[][..] } else { &rights[..] };
        let socket: &UnixStream = self.0.as_ref();
        // The descriptors go with the first byte; the rest of the head follows as any bytes do.
        let sent = loop {
            socket.writable().await?;
            let send = || {
                let head = [IoSlice::new(&head)];
                let to = socket.as_raw_fd();
                Ok(sendmsg::<()>(to, &head, control, MsgFlags::MSG_NOSIGNAL, None)?)
            };
            match socket.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => break other?,
            }
        };
        self.0.write_all(&head[sent..]).await?;
        self.0.write_all(message.as_bytes()).await
    }
}
