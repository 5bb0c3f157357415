//! The rules as a state machine without I/O: events in, effects out.
//!
//! It never reads a clock (it is given the time), a file, a database or a process. Blob contents it
//! is handed through [`Blobs`], which is a pure function of the key.

mod event;
pub mod message;

use std::sync::Arc;

use hindcast_model::BlobKey;

pub use event::{Command, Decision, Effect, Event, OnMiss, Policy, Question, Rules, TimerId};

/// Blob contents by key. Content-addressed, so the same key always gives the same bytes.
pub trait Blobs {
    /// The bytes, if they are here.
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>>;
}
