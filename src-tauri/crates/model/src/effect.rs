//! What a body does outside of itself, as the sentinel in its process sees it.

use serde::{Deserialize, Serialize};

use crate::{ExecutionId, Timestamp};

/// Something a body did, or tried to do, outside of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideEffect {
    /// Which execution's body.
    pub execution: ExecutionId,
    /// When it was first, or again, reported.
    pub at: Timestamp,
    /// What it did.
    pub act: Act,
    /// How often, since the last report of the same act.
    pub count: u64,
}

/// An act outside of a body. Reports of equal acts of one execution are about the same thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Act {
    /// Of what kind.
    pub kind: ActKind,
    /// To what: `smtp.example.com:587`, a path, a command line.
    pub target: String,
    /// What more is known: `POST http://127.0.0.1:8099/charges`, `SMTP`.
    pub detail: Option<String>,
    /// The line of the project's code that did it; none where no such line was on the stack.
    pub place: Option<Place>,
    /// Whether it was refused, because the execution is locked.
    pub refused: bool,
}

/// What kinds of acts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActKind {
    /// Connected to an address.
    Connection,
    /// Sent a datagram to an address.
    Datagram,
    /// Looked up a name.
    Lookup,
    /// Took an address to listen on.
    Listener,
    /// Started another program.
    Process,
    /// Opened a database file.
    Database,
    /// Opened a file for writing.
    Write,
    /// Removed a file or folder.
    Remove,
    /// Renamed a file or folder: `old -> new`.
    Rename,
    /// Made a folder.
    Folder,
    /// Made a link.
    Link,
    /// Changed a file's length, mode, owner or times.
    Change,
    /// Any of the above, once too many different ones were seen to tell them apart.
    More,
}

impl Act {
    /// What was done, for a person; or, where it was refused, what was not: `connected to HOST:PORT`,
    /// `refused to connect to HOST:PORT`.
    pub fn words(&self) -> String {
        let Self { kind, target, .. } = self;
        if self.refused {
            format!("refused to {} {target}", kind.infinitive())
        } else {
            format!("{} {target}", kind.past())
        }
    }

    /// What a body like it does, for a person: `connect to HOST:PORT`.
    pub fn infinitive(&self) -> String {
        format!("{} {}", self.kind.infinitive(), self.target)
    }
}

impl ActKind {
    fn past(self) -> &'static str {
        match self {
            Self::Connection => "connected to",
            Self::Datagram => "sent to",
            Self::Lookup => "looked up",
            Self::Listener => "listened on",
            Self::Process => "started",
            Self::Database => "opened the database",
            Self::Write => "wrote",
            Self::Remove => "removed",
            Self::Rename => "renamed",
            Self::Folder => "made the folder",
            Self::Link => "made the link",
            Self::Change => "changed",
            Self::More => "did more:",
        }
    }

    fn infinitive(self) -> &'static str {
        match self {
            Self::Connection => "connect to",
            Self::Datagram => "send to",
            Self::Lookup => "look up",
            Self::Listener => "listen on",
            Self::Process => "start",
            Self::Database => "open the database",
            Self::Write => "write",
            Self::Remove => "remove",
            Self::Rename => "rename",
            Self::Folder => "make the folder",
            Self::Link => "make the link",
            Self::Change => "change",
            Self::More => "do more:",
        }
    }
}

/// A line of code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file: relative to the folder it ran in where it is in there, absolute elsewhere.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function.
    pub function: String,
}
